//! Webhooks: endpoints, events, and the deliveries of events to endpoints.

mod endpoints;
mod figures;
mod health;

pub mod deliveries;
pub mod events;
pub mod fan_out;
pub mod history;
pub mod replay;
pub mod samples;

pub use endpoints::{
    CreateEndpoint, DeliveryFile, MOST_ENDPOINTS, Recent, SentBody, TooMany, count_undelivered, create,
    delete, deliveries, delivery, find, list, prepare, recent, recover, retry, rotate_secret, update,
};
pub use figures::{EndpointFigures, MOST_IN_LIST, MOST_OF_ONE, figures};
