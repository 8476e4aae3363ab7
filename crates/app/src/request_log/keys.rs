//! The use of an idempotency key: the stored answer, and the call that used the key first.

use std::time::Duration;

use domain::id::PartnerId;
use domain::page::Limit;
use domain::request_log::{LoggedRequest, RequestCursor, RequestFilter};
use domain::time::{RealTime, Span};
use store::{Failed, StoreError, Tx};

use crate::refused::NotFound;
pub use store::idempotency::UsedKey;

/// Longest time between the arrival of a call and its use of its key.
const ARRIVED_BEFORE: Duration = Duration::from_mins(1);

/// The use of a partner's key since `cutoff`. Keys that were used earlier are free again.
pub fn used(
    tx: &mut Tx<'_>, tenant: PartnerId, key: &str, cutoff: RealTime,
) -> Result<UsedKey, Failed<NotFound>> {
    let used = store::idempotency::used(tx, tenant.into(), key)?;
    used.filter(|used| used.used_at >= cutoff).ok_or(Failed::Refused(NotFound))
}

/// The logged call that used a key first; `None` if the log does not have it.
pub fn first_use(
    tx: &mut Tx<'_>, tenant: PartnerId, key: &str, used_at: RealTime,
) -> Result<Option<LoggedRequest>, StoreError> {
    let filter = RequestFilter {
        partner: Some(tenant),
        idempotency_key: Some(key.to_owned()),
        arrived: Span { since: Some(used_at.minus(ARRIVED_BEFORE)), until: None },
        ..RequestFilter::default()
    };
    let (mut cursor, mut first) = (RequestCursor { before: None, limit: Limit::MOST }, None);
    for _page in 0..MOST_PAGES {
        let page = store::request_log::search(tx, &filter, &cursor)?;
        first = page.items.into_iter().rfind(|call| !call.replayed).or(first);
        if page.next.is_none() {
            break;
        }
        cursor.before = page.next;
    }
    Ok(first)
}

/// Most pages of calls with one key that are read. A caller that repeats a request more often has another trouble.
const MOST_PAGES: usize = 10;
