//! Loans and the gapless numbers of their contracts.

use domain::closed::Changed;
use domain::id::{CustomerId, LoanId, PartnerId};
use domain::loan::{CcbNumber, Loan, LoanRecord, LoanSheet, LoanState};
use domain::page::Page;
use domain::time::RealTime;

use crate::db::Row;
use crate::document::{self, LoanSecretsDoc, LoanStateDoc, QuoteDoc, corrupt, versioned};
use crate::listing::{Cursor, Listing, UnknownCursor};
use crate::{StoreError, Stored, Tx, args, directory, outbox};

macro_rules! columns {
    () => {
        "partner_id, id, version, customer_id, offer_id, simulation_id, state, state_document, quote, \
                       ccb_year, ccb_number, sealed, sign_by, created_at, updated_at"
    };
}

/// Adds a new loan with its events.
pub fn insert(tx: &mut Tx<'_>, loan: Changed<Loan>) -> Result<Stored<Loan>, StoreError> {
    let (loan, events) = loan.into_parts();
    insert_past(tx, &loan)?;
    outbox::append(tx, loan.partner, loan.updated_at, events)?;
    Ok(Stored::new(Stored::<Loan>::FIRST, loan))
}

/// Adds a loan whose events were sent long ago, to a database that is filled.
pub fn insert_past(tx: &mut Tx<'_>, loan: &Loan) -> Result<(), StoreError> {
    let version = Stored::<Loan>::FIRST;
    let sealed = sealed(tx, loan, version)?;
    let sql = "insert into loans (partner_id, id, version, customer_id, offer_id, simulation_id, state, \
               state_document, quote, ccb_year, ccb_number, sealed, sign_by, created_at, updated_at) \
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";
    tx.execute_later(
        sql,
        args![
            loan.partner,
            loan.id,
            version,
            loan.customer,
            loan.offer,
            loan.simulation,
            loan.state.name(),
            document::to_json(&LoanStateDoc::of(&loan.state)),
            document::to_json(&QuoteDoc::of(&loan.quote)),
            loan.ccb_number.map(|ccb| i64::from(ccb.year)),
            loan.ccb_number.map(|ccb| i64::from(ccb.number)),
            sealed,
            loan.sign_by,
            loan.created_at,
            loan.updated_at,
        ],
    )
}

/// Writes a changed loan and its events, if nobody else has changed it since it was read.
pub fn save(tx: &mut Tx<'_>, loan: Stored<Changed<Loan>>) -> Result<Stored<Loan>, StoreError> {
    let (version, changed) = loan.into_parts();
    let (loan, events) = changed.into_parts();
    let sealed = sealed(tx, &loan, version + 1)?;
    let sql = "update loans set version = version + 1, state = $4, state_document = $5, sealed = $6, \
               updated_at = $7 where partner_id = $1 and id = $2 and version = $3";
    tx.execute_one(
        sql,
        args![
            loan.partner,
            loan.id,
            version,
            loan.state.name(),
            document::to_json(&LoanStateDoc::of(&loan.state)),
            sealed,
            loan.updated_at,
        ],
    )?;
    outbox::append(tx, loan.partner, loan.updated_at, events)?;
    Ok(Stored::new(version + 1, loan))
}

fn sealed(tx: &mut Tx<'_>, loan: &Loan, version: i64) -> Result<Vec<u8>, StoreError> {
    let secrets = document::to_json(&LoanSecretsDoc::of(loan));
    tx.seal(loan.partner, &versioned("loans", loan.id, version), secrets.as_bytes())
}

/// Whether the partner has this loan, readable or not.
pub fn exists(tx: &mut Tx<'_>, partner: PartnerId, id: LoanId) -> Result<bool, StoreError> {
    let sql = "select version from loans where partner_id = $1 and id = $2";
    Ok(tx.query_opt(sql, args![partner, id], |_row| Ok(()))?.is_some())
}

/// The partner's loan with this id.
pub fn find(tx: &mut Tx<'_>, partner: PartnerId, id: LoanId) -> Result<Option<Stored<Loan>>, StoreError> {
    let sql = concat!("select ", columns!(), " from loans where partner_id = $1 and id = $2");
    let row = tx.beside(|tx| tx.query_opt(sql, args![partner, id], StoredLoan::read))?;
    row.map(|row| row.open(tx)).transpose()
}

