//! Loans, their prices and what is secret in them.

use domain::bank::{AccountDetails, AccountKind, Destination};
use domain::id::PartnerId;
use domain::kyc::SubjectRole;
use domain::loan::pricing::Quote;
use domain::loan::schedule::Installment;
use domain::loan::{
    CcbNumber, Failure, Figures, LinkToken, Loan, LoanSnapshot, LoanState, PaymentReceived, Signatures,
    Signer, SnapshotSigner,
};
use domain::money::{Cents, Rate};
use domain::person::{Email, Name};
use domain::tax_id::{Cnpj, Cpf};
use domain::time::{Date, Timestamp};
use jiff::SignedDuration;
use serde::ser::SerializeTuple as _;
use serde::{Deserialize, Serialize, Serializer};

use super::{corrupt, parsed};
use crate::StoreError;

/// A price with its schedule; rows are `[days, interest, principal]`, due that many days after the release.
///
/// It is written as a list of its fields, which is read faster; an object of them, as it once was, is read as well.
#[derive(Deserialize)]
pub(crate) struct QuoteDoc {
    requested: i64,
    fee: i64,
    iof: i64,
    principal: i64,
    net: i64,
    rate: i64,
    annual_rate: i64,
    cet_annual: i64,
    cet_monthly: i64,
    release: String,
    rows: Vec<(u32, i64, i64)>,
}

impl Serialize for QuoteDoc {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { requested, fee, iof, principal, net, rate, annual_rate, cet_annual, cet_monthly, .. } =
            self;
        let figures = [requested, fee, iof, principal, net, rate, annual_rate, cet_annual, cet_monthly];
        let mut list = serializer.serialize_tuple(figures.len() + 2)?;
        for figure in figures {
            list.serialize_element(figure)?;
        }
        list.serialize_element(&self.release)?;
        list.serialize_element(&self.rows)?;
        list.end()
    }
}

impl QuoteDoc {
    pub(crate) fn of(quote: &Quote) -> Self {
        let row = |row: &Installment| (row.days, row.interest.get(), row.principal.get());
        Self {
            requested: quote.requested.get(),
            fee: quote.fee.get(),
            iof: quote.iof.get(),
            principal: quote.principal.get(),
            net: quote.net.get(),
            rate: quote.monthly_rate.scaled(),
            annual_rate: quote.annual_rate.scaled(),
            cet_annual: quote.cet_annual.scaled(),
            cet_monthly: quote.cet_monthly.scaled(),
            release: quote.release.to_string(),
            rows: quote.schedule.iter().map(row).collect(),
        }
    }

    pub(crate) fn read(&self) -> Result<Quote, StoreError> {
        let release: Date = parsed(&self.release)?;
        let mut balance = Cents::new(self.principal);
        let row = |((days, interest, principal), number): (&(u32, i64, i64), u16)| {
            balance -= Cents::new(*principal);
            Ok(Installment {
                number,
                due: release
                    .checked_add(SignedDuration::from_hours(24 * i64::from(*days)))
                    .map_err(corrupt)?,
                days: *days,
                payment: Cents::new(interest + principal),
                interest: Cents::new(*interest),
                principal: Cents::new(*principal),
                balance,
            })
        };
        let schedule: Vec<Installment> =
            self.rows.iter().zip(1..).map(row).collect::<Result<_, StoreError>>()?;
        Ok(Quote {
            requested: Cents::new(self.requested),
            fee: Cents::new(self.fee),
            iof: Cents::new(self.iof),
            principal: Cents::new(self.principal),
            net: Cents::new(self.net),
            installment: schedule.first().map_or(Cents::ZERO, |row| row.payment),
            interest: schedule.iter().map(|row| row.interest).sum(),
            total: schedule.iter().map(|row| row.payment).sum(),
            monthly_rate: Rate::from_scaled(self.rate),
            annual_rate: Rate::from_scaled(self.annual_rate),
            cet_annual: Rate::from_scaled(self.cet_annual),
            cet_monthly: Rate::from_scaled(self.cet_monthly),
            release,
            schedule,
        })
    }
}

