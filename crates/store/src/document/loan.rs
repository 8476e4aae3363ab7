//! Loans and their secrets.

use domain::bank::{AccountDetails, Destination};
use domain::id::PartnerId;
use domain::kyc::SubjectRole;
use domain::loan::{
    Attempt, CcbNumber, Failure, Figures, LinkToken, Loan, LoanRecord, LoanSnapshot, LoanState,
    LoanStateKind, PaymentReceived, Signatures, Signer, SnapshotSigner, WriteOff,
};
use domain::money::Cents;
use domain::person::{Email, Name};
use domain::tax_id::{Cnpj, Cpf};
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::json::{corrupt, parsed};
use crate::db::error::StoreError;

/// Data of a loan that only some of its states have.
#[derive(Debug, Clone, Serialize, Deserialize, Default)]
pub(crate) struct LoanStateDoc {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    signatures: Option<(u16, u16)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    since: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    failure: Option<(String, String)>,
}

impl LoanStateDoc {
    pub(crate) fn of(state: &LoanState) -> Self {
        match state {
            LoanState::AwaitingSignatures(s) => {
                Self { signatures: Some((s.received, s.required)), ..Self::default() }
            }
            LoanState::Active { since } | LoanState::Finished { since } => {
                Self { since: Some(since.micros()), ..Self::default() }
            }
            LoanState::Error(failure) => {
                Self { failure: Some((failure.code.clone(), failure.message.clone())), ..Self::default() }
            }
            LoanState::Processing
            | LoanState::ContractGenerated
            | LoanState::Signed
            | LoanState::Disbursing
            | LoanState::Cancelled => Self::default(),
        }
    }

    pub(crate) fn read(&self, kind: LoanStateKind) -> Result<LoanState, StoreError> {
        let since = || {
            self.since.map(Timestamp::from_micros).ok_or_else(|| corrupt("an active loan without its moment"))
        };
        match kind {
            LoanStateKind::Processing => Ok(LoanState::Processing),
            LoanStateKind::ContractGenerated => Ok(LoanState::ContractGenerated),
            LoanStateKind::AwaitingSignatures => {
                let (received, required) =
                    self.signatures.ok_or_else(|| corrupt("a loan without signatures"))?;
                Ok(LoanState::AwaitingSignatures(Signatures { received, required }))
            }
            LoanStateKind::Signed => Ok(LoanState::Signed),
            LoanStateKind::Disbursing => Ok(LoanState::Disbursing),
            LoanStateKind::Active => Ok(LoanState::Active { since: since()? }),
            LoanStateKind::Finished => Ok(LoanState::Finished { since: since()? }),
            LoanStateKind::Cancelled => Ok(LoanState::Cancelled),
            LoanStateKind::Error => {
                let (code, message) =
                    self.failure.clone().ok_or_else(|| corrupt("a failed loan without a failure"))?;
                Ok(LoanState::Error(Failure { code, message }))
            }
        }
    }
}

/// Secrets and personal data of a loan: the sealed column.
#[derive(Serialize, Deserialize)]
pub(crate) struct LoanSecretsDoc {
    signers: Vec<SignerDoc>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    destination: Option<DestinationDoc>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    orders: Vec<AttemptDoc>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    write_off: Option<WriteOffDoc>,
}

/// An order to the bank. `returned`: the time, the code and the reason.
#[derive(Serialize, Deserialize)]
struct AttemptDoc {
    to: DestinationDoc,
    at: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    returned: Option<(i64, String, String)>,
}

impl AttemptDoc {
    fn of(attempt: &Attempt) -> Self {
        let returned = attempt.returned.as_ref();
        Self {
            to: DestinationDoc::of(&attempt.destination),
            at: attempt.ordered_at.micros(),
            returned: returned.map(|(at, why)| (at.micros(), why.code.clone(), why.message.clone())),
        }
    }

    fn read(&self) -> Result<Attempt, StoreError> {
        let returned = self.returned.as_ref().map(|(at, code, message)| {
            (Timestamp::from_micros(*at), Failure { code: code.clone(), message: message.clone() })
        });
        let ordered_at = Timestamp::from_micros(self.at);
        Ok(Attempt { destination: self.to.read()?, ordered_at, returned })
    }
}

