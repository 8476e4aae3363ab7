//! A record of a call, as the request leaves it, and its entry in the log: masked, with the ids that it names.

use std::borrow::Cow;
use std::cell::RefCell;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use app::database::Random;
use app::request_log::Entry;
use bytes::Bytes;
use domain::access::Origin;
use domain::credential::ClientId;
use domain::id::{LoggedRequestId, PartnerId, ResourceId as _};
use domain::request_log::{LoggedBodies, LoggedFault, LoggedProblem, LoggedRequest};
use domain::time::{RealTime, Timestamp};
use domain::webhook::endpoint::Generation;
use serde::Deserialize;
use wire::mask;
use wire::problem::Problem;

use crate::http::forms::form_pairs;

/// Most characters of a masked body.
const LONGEST_BODY: usize = 8_000;
/// Most characters of a path and of a query.
const LONGEST_PATH: usize = 1_000;
/// Most pairs of a query or form that are shown.
const MOST_PAIRS: usize = 100;
/// Most ids of a call.
const MOST_IDS: usize = 12;

/// A call, as its request leaves it.
#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) at: RealTime,
    pub(crate) on_clock: Timestamp,
    pub(crate) took: Duration,
    pub(crate) partner: PartnerId,
    pub(crate) client: ClientId,
    pub(crate) generation: Generation,
    pub(crate) request_id: String,
    pub(crate) method: String,
    pub(crate) route: String,
    pub(crate) path: String,
    pub(crate) query: Option<String>,
    pub(crate) status: u16,
    pub(crate) idempotency_key: Option<String>,
    pub(crate) replayed: bool,
    pub(crate) origin: Origin,
    pub(crate) problem: Option<Box<Problem>>,
    /// The answer's body, if it is JSON and is needed.
    pub(crate) answer: Option<Bytes>,
    /// The request's body, if bodies are logged.
    pub(crate) sent: Option<SentBody>,
}

/// A body as it was sent.
#[derive(Debug)]
pub(crate) enum SentBody {
    /// None, or an empty one.
    Empty,
    /// JSON, or a form.
    Text(Bytes),
    /// One that is not kept: a file, or one that is too long. Its content type.
    Other(String),
}

/// Ids in an answer that belong to the call.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Ids<'a> {
    #[serde(borrow)]
    id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    client_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    customer_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    credit_offer_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    loan_id: Option<Cow<'a, str>>,
}

/// A stored problem, which is repeated.
#[derive(Debug, Deserialize)]
struct Stored {
    code: String,
    title: String,
    #[serde(default)]
    detail: String,
    #[serde(default)]
    errors: Vec<StoredFault>,
}

#[derive(Debug, Deserialize)]
struct StoredFault {
    param: String,
    code: String,
    detail: String,
}

impl Record {
    /// The entry of the call. Everything that takes time is done here, on the worker's thread.
    pub(super) fn into_entry(self) -> Entry {
        let resources = self.resources();
        let problem = match &self.problem {
            Some(problem) => Some(answered(problem)),
            None if self.status >= 400 => self.answer.as_deref().and_then(repeated),
            None => None,
        };
        let bodies = self.sent.as_ref().map(|sent| LoggedBodies {
            request: shown(sent),
            answer: self.answer.as_deref().and_then(mask::json).map(cut),
        });
        let call = LoggedRequest {
            id: new_id(self.at),
            partner: self.partner,
            at: self.at,
            on_clock: self.on_clock,
            generation: self.generation,
            request_id: self.request_id,
            method: self.method,
            route: self.route,
            path: first_of(mask::path(&self.path), LONGEST_PATH),
            query: self.query.as_deref().map(masked_query),
            status: self.status,
            took: self.took,
            client: self.client,
            idempotency_key: self.idempotency_key,
            replayed: self.replayed,
            origin: self.origin,
            problem,
            resources,
        };
        (call, bodies)
    }

