//! Events in the reference's form: `type`, `timestamp`, `data`.

use std::sync::LazyLock;

use domain::customer::{CustomerEvent, CustomerFile};
use domain::event::{DomainEvent, Event, EventKind};
use domain::loan::{LoanEvent, LoanEventKind, LoanSnapshot, PaymentReceived};
use domain::offer::OfferEvent;
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::customer::CustomerStatus;
use super::kyc::{KycItem, items};
use super::loan::{LoanStatus, method};
use super::offer::OfferTerms;
use super::scalar::{Money, Timestamp};
use crate::SERIALIZES;
use crate::SigningPage;
use crate::event_schema::{self, Sent};

/// The event that the generation sends for a kind; `None` if it sends none.
pub fn sent(kind: EventKind) -> Option<Sent> {
    Some(match kind {
        EventKind::Customer(CustomerEvent::Created) => {
            Sent::of::<Registered<'_>>("customer.created", "a customer was registered.")
        }
        EventKind::Customer(CustomerEvent::UnderReview) => {
            Sent::of::<CustomerNews<'_>>("customer.under_review", "the review of a customer has begun.")
        }
        EventKind::Customer(CustomerEvent::Active) => {
            Sent::of::<CustomerNews<'_>>("customer.active", "a customer was approved.")
        }
        EventKind::Customer(CustomerEvent::Denied) => {
            Sent::of::<CustomerNews<'_>>("customer.denied", "a customer was refused for good.")
        }
        EventKind::Customer(CustomerEvent::KycUpdated) => {
            Sent::of::<KycNews<'_>>("customer.kyc_updated", "an item of a customer's KYC has changed.")
        }
        EventKind::Offer(OfferEvent::Available) => {
            Sent::of::<OfferTerms>("credit_offer.available", "a customer has a new offer.")
        }
        EventKind::Offer(OfferEvent::Expired) => {
            Sent::of::<OfferTerms>("credit_offer.expired", "an offer can no longer be used.")
        }
        EventKind::Loan(LoanEventKind::Created) => {
            Sent::of::<LoanCreated>("loan.created", "a loan was created.")
        }
        EventKind::Loan(LoanEventKind::ContractGenerated) => {
            Sent::of::<LoanContractGenerated>("loan.contract_generated", "the contract of a loan exists.")
        }
        EventKind::Loan(LoanEventKind::AwaitingSignatures) => Sent::of::<LoanAwaitingSignatures>(
            "loan.awaiting_signatures",
            "the signers of a loan were asked to sign.",
        ),
        EventKind::Loan(LoanEventKind::Signed) => {
            Sent::of::<LoanSigned>("loan.signed", "everybody has signed a loan.")
        }
        EventKind::Loan(LoanEventKind::Disbursing) => {
            Sent::of::<LoanDisbursing>("loan.disbursing", "the money of a loan is on its way.")
        }
        EventKind::Loan(LoanEventKind::Active) => {
            Sent::of::<LoanActive>("loan.active", "the customer has the money of a loan.")
        }
        EventKind::Loan(LoanEventKind::PaymentReceived) => {
            Sent::of::<LoanPayment>("loan.payment_received", "a payment of a loan has come in.")
        }
        EventKind::Loan(LoanEventKind::Finished) => {
            Sent::of::<LoanNews>("loan.finished", "a loan was paid back in full.")
        }
        EventKind::Loan(LoanEventKind::Cancelled) => {
            Sent::of::<LoanNews>("loan.cancelled", "a loan was given up before the money left.")
        }
        EventKind::Loan(LoanEventKind::Error) => {
            Sent::of::<LoanNews>("loan.error", "the money of a loan did not reach the customer.")
        }
        EventKind::Loan(LoanEventKind::SignatureReceived) | EventKind::BiometricsOpened => return None,
    })
}

/// The event's name; `None` if this generation does not send it.
pub fn name(kind: EventKind) -> Option<&'static str> {
    sent(kind).map(|sent| sent.name)
}

