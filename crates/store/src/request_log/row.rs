//! The rows of the request log.

use std::time::Duration;

use domain::access::Origin;
use domain::credential::ClientId;
use domain::id::{LoggedRequestId, PartnerId};
use domain::request_log::{LoggedBodies, LoggedFault, LoggedProblem, LoggedRequest};
use domain::time::RealTime;
use serde::{Deserialize, Serialize};

use crate::document::{context, from_json, pack, to_json, unpack};
use crate::seal::DataKey;
use crate::table::table;
use crate::{StoreError, Tx};

table! {
    /// A call as it is stored.
    struct CallRow in "request_calls" by (partner_id, id) {
        partner_id: PartnerId,
        id: LoggedRequestId,
        at: RealTime,
        generation: String,
        request_id: String,
        method: String,
        route: String,
        status: u16,
        took: Duration,
        client_id: ClientId,
        idempotency_key: Option<String>,
        replayed: bool,
        address_hash: String,
        /// Separated by spaces, which no mark contains.
        marks: String,
        sealed: Vec<u8>,
    }
}

table! {
    /// A name by which a call is found.
    struct MarkRow in "request_marks" by (partner_id, mark, call_id) {
        partner_id: PartnerId,
        mark: String,
        call_id: LoggedRequestId,
    }
}

table! {
    /// The bodies of a call.
    struct BodiesRow in "request_bodies" by (partner_id, id) {
        partner_id: PartnerId,
        id: LoggedRequestId,
        sealed: Vec<u8>,
    }
}

/// The beginning of the mark of an idempotency key. No id contains a colon.
const OF_KEY: &str = "key:";

/// The mark of an idempotency key.
pub(super) fn mark_of_key(key: &str) -> String {
    format!("{OF_KEY}{key}")
}

/// The hash by which calls from an address are found.
pub(super) fn address_hash(tx: &Tx<'_>, address: &str) -> String {
    if address.is_empty() { String::new() } else { tx.keyring().lookup("request address", address) }
}

/// The sealed values of a call. `ahead_us`: the microseconds by which the partner's clock was ahead.
#[derive(Serialize, Deserialize)]
struct Detail {
    ahead_us: u64,
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    query: Option<String>,
    address: String,
    agent: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<ProblemDocument>,
}

#[derive(Serialize, Deserialize)]
struct ProblemDocument {
    code: String,
    title: String,
    detail: String,
    errors: Vec<[String; 3]>,
}

#[derive(Serialize, Deserialize)]
struct BodiesDocument {
    request: Option<String>,
    answer: Option<String>,
}

impl ProblemDocument {
    fn of(problem: &LoggedProblem) -> Self {
        let fault = |fault: &LoggedFault| [fault.param.clone(), fault.code.clone(), fault.detail.clone()];
        Self {
            code: problem.code.clone(),
            title: problem.title.clone(),
            detail: problem.detail.clone(),
            errors: problem.errors.iter().map(fault).collect(),
        }
    }

    fn read(self) -> LoggedProblem {
        let fault = |[param, code, detail]: [String; 3]| LoggedFault { param, code, detail };
        LoggedProblem {
            code: self.code,
            title: self.title,
            detail: self.detail,
            errors: self.errors.into_iter().map(fault).collect(),
        }
    }
}

impl CallRow {
    pub(super) fn of(tx: &mut Tx<'_>, key: &DataKey, call: &LoggedRequest) -> Self {
        let mut marks: Vec<String> = Vec::with_capacity(call.resources.len() + 1);
        for mark in call.resources.iter().cloned().chain(call.idempotency_key.as_deref().map(mark_of_key)) {
            if !marks.contains(&mark) {
                marks.push(mark);
            }
        }
        let ahead = call.on_clock.since(call.at.unmoved());
        let detail = Detail {
            ahead_us: u64::try_from(ahead.as_micros()).expect("a clock is less than centuries ahead"),
            path: call.path.clone(),
            query: call.query.clone(),
            address: call.origin.address.clone(),
            agent: call.origin.agent.clone(),
            problem: call.problem.as_ref().map(ProblemDocument::of),
        };
        let context = context("request_calls", call.id);
        Self {
            partner_id: call.partner,
            id: call.id,
            at: call.at,
            generation: call.generation.name().to_owned(),
            request_id: call.request_id.clone(),
            method: call.method.clone(),
            route: call.route.clone(),
            status: call.status,
            took: call.took,
            client_id: call.client,
            idempotency_key: call.idempotency_key.clone(),
            replayed: call.replayed,
            address_hash: address_hash(tx, &call.origin.address),
            marks: marks.join(" "),
            sealed: key.seal(tx.random_bytes(), &context, to_json(&detail).as_bytes()),
        }
    }

    /// The marks of the call.
    pub(super) fn each_mark(&self) -> impl Iterator<Item = &str> {
        self.marks.split(' ').filter(|mark| !mark.is_empty())
    }

    /// The call. The log is no record that anything depends on, so it leaves an unreadable row out.
    pub(super) fn opened(self, tx: &Tx<'_>, key: &DataKey) -> Option<LoggedRequest> {
        let id = self.id;
        self.read(key).inspect_err(|_damaged| tx.note_unreadable("request_calls", &id.to_string())).ok()
    }

    fn read(self, key: &DataKey) -> Result<LoggedRequest, StoreError> {
        let detail: Detail = from_json(&key.open(&context("request_calls", self.id), &self.sealed)?)?;
        let generation = self.generation.parse().map_err(crate::document::corrupt)?;
        let resources =
            self.each_mark().filter(|mark| !mark.starts_with(OF_KEY)).map(str::to_owned).collect();
        Ok(LoggedRequest {
            id: self.id,
            partner: self.partner_id,
            at: self.at,
            on_clock: self.at.on_clock(Duration::from_micros(detail.ahead_us)),
            generation,
            request_id: self.request_id,
            method: self.method,
            route: self.route,
            path: detail.path,
            query: detail.query,
            status: self.status,
            took: self.took,
            client: self.client_id,
            idempotency_key: self.idempotency_key,
            replayed: self.replayed,
            origin: Origin { address: detail.address, agent: detail.agent },
            problem: detail.problem.map(ProblemDocument::read),
            resources,
        })
    }
}

impl MarkRow {
    pub(super) fn of(call: &CallRow) -> Vec<Self> {
        let mark = |mark: &str| Self { partner_id: call.partner_id, mark: mark.to_owned(), call_id: call.id };
        call.each_mark().map(mark).collect()
    }
}

impl BodiesRow {
    pub(super) fn of(tx: &mut Tx<'_>, key: &DataKey, call: &LoggedRequest, bodies: &LoggedBodies) -> Self {
        let document = BodiesDocument { request: bodies.request.clone(), answer: bodies.answer.clone() };
        let packed = pack(to_json(&document).as_bytes());
        let sealed = key.seal(tx.random_bytes(), &context("request_bodies", call.id), &packed);
        Self { partner_id: call.partner, id: call.id, sealed }
    }

    pub(super) fn opened(&self, key: &DataKey) -> Result<LoggedBodies, StoreError> {
        let packed = key.open(&context("request_bodies", self.id), &self.sealed)?;
        let document: BodiesDocument = from_json(&unpack(&packed)?)?;
        Ok(LoggedBodies { request: document.request, answer: document.answer })
    }
}
