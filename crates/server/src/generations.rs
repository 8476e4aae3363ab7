//! Events in the form of each generation of the API, ready for delivery.

use app::webhooks::fan_out::Rendered;
use app::webhooks::replay::Rendering;
use domain::event::Event;
use domain::id::DeliveryId;
use domain::webhook::endpoint::Generation;
use wire::SigningPage;
use wire::generations::{self, EventBody};

/// The body of a delivery in its endpoint's generation; `None` if the generation does not have the event.
pub fn render(
    generation: Generation, event: &Event, delivery: DeliveryId, signing_page: &SigningPage,
) -> Option<Rendered> {
    let EventBody { name, body, shared } = generations::render(generation, event, delivery, signing_page)?;
    Some(Rendered { name, body: body.into(), shared })
}

/// Calls a replay with the functions that know the generations.
pub fn replaying<T>(signing_page: &SigningPage, replay: impl FnOnce(&Rendering<'_>) -> T) -> T {
    let render = |generation, event: &Event, delivery| render(generation, event, delivery, signing_page);
    replay(&Rendering { render: &render, name_of: &generations::name_of })
}
