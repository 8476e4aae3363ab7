//! Credit offers.

use domain::closed::Changed;
use domain::id::{CustomerId, DecisionId, OfferId, PartnerId};
use domain::offer::{Offer, OfferRecord};
use domain::page::Page;
use domain::time::RealTime;

use crate::db::Row;
use crate::document::{self, TermsDoc, offer_state, offer_state_parts};
use crate::listing::{Cursor, Listing, UnknownCursor};
use crate::{StoreError, Stored, Tx, args, directory, outbox};

const COLUMNS: &str = "partner_id, id, version, customer_id, state, loan_id, terms, valid_until, created_at, \
                       updated_at, (select external_id from customers where \
                       customers.partner_id = offers.partner_id and customers.id = offers.customer_id)";

/// What a list of offers is filtered by.
#[derive(Debug, Clone, Default)]
pub struct OfferFilter {
    /// Only this customer's.
    pub customer: Option<CustomerId>,
    /// Only offers in the state of this name.
    pub state: Option<&'static str>,
}

/// Adds the offer of a decision, with its events. `Duplicate` where the decision already has one.
pub fn insert(
    tx: &mut Tx<'_>,
    offer: Changed<Offer>,
    decision: DecisionId,
) -> Result<Stored<Offer>, StoreError> {
    let (offer, events) = offer.into_parts();
    insert_past(tx, &offer, decision)?;
    outbox::append(tx, offer.partner, offer.updated_at, events)?;
    Ok(Stored::new(Stored::<Offer>::FIRST, offer))
}

/// Adds an offer whose events were sent long ago, to a database that is filled.
pub fn insert_past(tx: &mut Tx<'_>, offer: &Offer, decision: DecisionId) -> Result<(), StoreError> {
    let (state, loan) = offer_state_parts(offer.state);
    let sql = "insert into offers (partner_id, id, version, customer_id, decision_id, state, loan_id, terms, \
               valid_until, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    tx.execute(
        sql,
        args![
            offer.partner,
            offer.id,
            Stored::<Offer>::FIRST,
            offer.customer,
            decision,
            state,
            loan,
            document::to_json(&TermsDoc::of(&offer.terms)),
            offer.valid_until,
            offer.created_at,
            offer.updated_at,
        ],
    )
    .map(drop)
}

/// Writes a changed offer and its events, if nobody else has changed it since it was read.
pub fn save(tx: &mut Tx<'_>, offer: Stored<Changed<Offer>>) -> Result<Stored<Offer>, StoreError> {
    let (version, changed) = offer.into_parts();
    let (offer, events) = changed.into_parts();
    let (state, loan) = offer_state_parts(offer.state);
    let sql = "update offers set version = version + 1, state = $4, loan_id = $5, updated_at = $6 \
               where partner_id = $1 and id = $2 and version = $3";
    tx.execute_one(sql, args![offer.partner, offer.id, version, state, loan, offer.updated_at])?;
    outbox::append(tx, offer.partner, offer.updated_at, events)?;
    Ok(Stored::new(version + 1, offer))
}

/// The partner's offer with this id.
pub fn find(tx: &mut Tx<'_>, partner: PartnerId, id: OfferId) -> Result<Option<Stored<Offer>>, StoreError> {
    let sql = format!("select {COLUMNS} from offers where partner_id = $1 and id = $2");
    tx.beside(|tx| tx.query_opt(&sql, args![partner, id], offer))
}

/// A page of a partner's offers, or of all partners'.
pub fn list(
    tx: &mut Tx<'_>,
    partner: Option<PartnerId>,
    filter: &OfferFilter,
    cursor: &Cursor<OfferId>,
) -> Result<Result<Page<Offer>, UnknownCursor>, StoreError> {
    // A customer's offers lie with its partner, whoever asks.
    let partner = match (partner, &filter.customer) {
        (None, Some(customer)) => match directory::owner(tx, customer)? {
            None => return Ok(Ok(Page::empty(false))),
            owner => owner,
        },
        (partner, _) => partner,
    };
    let listing = Listing::across("offers", COLUMNS).within("partner_id", partner.as_ref());
    let listing = match (&filter.customer, filter.state) {
        (None, None) => listing.in_parts_of("state"),
        _ => listing.having("customer_id", filter.customer.as_ref()).having("state", filter.state.as_ref()),
    };
    listing.rows(tx, cursor, |row| Ok(offer(row)?.into_value()))
}

/// Available offers whose validity had passed at the moment `real`, by the machine's clock or by their partner's moved clock.
pub fn lapsed(tx: &mut Tx<'_>, real: RealTime, limit: i64) -> Result<Vec<(PartnerId, OfferId)>, StoreError> {
    let sql = "select partner_id, id from offers where state = 'available' and valid_until < $1 \
               order by valid_until limit $2";
    let lapsed = tx.query(sql, args![real, limit], |row| Ok((row.get(0)?, row.get(1)?)))?;
    if !lapsed.is_empty() {
        return Ok(lapsed);
    }
    let sql = "select o.partner_id, o.id from partners p join offers o on o.partner_id = p.id \
               where p.clock_offset > 0 and o.state = 'available' and o.valid_until < $1 + p.clock_offset limit $2";
    tx.query(sql, args![real, limit], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// When the next available offer ends, in real time.
pub fn next_end(tx: &mut Tx<'_>) -> Result<Option<RealTime>, StoreError> {
    let sql = "select min(due) from ( \
                   select min(valid_until) as due from offers where state = 'available' \
                   union all \
                   select (select min(valid_until) from offers where partner_id = f.partner_id \
                   and state = 'available') - p.clock_offset \
                   from partners p join feeds f on f.partner_id = p.id where p.clock_offset > 0 \
               ) as dues";
    tx.query_one(sql, &[], |row| row.get(0))
}

fn offer(row: &Row<'_>) -> Result<Stored<Offer>, StoreError> {
    let (state, terms): (String, String) = (row.get(4)?, row.get(6)?);
    let record = OfferRecord {
        partner: row.get(0)?,
        id: row.get(1)?,
        customer: row.get(3)?,
        state: offer_state(&state, row.get(5)?)?,
        terms: document::from_json::<TermsDoc>(terms.as_bytes())?.read()?,
        valid_until: row.get(7)?,
        created_at: row.get(8)?,
        updated_at: row.get(9)?,
        external_id: row.get(10)?,
    };
    Ok(Stored::new(row.get(2)?, Offer::restored(record)))
}
