//! Events as the reference tells them: `type`, `timestamp`, `data`.

use domain::customer::{CustomerEvent, CustomerFile};
use domain::event::{Event, EventKind, Happening};
use domain::loan::{LoanEvent, LoanSnapshot, PaymentReceived};
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::customer::CustomerStatus;
use super::kyc::{KycItem, items};
use super::loan::{LoanStatus, method};
use super::offer::OfferTerms;
use super::scalar::{Money, Timestamp};
use crate::SERIALIZES;
use crate::event_schema::DataSchema;
use domain::links::Links;

/// Every event of the generation.
pub const NAMES: &[&str] = &[
    "customer.created",
    "customer.under_review",
    "customer.active",
    "customer.denied",
    "customer.kyc_updated",
    "credit_offer.available",
    "credit_offer.expired",
    "loan.created",
    "loan.contract_generated",
    "loan.awaiting_signatures",
    "loan.signed",
    "loan.disbursing",
    "loan.active",
    "loan.payment_received",
    "loan.finished",
    "loan.cancelled",
    "loan.error",
];

/// The event's name; `None` where this generation does not tell it.
pub fn name(kind: EventKind) -> Option<&'static str> {
    match kind {
        EventKind::CustomerCreated => Some("customer.created"),
        EventKind::CustomerUnderReview => Some("customer.under_review"),
        EventKind::CustomerActive => Some("customer.active"),
        EventKind::CustomerDenied => Some("customer.denied"),
        EventKind::CustomerKycUpdated => Some("customer.kyc_updated"),
        EventKind::OfferAvailable => Some("credit_offer.available"),
        EventKind::OfferExpired => Some("credit_offer.expired"),
        EventKind::LoanCreated => Some("loan.created"),
        EventKind::LoanContractGenerated => Some("loan.contract_generated"),
        EventKind::LoanAwaitingSignatures => Some("loan.awaiting_signatures"),
        EventKind::LoanSigned => Some("loan.signed"),
        EventKind::LoanDisbursing => Some("loan.disbursing"),
        EventKind::LoanActive => Some("loan.active"),
        EventKind::LoanPaymentReceived => Some("loan.payment_received"),
        EventKind::LoanFinished => Some("loan.finished"),
        EventKind::LoanCancelled => Some("loan.cancelled"),
        EventKind::LoanError => Some("loan.error"),
        EventKind::LoanSignatureReceived | EventKind::BiometricsOpened => None,
    }
}

/// The body of an event's deliveries; `None` where this generation does not tell it.
pub fn render(event: &Event, links: &Links) -> Option<Vec<u8>> {
    let r#type = name(event.happening.kind())?;
    let data = data(&event.happening, links)?;
    let body = EventBody { r#type, timestamp: Timestamp(event.occurred_at), data };
    Some(serde_json::to_vec(&body).expect(SERIALIZES))
}

/// The schema of an event's data, by the event's name; `None` where the generation has no such event.
pub fn data_schema(name: &str) -> Option<DataSchema> {
    Some(match name {
        "customer.created" => DataSchema::of::<Registered<'_>>(),
        "customer.under_review" | "customer.active" | "customer.denied" => {
            DataSchema::of::<CustomerNews<'_>>()
        }
        "customer.kyc_updated" => DataSchema::of::<KycNews<'_>>(),
        "credit_offer.available" | "credit_offer.expired" => DataSchema::of::<OfferTerms>(),
        "loan.created" => DataSchema::of::<LoanCreated>(),
        "loan.contract_generated" => DataSchema::of::<LoanContractGenerated>(),
        "loan.awaiting_signatures" => DataSchema::of::<LoanAwaitingSignatures>(),
        "loan.signed" => DataSchema::of::<LoanSigned>(),
        "loan.disbursing" => DataSchema::of::<LoanDisbursing>(),
        "loan.active" => DataSchema::of::<LoanActive>(),
        "loan.payment_received" => DataSchema::of::<LoanPayment>(),
        "loan.finished" | "loan.cancelled" | "loan.error" => DataSchema::of::<LoanNews>(),
        _other => return None,
    })
}

/// An event as `GET /v3/events` shows it: what its deliveries say, and its id.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Event)]
pub struct ListedEvent {
    /// Identifies the event. It is the `webhook-id` of its deliveries.
    #[schema(example = "evt_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    id: String,
    /// The name of the event.
    #[schema(example = "loan.active")]
    r#type: &'static str,
    /// When the event happened.
    timestamp: Timestamp,
    /// The resource as it was at that moment, in the keys that the event has.
    #[schema(value_type = Object)]
    data: Box<RawValue>,
}

impl ListedEvent {
    /// Renders an event; `None` where this generation does not tell it.
    pub fn of(event: &Event, links: &Links) -> Option<Self> {
        Some(Self {
            id: event.id.to_string(),
            r#type: name(event.happening.kind())?,
            timestamp: Timestamp(event.occurred_at),
            data: serde_json::value::to_raw_value(&data(&event.happening, links)?).expect(SERIALIZES),
        })
    }
}

fn data<'a>(happening: &'a Happening, links: &Links) -> Option<EventData<'a>> {
    match happening {
        Happening::Customer(event, file) => Some(customer(*event, file)),
        Happening::Offer(_, offer) => Some(EventData::Offer(OfferTerms::from(offer.as_ref()))),
        Happening::Loan(event, loan) => Some(loan_data(event, loan, links)),
        Happening::BiometricsOpened(..) => None,
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
    /// What was paid.
    amount: Money,
    /// When it was paid.
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

fn loan_data<'a>(event: &LoanEvent, loan: &LoanSnapshot, links: &Links) -> EventData<'a> {
    let (id, status) = (loan.id.to_string(), LoanStatus::from(&loan.state));
    let ccb_number = loan.ccb_number.map(|number| number.to_string());
    let signing_url = loan.open_link.as_ref().map(|token| links.signing(token));
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
