//! The dinie server: HTTP, pages, workers and configuration.
//!
//! Begin with the route tables [`http::reference`], [`http::sdk`] and [`http::operator`]. Each shows a whole API on
//! one screen. A request passes through [`connections`] and the layers of [`http`]. Its handler reads the body with
//! `wire`, calls one use case of `app`, and writes the answer with `wire`. [`pages`] are for customers. [`workers`]
//! are loops around ticks, and tests run the ticks without the loops. [`serve`] starts all of them.
//!
//! Imports run one way: `http, pages, workers → app`. The crate does not depend on `store`. The database is a handle
//! from `app`, and this crate cannot name a query.

pub mod access_log;
pub mod clock;
mod collector;
pub mod components;
pub mod config;
pub mod connections;
pub mod contract_files;
pub mod file_store;
pub mod generations;
pub mod http;
pub mod last_counts;
pub mod logs;
pub mod measures;
mod node;
pub mod outbound;
pub mod outbound_mail;
pub mod overdue;
pub mod page_pictures;
pub mod pages;
pub mod passkeys;
pub mod policies;
pub mod private;
pub mod reach;
pub mod reload;
pub mod request_log;
pub mod serve;
pub mod sso;
pub mod state;
pub mod supervisor;
pub mod telemetry;
pub mod tls;
pub mod tokens;
pub mod traces;
pub mod trail;
pub mod volumes;
pub mod workers;