/// The loan with this id, whichever partner's it is.
pub fn find_of_any(tx: &mut Tx<'_>, id: LoanId) -> Result<Option<Stored<Loan>>, StoreError> {
    let sql = concat!("select ", columns!(), " from loans where id = $1");
    let row = tx.query_opt(sql, args![id], StoredLoan::read)?;
    row.map(|row| row.open(tx)).transpose()
}

/// The partner's loan with this id, as answers show it.
pub fn sheet(tx: &mut Tx<'_>, partner: PartnerId, id: LoanId) -> Result<Option<LoanSheet>, StoreError> {
    let sql = "select version, customer_id, offer_id, simulation_id, state, state_document, quote, ccb_year, \
               ccb_number, created_at, updated_at, sealed from loans where partner_id = $1 and id = $2";
    let row = tx.query_opt(sql, args![partner, id], |row| {
        let sheet = LoanSheet {
            id,
            customer: row.get(1)?,
            offer: row.get(2)?,
            simulation: row.get(3)?,
            state: state(row, 4)?,
            price: row.with_text(6, document::read_price)?,
            ccb_number: ccb_number(row, 7)?,
            open_link: None,
            created_at: row.get(9)?,
            updated_at: row.get(10)?,
        };
        Ok((sheet, row.get::<i64>(0)?, row.get::<Vec<u8>>(11)?))
    })?;
    let Some((mut sheet, version, sealed)) = row else { return Ok(None) };
    // Opened in every state: a row whose secrets were damaged is not shown as if nothing were wrong with it.
    let secrets = tx.unseal(partner, &versioned("loans", id, version), &sealed)?;
    if sheet.state.has_open_link() {
        sheet.open_link = document::from_json::<LoanSecretsDoc>(&secrets)?.applicants_link();
    }
    Ok(Some(sheet))
}

/// The customer's loans under whose contracts somebody has signed and that were not given up, newest first.
pub fn signed_of(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    customer: CustomerId,
) -> Result<Vec<Stored<Loan>>, StoreError> {
    let sql = concat!(
        "select ",
        columns!(),
        " from loans where partner_id = $1 and customer_id = $2 \
         and state in ('awaiting_signatures', 'signed', 'disbursing', 'active', 'finished') and exists ( \
         select 1 from signatures s where s.partner_id = loans.partner_id and s.loan_id = loans.id) \
         order by created_at desc, id desc"
    );
    let rows = tx.query(sql, args![partner, customer], StoredLoan::read)?;
    rows.into_iter().map(|row| row.open(tx)).collect()
}

/// What a list of loans is filtered by.
#[derive(Debug, Clone, Default)]
pub struct LoanFilter {
    /// Only this partner's.
    pub partner: Option<PartnerId>,
    /// Only this customer's.
    pub customer: Option<CustomerId>,
    /// Only loans in the state of this name.
    pub state: Option<&'static str>,
}

/// A page of loans, of all partners where the filter names none.
pub fn list(
    tx: &mut Tx<'_>,
    filter: &LoanFilter,
    cursor: &Cursor<LoanId>,
) -> Result<Result<Page<Loan>, UnknownCursor>, StoreError> {
    // A customer's loans lie with its partner, whoever asks.
    let partner = match (filter.partner, &filter.customer) {
        (None, Some(customer)) => match directory::owner(tx, customer)? {
            None => return Ok(Ok(Page::empty(false))),
            owner => owner,
        },
        (partner, _) => partner,
    };
    let listing = Listing::across("loans", columns!()).within("partner_id", partner.as_ref());
    let listing = match (&filter.customer, filter.state) {
        (None, None) => listing.in_parts_of("state"),
        _ => listing.having("customer_id", filter.customer.as_ref()).having("state", filter.state.as_ref()),
    };
    listing.page(tx, cursor, StoredLoan::read, |row, tx| Ok(row.open(tx)?.into_value()))
}