/// A write-off. Its reason may name people.
#[derive(Serialize, Deserialize)]
struct WriteOffDoc {
    at: i64,
    amount: i64,
    reason: String,
    paid_before: Vec<String>,
}

impl WriteOffDoc {
    fn of(write_off: &WriteOff) -> Self {
        Self {
            at: write_off.at.micros(),
            amount: write_off.amount.get(),
            reason: write_off.reason.clone(),
            paid_before: write_off.paid_before.iter().map(ToString::to_string).collect(),
        }
    }

    fn read(&self) -> Result<WriteOff, StoreError> {
        let paid_before = self.paid_before.iter().map(|id| parsed(id));
        Ok(WriteOff {
            at: Timestamp::from_micros(self.at),
            amount: Cents::new(self.amount),
            reason: self.reason.clone(),
            paid_before: paid_before.collect::<Result<_, _>>()?,
        })
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DestinationDoc {
    Account(AccountDoc),
    CompanyKey(String),
    PersonKey(String),
}

impl DestinationDoc {
    pub(crate) fn of(destination: &Destination) -> Self {
        match destination {
            Destination::Account(account) => Self::Account(AccountDoc::of(account)),
            Destination::CompanyKey(cnpj) => Self::CompanyKey(cnpj.characters().to_owned()),
            Destination::PersonKey(cpf) => Self::PersonKey(cpf.digits().to_owned()),
        }
    }

    fn read(&self) -> Result<Destination, StoreError> {
        Ok(match self {
            Self::Account(account) => Destination::Account(account.read()?),
            Self::CompanyKey(cnpj) => Destination::CompanyKey(Cnpj::parse(cnpj).map_err(corrupt)?),
            Self::PersonKey(cpf) => Destination::PersonKey(Cpf::parse(cpf).map_err(corrupt)?),
        })
    }
}

/// A bank account with its bank.
#[derive(Serialize, Deserialize)]
pub(crate) struct AccountDoc {
    bank: String,
    bank_name: String,
    branch: String,
    number: String,
    digit: String,
    kind: String,
}

impl AccountDoc {
    pub(crate) fn of(account: &AccountDetails) -> Self {
        Self {
            bank: account.bank_id.clone(),
            bank_name: account.bank_name.clone(),
            branch: account.branch.clone(),
            number: account.number.clone(),
            digit: account.digit.clone(),
            kind: account.kind.name().to_owned(),
        }
    }

    pub(crate) fn read(&self) -> Result<AccountDetails, StoreError> {
        let kind = parsed(&self.kind)?;
        Ok(AccountDetails {
            bank_id: self.bank.clone(),
            bank_name: self.bank_name.clone(),
            branch: self.branch.clone(),
            number: self.number.clone(),
            digit: self.digit.clone(),
            kind,
        })
    }
}

#[derive(Serialize, Deserialize)]
struct SignerDoc {
    subject: String,
    name: Option<String>,
    cpf: String,
    signed_at: Option<i64>,
    #[serde(default, skip_serializing_if = "is_not")]
    co_owner: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    link: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_not(flag: &bool) -> bool {
    !flag
}

impl LoanSecretsDoc {
    pub(crate) fn of(loan: &Loan) -> Self {
        let signer = |signer: &Signer| SignerDoc {
            subject: signer.subject.to_string(),
            name: signer.name.as_ref().map(ToString::to_string),
            cpf: signer.cpf.digits().to_owned(),
            signed_at: signer.signed_at.map(Timestamp::micros),
            co_owner: match signer.role {
                SubjectRole::Applicant => false,
                SubjectRole::CoOwner => true,
            },
            email: signer.email.as_ref().map(ToString::to_string),
            link: signer.link.as_ref().map(|link| link.expose().to_owned()),
        };
        Self {
            signers: loan.signers.iter().map(signer).collect(),
            destination: loan.destination.as_ref().map(DestinationDoc::of),
            orders: loan.orders.iter().map(AttemptDoc::of).collect(),
            write_off: loan.write_off.as_ref().map(WriteOffDoc::of),
        }
    }

    pub(crate) fn read_into(&self, loan: &mut LoanRecord) -> Result<(), StoreError> {
        let signer = |signer: &SignerDoc| {
            Ok(Signer {
                subject: parsed(&signer.subject)?,
                name: signer.name.as_deref().map(Name::kept),
                cpf: Cpf::kept(&signer.cpf).map_err(corrupt)?,
                signed_at: signer.signed_at.map(Timestamp::from_micros),
                role: if signer.co_owner { SubjectRole::CoOwner } else { SubjectRole::Applicant },
                email: signer.email.as_deref().map(Email::parse).transpose().map_err(corrupt)?,
                link: signer.link.clone().map(LinkToken::new),
            })
        };
        loan.signers = self.signers.iter().map(signer).collect::<Result<_, StoreError>>()?;
        loan.destination = self.destination.as_ref().map(DestinationDoc::read).transpose()?;
        loan.orders = self.orders.iter().map(AttemptDoc::read).collect::<Result<_, _>>()?;
        loan.write_off = self.write_off.as_ref().map(WriteOffDoc::read).transpose()?;
        Ok(())
    }

    /// The secret of the applicant's signing link.
    pub(crate) fn applicants_link(self) -> Option<LinkToken> {
        self.signers.into_iter().next()?.link.map(LinkToken::new)
    }
}

/// A loan, as events store it.
#[derive(Serialize, Deserialize)]
pub(crate) struct LoanSnapshotDoc {
    id: String,
    customer: String,
    offer: String,
    state: String,
    state_document: LoanStateDoc,
    /// Requested amount, principal, net amount, number of installments.
    figures: (i64, i64, i64, u16),
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ccb: Option<(i16, u32)>,
    /// Name, CPF and moment of signature of each signer.
    signers: Vec<(Option<String>, String, Option<i64>)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    link: Option<String>,
}

impl LoanSnapshotDoc {
    pub(crate) fn of(loan: &LoanSnapshot) -> Self {
        let Figures { requested, principal, net, installments } = loan.figures;
        let signer = |signer: &SnapshotSigner| {
            let name = signer.name.as_ref().map(ToString::to_string);
            (name, signer.cpf.digits().to_owned(), signer.signed_at.map(Timestamp::micros))
        };
        Self {
            id: loan.id.to_string(),
            customer: loan.customer.to_string(),
            offer: loan.offer.to_string(),
            state: loan.state.name().to_owned(),
            state_document: LoanStateDoc::of(&loan.state),
            figures: (requested.get(), principal.get(), net.get(), installments),
            ccb: loan.ccb_number.map(|ccb| (ccb.year, ccb.number)),
            signers: loan.signers.iter().map(signer).collect(),
            link: loan.open_link.as_ref().map(|link| link.expose().to_owned()),
        }
    }

    pub(crate) fn read(self, partner: PartnerId) -> Result<LoanSnapshot, StoreError> {
        let (requested, principal, net, installments) = self.figures;
        let signer = |(name, cpf, signed_at): &(Option<String>, String, Option<i64>)| {
            Ok(SnapshotSigner {
                name: name.as_deref().map(Name::kept),
                cpf: Cpf::kept(cpf).map_err(corrupt)?,
                signed_at: signed_at.map(Timestamp::from_micros),
            })
        };
        Ok(LoanSnapshot {
            id: parsed(&self.id)?,
            partner,
            customer: parsed(&self.customer)?,
            offer: parsed(&self.offer)?,
            state: self.state_document.read(parsed(&self.state)?)?,
            figures: Figures {
                requested: Cents::new(requested),
                principal: Cents::new(principal),
                net: Cents::new(net),
                installments,
            },
            ccb_number: self.ccb.map(|(year, number)| CcbNumber { year, number }),
            signers: self.signers.iter().map(signer).collect::<Result<_, StoreError>>()?,
            open_link: self.link.map(LinkToken::new),
        })
    }
}

/// A payment, as events store it.
#[derive(Serialize, Deserialize)]
pub(crate) struct PaymentDoc {
    amount: i64,
    paid_at: i64,
    installment_number: u16,
}

impl PaymentDoc {
    pub(crate) fn of(payment: PaymentReceived) -> Self {
        Self {
            amount: payment.amount.get(),
            paid_at: payment.paid_at.micros(),
            installment_number: payment.installment_number,
        }
    }

    pub(crate) fn read(&self) -> PaymentReceived {
        PaymentReceived {
            amount: Cents::new(self.amount),
            paid_at: Timestamp::from_micros(self.paid_at),
            installment_number: self.installment_number,
        }
    }
}
