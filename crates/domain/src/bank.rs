//! Bank accounts, and the directory of institutions with a COMPE code.
//!
//! The directory is `data/banks.csv`. `data/README.md` names its source, which follows the Central Bank's list of
//! participants of the STR.

use std::sync::LazyLock;

use crate::closed::{Changed, closed};
use crate::id::{BankAccountId, CustomerId, PartnerId};
use crate::spelled;
use crate::tax_id::{Cnpj, Cpf};
use crate::time::Timestamp;

/// An institution of the directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bank {
    /// The COMPE code, three digits.
    pub compe: &'static str,
    /// The ISPB, eight characters of text.
    pub ispb: &'static str,
    /// The registered name.
    pub name: &'static str,
    /// The name in the lists of payment systems.
    pub short_name: &'static str,
}

static DIRECTORY: LazyLock<Vec<Bank>> = LazyLock::new(|| {
    let rows = include_str!("../data/banks.csv").lines().skip(1);
    rows.filter_map(|row| {
        let mut fields = row.splitn(4, ',');
        Some(Bank {
            compe: fields.next()?,
            ispb: fields.next()?,
            name: fields.next()?,
            short_name: fields.next()?,
        })
    })
    .collect()
});

impl Bank {
    /// All institutions, in the order of their COMPE codes.
    pub fn all() -> &'static [Self] {
        &DIRECTORY
    }

    /// The institution with this COMPE code.
    pub fn of_compe(compe: &str) -> Option<&'static Self> {
        DIRECTORY.iter().find(|bank| bank.compe == compe)
    }
}

/// The kind of a bank account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AccountKind {
    /// Conta corrente.
    Checking,
    /// Conta poupança.
    Saving,
    /// Conta de pagamento.
    Payment,
}

spelled!(AccountKind { Checking = "checking", Saving = "saving", Payment = "payment" });

impl AccountKind {
    /// Most digits of a number, without its check digit. Payment institutions have longer numbers than banks.
    const fn longest_number(self) -> usize {
        match self {
            Self::Checking | Self::Saving => 12,
            Self::Payment => 20,
        }
    }

    /// Whether X is a check digit too. Some banks write the check digit 10 as X; payment institutions do not.
    const fn has_letter_digit(self) -> bool {
        match self {
            Self::Checking | Self::Saving => true,
            Self::Payment => false,
        }
    }
}

/// The fault of one field of an account. The text of the error says what the field must look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AccountFault {
    /// No institution has the COMPE code.
    #[error("is not the COMPE code of a bank in the directory")]
    UnknownBank,
    /// The branch is not four digits, or it is all zeros.
    #[error("must be four digits, without the branch's own check digit")]
    Branch,
    /// The number is not 1 to 12 digits (20 for payment accounts), or it is all zeros.
    #[error("must be 1 to {0} digits, without the check digit")]
    Number(usize),
    /// The check digit is not one digit. If the kind allows it, X is a digit too.
    #[error("must be one digit{}", if *.0 { " or X" } else { "" })]
    Digit(bool),
}

/// The bank account to which money is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountDetails {
    /// The institution's COMPE code.
    pub bank_id: String,
    /// The institution's name when the account was given.
    pub bank_name: String,
    /// The branch (agência), four digits.
    pub branch: String,
    /// The number, without its check digit.
    pub number: String,
    /// The check digit.
    pub digit: String,
    /// The kind of the account.
    pub kind: AccountKind,
}

impl AccountDetails {
    /// `••123-4`: the end of the number, for lists that people see.
    pub fn masked(&self) -> String {
        let from = self.number.len().saturating_sub(3);
        // The number has digits only.
        let end = self.number.get(from..).map_or("", |end| end);
        format!("••{end}-{}", self.digit)
    }

    /// Bank, branch and number with the check digit, by which two accounts are compared. Leading zeros of the number do
    /// not count, nor does the kind: people mistake both.
    pub fn identity(&self) -> String {
        let Self { bank_id, branch, number, digit, .. } = self;
        format!("{bank_id}/{branch}/{}-{digit}", number.trim_start_matches('0'))
    }

    /// Checks the shape of each part and returns each fault with its field's name. Check digits are not verified,
    /// because every bank computes them in another way.
    pub fn new(
        kind: AccountKind, bank: &str, branch: &str, number: &str, digit: &str,
    ) -> Result<Self, Vec<(&'static str, AccountFault)>> {
        let checks = [
            ("bank_id", Self::check_bank(bank)),
            ("branch", Self::check_branch(branch)),
            ("digit", Self::check_digit(kind, digit)),
            ("number", Self::check_number(kind, number)),
        ];
        let faults: Vec<_> =
            checks.into_iter().filter_map(|(field, check)| Some((field, check.err()?))).collect();
        let found = Bank::of_compe(bank).filter(|_| faults.is_empty()).ok_or(faults)?;
        Ok(Self {
            bank_id: found.compe.to_owned(),
            bank_name: found.name.to_owned(),
            branch: branch.to_owned(),
            number: number.to_owned(),
            digit: digit.to_ascii_uppercase(),
            kind,
        })
    }

    /// Checks that an institution has this COMPE code.
    pub fn check_bank(text: &str) -> Result<(), AccountFault> {
        Bank::of_compe(text).map(drop).ok_or(AccountFault::UnknownBank)
    }

    /// Checks a branch: four digits, not all zeros.
    pub fn check_branch(text: &str) -> Result<(), AccountFault> {
        if text.len() == 4 && is_number(text) { Ok(()) } else { Err(AccountFault::Branch) }
    }

