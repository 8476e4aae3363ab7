//! Bank accounts and the directory of banks.

use domain::bank::{self, AccountDetails, AccountKind};
use domain::bank_account_change::BankAccountChange;
use domain::id::BankAccountId;
use domain::time;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::scalar::Timestamp;
use crate::problem::Problem;
use crate::read::{self, Fields, Wrong, one, string};

/// The bank account to set.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "it documents the body, which is read field by field")]
pub struct GiveBankAccount {
    /// The bank account.
    bank_account: GivenAccount,
}

/// A bank account in Brazil.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "it documents the body, which is read field by field")]
pub struct GivenAccount {
    /// The COMPE code of a bank of `/banks`.
    #[schema(example = "001")]
    bank_id: String,
    /// The branch: four digits, without its check digit.
    #[schema(example = "1234")]
    branch: String,
    /// The account number without its check digit: at most 12 digits, 20 for payment accounts.
    #[schema(example = "567890")]
    number: String,
    /// The check digit: a digit, or X unless it is a payment account.
    #[schema(example = "1")]
    digit: String,
    /// `checking`: conta corrente. `saving`: poupança. `payment`: conta de pagamento.
    #[schema(example = "checking")]
    kind: String,
}

impl GiveBankAccount {
    /// Reads the body.
    pub fn read(body: &Value) -> Result<AccountDetails, Problem> {
        let account = one(body, "bank_account", |value| Ok(value.clone()))?;
        let mut fields = Fields::within("bank_account", &account)?;
        let bank = fields.required("bank_id", part(AccountDetails::check_bank));
        let branch = fields.required("branch", part(AccountDetails::check_branch));
        // The form of numbers and check digits depends on the kind. If the kind is wrong, they are checked as those of
        // a payment account.
        let kind = fields.required("kind", kind);
        let shaped = kind.unwrap_or(AccountKind::Payment);
        let digit = fields.required("digit", part(|text| AccountDetails::check_digit(shaped, text)));
        let number = fields.required("number", part(|text| AccountDetails::check_number(shaped, text)));
        let (bank, branch, digit, kind, number) = fields.all((bank, branch, digit, kind, number))?;
        AccountDetails::new(kind, &bank, &branch, &number, &digit).map_err(|_reported_before| read::unread())
    }
}

/// Reads a part of an account and checks its form.
fn part(check: impl Fn(&str) -> Result<(), bank::AccountFault>) -> impl Fn(&Value) -> Result<String, Wrong> {
    move |value| {
        let text = string(value)?;
        check(text).map_err(|fault| Wrong::format(fault.to_string()))?;
        Ok(text.to_owned())
    }
}

fn kind(value: &Value) -> Result<AccountKind, Wrong> {
    string(value)?.parse().map_err(|_| Wrong::format("must be checking, saving or payment"))
}

/// The bank account that receives the money of a customer's loans.
#[derive(Debug, Serialize, ToSchema)]
pub struct BankAccount {
    /// Identifies the account. The id stays the same when the account is replaced.
    #[schema(example = "ba_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    id: String,
    /// The COMPE code of the bank.
    #[schema(example = "001")]
    bank_id: String,
    /// The name of the bank.
    #[schema(example = "Banco do Brasil S.A.")]
    bank_name: String,
    /// The branch, without its check digit.
    branch: String,
    /// The account number, without its check digit.
    number: String,
    /// The check digit.
    digit: String,
    /// `checking`: conta corrente. `saving`: poupança. `payment`: conta de pagamento.
    #[schema(example = "checking")]
    kind: &'static str,
    /// Time at which the account was last set.
    updated_at: Timestamp,
    /// `pending`: the account is not changed yet, and the borrower has received a code by e-mail to confirm it. Absent
    /// if the account is in use. An extension.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, example = "pending")]
    confirmation: Option<&'static str>,
}

impl From<&bank::BankAccount> for BankAccount {
    fn from(account: &bank::BankAccount) -> Self {
        Self::of(account.id, &account.details, account.updated_at, None)
    }
}

impl From<&BankAccountChange> for BankAccount {
    fn from(change: &BankAccountChange) -> Self {
        Self::of(change.account, &change.details, change.requested_at, Some("pending"))
    }
}

impl BankAccount {
    fn of(
        id: BankAccountId, details: &AccountDetails, updated_at: time::Timestamp,
        confirmation: Option<&'static str>,
    ) -> Self {
        Self {
            id: id.to_string(),
            bank_id: details.bank_id.clone(),
            bank_name: details.bank_name.clone(),
            branch: details.branch.clone(),
            number: details.number.clone(),
            digit: details.digit.clone(),
            kind: details.kind.name(),
            updated_at: Timestamp(updated_at),
            confirmation,
        }
    }
}

/// The directory of Brazilian banks.
#[derive(Debug, Serialize, ToSchema)]
pub struct Banks {
    /// Every bank, in the order of the COMPE codes.
    data: Vec<Bank>,
}

/// A bank of the directory.
#[derive(Debug, Serialize, ToSchema)]
pub struct Bank {
    /// The COMPE code, which is the `bank_id` of an account.
    #[schema(example = "001")]
    id: &'static str,
    /// The full name of the bank.
    #[schema(example = "Banco do Brasil S.A.")]
    name: &'static str,
    /// A label for lists: code and short name.
    #[schema(example = "001 - BCO DO BRASIL S.A.")]
    display_name: String,
}

impl Banks {
    /// The whole directory.
    pub fn all() -> Self {
        let bank = |bank: &bank::Bank| Bank {
            id: bank.compe,
            name: bank.name,
            display_name: format!("{} - {}", bank.compe, bank.short_name),
        };
        Self { data: bank::Bank::all().iter().map(bank).collect() }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::problem::Code;

    #[test]
    fn a_problem_names_every_wrong_part_by_its_path() {
        let faults = |body: Value| -> Vec<(String, Code)> {
            let problem = GiveBankAccount::read(&body).unwrap_err();
            problem.errors.into_iter().map(|error| (error.param, error.code)).collect()
        };
        assert_eq!(faults(json!({})), [("bank_account".to_owned(), Code::MissingRequiredField)]);
        assert_eq!(
            faults(json!({"bank_account": "001"})),
            [("bank_account".to_owned(), Code::InvalidFormat)]
        );
        let parts = faults(json!({"bank_account": {"bank_id": 1, "kind": "current", "number": "-"}}));
        let paths: Vec<_> = parts.iter().map(|(path, _)| path.as_str()).collect();
        let all = ["bank_id", "branch", "kind", "digit", "number"].map(|part| format!("bank_account.{part}"));
        assert_eq!(paths, all);
        let shape = json!({"bank_account":
            {"bank_id": "999", "branch": "1", "digit": "Z", "kind": "checking", "number": "12-3"}});
        assert_eq!(faults(shape).len(), 4);
    }
}
