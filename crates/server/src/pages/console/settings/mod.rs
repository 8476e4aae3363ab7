//! The lender's settings: roles, tokens, rates, the creditor and the e-mails.

mod creditor;
mod letters;
mod rates;
mod roles;
mod tab;
mod tokens;

pub(super) use self::creditor::show as creditor;
pub(super) use self::letters::show as letters;
pub(super) use self::rates::show as rates;
pub(super) use self::roles::show as roles;
pub(super) use self::tokens::show as tokens;
