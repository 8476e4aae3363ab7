//! The rows of the trail, and the text that a code covers.

use domain::access::Origin;
use domain::id::OperatorId;
use domain::time::{Date, RealTime};

use crate::document::corrupt;
use crate::seal::{hex, hmac_hex};
use crate::sessions::{origin_read, origin_text};
use crate::table::table;
use crate::{StoreError, Tx};

table! {
    /// An entry as it is stored. `hash` is the code over the previous entry's code and the columns above.
    struct EntryRow in "audit_entries" by (number) {
        number: i64,
        at: i64,
        day: Date,
        operator_id: String,
        operation: String,
        status: i64,
        request_id: String,
        fingerprint: String,
        state_before: String,
        state_after: String,
        sealed: Vec<u8>,
        hash: String,
    }
}

table! {
    /// A call that waits for the chain.
    struct CallRow in "audit_calls" by (id) {
        id: String,
        at: i64,
        operator_id: String,
        operation: String,
        status: i64,
        request_id: String,
        fingerprint: String,
        state_before: String,
        state_after: String,
        sealed: Vec<u8>,
        code: String,
    }
}

impl EntryRow {
    pub(super) fn of(number: i64, line: Line, hash: String) -> Self {
        let day = day_of(line.at);
        let Line { at, operator: operator_id, operation, status, request_id, fingerprint, change, sealed } =
            line;
        let [state_before, state_after] = change;
        Self {
            number,
            at,
            day,
            operator_id,
            operation,
            status,
            request_id,
            fingerprint,
            state_before,
            state_after,
            sealed,
            hash,
        }
    }

    /// The entry without where it came from, as its hash covers it.
    pub(super) fn line(self) -> Line {
        Line {
            at: self.at,
            operator: self.operator_id,
            operation: self.operation,
            status: self.status,
            request_id: self.request_id,
            fingerprint: self.fingerprint,
            change: [self.state_before, self.state_after],
            sealed: self.sealed,
        }
    }

    pub(super) fn read(self, tx: &Tx<'_>) -> Result<AuditEntry, StoreError> {
        let (number, hash, day) = (self.number, self.hash.clone(), self.day);
        let line = self.line();
        let operator = match line.operator.as_str() {
            "" => None,
            id => Some(id.parse().map_err(|_| corrupt("an operator's id is invalid"))?),
        };
        if day != day_of(line.at) {
            return Err(corrupt("an entry has another day than its moment"));
        }
        let call = AuditedCall {
            at: RealTime::from_micros(line.at),
            operator,
            status: u16::try_from(line.status).map_err(corrupt)?,
            origin: line.origin(tx)?,
            change: StateChange::read(&line.change),
            operation: line.operation,
            request_id: line.request_id,
            fingerprint: line.fingerprint,
        };
        Ok(AuditEntry { number, call, hash })
    }
}

pub(super) fn day_of(at: i64) -> Date {
    RealTime::from_micros(at).unmoved().business_date()
}

impl CallRow {
    pub(super) fn of(id: String, line: Line, code: String) -> Self {
        let Line { at, operator: operator_id, operation, status, request_id, fingerprint, change, sealed } =
            line;
        let [state_before, state_after] = change;
        Self {
            id,
            at,
            operator_id,
            operation,
            status,
            request_id,
            fingerprint,
            state_before,
            state_after,
            sealed,
            code,
        }
    }

    /// The call, and whether its code is right.
    pub(super) fn checked(self, key: &[u8; 32]) -> (Line, bool) {
        let line = Line {
            at: self.at,
            operator: self.operator_id,
            operation: self.operation,
            status: self.status,
            request_id: self.request_id,
            fingerprint: self.fingerprint,
            change: [self.state_before, self.state_after],
            sealed: self.sealed,
        };
        let genuine = self.code == line.code(key, &self.id);
        (line, genuine)
    }
}

/// The state of a call's subject before and after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateChange {
    /// The word of the state before.
    pub before: String,
    /// The word of the state after.
    pub after: String,
}

impl StateChange {
    /// The change; `None` if nothing changed.
    fn read([before, after]: &[String; 2]) -> Option<Self> {
        (before != after).then(|| Self { before: before.clone(), after: after.clone() })
    }
}

/// A call of an operator, or a call with a refused token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditedCall {
    /// Time of the call.
    pub at: RealTime,
    /// The caller; `None` if no operator has the token.
    pub operator: Option<OperatorId>,
    /// Method and path of the request.
    pub operation: String,
    /// The status of the answer.
    pub status: u16,
    /// The request's id.
    pub request_id: String,
    /// The SHA-256 of operation and body if the call changes something; the keyed hash of a refused token; otherwise
    /// empty.
    pub fingerprint: String,
    /// The address and the browser or program that it came from.
    pub origin: Origin,
    /// The change of its subject's state, if there was one.
    pub change: Option<StateChange>,
}

/// An entry of the trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Counted from 1, without gaps.
    pub number: i64,
    /// The call.
    pub call: AuditedCall,
    /// The code over the previous entry's code and everything above.
    pub hash: String,
}

/// A call as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) at: i64,
    operator: String,
    operation: String,
    status: i64,
    request_id: String,
    fingerprint: String,
    /// The states before and after.
    change: [String; 2],
    sealed: Vec<u8>,
}

impl Line {
    pub(super) fn of(tx: &mut Tx<'_>, call: &AuditedCall) -> Self {
        let AuditedCall { at, operator, operation, status, request_id, fingerprint, origin, change } =
            call.clone();
        let (at, status) = (at.micros(), i64::from(status));
        let nonce = tx.random_bytes();
        let doc = origin_text(&origin);
        let sealed = tx.keyring().origin_key().seal(nonce, &context(&request_id, at), doc.as_bytes());
        let change =
            change.map_or_else(|| [String::new(), String::new()], |change| [change.before, change.after]);
        Self {
            at,
            operator: operator_text(operator),
            operation,
            status,
            request_id,
            fingerprint,
            change,
            sealed,
        }
    }

    /// Where the call came from.
    fn origin(&self, tx: &Tx<'_>) -> Result<Origin, StoreError> {
        let context = context(&self.request_id, self.at);
        origin_read(&tx.keyring().origin_key().open(&context, &self.sealed)?)
    }

    /// The entry that replaces an unreadable waiting call.
    pub(super) fn unreadable(tx: &mut Tx<'_>) -> Self {
        let call = AuditedCall {
            at: RealTime::from_micros(0),
            operator: None,
            operation: "a call that cannot be read".to_owned(),
            status: 0,
            request_id: String::new(),
            fingerprint: String::new(),
            origin: Origin::default(),
            change: None,
        };
        Self::of(tx, &call)
    }

    /// The text that the code of an entry covers.
    pub(super) fn covered(&self, number: i64, before: &str) -> String {
        let Self { at, operator, operation, status, request_id, fingerprint, change: [from, to], sealed } =
            self;
        let sealed = hex(sealed);
        format!(
            "{before}\n{number}\n{at}\n{operator}\n{operation}\n{status}\n{request_id}\n{fingerprint}\n{from}\n{to}\n{sealed}"
        )
    }

    /// The code of a call that waits for the chain.
    pub(super) fn code(&self, key: &[u8; 32], id: &str) -> String {
        hmac_hex(key, format!("waiting\n{}", self.covered(0, id)).as_bytes())
    }
}

/// The context under which the origin of a call is sealed. A waiting call has no number yet.
fn context(request: &str, at: i64) -> String {
    format!("audit:{request}@{at}")
}

fn operator_text(operator: Option<OperatorId>) -> String {
    operator.map_or_else(String::new, |operator| operator.to_string())
}
