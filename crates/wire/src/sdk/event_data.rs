//! The data of events in the form that the client libraries parse: one type for each form.

use domain::customer::{CustomerEvent, CustomerFile};
use domain::event::DomainEvent;
use domain::loan::{LoanEvent, LoanSnapshot, LoanState, PaymentReceived};
use domain::offer::{Offer, Term};
use serde::Serialize;
use utoipa::ToSchema;

use super::customer::CustomerStatus;
use super::kyc::{Requirement, requirements};
use super::loan::{LoanStatus, method};
use super::offer::OfferStatus;
use super::scalar::{Money, Percent, Timestamp};
use crate::SigningPage;

/// The data of an event; `None` if this generation does not send it.
pub(super) fn data<'a>(domain_event: &'a DomainEvent, signing_page: &SigningPage) -> Option<EventData<'a>> {
    match domain_event {
        DomainEvent::Customer(event, file) => Some(customer(*event, file)),
        DomainEvent::Offer(_, offer) => Some(EventData::Offer(OfferData::from(offer.as_ref()))),
        DomainEvent::Loan(event, loan) => loan_data(event, loan, signing_page),
        DomainEvent::BiometricsOpened(..) => None,
    }
}

#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum EventData<'a> {
    Registered(Box<Registered<'a>>),
    Denied(Box<Denied<'a>>),
    Customer(CustomerNews<'a>),
    Kyc(KycNews<'a>),
    Offer(OfferData<'a>),
    LoanCreated(LoanCreated),
    Signature(SignatureReceived),
    LoanProcessing(LoanProcessing),
    LoanActive(LoanActive),
    Payment(LoanPayment),
    Loan(LoanNews<'a>),
}

#[derive(Serialize, ToSchema)]
#[schema(as = CustomerCreatedData)]
pub(super) struct Registered<'a> {
    id: String,
    #[schema(required)]
    external_id: Option<&'a str>,
    #[schema(required)]
    name: Option<&'a str>,
    #[schema(required)]
    email: Option<&'a str>,
    #[schema(required)]
    phone: Option<&'a str>,
    cpf: String,
    #[schema(required)]
    cnpj: Option<String>,
    #[schema(required)]
    trading_name: Option<&'a str>,
    status: CustomerStatus,
    kyc: Vec<Requirement>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = CustomerDeniedData)]
pub(super) struct Denied<'a> {
    id: String,
    #[schema(required)]
    external_id: Option<&'a str>,
    #[schema(required)]
    name: Option<&'a str>,
    #[schema(required)]
    email: Option<&'a str>,
    #[schema(required)]
    phone: Option<&'a str>,
    cpf: String,
    #[schema(required)]
    cnpj: Option<String>,
    status: CustomerStatus,
}

#[derive(Serialize, ToSchema)]
#[schema(as = CustomerStatusData)]
pub(super) struct CustomerNews<'a> {
    id: String,
    #[schema(required)]
    external_id: Option<&'a str>,
    status: CustomerStatus,
}

#[derive(Serialize, ToSchema)]
#[schema(as = CustomerKycData)]
pub(super) struct KycNews<'a> {
    id: String,
    #[schema(required)]
    external_id: Option<&'a str>,
    status: CustomerStatus,
    kyc: Vec<Requirement>,
}

fn customer(event: CustomerEvent, file: &CustomerFile) -> EventData<'_> {
    let (customer, registration) = (&file.customer, &file.customer.registration);
    let (id, status) = (customer.id.to_string(), customer.state.into());
    let external_id = customer.external_id.as_deref();
    let name = registration.name.as_ref().map(domain::person::Name::as_str);
    let email = registration.email.as_ref().map(domain::person::Email::as_str);
    let phone = registration.phone.as_ref().map(domain::person::Phone::as_str);
    let (cpf, cnpj) = (registration.cpf.to_string(), registration.cnpj.map(|cnpj| cnpj.to_string()));
    match event {
        CustomerEvent::Created => {
            let trading_name = registration.trading_name.as_ref().map(domain::person::Name::as_str);
            let kyc = requirements(file);
            EventData::Registered(Box::new(Registered {
                id,
                external_id,
                name,
                email,
                phone,
                cpf,
                cnpj,
                trading_name,
                status,
                kyc,
            }))
        }
        CustomerEvent::Denied => {
            EventData::Denied(Box::new(Denied { id, external_id, name, email, phone, cpf, cnpj, status }))
        }
        CustomerEvent::UnderReview | CustomerEvent::Active => {
            EventData::Customer(CustomerNews { id, external_id, status })
        }
        CustomerEvent::KycUpdated => {
            EventData::Kyc(KycNews { id, external_id, status, kyc: requirements(file) })
        }
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = CreditOfferData)]
pub(super) struct OfferData<'a> {
    id: String,
    customer_id: String,
    #[schema(required)]
    external_id: Option<&'a str>,
    status: OfferStatus,
    approved_amount: Money,
    min_amount: Money,
    monthly_interest_rate: Percent,
    /// The largest number, if there is a choice.
    installments: u16,
    #[schema(required)]
    due_date_rule: Option<&'a str>,
    valid_until: Timestamp,
}

impl<'a> From<&'a Offer> for OfferData<'a> {
    fn from(offer: &'a Offer) -> Self {
        Self {
            id: offer.id.to_string(),
            customer_id: offer.customer.to_string(),
            external_id: offer.external_id.as_deref(),
            status: offer.state.into(),
            approved_amount: Money(offer.terms.approved_amount),
            min_amount: Money(offer.terms.min_amount),
            monthly_interest_rate: Percent(offer.terms.interest_rate),
            installments: match offer.terms.term {
                Term::Fixed(count) => count,
                Term::Range { max, .. } => max,
            },
            due_date_rule: None,
            valid_until: Timestamp(offer.valid_until),
        }
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = LoanCreatedData)]
pub(super) struct LoanCreated {
    id: String,
    credit_offer_id: String,
    customer_id: String,
    status: LoanStatus,
    requested_amount: Money,
    installment_count: u16,
    #[schema(required)]
    signing_url: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = LoanSignatureReceivedData)]
