//! The look-up of a resource's partner, because operators name resources by their ids alone.

use domain::credential::ClientId;
use domain::id::{CustomerId, DocumentId, InstallmentId, LoanId, MailId, OfferId, PartnerId, PaymentId};

use crate::db::ToArg;
use crate::{StoreError, Tx};

/// A resource that belongs to a partner.
pub trait Owned: ToArg {
    /// The statement that finds its partner.
    const OWNER: &'static str;
}

impl Owned for CustomerId {
    const OWNER: &'static str = "select partner_id from customers where id = $1";
}

impl Owned for DocumentId {
    const OWNER: &'static str = "select partner_id from kyc_documents where id = $1";
}

impl Owned for OfferId {
    const OWNER: &'static str = "select partner_id from offers where id = $1";
}

impl Owned for LoanId {
    const OWNER: &'static str = "select partner_id from loans where id = $1";
}

impl Owned for InstallmentId {
    const OWNER: &'static str = "select partner_id from installments where id = $1";
}

impl Owned for PaymentId {
    const OWNER: &'static str = "select partner_id from payments where id = $1";
}

impl Owned for MailId {
    const OWNER: &'static str = "select partner_id from mails where id = $1";
}

impl Owned for ClientId {
    const OWNER: &'static str = "select partner_id from credentials where client_id = $1";
}

/// The partner of a resource.
pub fn owner<I: Owned>(tx: &mut Tx<'_>, id: &I) -> Result<Option<PartnerId>, StoreError> {
    tx.beside(|tx| tx.fetch_opt(I::OWNER, &[id.to_arg()]))
}
