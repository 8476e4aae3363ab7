//! The creditor's account, from which money leaves.

use domain::bank_file::PayerAccount;
use domain::credential::Environment;
use serde::Deserialize;

use super::error::ConfigError;

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct BankFile {
    code: Option<String>,
    agreement: Option<String>,
    branch: Option<String>,
    branch_digit: Option<String>,
    account: Option<String>,
    account_digit: Option<String>,
}

/// The account; `None` without one. A sandbox that names none gets an invented one.
pub(super) fn payer(file: BankFile, environment: Environment) -> Result<Option<PayerAccount>, ConfigError> {
    let BankFile { code, agreement, branch, branch_digit, account, account_digit } = file;
    match (code, agreement, branch, account, account_digit) {
        (None, None, None, None, None) => Ok(match environment {
            Environment::Sandbox => Some(sandbox()),
            Environment::Production => None,
        }),
        (Some(bank), Some(agreement), Some(branch), Some(account), Some(account_digit)) => {
            let branch_digit = branch_digit.unwrap_or_else(String::new);
            check("code", &bank, 3..=3)?;
            check("branch", &branch, 1..=5)?;
            check("account", &account, 1..=12)?;
            let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric());
            let digits = branch_digit.len() <= 1 && account_digit.len() == 1;
            if !digits || !plain(&branch_digit) || !plain(&account_digit) {
                return Err(ConfigError::Bank("a check digit is one digit or letter".into()));
            }
            if agreement.is_empty() || agreement.len() > 20 || !plain(&agreement) {
                return Err(ConfigError::Bank("agreement must have 1 to 20 letters and digits".into()));
            }
            Ok(Some(PayerAccount { bank, agreement, branch, branch_digit, account, account_digit }))
        }
        _incomplete => Err(ConfigError::Bank(
            "code, agreement, branch, account and account_digit must all be given".into(),
        )),
    }
}

fn sandbox() -> PayerAccount {
    PayerAccount {
        bank: "999".into(),
        agreement: "SANDBOX".into(),
        branch: "1".into(),
        branch_digit: String::new(),
        account: "100".into(),
        account_digit: "7".into(),
    }
}

fn check(name: &str, text: &str, length: std::ops::RangeInclusive<usize>) -> Result<(), ConfigError> {
    if length.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(());
    }
    Err(ConfigError::Bank(format!("{name} must have {} to {} digits", length.start(), length.end())))
}