pub(super) struct SignatureReceived {
    id: String,
    /// `awaiting_signatures`, also after the last signature.
    status: LoanStatus,
    /// Number of people who have signed.
    signatures_received: u16,
    /// Number of people who must sign.
    signatures_required: u16,
    /// The person who has signed now.
    signer: Signer,
}

/// A person who has signed.
#[derive(Serialize, ToSchema)]
pub(super) struct Signer {
    /// The person's full name. Null if it is not known.
    #[schema(required)]
    name: Option<String>,
    /// The CPF (tax number) of the person, punctuated.
    cpf: String,
    /// Time of the signature.
    signed_at: Timestamp,
}

#[derive(Serialize, ToSchema)]
#[schema(as = LoanProcessingData)]
pub(super) struct LoanProcessing {
    id: String,
    credit_offer_id: String,
    customer_id: String,
    #[schema(required)]
    ccb_number: Option<String>,
    #[schema(required)]
    disbursement_method: Option<&'static str>,
    status: LoanStatus,
}

#[derive(Serialize, ToSchema)]
#[schema(as = LoanActiveData)]
pub(super) struct LoanActive {
    id: String,
    status: LoanStatus,
    requested_amount: Money,
    principal_amount: Money,
}

#[derive(Serialize, ToSchema)]
#[schema(as = LoanPaymentReceivedData)]
pub(super) struct LoanPayment {
    id: String,
    /// `active`, also after the last payment.
    status: LoanStatus,
    /// The payment.
    payment: Payment,
}

/// A payment of a loan.
#[derive(Serialize, ToSchema)]
pub(super) struct Payment {
    /// The amount paid.
    amount: Money,
    /// Time of the payment.
    paid_at: Timestamp,
    /// The first installment that the payment changed, counted from 1.
    installment_number: u16,
}

#[derive(Serialize, ToSchema)]
#[schema(as = LoanStatusData)]
pub(super) struct LoanNews<'a> {
    id: String,
    status: LoanStatus,
    /// Reason why the loan failed. Only `loan.error` has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<LoanError<'a>>,
}

/// Reason why a loan failed.
#[derive(Serialize, ToSchema)]
pub(super) struct LoanError<'a> {
    /// Code of the reason, for programs.
    code: &'a str,
    /// The reason in words, for people.
    message: &'a str,
}

fn loan_data<'a>(
    event: &LoanEvent, loan: &'a LoanSnapshot, signing_page: &SigningPage,
) -> Option<EventData<'a>> {
    let (id, status) = (loan.id.to_string(), LoanStatus::from(&loan.state));
    let (credit_offer_id, customer_id) = (loan.offer.to_string(), loan.customer.to_string());
    Some(match event {
        LoanEvent::AwaitingSignatures => EventData::LoanCreated(LoanCreated {
            id,
            credit_offer_id,
            customer_id,
            status,
            requested_amount: Money(loan.figures.requested),
            installment_count: loan.figures.installments,
            signing_url: loan.open_link.as_ref().map(|token| signing_page.of(token)),
        }),
        LoanEvent::SignatureReceived => EventData::Signature(signature(id, loan)?),
        LoanEvent::Disbursing => EventData::LoanProcessing(LoanProcessing {
            id,
            credit_offer_id,
            customer_id,
            ccb_number: loan.ccb_number.map(|number| number.to_string()),
            disbursement_method: loan.disbursement_method().map(method),
            status,
        }),
        LoanEvent::Active => EventData::LoanActive(LoanActive {
            id,
            status,
            requested_amount: Money(loan.figures.requested),
            principal_amount: Money(loan.figures.principal),
        }),
        LoanEvent::PaymentReceived(payment) => {
            EventData::Payment(LoanPayment { id, status: LoanStatus::Active, payment: (*payment).into() })
        }
        LoanEvent::Finished | LoanEvent::Cancelled | LoanEvent::Error => {
            let error = match &loan.state {
                LoanState::Error(failure) => {
                    Some(LoanError { code: &failure.code, message: &failure.message })
                }
                _no_failure => None,
            };
            EventData::Loan(LoanNews { id, status, error })
        }
        LoanEvent::Created | LoanEvent::ContractGenerated | LoanEvent::Signed => return None,
    })
}

/// The newest signature.
fn signature(id: String, loan: &LoanSnapshot) -> Option<SignatureReceived> {
    let signed = || loan.signers.iter().filter_map(|signer| Some((signer, signer.signed_at?)));
    let (signer, signed_at) = signed().max_by_key(|(_, at)| *at)?;
    let count = |number: usize| u16::try_from(number).expect("a loan has few signers");
    Some(SignatureReceived {
        id,
        status: LoanStatus::AwaitingSignatures,
        signatures_received: count(signed().count()),
        signatures_required: count(loan.signers.len()),
        signer: Signer {
            name: signer.name.as_ref().map(ToString::to_string),
            cpf: signer.cpf.to_string(),
            signed_at: Timestamp(signed_at),
        },
    })
}

impl From<PaymentReceived> for Payment {
    fn from(payment: PaymentReceived) -> Self {
        Self {
            amount: Money(payment.amount),
            paid_at: Timestamp(payment.paid_at),
            installment_number: payment.installment_number,
        }
    }
}
