//! A row of the table: the meaning, the remedy and a sample of a code.
//!
//! Each sample is an answer of the server. A test sends the requests and compares.

use wire::problem::{Code, Problem, ProblemPlace};

/// One text in both languages.
#[derive(Debug, Clone, Copy)]
pub(in crate::pages::errors) struct Bilingual {
    /// Portuguese, which comes first on every page.
    pub(in crate::pages::errors) portuguese: &'static str,
    /// English.
    pub(in crate::pages::errors) english: &'static str,
}

/// A row: the meaning, the remedy and a sample of a code.
#[derive(Debug)]
pub(in crate::pages::errors) struct Row {
    /// The meaning of the code.
    pub(in crate::pages::errors) meaning: Bilingual,
    /// The caller's remedy.
    pub(in crate::pages::errors) resolve: Bilingual,
    /// A request and its refusal.
    pub(in crate::pages::errors) sample: Sample,
}

/// A request and the parts of its refusal.
#[derive(Debug)]
pub(in crate::pages::errors) struct Sample {
    /// Method and path.
    pub(in crate::pages::errors) request: &'static str,
    /// The field at fault, if there is one.
    pub(in crate::pages::errors) param: Option<&'static str>,
    /// The detail of the refusal.
    pub(in crate::pages::errors) detail: &'static str,
}

impl Sample {
    /// The body of the refusal, indented.
    #[expect(clippy::expect_used, reason = "a problem holds text and numbers only")]
    pub(in crate::pages::errors) fn body(&self, code: Code) -> String {
        let path = self.request.split_once(' ').map_or(self.request, |(_method, path)| path);
        let type_base = wire::generations::problem_type_base(path);
        let place = ProblemPlace { type_base, instance: path, request_id: REQUEST_ID };
        let problem = match self.param {
            Some(param) => Problem::of_field(param, code, self.detail),
            None => Problem::new(code, self.detail),
        };
        let problem = if path.ends_with("/auth/token") { problem.as_oauth() } else { problem };
        serde_json::to_string_pretty(&problem.at(&place)).expect("text and numbers are JSON")
    }
}

/// The request id of every sample.
const REQUEST_ID: &str = "req_2f1c8a7e5b904d6391a0c4e8";

pub(super) const fn bilingual(portuguese: &'static str, english: &'static str) -> Bilingual {
    Bilingual { portuguese, english }
}

pub(super) const fn whole(request: &'static str, detail: &'static str) -> Sample {
    Sample { request, param: None, detail }
}

pub(super) const fn field(request: &'static str, param: &'static str, detail: &'static str) -> Sample {
    Sample { request, param: Some(param), detail }
}

pub(super) const CUSTOMER: &str = "POST /v3/customers";
pub(super) const CUSTOMERS: &str = "GET /v3/customers";
pub(super) const LOAN: &str = "POST /v3/loans";
pub(super) const TOKEN: &str = "POST /v3/auth/token";
pub(super) const DOCUMENT: &str = "POST /v3/customers/cust_019bc1a4d2c07b3e8f4a5d6c7e8f9a0b/documents";
pub(super) const PAYMENT: &str = "POST /operator/v1/loans/ln_019bc1a8b1e27d44b5c6d7e8f9a0b1c2/payments";
pub(super) const SIMULATION: &str = "POST /v3/credit-offers/co_019bc1a6a8f07c11a2b3c4d5e6f70819/simulations";
pub(super) const ENDPOINT: &str = "POST /v3/webhooks/endpoints";