/// The name of every event of the generation.
pub fn names() -> &'static [&'static str] {
    static NAMES: LazyLock<Vec<&'static str>> = LazyLock::new(|| event_schema::names(sent));
    &NAMES
}

/// The body of an event's deliveries; `None` if this generation does not send it.
pub fn render(event: &Event, signing_page: &SigningPage) -> Option<Vec<u8>> {
    let r#type = name(event.domain_event.kind())?;
    let data = data(&event.domain_event, signing_page)?;
    let body = EventBody { r#type, timestamp: Timestamp(event.occurred_at), data };
    Some(serde_json::to_vec(&body).expect(SERIALIZES))
}

/// An event in `GET /v3/events`: the content of its deliveries and its id.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Event)]
pub struct ListedEvent {
    /// Identifies the event. It is the `webhook-id` of its deliveries.
    #[schema(example = "evt_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    id: String,
    /// The name of the event.
    #[schema(example = "loan.active")]
    r#type: &'static str,
    /// Time of the event.
    timestamp: Timestamp,
    /// The resource as it was at the time of the event.
    #[schema(value_type = Object)]
    data: Box<RawValue>,
}

impl ListedEvent {
    /// Renders an event; `None` if this generation does not send it.
    pub fn of(event: &Event, signing_page: &SigningPage) -> Option<Self> {
        Some(Self {
            id: event.id.to_string(),
            r#type: name(event.domain_event.kind())?,
            timestamp: Timestamp(event.occurred_at),
            data: serde_json::value::to_raw_value(&data(&event.domain_event, signing_page)?)
                .expect(SERIALIZES),
        })
    }
}

fn data<'a>(domain_event: &'a DomainEvent, signing_page: &SigningPage) -> Option<EventData<'a>> {
    match domain_event {
        DomainEvent::Customer(event, file) => Some(customer(*event, file)),
        DomainEvent::Offer(_, offer) => Some(EventData::Offer(OfferTerms::from(offer.as_ref()))),
        DomainEvent::Loan(event, loan) => Some(loan_data(event, loan, signing_page)),
        DomainEvent::BiometricsOpened(..) => None,
    }
}

#[derive(Serialize)]
struct EventBody<'a> {
    r#type: &'static str,
    timestamp: Timestamp,
    data: EventData<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum EventData<'a> {
    Registered(Box<Registered<'a>>),
    Customer(CustomerNews<'a>),
    Kyc(KycNews<'a>),
    Offer(OfferTerms),
    LoanCreated(LoanCreated),
    LoanContract(LoanContractGenerated),
    LoanSignatures(LoanAwaitingSignatures),
    LoanSigned(LoanSigned),
    LoanDisbursing(LoanDisbursing),
    LoanActive(LoanActive),
    Payment(LoanPayment),
    Loan(LoanNews),
}

#[derive(Serialize, ToSchema)]
#[schema(as = CustomerCreatedData)]
struct Registered<'a> {
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
    kyc: Vec<KycItem>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = CustomerStatusData)]
struct CustomerNews<'a> {
    id: String,
    status: CustomerStatus,
    #[schema(required)]
    external_id: Option<&'a str>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = CustomerKycData)]
struct KycNews<'a> {
    id: String,
    #[schema(required)]
    external_id: Option<&'a str>,
    status: CustomerStatus,
    kyc: Vec<KycItem>,
}