/// Unsigned loans whose links had lapsed at the moment `real`, by the machine's clock or by their partner's moved clock.
pub fn unsigned_past(
    tx: &mut Tx<'_>,
    real: RealTime,
    limit: i64,
) -> Result<Vec<(PartnerId, LoanId)>, StoreError> {
    let sql = "select partner_id, id from loans where state in ('contract_generated', 'awaiting_signatures') \
               and sign_by < $1 order by sign_by limit $2";
    let past = tx.query(sql, args![real, limit], |row| Ok((row.get(0)?, row.get(1)?)))?;
    if !past.is_empty() {
        return Ok(past);
    }
    let sql = "select l.partner_id, l.id from partners p join loans l on l.partner_id = p.id \
               where p.clock_offset > 0 and l.state in ('contract_generated', 'awaiting_signatures') \
               and l.sign_by < $1 + p.clock_offset limit $2";
    tx.query(sql, args![real, limit], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// When the next unsigned loan lapses, in real time.
pub fn next_deadline(tx: &mut Tx<'_>) -> Result<Option<RealTime>, StoreError> {
    let sql = "select min(due) from ( \
                   select min(sign_by) as due from loans \
                   where state in ('contract_generated', 'awaiting_signatures') \
                   union all \
                   select (select min(sign_by) from loans where partner_id = f.partner_id \
                   and state in ('contract_generated', 'awaiting_signatures')) - p.clock_offset \
                   from partners p join feeds f on f.partner_id = p.id where p.clock_offset > 0 \
               ) as dues";
    tx.query_one(sql, &[], |row| row.get(0))
}

/// Takes the next contract number of a year. A transaction that does not commit gives it back, so the
/// numbers have no gaps; concurrent ones take turns on the year's row.
pub fn next_ccb_number(tx: &mut Tx<'_>, year: i16) -> Result<CcbNumber, StoreError> {
    take_ccb_numbers(tx, year, 1)
}

/// Takes some contract numbers of a year at once; the last of them.
pub fn take_ccb_numbers(tx: &mut Tx<'_>, year: i16, count: u32) -> Result<CcbNumber, StoreError> {
    let sql = "insert into ccb_counters (year, last) values ($1, $2) \
               on conflict (year) do update set last = ccb_counters.last + $2 returning last";
    let (year_of_row, count) = (i64::from(year), i64::from(count));
    let args = args![year_of_row, count];
    let last: i64 = tx.beside(|tx| tx.query_one(sql, args, |row| row.get(0)))?;
    Ok(CcbNumber { year, number: u32::try_from(last).map_err(corrupt)? })
}

/// A state from its name and its document.
fn state(row: &Row<'_>, at: usize) -> Result<LoanState, StoreError> {
    let rest: LoanStateDoc = row.with_text(at + 1, |text| document::from_json(text.as_bytes()))?;
    row.with_text(at, |name| rest.read(name))
}

/// A contract's number from its year and the number within it.
fn ccb_number(row: &Row<'_>, at: usize) -> Result<Option<CcbNumber>, StoreError> {
    Ok(match (row.get::<Option<i64>>(at)?, row.get::<Option<i64>>(at + 1)?) {
        (Some(year), Some(number)) => Some(CcbNumber {
            year: i16::try_from(year).map_err(corrupt)?,
            number: u32::try_from(number).map_err(corrupt)?,
        }),
        _ => None,
    })
}

/// A row as it is stored.
struct StoredLoan {
    version: i64,
    record: LoanRecord,
    sealed: Vec<u8>,
}

impl StoredLoan {
    fn read(row: &Row<'_>) -> Result<Self, StoreError> {
        let record = LoanRecord {
            partner: row.get(0)?,
            id: row.get(1)?,
            customer: row.get(3)?,
            offer: row.get(4)?,
            simulation: row.get(5)?,
            state: state(row, 6)?,
            quote: row.with_text(8, document::read_quote)?,
            ccb_number: ccb_number(row, 9)?,
            signers: Vec::new(),
            destination: None,
            sign_by: row.get(12)?,
            created_at: row.get(13)?,
            updated_at: row.get(14)?,
        };
        Ok(Self { version: row.get(2)?, record, sealed: row.get(11)? })
    }

    fn open(self, tx: &mut Tx<'_>) -> Result<Stored<Loan>, StoreError> {
        let Self { version, mut record, sealed } = self;
        let secrets = tx.unseal(record.partner, &versioned("loans", record.id, version), &sealed)?;
        document::from_json::<LoanSecretsDoc>(&secrets)?.read_into(&mut record)?;
        Ok(Stored::new(version, Loan::restored(record)))
    }
}