    /// The ids in the path and then those in the answer, each once.
    fn resources(&self) -> Vec<String> {
        let mut ids: Vec<Cow<'_, str>> =
            self.path.split('/').filter_map(mask::id).map(Cow::Borrowed).collect();
        if let Some(answer) = self.answer.as_deref().filter(|_| self.status < 400) {
            // A list has none of these fields, and any other body has no ids that can be told apart.
            let found: Ids<'_> = serde_json::from_slice(answer).unwrap_or_else(|_no_object| Ids::default());
            let found = [found.id, found.client_id, found.customer_id, found.credit_offer_id, found.loan_id];
            ids.extend(found.into_iter().flatten().filter(|id| mask::id(id).is_some()));
        }
        let mut once: Vec<String> = Vec::with_capacity(ids.len());
        for id in ids {
            if !once.iter().any(|known| *known == id) && once.len() < MOST_IDS {
                once.push(id.into_owned());
            }
        }
        once
    }
}

/// A new id. A counter follows its millisecond, so that the calls of a node keep their order.
fn new_id(at: RealTime) -> LoggedRequestId {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    thread_local! {
        static RANDOM: RefCell<Random> = RefCell::new(Random::open());
    }
    let mut bytes: [u8; 10] = RANDOM.with(|random| random.borrow_mut().bytes());
    // An id keeps twelve bits of them.
    bytes[..2].copy_from_slice(&NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes());
    LoggedRequestId::new(at, bytes)
}

fn answered(problem: &Problem) -> LoggedProblem {
    let errors = problem.errors.iter().map(|error| LoggedFault {
        param: mask::text(&error.param).into_owned(),
        code: error.code.name().to_owned(),
        detail: mask::text(&error.detail).into_owned(),
    });
    LoggedProblem {
        code: problem.code.name().to_owned(),
        title: problem.code.title().to_owned(),
        detail: mask::text(&problem.detail).into_owned(),
        errors: errors.collect(),
    }
}

/// The problem in a stored answer.
fn repeated(answer: &[u8]) -> Option<LoggedProblem> {
    let stored: Stored = serde_json::from_slice(answer).ok()?;
    let fault = |fault: StoredFault| LoggedFault {
        param: mask::text(&fault.param).into_owned(),
        code: fault.code,
        detail: mask::text(&fault.detail).into_owned(),
    };
    Some(LoggedProblem {
        code: stored.code,
        title: stored.title,
        detail: mask::text(&stored.detail).into_owned(),
        errors: stored.errors.into_iter().map(fault).collect(),
    })
}

/// A query with its values masked. One that cannot be read is not shown.
fn masked_query(query: &str) -> String {
    match form_pairs(query, MOST_PAIRS) {
        Ok(pairs) => first_of(mask::pairs(&pairs), LONGEST_PATH),
        Err(_unreadable) => mask::MASKED.to_owned(),
    }
}

/// A body with its values masked; `None` without one.
fn shown(body: &SentBody) -> Option<String> {
    let bytes = match body {
        SentBody::Empty => return None,
        SentBody::Other(kind) => return Some(format!("[not kept: {}]", first_of(kind.clone(), 100))),
        SentBody::Text(bytes) => bytes,
    };
    let form =
        || form_pairs(std::str::from_utf8(bytes).ok()?, MOST_PAIRS).ok().map(|pairs| mask::pairs(&pairs));
    // A body that is not JSON has no field names, so it cannot be masked.
    let is_form = !bytes.trim_ascii_start().starts_with(b"{") && bytes.contains(&b'=');
    let masked = mask::json(bytes).or_else(|| form().filter(|_| is_form));
    Some(masked.map_or_else(|| format!("[not kept: {} bytes that are not JSON]", bytes.len()), cut))
}

fn cut(text: String) -> String {
    first_of(text, LONGEST_BODY)
}

/// A text's first characters, with a mark if some are left out.
fn first_of(mut text: String, most: usize) -> String {
    if let Some((end, _)) = text.char_indices().nth(most) {
        text.truncate(end);
        text.push('…');
    }
    text
}