    /// Checks an account's number without its check digit.
    pub fn check_number(kind: AccountKind, text: &str) -> Result<(), AccountFault> {
        let longest = kind.longest_number();
        let fits = (1..=longest).contains(&text.len()) && is_number(text);
        if fits { Ok(()) } else { Err(AccountFault::Number(longest)) }
    }

    /// Checks the shape of a check digit.
    pub fn check_digit(kind: AccountKind, text: &str) -> Result<(), AccountFault> {
        let letter = kind.has_letter_digit();
        let fits = |b: u8| b.is_ascii_digit() || (letter && b.eq_ignore_ascii_case(&b'X'));
        if text.len() == 1 && text.bytes().all(fits) { Ok(()) } else { Err(AccountFault::Digit(letter)) }
    }
}

/// Whether the text has only digits, and they are not all zeros.
fn is_number(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit()) && text.bytes().any(|b| b != b'0')
}

closed! {
    /// A customer's bank account. Only its commands change it.
    pub struct BankAccount(BankAccountRecord);
}

/// The fields of a customer's bank account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankAccountRecord {
    /// The account's id. A replacement keeps it.
    pub id: BankAccountId,
    /// The partner.
    pub partner: PartnerId,
    /// The owner.
    pub customer: CustomerId,
    /// The bank, branch and number.
    pub details: AccountDetails,
    /// Time of the first account.
    pub created_at: Timestamp,
    /// Time of the newest replacement.
    pub updated_at: Timestamp,
}

impl BankAccount {
    /// The customer's first account.
    pub fn open(
        id: BankAccountId, partner: PartnerId, customer: CustomerId, details: AccountDetails, now: Timestamp,
    ) -> Changed<Self> {
        let record = BankAccountRecord { id, partner, customer, details, created_at: now, updated_at: now };
        Changed::silent(Self(record))
    }

    /// Replaces the account by another one under the same id.
    pub fn replace(mut self, details: AccountDetails, now: Timestamp) -> Changed<Self> {
        self.0.details = details;
        self.0.updated_at = now;
        Changed::silent(self)
    }
}

/// The destination of a loan's money: the customer's account, or else the company's or the person's Pix key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// The account that the partner gave for the customer.
    Account(AccountDetails),
    /// The company's CNPJ as a Pix key.
    CompanyKey(Cnpj),
    /// The person's CPF as a Pix key.
    PersonKey(Cpf),
}

impl Destination {
    /// The destination for a customer. A given account comes before the keys, and the company's key before the
    /// person's.
    pub fn of(account: Option<&AccountDetails>, cnpj: Option<Cnpj>, cpf: Cpf) -> Self {
        match (account, cnpj) {
            (Some(account), _) => Self::Account(account.clone()),
            (None, Some(cnpj)) => Self::CompanyKey(cnpj),
            (None, None) => Self::PersonKey(cpf),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_directory_has_all_its_rows_and_no_field_is_empty() {
        assert_eq!(Bank::all().len(), 511);
        for bank in Bank::all() {
            assert!(bank.compe.len() == 3 && bank.compe.bytes().all(|b| b.is_ascii_digit()), "{bank:?}");
            assert!(bank.ispb.len() == 8 && !bank.name.is_empty() && !bank.short_name.is_empty(), "{bank:?}");
        }
        assert!(Bank::all().windows(2).all(|pair| pair[0].compe < pair[1].compe));
        assert_eq!(Bank::of_compe("001").map(|bank| bank.short_name), Some("BCO DO BRASIL S.A."));
    }

    #[test]
    fn an_account_has_the_shape_of_its_kind() {
        use AccountKind::{Checking, Payment, Saving};
        assert_eq!(AccountDetails::new(Checking, "001", "1234", "56789", "x").unwrap().digit, "X");
        assert!(AccountDetails::new(Saving, "104", "0001", "123456789012", "0").is_ok());
        assert!(AccountDetails::new(Payment, "260", "0001", "12345678901234567890", "7").is_ok());
        let faults = AccountDetails::new(Payment, "999", "12", "000", "X").unwrap_err();
        let fields: Vec<_> = faults.iter().map(|(field, _)| *field).collect();
        assert_eq!(fields, ["bank_id", "branch", "digit", "number"]);
        for number in ["", "1234567890123", "12-3", "١٢٣"] {
            assert!(AccountDetails::new(Checking, "001", "1234", number, "1").is_err(), "{number}");
        }
    }

    #[test]
    fn an_account_is_the_same_with_leading_zeros_and_as_another_kind() {
        let account = |kind, branch, number| AccountDetails::new(kind, "001", branch, number, "x").unwrap();
        let one = account(AccountKind::Checking, "1234", "56789");
        assert_eq!(one.identity(), account(AccountKind::Saving, "1234", "0056789").identity());
        for other in [
            account(AccountKind::Checking, "1234", "567890"),
            account(AccountKind::Checking, "0234", "56789"),
        ] {
            assert_ne!(one.identity(), other.identity());
        }
    }

    #[test]
    fn money_goes_to_the_account_or_else_to_the_companys_key_or_else_to_the_persons() {
        let cpf = Cpf::parse("12345678909").unwrap();
        let cnpj = Cnpj::parse("12345678000195").unwrap();
        let account = AccountDetails::new(AccountKind::Checking, "001", "1234", "5", "6").unwrap();
        assert!(matches!(Destination::of(Some(&account), Some(cnpj), cpf), Destination::Account(_)));
        assert_eq!(Destination::of(None, Some(cnpj), cpf), Destination::CompanyKey(cnpj));
        assert_eq!(Destination::of(None, None, cpf), Destination::PersonKey(cpf));
    }
}
