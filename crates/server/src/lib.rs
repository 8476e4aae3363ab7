//! The dinie server: use cases, HTTP, pages, workers and commands.
//!
//! Imports run one way: `cli, http, pages, workers → app → store, domain`. Only `app` calls the store's
//! queries.

pub mod app;
pub mod ccb;
pub mod cli;
pub mod clock;
pub mod config;
pub mod connections;
pub mod contract_files;
pub mod generations;
pub mod http;
pub mod ledger_check;
pub mod outbound;
pub mod outbound_mail;
pub mod pages;
pub mod private;
pub mod serve;
pub mod state;
pub mod steps;
pub mod telemetry;
pub mod tokens;
pub mod workers;
