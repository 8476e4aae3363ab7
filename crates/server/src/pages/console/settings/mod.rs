//! The lender's settings: roles, tokens, rates, the creditor and the e-mails.

mod creditor;
mod letters;
mod policy;
mod policy_version;
mod rates;
mod roles;
mod tab;
mod tokens;

pub(super) use self::creditor::show as creditor;
pub(super) use self::letters::show as letters;
pub(super) use self::policy::{show as policy, upload as upload_policy};
pub(super) use self::policy_version::{adopt as adopt_policy, show as policy_version};
pub(super) use self::rates::show as rates;
pub(super) use self::roles::show as roles;
pub(super) use self::tokens::show as tokens;
