//! Visits of a borrower's pages, beside the calls of the API.

use domain::id::{LoggedRequestId, PartnerId, ResourceId as _};
use domain::page_visit::PageVisit;
use domain::time::{RealTime, Timestamp};

use crate::db::{ToArg as _, among};
use crate::document::parsed;
use crate::table::table;
use crate::{StoreError, Tx, args};

table! {
    /// A visit as it is stored.
    struct VisitRow in "page_visits" by (partner_id, subject, id) {
        partner_id: PartnerId,
        subject: String,
        id: LoggedRequestId,
        at: RealTime,
        on_clock: Timestamp,
        page: String,
        device: String,
    }
}

/// Adds visits. A visit that counts as one with a stored visit changes nothing.
pub fn insert_visits(tx: &mut Tx<'_>, visits: &[PageVisit]) -> Result<(), StoreError> {
    let sql = "insert into page_visits (partner_id, subject, id, at, on_clock, page, device) \
               values ($1, $2, $3, $4, $5, $6, $7) on conflict (partner_id, subject, id) do nothing";
    for visit in visits {
        let (id, page, device) = (visit.id(), visit.page.name(), visit.device.name());
        let row = args![visit.partner, visit.subject, id, visit.at, visit.on_clock, *page, *device];
        tx.execute(sql, row)?;
    }
    Ok(())
}

/// The newest visits of the pages of a partner's resource, at most `most`, newest first.
pub fn visits(
    tx: &mut Tx<'_>, partner: PartnerId, subject: &str, most: i64,
) -> Result<Vec<PageVisit>, StoreError> {
    let rest = "where partner_id = $1 and subject = $2 order by id desc limit $3";
    let rows: Vec<VisitRow> = tx.find_all(rest, args![partner, *subject, most])?;
    rows.into_iter().map(VisitRow::read).collect()
}

impl VisitRow {
    fn read(self) -> Result<PageVisit, StoreError> {
        Ok(PageVisit {
            partner: self.partner_id,
            subject: self.subject,
            at: self.at,
            on_clock: self.on_clock,
            page: parsed(&self.page)?,
            device: parsed(&self.device)?,
        })
    }
}

/// Deletes up to `rows` visits from before `cutoff`. Returns their number.
pub fn purge_visits(tx: &mut Tx<'_>, cutoff: RealTime, rows: i64) -> Result<u64, StoreError> {
    let sql = "select partner_id, subject, id from page_visits where id < $1 order by id limit $2";
    let first = LoggedRequestId::new(cutoff, [0; 10]);
    let mut old: Vec<(PartnerId, String, LoggedRequestId)> = tx.fetch_all(sql, args![first, rows])?;
    old.sort_unstable();
    let mut deleted = 0;
    for same in old.chunk_by(|one, other| (one.0, &one.1) == (other.0, &other.1)) {
        for some in same.chunks(AT_ONCE) {
            let ids: Vec<LoggedRequestId> = some.iter().map(|(.., id)| *id).collect();
            let (these, mut args) = among(&ids, 1);
            args.extend([same[0].0.to_arg(), same[0].1.to_arg()]);
            let (of, about) = (args.len() - 1, args.len());
            let sql = format!(
                "delete from page_visits where partner_id = ${of} and subject = ${about} and id {these}"
            );
            deleted += tx.execute(&sql, &args)?;
        }
    }
    Ok(deleted)
}

/// Most values of one statement.
const AT_ONCE: usize = 64;
