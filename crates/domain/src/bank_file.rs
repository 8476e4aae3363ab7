//! Orders for the bank: the files that hold them, and what the bank answers.

use crate::bank::Destination;
use crate::id::{BankFileId, LoanId, OperatorId, PartnerId};
use crate::loan::CcbNumber;
use crate::money::Cents;
use crate::spelled;
use crate::tax_id::{Cnpj, Cpf};
use crate::time::RealTime;

/// The format of a file for the bank, and of its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FileFormat {
    /// One order a line, with a header.
    Csv,
    /// FEBRABAN CNAB 240, payments by Pix.
    Cnab240,
}

spelled!(FileFormat { Csv = "csv", Cnab240 = "cnab240" });

/// A file with orders. Its content follows from its orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BankFile {
    /// The file's id.
    pub id: BankFileId,
    /// Counted from 1 over all files.
    pub number: i64,
    /// Its format.
    pub format: FileFormat,
    /// The number of orders.
    pub orders: i64,
    /// The sum of the orders.
    pub amount: Cents,
    /// The operator who made it.
    pub made_by: OperatorId,
    /// Time of its making.
    pub made_at: RealTime,
}

/// The person or company that receives the money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PayeeNumber {
    /// A company.
    Company(Cnpj),
    /// A person.
    Person(Cpf),
}

/// An order to the bank: the disbursement of one loan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankOrder {
    /// The partner of the loan.
    pub partner: PartnerId,
    /// The loan.
    pub loan: LoanId,
    /// The contract's number, by which the bank's answer names the order.
    pub contract: CcbNumber,
    /// The amount.
    pub amount: Cents,
    /// The name of the payee.
    pub payee: String,
    /// The tax number of the payee.
    pub number: PayeeNumber,
    /// The destination that the signers saw.
    pub destination: Destination,
}

/// The lender's account from which money leaves, as its bank knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayerAccount {
    /// COMPE code of the bank, three digits.
    pub bank: String,
    /// The lender's agreement with the bank (convênio), up to 20 characters.
    pub agreement: String,
    /// The branch, up to 5 digits.
    pub branch: String,
    /// Check digit of the branch; empty if it has none.
    pub branch_digit: String,
    /// The account, up to 12 digits.
    pub account: String,
    /// Check digit of the account.
    pub account_digit: String,
}

/// The bank's answer to an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BankOutcome {
    /// The payee has the money.
    Paid,
    /// The money did not reach the payee.
    Returned {
        /// The reason in words.
        reason: String,
    },
    /// The bank has accepted the order and has not paid it yet.
    Pending,
}

/// One line of a bank's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankLine {
    /// The line in the file, counted from 1.
    pub line: usize,
    /// The contract of the order.
    pub contract: CcbNumber,
    /// The amount.
    pub amount: Cents,
    /// The bank's answer.
    pub outcome: BankOutcome,
}
