//! The dinie server: HTTP, pages, workers and configuration.
//!
//! Imports run one way: `http, pages, workers → app`. Only `app` calls the store's
//! queries.

pub mod clock;
pub mod config;
pub mod connections;
pub mod contract_files;
pub mod generations;
pub mod http;
pub mod outbound;
pub mod outbound_mail;
pub mod pages;
pub mod private;
pub mod serve;
pub mod state;
pub mod telemetry;
pub mod tokens;
pub mod workers;
