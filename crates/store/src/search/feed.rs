//! The progress of the index in each partner's customers.
//!
//! Registering a customer does not write to the index. A worker follows the registrations in the order of their places
//! in the partner's feed, so it misses none, and no registration waits for it. A partner whose customers were never
//! indexed, as in an older database, is filled first: from its first customer to its last one.

use std::collections::BTreeMap;

use domain::id::{CustomerId, PartnerId};

use super::codes::add;
use crate::db::row_count;
use crate::table::table;
use crate::{StoreError, Tx, args, bank_accounts, customers, outbox};

table! {
    /// The progress in one partner's customers, as it is stored.
    struct FeedRow in "search_feeds" by (partner_id) {
        partner_id: PartnerId,
        version: i64,
        after_id: Option<String>,
        place: i64,
    }
}

/// A partner with customers that are not in the index yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Behind {
    /// The partner.
    pub partner: PartnerId,
    /// Whether its customers were ever indexed.
    pub is_new: bool,
}

/// The partners with customers that are not in the index yet. It takes one step of an index for each partner.
pub fn behind(tx: &mut Tx<'_>) -> Result<Vec<Behind>, StoreError> {
    let sql = format!(
        "select f.partner_id, s.place from feeds f left join search_feeds s on s.partner_id = f.partner_id \
         where s.place is null or s.after_id is not null or s.place < ( \
             select max(place) from events \
             where partner_id = f.partner_id and kind = '{}' and place is not null)",
        outbox::CREATED
    );
    let rows: Vec<(PartnerId, Option<i64>)> = tx.fetch_all(&sql, &[])?;
    Ok(rows.into_iter().map(|(partner, place)| Behind { partner, is_new: place.is_none() }).collect())
}

/// Begins with a partner. Customers that are registered from now on come in order; those of before are filled in.
fn begin(tx: &mut Tx<'_>, partner: PartnerId) -> Result<(), StoreError> {
    // The place is read before the customers. So a customer is filled in, or its event comes after this place, or both.
    let sql = "insert into search_feeds (partner_id, version, after_id, place) \
               select partner_id, 1, '', last_place from feeds where partner_id = $1 \
               on conflict (partner_id) do nothing";
    tx.execute(sql, args![partner]).map(drop)
}

/// Notes that all customers of a partner are in the index, after a synthetic history and its codes were written.
pub fn complete(tx: &mut Tx<'_>, partner: PartnerId) -> Result<(), StoreError> {
    tx.execute("delete from search_feeds where partner_id = $1", args![partner])?;
    let sql = "insert into search_feeds (partner_id, version, after_id, place) \
               select partner_id, 1, null, last_place from feeds where partner_id = $1";
    tx.execute(sql, args![partner]).map(drop)
}

/// Indexes at most `rows` more customers of a partner and returns their number: none while another node does it.
pub fn advance(tx: &mut Tx<'_>, behind: Behind, rows: i64) -> Result<u64, StoreError> {
    let partner = behind.partner;
    if behind.is_new {
        begin(tx, partner)?;
    }
    // The lock only saves work. The compare-and-set of the update makes nodes take turns.
    let lock = tx.dialect().skip_locked;
    let Some(row) = tx.find::<FeedRow>(&format!("where partner_id = $1 {lock}"), args![partner])? else {
        return Ok(0);
    };
    let (taken, after_id, place) = match &row.after_id {
        Some(after) => fill(tx, &row, after, rows)?,
        None => follow(tx, &row, rows)?,
    };
    let changes = [FeedRow::after_id.to(&after_id), FeedRow::place.to(&place)];
    tx.update(args![partner], row.version, &changes)?;
    Ok(taken)
}

/// A number of customers, and the progress after them: `after_id` and `place`.
type Taken = (u64, Option<String>, i64);

/// Fills in customers of before.
fn fill(tx: &mut Tx<'_>, row: &FeedRow, after: &str, rows: i64) -> Result<Taken, StoreError> {
    let page = customers::following(tx, row.partner_id, after, rows)?;
    let ids: Vec<CustomerId> = page.customers.iter().map(|customer| customer.id).collect();
    let accounts = bank_accounts::of_customers(tx, &[row.partner_id], &ids)?;
    add(tx, &page.customers, &accounts)?;
    Ok((page.taken, page.last, row.place))
}

/// Follows the registrations.
fn follow(tx: &mut Tx<'_>, row: &FeedRow, rows: i64) -> Result<Taken, StoreError> {
    let created = outbox::created_after(tx, row.partner_id, row.place, rows)?;
    let place = created.last().map_or(row.place, |(place, _)| *place);
    let taken = row_count(created.len()).unsigned_abs();
    let mut by_tenant: BTreeMap<PartnerId, Vec<CustomerId>> = BTreeMap::new();
    for (tenant, id) in created.into_iter().filter_map(|(_, registered)| registered) {
        by_tenant.entry(tenant).or_default().push(id);
    }
    let mut found = Vec::new();
    for (tenant, ids) in by_tenant {
        // As they are now, because a customer may have been corrected since.
        let of_tenant = customers::find_all(tx, Some(tenant), &ids)?;
        found.extend(of_tenant.into_iter().map(|file| file.customer.clone()));
    }
    // An account writes its code itself.
    add(tx, &found, &[])?;
    Ok((taken, None, place))
}
