//! The e-mails to the signers of a loan.

use domain::loan::Loan;
use domain::person::Email;
use store::mails::MailReport;
use store::{StoreError, Tx};

/// Most e-mails to one signer.
const MAILS: i64 = 50;

/// The newest e-mails to the signers of a loan since it was requested, newest first.
pub(crate) fn mails(tx: &mut Tx<'_>, loan: &Loan) -> Result<Vec<MailReport>, StoreError> {
    let mut addresses: Vec<&str> =
        loan.signers.iter().filter_map(|signer| signer.email.as_ref()).map(Email::as_str).collect();
    addresses.sort_unstable();
    addresses.dedup();
    let mut mails = Vec::new();
    for address in addresses {
        mails.extend(store::mails::reports_to(tx, loan.partner, address, MAILS)?.items);
    }
    mails.retain(|mail| mail.created_at >= loan.created_at);
    mails.sort_by_key(|mail| std::cmp::Reverse((mail.created_at, mail.id)));
    Ok(mails)
}