fn customer(event: CustomerEvent, file: &CustomerFile) -> EventData<'_> {
    let (customer, registration) = (&file.customer, &file.customer.registration);
    let (id, status) = (customer.id.to_string(), customer.state.into());
    let external_id = customer.external_id.as_deref();
    match event {
        CustomerEvent::Created => EventData::Registered(Box::new(Registered {
            id,
            external_id,
            name: registration.name.as_ref().map(domain::person::Name::as_str),
            email: registration.email.as_ref().map(domain::person::Email::as_str),
            phone: registration.phone.as_ref().map(domain::person::Phone::as_str),
            cpf: registration.cpf.to_string(),
            cnpj: registration.cnpj.map(|cnpj| cnpj.to_string()),
            trading_name: registration.trading_name.as_ref().map(domain::person::Name::as_str),
            status,
            kyc: items(file),
        })),
        CustomerEvent::UnderReview | CustomerEvent::Active | CustomerEvent::Denied => {
            EventData::Customer(CustomerNews { id, status, external_id })
        }
        CustomerEvent::KycUpdated => EventData::Kyc(KycNews { id, external_id, status, kyc: items(file) }),
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = LoanCreatedData)]
struct LoanCreated {
    id: String,
    credit_offer_id: String,
    customer_id: String,
    status: LoanStatus,
    requested_amount: Money,
    number_of_installments: u16,
}

#[derive(Serialize, ToSchema)]
#[schema(as = LoanContractGeneratedData)]
struct LoanContractGenerated {
    id: String,
    status: LoanStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    ccb_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    signing_url: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = LoanAwaitingSignaturesData)]
struct LoanAwaitingSignatures {
    id: String,
    status: LoanStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    signing_url: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = LoanSignedData)]
struct LoanSigned {
    id: String,
    status: LoanStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    ccb_number: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = LoanDisbursingData)]
struct LoanDisbursing {
    id: String,
    status: LoanStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    disbursement_method: Option<&'static str>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = LoanActiveData)]
struct LoanActive {
    id: String,
    status: LoanStatus,
    requested_amount: Money,
    net_amount: Money,
}

#[derive(Serialize, ToSchema)]
#[schema(as = LoanPaymentReceivedData)]
struct LoanPayment {
    id: String,
    status: LoanStatus,
    /// The payment.
    payment: Payment,
}

/// A payment of a loan.
#[derive(Serialize, ToSchema)]
struct Payment {
    /// The amount paid.
    amount: Money,
    /// Time of the payment.
    paid_at: Timestamp,
    /// The first installment that the payment changed, counted from 1.
    installment_number: u16,
}

#[derive(Serialize, ToSchema)]
#[schema(as = LoanStatusData)]
struct LoanNews {
    id: String,
    status: LoanStatus,
}

fn loan_data<'a>(event: &LoanEvent, loan: &LoanSnapshot, signing_page: &SigningPage) -> EventData<'a> {
    let (id, status) = (loan.id.to_string(), LoanStatus::from(&loan.state));
    let ccb_number = loan.ccb_number.map(|number| number.to_string());
    let signing_url = loan.open_link.as_ref().map(|token| signing_page.of(token));
    match event {
        LoanEvent::Created => EventData::LoanCreated(LoanCreated {
            id,
            credit_offer_id: loan.offer.to_string(),
            customer_id: loan.customer.to_string(),
            status,
            requested_amount: Money(loan.figures.requested),
            number_of_installments: loan.figures.installments,
        }),
        LoanEvent::ContractGenerated => {
            EventData::LoanContract(LoanContractGenerated { id, status, ccb_number, signing_url })
        }
        LoanEvent::AwaitingSignatures => {
            EventData::LoanSignatures(LoanAwaitingSignatures { id, status, signing_url })
        }
        LoanEvent::Signed => EventData::LoanSigned(LoanSigned { id, status, ccb_number }),
        LoanEvent::Disbursing => EventData::LoanDisbursing(LoanDisbursing {
            id,
            status,
            disbursement_method: loan.disbursement_method().map(method),
        }),
        LoanEvent::Active => EventData::LoanActive(LoanActive {
            id,
            status,
            requested_amount: Money(loan.figures.requested),
            net_amount: Money(loan.figures.net),
        }),
        LoanEvent::PaymentReceived(payment) => {
            EventData::Payment(LoanPayment { id, status, payment: (*payment).into() })
        }
        LoanEvent::SignatureReceived | LoanEvent::Finished | LoanEvent::Cancelled | LoanEvent::Error => {
            EventData::Loan(LoanNews { id, status })
        }
    }
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
