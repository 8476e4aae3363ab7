//! The dinie server: HTTP, pages, workers and configuration.
//!
//! Begin with the route tables [`http::reference`], [`http::sdk`] and [`http::operator`]: each shows a whole API on a screen. A
//! request passes [`connections`] and the layers of [`http`]. Its handler reads the body with `wire`, calls one use case of
//! `app`, and writes the answer with `wire`. [`pages`] are for customers. [`workers`] are loops around ticks, which tests run
//! without the loop. [`serve`] starts all of them.
//!
//! Imports run one way: `http, pages, workers → app`. The crate does not depend on `store`: the database comes as a handle
//! that `app` names, and a query has no name here.

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
pub mod trail;
pub mod workers;