/// What only some states of a loan have.
#[derive(Serialize, Deserialize, Default)]
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

    pub(crate) fn read(self, name: &str) -> Result<LoanState, StoreError> {
        let since =
            || self.since.map(Timestamp::from_micros).ok_or_else(|| corrupt("a loan active since never"));
        match name {
            "processing" => Ok(LoanState::Processing),
            "contract_generated" => Ok(LoanState::ContractGenerated),
            "awaiting_signatures" => {
                let (received, required) =
                    self.signatures.ok_or_else(|| corrupt("a loan without signatures"))?;
                Ok(LoanState::AwaitingSignatures(Signatures { received, required }))
            }
            "signed" => Ok(LoanState::Signed),
            "disbursing" => Ok(LoanState::Disbursing),
            "active" => Ok(LoanState::Active { since: since()? }),
            "finished" => Ok(LoanState::Finished { since: since()? }),
            "cancelled" => Ok(LoanState::Cancelled),
            "error" => {
                let (code, message) =
                    self.failure.ok_or_else(|| corrupt("a failed loan without a failure"))?;
                Ok(LoanState::Error(Failure { code, message }))
            }
            other => Err(corrupt(format!("unknown loan state: {other}"))),
        }
    }
}

/// What is secret or personal in a loan: the sealed column.
#[derive(Serialize, Deserialize)]
pub(crate) struct LoanSecretsDoc {
    signers: Vec<SignerDoc>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    token: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    destination: Option<DestinationDoc>,
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

/// Where a bank account is.
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
        let kind = AccountKind::parse(&self.kind).ok_or_else(|| corrupt("unknown kind of account"))?;
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

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
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
            token: None,
            destination: loan.destination.as_ref().map(DestinationDoc::of),
        }
    }

    pub(crate) fn read_into(&self, loan: &mut Loan) -> Result<(), StoreError> {
        let signer = |signer: &SignerDoc| {
            Ok(Signer {
                subject: parsed(&signer.subject)?,
                name: signer.name.as_deref().map(Name::kept),
                cpf: Cpf::parse(&signer.cpf).map_err(corrupt)?,
                signed_at: signer.signed_at.map(Timestamp::from_micros),
                role: if signer.co_owner { SubjectRole::CoOwner } else { SubjectRole::Applicant },
                email: signer.email.as_deref().map(Email::parse).transpose().map_err(corrupt)?,
                link: signer.link.clone().map(LinkToken::new),
            })
        };
        loan.signers = self.signers.iter().map(signer).collect::<Result<_, StoreError>>()?;
        // A loan from before each signer had a link of their own: the loan's is the first signer's.
        if let (Some(first), Some(token)) = (loan.signers.first_mut(), &self.token) {
            first.link = Some(LinkToken::new(token.clone()));
        }
        loan.destination = self.destination.as_ref().map(DestinationDoc::read).transpose()?;
        Ok(())
    }
}

/// A loan, as events keep it.
#[derive(Serialize, Deserialize)]
pub(crate) struct LoanSnapshotDoc {
    id: String,
    customer: String,
    offer: String,
    state: String,
    state_document: LoanStateDoc,
    /// Requested, principal, net, the number of installments.
    figures: (i64, i64, i64, u16),
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ccb: Option<(i16, u32)>,
    /// Each one's name, CPF and moment of signature.
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
                cpf: Cpf::parse(cpf).map_err(corrupt)?,
                signed_at: signed_at.map(Timestamp::from_micros),
            })
        };
        Ok(LoanSnapshot {
            id: parsed(&self.id)?,
            partner,
            customer: parsed(&self.customer)?,
            offer: parsed(&self.offer)?,
            state: self.state_document.read(&self.state)?,
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

/// A payment, as events keep it.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_is_read_as_a_list_and_as_the_object_it_once_was() {
        let object = r#"{"requested":100,"fee":1,"iof":2,"principal":103,"net":100,"rate":3500000,"annual_rate":51000000,
            "cet_annual":58000000,"cet_monthly":3900000,"release":"2026-01-15","rows":[[31,4,103]]}"#;
        let first: QuoteDoc = serde_json::from_str(object).unwrap();
        let list = super::super::to_json(&first);
        assert!(list.starts_with("[100,1,2,103,100,"), "{list}");
        let again: QuoteDoc = serde_json::from_str(&list).unwrap();
        assert_eq!(first.read().unwrap(), again.read().unwrap());
        assert_eq!(again.read().unwrap().schedule[0].due.to_string(), "2026-02-15");
    }
}
