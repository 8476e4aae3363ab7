//! Loans and the gapless numbers of their contracts.

use domain::closed::Changed;
use domain::event::EventKind;
use domain::id::{CustomerId, LoanId, OfferId, PartnerId, SimulationId};
use domain::loan::{CcbNumber, Loan, LoanEventKind, LoanRecord, LoanState, LoanStateKind, LoanSummary};
use domain::page::Page;
use domain::queue::CaseSubject;
use domain::time::{RealTime, Timestamp};

use crate::case_ends::Moment;
use crate::cases::{self, Entering};
use crate::db::{LONGEST, among};
use crate::document::{self, LoanSecretsDoc, LoanStateDoc, QuoteText, set_of, versioned};
use crate::listing::{Cursor, Listing, UnknownCursor, opened};
use crate::table::table;
use crate::{StoreError, Stored, Tx, args, directory, outbox};

table! {
    /// A loan as it is stored. `orders`: the number of its orders to the bank.
    struct LoanRow in "loans" by (partner_id, id) {
        partner_id: PartnerId,
        id: LoanId,
        version: i64,
        customer_id: CustomerId,
        offer_id: OfferId,
        simulation_id: SimulationId,
        state: LoanStateKind,
        state_document: LoanStateDoc,
        quote: QuoteText,
        ccb_year: Option<i16>,
        ccb_number: Option<u32>,
        orders: u32,
        sealed: Vec<u8>,
        sign_by: Timestamp,
        created_at: Timestamp,
        updated_at: Timestamp,
    }
}

table! {
    /// The last contract number of a year.
    struct CounterRow in "ccb_counters" by (year) {
        year: i16,
        last: u32,
    }
}

impl LoanRow {
    /// The row of a loan at a version.
    fn of(tx: &mut Tx<'_>, loan: &Loan, version: i64) -> Result<Self, StoreError> {
        Ok(Self {
            partner_id: loan.partner,
            id: loan.id,
            version,
            customer_id: loan.customer,
            offer_id: loan.offer,
            simulation_id: loan.simulation,
            state: loan.state.kind(),
            state_document: LoanStateDoc::of(&loan.state),
            quote: QuoteText::of(&loan.quote),
            ccb_year: loan.ccb_number.map(|ccb| ccb.year),
            ccb_number: loan.ccb_number.map(|ccb| ccb.number),
            orders: loan.attempts(),
            sealed: sealed(tx, loan, version)?,
            sign_by: loan.sign_by,
            created_at: loan.created_at,
            updated_at: loan.updated_at,
        })
    }

    fn loan_state(&self) -> Result<LoanState, StoreError> {
        self.state_document.read(self.state)
    }

    fn contract_number(&self) -> Option<CcbNumber> {
        self.ccb_year.zip(self.ccb_number).map(|(year, number)| CcbNumber { year, number })
    }

    fn secrets(&self, tx: &mut Tx<'_>) -> Result<LoanSecretsDoc, StoreError> {
        let context = versioned("loans", self.id, self.version);
        document::from_json(&tx.unseal(self.partner_id, &context, &self.sealed)?)
    }

    fn open(self, tx: &mut Tx<'_>) -> Result<Stored<Loan>, StoreError> {
        let mut record = LoanRecord {
            partner: self.partner_id,
            id: self.id,
            customer: self.customer_id,
            offer: self.offer_id,
            simulation: self.simulation_id,
            state: self.loan_state()?,
            quote: self.quote.quote()?,
            ccb_number: self.contract_number(),
            signers: Vec::new(),
            destination: None,
            orders: Vec::new(),
            write_off: None,
            sign_by: self.sign_by,
            created_at: self.created_at,
            updated_at: self.updated_at,
        };
        self.secrets(tx)?.read_into(&mut record)?;
        Ok(Stored::new(self.version, Loan::restored(record)))
    }

