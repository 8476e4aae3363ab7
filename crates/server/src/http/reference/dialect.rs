//! The types and names that the handlers of both generations take from this one.

use domain::webhook::endpoint::Generation;

pub(in crate::http) use wire::reference::{List, delivery, loan, offer, simulation, webhook_endpoint};

/// Where the generation is served.
pub(in crate::http) const BASE: &str = "/v3";
/// The generation that endpoints made here speak.
pub(in crate::http) const GENERATION: Generation = Generation::Reference;
