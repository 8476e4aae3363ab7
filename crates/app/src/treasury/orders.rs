//! Orders of disbursements, and the files with them.

use std::collections::HashMap;

use domain::bank::Destination;
use domain::bank_file::{BankFile, BankOrder, FileFormat, OrderName, PayeeNumber};
use domain::customer::CustomerFile;
use domain::id::{BankFileId, CustomerId, LoanId, OperatorId};
use domain::loan::Loan;
use domain::money::Cents;
use domain::page::Page;
use domain::time::{RealTime, Timestamp};
use store::bank_files::Order;
use store::loans::Sent;
use store::{Cursor, Failed, StoreError, Tx};

use super::format;
use crate::lender::Lender;
use crate::refused::{ListRefused, NotFound, not_found_in, page_or_refused};

/// Most orders of a file, and of a list.
const MOST_ORDERS: usize = 500;

/// An order that waits, with the time since which it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The order.
    pub order: BankOrder,
    /// The partner's time of the order.
    pub since: Timestamp,
}

/// The orders in no file yet, the oldest loans first.
pub fn ready(tx: &mut Tx<'_>) -> Result<Vec<Waiting>, StoreError> {
    waiting(tx, Sent::No)
}

/// The orders in a file, which the bank has not answered yet.
pub fn sent(tx: &mut Tx<'_>) -> Result<Vec<Waiting>, StoreError> {
    waiting(tx, Sent::Yes)
}

fn waiting(tx: &mut Tx<'_>, sent: Sent) -> Result<Vec<Waiting>, StoreError> {
    let limit = i64::try_from(MOST_ORDERS).expect("a few hundred");
    let loans = store::loans::disbursing(tx, sent, limit)?;
    let mut orders = Vec::with_capacity(loans.len());
    let newest: Vec<(&Loan, u32)> = loans.iter().map(|loan| (loan, loan.attempts())).collect();
    for (order, loan) in orders_of(tx, &newest)?.into_iter().zip(&loans) {
        orders.extend(order.map(|order| Waiting { order, since: loan.updated_at }));
    }
    Ok(orders)
}

/// The orders of loans by their attempts, in their order. A loan without a contract has none.
fn orders_of(tx: &mut Tx<'_>, loans: &[(&Loan, u32)]) -> Result<Vec<Option<BankOrder>>, StoreError> {
    let ids: Vec<CustomerId> = loans.iter().map(|(loan, _)| loan.customer).collect();
    let files = store::customers::find_all(tx, None, &ids)?;
    let files: HashMap<CustomerId, &CustomerFile> =
        files.iter().map(|file| (file.customer.id, file)).collect();
    let order = |(loan, attempt): &(&Loan, u32)| order_of(loan, *attempt, files.get(&loan.customer).copied());
    Ok(loans.iter().map(order).collect())
}

fn order_of(loan: &Loan, attempt: u32, file: Option<&CustomerFile>) -> Option<BankOrder> {
    let registration = &file?.customer.registration;
    let destination = loan.attempt(attempt)?.destination.clone();
    let number = match (&destination, registration.cnpj) {
        (Destination::CompanyKey(cnpj), _) => PayeeNumber::Company(*cnpj),
        (Destination::PersonKey(cpf), _) => PayeeNumber::Person(*cpf),
        (Destination::Account(_), Some(cnpj)) => PayeeNumber::Company(cnpj),
        (Destination::Account(_), None) => PayeeNumber::Person(registration.cpf),
    };
    Some(BankOrder {
        partner: loan.partner,
        loan: loan.id,
        name: OrderName { contract: loan.ccb_number?, attempt },
        amount: loan.quote.net,
        payee: registration.known_as().map_or_else(String::new, ToString::to_string),
        number,
        destination,
    })
}

/// The reason why no file was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MakeRefused {
    /// No order waits that the format has room for.
    NothingToSend,
    /// The format names the lender's account, and none is known.
    NoAccount,
}

/// The reason why a file has no content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContentRefused {
    /// There is no such file.
    NotFound,
    /// Its format names the lender's account, and none is known.
    NoAccount,
}

not_found_in!(ContentRefused);

/// Makes a file with the orders that are in none. Each order is in one file only, also if two files are made at once.
pub fn make(
    tx: &mut Tx<'_>, now: RealTime, format: FileFormat, by: OperatorId, lender: &Lender,
) -> Result<BankFile, Failed<MakeRefused>> {
    if format == FileFormat::Cnab240 && lender.payer.is_none() {
        return Err(Failed::Refused(MakeRefused::NoAccount));
    }
    let number = store::bank_files::last_number(tx)? + 1;
    let orders: Vec<BankOrder> = ready(tx)?.into_iter().map(|waiting| waiting.order).collect();
    let orders: Vec<BankOrder> = orders.into_iter().filter(|order| format::takes(format, order)).collect();
    if orders.is_empty() {
        return Err(Failed::Refused(MakeRefused::NothingToSend));
    }
    let amount: Cents = orders.iter().map(|order| order.amount).sum();
    let file = BankFile {
        id: tx.new_id(now),
        number,
        format,
        orders: i64::try_from(orders.len()).expect("a few hundred"),
        amount,
        made_by: by,
        made_at: now,
    };
    let of_loan =
        |order: &BankOrder| Order { partner: order.partner, loan: order.loan, attempt: order.name.attempt };
    store::bank_files::insert(tx, &file, &orders.iter().map(of_loan).collect::<Vec<_>>())?;
    Ok(file)
}

/// A page of the files.
pub fn files(tx: &mut Tx<'_>, cursor: &Cursor<BankFileId>) -> Result<Page<BankFile>, Failed<ListRefused>> {
    page_or_refused(store::bank_files::list(tx, cursor)?)
}

/// A file.
pub fn file(tx: &mut Tx<'_>, id: BankFileId) -> Result<BankFile, Failed<NotFound>> {
    store::bank_files::find(tx, id)?.ok_or(Failed::Refused(NotFound))
}

/// A file with its content. Each order has the destination of its own attempt, which its loan has kept.
pub fn content(
    tx: &mut Tx<'_>, id: BankFileId, lender: &Lender,
) -> Result<(BankFile, String), Failed<ContentRefused>> {
    let file = file(tx, id).map_err(|failed| failed.map_refused(ContentRefused::from))?;
    let attempts = store::bank_files::orders(tx, id)?;
    let ids: Vec<LoanId> = attempts.iter().map(|(loan, _)| *loan).collect();
    let loans: HashMap<LoanId, Loan> =
        store::loans::these(tx, &ids)?.into_iter().map(|loan| (loan.id, loan)).collect();
    let ordered: Vec<(&Loan, u32)> =
        attempts.iter().filter_map(|(loan, attempt)| Some((loans.get(loan)?, *attempt))).collect();
    let orders: Vec<BankOrder> = orders_of(tx, &ordered)?.into_iter().flatten().collect();
    if i64::try_from(orders.len()) != Ok(file.orders) {
        return Err(StoreError::Corrupt(format!("an order of the file {id} cannot be read")).into());
    }
    let content = format::written(&file, &orders, lender);
    Ok((file, content.ok_or(Failed::Refused(ContentRefused::NoAccount))?))
}
