//! Whole requests through the server in process, on both engines, with a clock that the test moves.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod architecture;
mod authentication;
mod bad_input;
mod clock;
mod collection;
mod connections;
mod crash;
mod credentials;
mod customers;
mod damage;
mod database;
mod destination;
mod errors;
mod events;
mod files;
mod fire;
mod idempotency;
mod journey;
mod kyc;
mod laptop;
mod limits;
mod loans;
mod mail;
mod money;
mod openapi;
mod operator;
mod pages;
mod payments;
mod policy;
mod prices;
mod process;
mod promptness;
mod proofs;
mod routes;
mod samples;
mod sdk;
mod secrecy;
mod signing;
mod simulation;
mod support;
mod targets;
mod vault;
mod webhooks;
