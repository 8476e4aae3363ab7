//! Events as the reference tells them: `type`, `timestamp`, `data`.

use domain::customer::{CustomerEvent, CustomerFile};
use domain::event::{Event, Happening};
use domain::loan::{self, LoanEvent, PaymentReceived};
use domain::offer::OfferEvent;
use serde::Serialize;

use super::customer::CustomerStatus;
use super::kyc::{KycItem, items};
use super::loan::{LoanStatus, method};
use super::offer::OfferTerms;
use super::scalar::{Money, Timestamp};
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
pub fn name(happening: &Happening) -> Option<&'static str> {
    match happening {
        Happening::Customer(event, _) => Some(match event {
            CustomerEvent::Created => "customer.created",
            CustomerEvent::UnderReview => "customer.under_review",
            CustomerEvent::Active => "customer.active",
            CustomerEvent::Denied => "customer.denied",
            CustomerEvent::KycUpdated => "customer.kyc_updated",
        }),
        Happening::Offer(event, _) => Some(match event {
            OfferEvent::Available => "credit_offer.available",
            OfferEvent::Expired => "credit_offer.expired",
        }),
        Happening::Loan(event, _) => match event {
            LoanEvent::Created => Some("loan.created"),
            LoanEvent::ContractGenerated => Some("loan.contract_generated"),
            LoanEvent::AwaitingSignatures => Some("loan.awaiting_signatures"),
            LoanEvent::SignatureReceived => None,
            LoanEvent::Signed => Some("loan.signed"),
            LoanEvent::Disbursing => Some("loan.disbursing"),
            LoanEvent::Active => Some("loan.active"),
            LoanEvent::PaymentReceived(_) => Some("loan.payment_received"),
            LoanEvent::Finished => Some("loan.finished"),
            LoanEvent::Cancelled => Some("loan.cancelled"),
            LoanEvent::Error => Some("loan.error"),
        },
        Happening::BiometricsOpened(..) => None,
    }
}

/// The body of an event's deliveries; `None` where this generation does not tell it.
pub fn render(event: &Event, links: &Links) -> Option<Vec<u8>> {
    let r#type = name(&event.happening)?;
    let data = match &event.happening {
        Happening::Customer(event, file) => customer(*event, file),
        Happening::Offer(_, offer) => EventData::Offer(OfferTerms::from(offer.as_ref())),
        Happening::Loan(event, loan) => EventData::Loan(loan_data(event, loan, links)),
        Happening::BiometricsOpened(..) => return None,
    };
    let body = EventBody { r#type, timestamp: Timestamp(event.occurred_at), data };
    serde_json::to_vec(&body).ok()
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
