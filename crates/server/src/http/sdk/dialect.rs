//! The types and names that the handlers of both generations take from this one.

use domain::webhook::endpoint::Generation;

pub(in crate::http) use wire::sdk::{List, delivery, loan, offer, simulation, webhook_endpoint};

/// Where the generation is served.
pub(in crate::http) const BASE: &str = "/api/v3";
/// The generation that endpoints made here speak.
pub(in crate::http) const GENERATION: Generation = Generation::Sdk;
