//! Events as the reference tells them: `type`, `timestamp`, `data`.

use domain::customer::{CustomerEvent, CustomerFile};
use domain::event::{Event, EventKind, Happening};
use domain::loan::{self, LoanEvent, PaymentReceived};
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::customer::CustomerStatus;
use super::kyc::{KycItem, items};
use super::loan::{LoanStatus, method};
use super::offer::OfferTerms;
use super::scalar::{Money, Timestamp};
use crate::SERIALIZES;
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

/// An event as `GET /v3/events` shows it: what its deliveries say, and its id.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Event)]
pub struct ListedEvent {
    /// Its id: the `webhook-id` of its deliveries.
    #[schema(example = "evt_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    id: String,
    /// Its name.
    #[schema(example = "loan.active")]
    r#type: &'static str,
    /// When it happened.
    timestamp: Timestamp,
    /// The resource as it was at that moment, in the keys that the event tells.
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
        Happening::Loan(event, loan) => Some(EventData::Loan(loan_data(event, loan, links))),
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
    Loan(LoanNews),
}

#[derive(Serialize)]
struct Registered<'a> {
    id: String,
    external_id: Option<&'a str>,
    name: Option<&'a str>,
    email: Option<&'a str>,
    phone: Option<&'a str>,
    cpf: String,
    cnpj: Option<String>,
    trading_name: Option<&'a str>,
    status: CustomerStatus,
    kyc: Vec<KycItem>,
}

#[derive(Serialize)]
struct CustomerNews<'a> {
    id: String,
    status: CustomerStatus,
    external_id: Option<&'a str>,
}

#[derive(Serialize)]
struct KycNews<'a> {
    id: String,
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

/// A loan's news: the keys that the event has, and no others.
#[derive(Serialize)]
struct LoanNews {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    credit_offer_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_id: Option<String>,
    status: LoanStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    requested_amount: Option<Money>,
    #[serde(skip_serializing_if = "Option::is_none")]
    net_amount: Option<Money>,
    #[serde(skip_serializing_if = "Option::is_none")]
    number_of_installments: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ccb_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    signing_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    disbursement_method: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment: Option<Payment>,
}

#[derive(Serialize)]
struct Payment {
    amount: Money,
    paid_at: Timestamp,
    installment_number: u16,
}

fn loan_data(event: &LoanEvent, loan: &loan::Loan, links: &Links) -> LoanNews {
    let news = LoanNews {
        id: loan.id.to_string(),
        status: (&loan.state).into(),
        credit_offer_id: None,
        customer_id: None,
        requested_amount: None,
        net_amount: None,
        number_of_installments: None,
        ccb_number: None,
        signing_url: None,
        disbursement_method: None,
        payment: None,
    };
    let ccb_number = loan.ccb_number.map(|number| number.to_string());
    let signing_url = loan.open_signing_token().map(|token| links.signing(token));
    match event {
        LoanEvent::Created => LoanNews {
            credit_offer_id: Some(loan.offer.to_string()),
            customer_id: Some(loan.customer.to_string()),
            requested_amount: Some(Money(loan.quote.requested)),
            number_of_installments: Some(loan.quote.installments()),
            ..news
        },
        LoanEvent::ContractGenerated => LoanNews { ccb_number, signing_url, ..news },
        LoanEvent::AwaitingSignatures => LoanNews { signing_url, ..news },
        LoanEvent::Signed => LoanNews { ccb_number, ..news },
        LoanEvent::Disbursing => {
            LoanNews { disbursement_method: loan.disbursement_method().map(method), ..news }
        }
        LoanEvent::Active => LoanNews {
            requested_amount: Some(Money(loan.quote.requested)),
            net_amount: Some(Money(loan.quote.net)),
            ..news
        },
        LoanEvent::PaymentReceived(payment) => LoanNews { payment: Some((*payment).into()), ..news },
        LoanEvent::SignatureReceived | LoanEvent::Finished | LoanEvent::Cancelled | LoanEvent::Error => news,
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
