//! Credit offers.

use domain::closed::Changed;
use domain::id::{CustomerId, DecisionId, LoanId, OfferId, PartnerId};
use domain::offer::{Offer, OfferRecord, OfferStateKind, OfferTerms};
use domain::page::Page;
use domain::time::{RealTime, Timestamp};

use crate::document::{offer_state, offer_state_parts};
use crate::listing::{Cursor, Listing, UnknownCursor};
use crate::table::{row, table};
use crate::{StoreError, Stored, Tx, args, directory, outbox};

table! {
    /// An offer as it is stored.
    struct OfferRow in "offers" by (partner_id, id) {
        partner_id: PartnerId,
        id: OfferId,
        version: i64,
        customer_id: CustomerId,
        decision_id: DecisionId,
        state: OfferStateKind,
        loan_id: Option<LoanId>,
        terms: OfferTerms,
        valid_until: Timestamp,
        created_at: Timestamp,
        updated_at: Timestamp,
    }
}

row! {
    /// An offer with the partner's own identifier of its customer.
    struct OfferAnswer of OfferRow {
        ..row: OfferRow,
        external_id: Option<String> = "(select external_id from customers where \
                                       customers.partner_id = offers.partner_id and customers.id = offers.customer_id)",
    }
}

impl OfferAnswer {
    fn read(self) -> Result<Stored<Offer>, StoreError> {
        let Self { row, external_id } = self;
        let record = OfferRecord {
            partner: row.partner_id,
            id: row.id,
            customer: row.customer_id,
            state: offer_state(row.state, row.loan_id)?,
            terms: row.terms,
            valid_until: row.valid_until,
            created_at: row.created_at,
            updated_at: row.updated_at,
            external_id,
        };
        Ok(Stored::new(row.version, Offer::restored(record)))
    }
}

/// The filter of a list of offers.
#[derive(Debug, Clone, Default)]
pub struct OfferFilter {
    /// Only this customer's.
    pub customer: Option<CustomerId>,
    /// Only offers in this state.
    pub state: Option<OfferStateKind>,
}

/// Adds the offer of a decision, with its events. `Duplicate` if the decision already has one.
pub fn insert(
    tx: &mut Tx<'_>, offer: Changed<Offer>, decision: DecisionId,
) -> Result<Stored<Offer>, StoreError> {
    let (offer, events) = offer.into_parts();
    insert_without_events(tx, &offer, decision)?;
    outbox::append(tx, offer.partner, offer.updated_at, events)?;
    Ok(Stored::new(Stored::<Offer>::FIRST, offer))
}

/// Adds an offer of a synthetic history, without events.
pub fn insert_without_events(tx: &mut Tx<'_>, offer: &Offer, decision: DecisionId) -> Result<(), StoreError> {
    let (state, loan_id) = offer_state_parts(offer.state);
    tx.insert_now(&OfferRow {
        partner_id: offer.partner,
        id: offer.id,
        version: Stored::<Offer>::FIRST,
        customer_id: offer.customer,
        decision_id: decision,
        state,
        loan_id,
        terms: offer.terms.clone(),
        valid_until: offer.valid_until,
        created_at: offer.created_at,
        updated_at: offer.updated_at,
    })
}

/// Saves an offer and its new events, if nobody else has changed its row since it was read.
pub fn save(tx: &mut Tx<'_>, offer: Stored<Changed<Offer>>) -> Result<Stored<Offer>, StoreError> {
    let (version, changed) = offer.into_parts();
    let (offer, events) = changed.into_parts();
    let (state, loan) = offer_state_parts(offer.state);
    let changes =
        [OfferRow::state.to(&state), OfferRow::loan_id.to(&loan), OfferRow::updated_at.to(&offer.updated_at)];
    tx.update(args![offer.partner, offer.id], version, &changes)?;
    outbox::append(tx, offer.partner, offer.updated_at, events)?;
    Ok(Stored::new(version + 1, offer))
}

/// The partner's offer with this id.
pub fn find(tx: &mut Tx<'_>, partner: PartnerId, id: OfferId) -> Result<Option<Stored<Offer>>, StoreError> {
    let own = args![partner, id];
    let found = tx.beside(|tx| tx.find::<OfferAnswer>("where partner_id = $1 and id = $2", own))?;
    found.map(OfferAnswer::read).transpose()
}

/// A page of a partner's offers, or of all partners'.
pub fn list(
    tx: &mut Tx<'_>, partner: Option<PartnerId>, filter: &OfferFilter, cursor: &Cursor<OfferId>,
) -> Result<Result<Page<Offer>, UnknownCursor>, StoreError> {
    let Some(range) = directory::Range::of(tx, partner, filter.customer)? else {
        return Ok(Ok(Page::empty(false)));
    };
    let partner = range.partner();
    let listing = Listing::<OfferAnswer>::by(OfferRow::created_at, OfferRow::id)
        .within(OfferRow::partner_id, partner.as_ref());
    let listing = match (&filter.customer, &filter.state) {
        (None, None) => listing.in_parts_of(OfferRow::state),
        (customer, state) => {
            listing.having(OfferRow::customer_id, customer.as_ref()).having(OfferRow::state, state.as_ref())
        }
    };
    listing.page(tx, cursor, |row, _tx| Ok(row.read()?.into_value()))
}

/// Available offers whose validity had passed at the moment `real`, by the machine's clock or by their partner's moved
/// clock.
pub fn lapsed(tx: &mut Tx<'_>, real: RealTime, limit: i64) -> Result<Vec<(PartnerId, OfferId)>, StoreError> {
    let sql = "select partner_id, id from offers where state = 'available' and valid_until < $1 \
               order by valid_until limit $2";
    let lapsed = tx.fetch_all(sql, args![real, limit])?;
    if !lapsed.is_empty() {
        return Ok(lapsed);
    }
    let sql = "select o.partner_id, o.id from partners p join offers o on o.partner_id = p.id \
               where p.clock_offset > 0 and o.state = 'available' and o.valid_until < $1 + p.clock_offset limit $2";
    tx.fetch_all(sql, args![real, limit])
}

/// The time at which the next available offer ends, in real time.
pub fn next_end(tx: &mut Tx<'_>) -> Result<Option<RealTime>, StoreError> {
    let sql = "select min(due) from ( \
                   select min(valid_until) as due from offers where state = 'available' \
                   union all \
                   select (select min(valid_until) from offers where partner_id = f.partner_id \
                   and state = 'available') - p.clock_offset \
                   from partners p join feeds f on f.partner_id = p.id where p.clock_offset > 0 \
               ) as dues";
    tx.fetch_one(sql, &[])
}
