//! Orders for the bank: the files that hold them, and what the bank answers.

use std::fmt;
use std::str::FromStr;

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

/// The name of an order, by which the bank's answer names it: the contract, and from the second attempt on its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct OrderName {
    /// The contract.
    pub contract: CcbNumber,
    /// The attempt, counted from 1.
    pub attempt: u32,
}

/// The text is not the name of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the name of an order, such as CCB-2026-001234 or CCB-2026-001234-2")]
pub struct InvalidOrderName;

/// Reads the form that is written, and no other.
impl FromStr for OrderName {
    type Err = InvalidOrderName;

    fn from_str(text: &str) -> Result<Self, InvalidOrderName> {
        if let Ok(contract) = text.parse() {
            return Ok(Self { contract, attempt: 1 });
        }
        let (contract, attempt) = text.rsplit_once('-').ok_or(InvalidOrderName)?;
        let name = Self {
            contract: contract.parse().map_err(|_| InvalidOrderName)?,
            attempt: attempt.parse().map_err(|_| InvalidOrderName)?,
        };
        if name.attempt > 1 && name.to_string() == text { Ok(name) } else { Err(InvalidOrderName) }
    }
}

/// `CCB-2026-001234` for the first attempt, `CCB-2026-001234-2` for the second.
impl fmt::Display for OrderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.attempt {
            1 => self.contract.fmt(f),
            later => write!(f, "{}-{later}", self.contract),
        }
    }
}

/// An order to the bank: one attempt to disburse a loan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankOrder {
    /// The partner of the loan.
    pub partner: PartnerId,
    /// The loan.
    pub loan: LoanId,
    /// The name by which the bank's answer names the order.
    pub name: OrderName,
    /// The amount.
    pub amount: Cents,
    /// The name of the payee.
    pub payee: String,
    /// The tax number of the payee.
    pub number: PayeeNumber,
    /// The destination: the one that the signers saw, or that the borrower confirmed later.
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
    /// The name of the order.
    pub name: OrderName,
    /// The amount.
    pub amount: Cents,
    /// The bank's answer.
    pub outcome: BankOutcome,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_name_of_an_order_reads_back(year in 1900_i16..2200, number in 1_u32.., attempt in 1_u32..) {
            let name = OrderName { contract: CcbNumber { year, number }, attempt };
            prop_assert_eq!(name.to_string().parse(), Ok(name));
        }
    }

    #[test]
    fn the_first_attempt_has_the_contracts_number_alone() {
        for text in
            ["CCB-2026-000412-1", "CCB-2026-000412-0", "CCB-2026-000412-02", "CCB-2026-000412-", "412-2"]
        {
            assert_eq!(text.parse::<OrderName>(), Err(InvalidOrderName), "{text}");
        }
    }
}
