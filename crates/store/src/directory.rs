//! The look-up of a resource's partner, because operators name resources by their ids alone.

use domain::credential::ClientId;
use domain::id::{
    CustomerId, DocumentId, InstallmentId, LoanId, MailId, NoteId, OfferId, PartnerId, PaymentId,
};

use crate::db::ToArg;
use crate::{StoreError, Tx};

/// A resource that belongs to a partner.
pub trait Owned: ToArg {
    /// The statement that finds its partner.
    const OWNER: &'static str;
}

macro_rules! owned {
    ($($id:ident: $table:literal by $column:literal),+ $(,)?) => {$(
        impl Owned for $id {
            const OWNER: &'static str =
                concat!("select partner_id from ", $table, " where ", $column, " = $1");
        }
    )+};
}

owned! {
    CustomerId: "customers" by "id",
    DocumentId: "kyc_documents" by "id",
    OfferId: "offers" by "id",
    LoanId: "loans" by "id",
    InstallmentId: "installments" by "id",
    PaymentId: "payments" by "id",
    MailId: "mails" by "id",
    NoteId: "notes" by "id",
    ClientId: "credentials" by "client_id",
}

/// The partners whose rows a list of all or of one partner's resources has.
pub(crate) enum Range {
    /// All partners'.
    All,
    /// One partner's.
    Of(PartnerId),
}

impl Range {
    /// The range of a list that may name a partner or a customer; `None` if there is no such customer. A customer's
    /// resources are stored under its partner, also for an operator's list.
    pub(crate) fn of(
        tx: &mut Tx<'_>, partner: Option<PartnerId>, customer: Option<CustomerId>,
    ) -> Result<Option<Self>, StoreError> {
        Ok(match (partner, customer) {
            (Some(partner), _) => Some(Self::Of(partner)),
            (None, Some(customer)) => owner(tx, &customer)?.map(Self::Of),
            (None, None) => Some(Self::All),
        })
    }

    /// The partner, if the range is one partner's.
    pub(crate) fn partner(self) -> Option<PartnerId> {
        match self {
            Self::All => None,
            Self::Of(partner) => Some(partner),
        }
    }
}

/// The partner of a resource.
pub fn owner<I: Owned>(tx: &mut Tx<'_>, id: &I) -> Result<Option<PartnerId>, StoreError> {
    tx.beside(|tx| tx.fetch_opt(I::OWNER, &[id.to_arg()]))
}
