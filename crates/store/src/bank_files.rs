//! Files with orders for the bank. An order is in one file only, so that no money leaves twice.

use domain::bank_file::{BankFile, FileFormat};
use domain::id::{BankFileId, LoanId, OperatorId, PartnerId};
use domain::money::Cents;
use domain::page::Page;
use domain::time::RealTime;

use crate::listing::{Cursor, Listing, UnknownCursor};
use crate::table::table;
use crate::{StoreError, Tx, args};

table! {
    /// A file as it is stored. `number`: counted from 1 over all files.
    struct FileRow in "bank_files" by (id) {
        id: BankFileId,
        number: i64,
        format: FileFormat,
        orders: i64,
        amount: Cents,
        made_by: OperatorId,
        made_at: RealTime,
    }
}

table! {
    /// The place of an order in its file. `attempt` and `line`: counted from 1.
    struct OrderRow in "bank_orders" by (partner_id, loan_id, attempt) {
        partner_id: PartnerId,
        loan_id: LoanId,
        attempt: u32,
        file_id: BankFileId,
        line: i64,
    }
}

/// An order: an attempt to disburse a loan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// The partner.
    pub partner: PartnerId,
    /// The loan.
    pub loan: LoanId,
    /// The attempt, counted from 1.
    pub attempt: u32,
}

impl FileRow {
    fn read(self) -> BankFile {
        let Self { id, number, format, orders, amount, made_by, made_at } = self;
        BankFile { id, number, format, orders, amount, made_by, made_at }
    }
}

/// Adds a file with its orders, in their order. Of two files with the same order or the same number, the script of the
/// second one runs again.
pub fn insert(tx: &mut Tx<'_>, file: &BankFile, orders: &[Order]) -> Result<(), StoreError> {
    let BankFile { id, number, format, orders: count, amount, made_by, made_at } = *file;
    tx.insert(&FileRow { id, number, format, orders: count, amount, made_by, made_at })?;
    let row = |(line, order): (i64, &Order)| OrderRow {
        partner_id: order.partner,
        loan_id: order.loan,
        attempt: order.attempt,
        file_id: id,
        line,
    };
    tx.insert_all(&(1..).zip(orders).map(row).collect::<Vec<_>>())
}

/// The number of the newest file; 0 without files.
pub fn last_number(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    let newest = "select number from bank_files order by number desc limit 1";
    // Without files, the first number is 1.
    Ok(tx.fetch_opt(newest, &[])?.map_or(0, |number: i64| number))
}

/// The file with this id.
pub fn find(tx: &mut Tx<'_>, id: BankFileId) -> Result<Option<BankFile>, StoreError> {
    Ok(tx.find("where id = $1", args![id])?.map(FileRow::read))
}

/// A page of the files.
pub fn list(
    tx: &mut Tx<'_>, cursor: &Cursor<BankFileId>,
) -> Result<Result<Page<BankFile>, UnknownCursor>, StoreError> {
    Listing::by(FileRow::made_at, FileRow::id).page(tx, cursor, |row: FileRow, _tx| Ok(row.read()))
}

/// The orders of a file, as loans and attempts, in their order.
pub fn orders(tx: &mut Tx<'_>, file: BankFileId) -> Result<Vec<(LoanId, u32)>, StoreError> {
    tx.fetch_all("select loan_id, attempt from bank_orders where file_id = $1 order by line", args![file])
}

/// Whether an order is in a file.
pub fn has_order(tx: &mut Tx<'_>, order: Order) -> Result<bool, StoreError> {
    let Order { partner, loan, attempt } = order;
    let line = "select line from bank_orders where partner_id = $1 and loan_id = $2 and attempt = $3";
    Ok(tx.fetch_opt::<i64>(line, args![partner, loan, attempt])?.is_some())
}
