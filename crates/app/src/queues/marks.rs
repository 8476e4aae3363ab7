//! The operators of a case: the one who has taken it, and those who look at it now.

use std::collections::HashMap;
use std::time::Duration;

use domain::id::OperatorId;
use domain::queue::CaseSubject;
use domain::time::RealTime;
use store::{StoreError, Tx};

/// An operator who has taken a case or looks at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taker {
    /// The operator's id.
    pub id: OperatorId,
    /// The operator's name.
    pub name: String,
}

/// The life of a mark. An open page renews its mark at least twice in this time.
pub const MARK: Duration = Duration::from_secs(30);

/// The other operators who look at these subjects.
pub(super) fn others(
    tx: &mut Tx<'_>, now: RealTime, me: OperatorId, subjects: &[CaseSubject],
) -> Result<HashMap<CaseSubject, Vec<Taker>>, StoreError> {
    let mut looking: HashMap<CaseSubject, Vec<Taker>> = HashMap::new();
    for (subject, id, name) in store::case_visits::since(tx, subjects, now.minus(MARK))? {
        if id != me {
            looking.entry(subject).or_default().push(Taker { id, name });
        }
    }
    Ok(looking)
}