    /// The loan as answers show it. Its secrets are opened in every state, because a row with damaged secrets must not
    /// look whole.
    fn summary(&self, tx: &mut Tx<'_>) -> Result<LoanSummary, StoreError> {
        let (state, secrets) = (self.loan_state()?, self.secrets(tx)?);
        Ok(LoanSummary {
            id: self.id,
            customer: self.customer_id,
            offer: self.offer_id,
            simulation: self.simulation_id,
            price: self.quote.price()?,
            ccb_number: self.contract_number(),
            open_link: if state.has_open_link() { secrets.applicants_link() } else { None },
            state,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}

/// Adds a new loan with its events.
pub fn insert(tx: &mut Tx<'_>, loan: Changed<Loan>) -> Result<Stored<Loan>, StoreError> {
    let (loan, events) = loan.into_parts();
    insert_without_events(tx, &loan)?;
    outbox::append(tx, loan.partner, loan.updated_at, events)?;
    Ok(Stored::new(Stored::<Loan>::FIRST, loan))
}

/// Adds a loan of a synthetic history, without events.
pub fn insert_without_events(tx: &mut Tx<'_>, loan: &Loan) -> Result<(), StoreError> {
    let row = LoanRow::of(tx, loan, Stored::<Loan>::FIRST)?;
    tx.insert(&row)?;
    Entering::of_loan(loan).map_or(Ok(()), |case| cases::enter(tx, &case))
}

/// Saves a loan and its new events, if nobody else has changed its row since it was read.
pub fn save(tx: &mut Tx<'_>, loan: Stored<Changed<Loan>>) -> Result<Stored<Loan>, StoreError> {
    let (version, changed) = loan.into_parts();
    let (loan, events) = changed.into_parts();
    // Not by a whole row: a step does not change the quote, whose schedule costs the most to write.
    let (state, document) = (loan.state.kind(), LoanStateDoc::of(&loan.state));
    let (sealed, orders) = (sealed(tx, &loan, version + 1)?, loan.attempts());
    let changes = [
        LoanRow::state.to(&state),
        LoanRow::state_document.to(&document),
        LoanRow::orders.to(&orders),
        LoanRow::sealed.to(&sealed),
        LoanRow::updated_at.to(&loan.updated_at),
    ];
    tx.update(args![loan.partner, loan.id], version, &changes)?;
    if events.iter().any(|event| event.kind() != EventKind::Loan(LoanEventKind::PaymentReceived)) {
        requeue(tx, &loan)?;
    }
    outbox::append(tx, loan.partner, loan.updated_at, events)?;
    Ok(Stored::new(version + 1, loan))
}

/// Moves the loan to the queue of its state. Only a step with an event changes the queue, and a payment does not: a
/// reversal has no event, and leads to no queue.
fn requeue(tx: &mut Tx<'_>, loan: &Loan) -> Result<(), StoreError> {
    if let Some(case) = Entering::of_loan(loan) {
        return cases::move_to(tx, loan.partner, &case);
    }
    let (subject, at) = (CaseSubject::Loan(loan.id), Moment::OnClock(loan.updated_at));
    cases::leave_all(tx, &loan.partner, &subject, at)
}

/// The secrets of a loan, sealed for a version of its row.
fn sealed(tx: &mut Tx<'_>, loan: &Loan, version: i64) -> Result<Vec<u8>, StoreError> {
    let secrets = document::to_json(&LoanSecretsDoc::of(loan));
    tx.seal(loan.partner, &versioned("loans", loan.id, version), secrets.as_bytes())
}

/// Whether the partner has this loan, also if its row is unreadable.
pub fn exists(tx: &mut Tx<'_>, partner: PartnerId, id: LoanId) -> Result<bool, StoreError> {
    tx.has::<LoanRow>("where partner_id = $1 and id = $2", args![partner, id])
}

/// The partner's loan with this id.
pub fn find(tx: &mut Tx<'_>, partner: PartnerId, id: LoanId) -> Result<Option<Stored<Loan>>, StoreError> {
    let own = args![partner, id];
    let row = tx.beside(|tx| tx.find::<LoanRow>("where partner_id = $1 and id = $2", own))?;
    row.map(|row| row.open(tx)).transpose()
}

/// The borrower of the partner's loan.
pub fn borrower(tx: &mut Tx<'_>, partner: PartnerId, id: LoanId) -> Result<CustomerId, StoreError> {
    tx.fetch_one("select customer_id from loans where partner_id = $1 and id = $2", args![partner, id])
}

/// The loan with this id, of any partner.
pub fn find_of_any(tx: &mut Tx<'_>, id: LoanId) -> Result<Option<Stored<Loan>>, StoreError> {
    tx.find_opened("where id = $1", args![id], LoanRow::open)
}

/// The partner's loan with this id, as answers show it.
pub fn summary(tx: &mut Tx<'_>, partner: PartnerId, id: LoanId) -> Result<Option<LoanSummary>, StoreError> {
    let row = tx.find::<LoanRow>("where partner_id = $1 and id = $2", args![partner, id])?;
    row.map(|row| row.summary(tx)).transpose()
}

/// The customer's loans with at least one signature that were not cancelled, newest first.
pub fn signed_of(
    tx: &mut Tx<'_>, partner: PartnerId, customer: CustomerId,
) -> Result<Vec<Stored<Loan>>, StoreError> {
    let signed = format!(
        "where partner_id = $1 and customer_id = $2 and state in {} and exists ( \
         select 1 from signatures s where s.partner_id = loans.partner_id and s.loan_id = loans.id) \
         order by created_at desc, id desc",
        set_of(LoanStateKind::may_be_signed)
    );
    let rows = tx.find_all::<LoanRow>(&signed, args![partner, customer])?;
    rows.into_iter().map(|row| row.open(tx)).collect()
}

/// The filter of a list of loans.
#[derive(Debug, Clone, Default)]
pub struct LoanFilter {
    /// Only this partner's.
    pub partner: Option<PartnerId>,
    /// Only this customer's.
    pub customer: Option<CustomerId>,
    /// Only loans in this state.
    pub state: Option<LoanStateKind>,
}

/// A page of loans, of all partners unless the filter names one.
pub fn list(
    tx: &mut Tx<'_>, filter: &LoanFilter, cursor: &Cursor<LoanId>,
) -> Result<Result<Page<Loan>, UnknownCursor>, StoreError> {
    let Some(range) = directory::Range::of(tx, filter.partner, filter.customer)? else {
        return Ok(Ok(Page::empty(false)));
    };
    let partner = range.partner();
    let listing = Listing::<LoanRow>::by(LoanRow::created_at, LoanRow::id)
        .within(LoanRow::partner_id, partner.as_ref());
    let listing = match (&filter.customer, &filter.state) {
        (None, None) => listing.in_parts_of(LoanRow::state),
        (customer, state) => {
            listing.having(LoanRow::customer_id, customer.as_ref()).having(LoanRow::state, state.as_ref())
        }
    };
    listing.page(tx, cursor, |row, tx| Ok(row.open(tx)?.into_value()))
}

/// Loans whose disbursement was ordered, the oldest first: those whose newest order is in a file for the bank, or in
/// none.
pub fn disbursing(tx: &mut Tx<'_>, sent: Sent, limit: i64) -> Result<Vec<Loan>, StoreError> {
    let is = match sent {
        Sent::Yes => "is not null",
        Sent::No => "is null",
    };
    // Few loans wait, so each one's order is found by its key. A join would read all orders.
    let rest = format!(
        "where state = 'disbursing' and ( \
         select o.line from bank_orders o \
         where o.partner_id = loans.partner_id and o.loan_id = loans.id and o.attempt = loans.orders) {is} \
         order by created_at, id limit $1"
    );
    let rows = tx.find_marked(LoanRow::id, &rest, args![limit])?;
    Ok(opened(tx, rows, false, |row: LoanRow, tx| Ok(row.open(tx)?.into_value()))?.items)
}

/// Whether the newest order of a loan is in a file for the bank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// It is.
    Yes,
    /// It is not.
    No,
}

/// The loans with these ids, of any partner, in no order. Unreadable ones are logged and missing.
pub fn these(tx: &mut Tx<'_>, ids: &[LoanId]) -> Result<Vec<Loan>, StoreError> {
    let mut found = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(LONGEST) {
        let (these, args) = among(chunk, 1);
        let rows = tx.find_marked(LoanRow::id, &format!("where id {these}"), &args)?;
        found.extend(opened(tx, rows, false, |row: LoanRow, tx| Ok(row.open(tx)?.into_value()))?.items);
    }
    Ok(found)
}

/// The contracts of the loans with these ids, of any partner, in no order. Nothing is opened.
pub fn contracts(tx: &mut Tx<'_>, ids: &[LoanId]) -> Result<Vec<(LoanId, CcbNumber)>, StoreError> {
    let mut found = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(LONGEST) {
        let (these, args) = among(chunk, 1);
        let sql =
            format!("select id, ccb_year, ccb_number from loans where id {these} and ccb_number is not null");
        let rows: Vec<(LoanId, i16, u32)> = tx.fetch_all(&sql, &args)?;
        found.extend(rows.into_iter().map(|(id, year, number)| (id, CcbNumber { year, number })));
    }
    Ok(found)
}

/// The loan with this contract.
pub fn of_contract(tx: &mut Tx<'_>, contract: CcbNumber) -> Result<Option<Stored<Loan>>, StoreError> {
    let CcbNumber { year, number } = contract;
    // The index has only rows with a number.
    let this = "where ccb_year = $1 and ccb_number = $2 and ccb_number is not null";
    tx.find_opened(this, args![year, number], LoanRow::open)
}

/// The states of loans whose links can expire, for a statement. Two partial indexes have the same set.
pub(crate) fn unsigned() -> String {
    set_of(LoanStateKind::has_open_link)
}

/// Unsigned loans whose links had expired at the moment `real`, by the machine's clock or by their partner's moved
/// clock.
pub fn unsigned_past(
    tx: &mut Tx<'_>, real: RealTime, limit: i64,
) -> Result<Vec<(PartnerId, LoanId)>, StoreError> {
    let unsigned = unsigned();
    let sql = format!(
        "select partner_id, id from loans where state in {unsigned} and sign_by < $1 order by sign_by limit $2"
    );
    let past = tx.fetch_all(&sql, args![real, limit])?;
    if !past.is_empty() {
        return Ok(past);
    }
    let sql = format!(
        "select l.partner_id, l.id from partners p join loans l on l.partner_id = p.id \
         where p.clock_offset > 0 and l.state in {unsigned} and l.sign_by < $1 + p.clock_offset limit $2"
    );
    tx.fetch_all(&sql, args![real, limit])
}

/// The time at which the next unsigned loan's links expire, in real time.
pub fn next_deadline(tx: &mut Tx<'_>) -> Result<Option<RealTime>, StoreError> {
    let unsigned = unsigned();
    let sql = format!(
        "select min(due) from ( \
             select min(sign_by) as due from loans where state in {unsigned} \
             union all \
             select (select min(sign_by) from loans where partner_id = f.partner_id \
             and state in {unsigned}) - p.clock_offset \
             from partners p join feeds f on f.partner_id = p.id where p.clock_offset > 0 \
         ) as dues"
    );
    tx.fetch_one(&sql, &[])
}

/// Takes the next contract number of a year. A transaction that does not commit gives it back, so the numbers have no
/// gaps. Concurrent transactions take turns on the year's row.
pub fn next_ccb_number(tx: &mut Tx<'_>, year: i16) -> Result<CcbNumber, StoreError> {
    take_ccb_numbers(tx, year, 1)
}

/// Takes some contract numbers of a year at once and returns the last one.
pub fn take_ccb_numbers(tx: &mut Tx<'_>, year: i16, count: u32) -> Result<CcbNumber, StoreError> {
    let sql = "insert into ccb_counters (year, last) values ($1, $2) \
               on conflict (year) do update set last = ccb_counters.last + $2 returning last";
    let args = args![year, count];
    let number = tx.beside(|tx| tx.fetch_written(sql, args))?.pop().ok_or(StoreError::NotFound)?;
    Ok(CcbNumber { year, number })
}
