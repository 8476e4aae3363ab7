//! Customers.

use domain::change::Change;
use domain::customer::{self, CustomerFile, CustomerState};
use domain::id::ClockId;
use domain::person::{Email, Name, Phone};
use domain::tax_id::{Cnpj, Cpf};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::kyc::KycItem;
use super::scalar::Timestamp;
use crate::problem::Problem;
use crate::read::{Fields, cnpj, cpf, email, id, name, phone, text};

/// The customer to register.
#[derive(Debug, Clone, ToSchema)]
pub struct CreateCustomer {
    /// The CPF (tax number) of the person responsible for the company, with or without punctuation. One customer per
    /// CPF.
    #[schema(value_type = String, example = "123.456.789-09")]
    pub cpf: Cpf,
    /// The CNPJ (tax number) of the company, with or without punctuation. Null or absent for a person without a
    /// company.
    #[schema(value_type = Option<String>, example = "12.345.678/0001-95")]
    pub cnpj: Option<Cnpj>,
    /// The person's full name. The review waits until it is given.
    #[schema(value_type = Option<String>, example = "Ana Souza")]
    pub name: Option<Name>,
    /// The person's e-mail address. It receives contracts, codes and payment links. In the sandbox, tags in the address
    /// steer the outcomes: `ana+never_signs@example.com`.
    #[schema(value_type = Option<String>, example = "ana@example.com")]
    pub email: Option<Email>,
    /// The person's telephone number in E.164.
    #[schema(value_type = Option<String>, example = "+5511999999999")]
    pub phone: Option<Phone>,
    /// The company's trading name. If it is absent, the company registry's name is used.
    #[schema(value_type = Option<String>, example = "Doces da Ana")]
    pub trading_name: Option<Name>,
    /// Your own id of the customer. Answers and events show it, and lists can be filtered by it.
    #[schema(example = "merchant-42", min_length = 1, max_length = 255)]
    pub external_id: Option<String>,
    /// Only in the sandbox: the clock that everything of this customer follows, from `POST /sandbox/clocks`. Absent for
    /// the main clock. One customer per CPF and clock.
    #[schema(value_type = Option<String>, example = "clk_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    pub clock_id: Option<ClockId>,
}

impl CreateCustomer {
    /// Reads the body.
    pub fn read(body: &Value) -> Result<Self, Problem> {
        let mut fields = Fields::of(body)?;
        let required_cpf = fields.required("cpf", cpf);
        let (cnpj, name_given) = (fields.optional("cnpj", cnpj), fields.optional("name", name));
        let (email, phone) = (fields.optional("email", email), fields.optional("phone", phone));
        let trading_name = fields.optional("trading_name", name);
        let external_id = fields.optional("external_id", text(255));
        let clock_id = fields.optional("clock_id", id);
        let cpf = fields.all(required_cpf)?;
        Ok(Self { cpf, cnpj, name: name_given, email, phone, trading_name, external_id, clock_id })
    }

    /// The registration that the body describes.
    pub fn registration(&self) -> customer::Registration {
        customer::Registration {
            cpf: self.cpf,
            cnpj: self.cnpj,
            name: self.name.clone(),
            email: self.email.clone(),
            phone: self.phone.clone(),
            trading_name: self.trading_name.clone(),
        }
    }
}

/// The fields to change. An absent field keeps its value.
#[derive(Debug, Clone, ToSchema)]
pub struct UpdateCustomer {
    /// Another e-mail address, in any status.
    #[schema(value_type = String, required = false)]
    pub email: Option<Email>,
    /// Another telephone number in E.164, in any status.
    #[schema(value_type = String, required = false)]
    pub phone: Option<Phone>,
    /// Another name. Only while `pending_kyc`.
    #[schema(value_type = String, required = false)]
    pub name: Option<Name>,
    /// Another CNPJ, or null for none. Only while `pending_kyc`.
    #[schema(value_type = Option<String>)]
    pub cnpj: Change<Cnpj>,
    /// Another trading name, or null for none. Only while `pending_kyc`.
    #[schema(value_type = Option<String>)]
    pub trading_name: Change<Name>,
}

impl UpdateCustomer {
    /// Reads the body.
    pub fn read(body: &Value) -> Result<Self, Problem> {
        let mut fields = Fields::of(body)?;
        fields.immutable("cpf");
        fields.immutable("external_id");
        let update = Self {
            email: fields.change("email", email),
            phone: fields.change("phone", phone),
            name: fields.change("name", name),
            cnpj: fields.nullable_change("cnpj", cnpj),
            trading_name: fields.nullable_change("trading_name", name),
        };
        fields.finish()?;
        Ok(update)
    }
}

/// Status of a customer. `pending_kyc`: items of the KYC are missing or to be corrected. `under_review`: the lender
/// reviews the KYC. `active`: approved, and may get offers. `denied`: refused for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CustomerStatus {
    /// KYC items are missing or to be corrected.
    PendingKyc,
    /// The lender reviews the KYC.
    UnderReview,
    /// Approved.
    Active,
    /// Refused.
    Denied,
}

impl From<CustomerState> for CustomerStatus {
    fn from(state: CustomerState) -> Self {
        match state {
            // The reference has no status for the time before the company registry answers.
            CustomerState::Creating | CustomerState::PendingKyc => Self::PendingKyc,
            CustomerState::UnderReview => Self::UnderReview,
            CustomerState::Active => Self::Active,
            CustomerState::Denied => Self::Denied,
        }
    }
}

impl CustomerStatus {
    /// The words for a query.
    pub const NAMES: [&'static str; 4] = ["pending_kyc", "under_review", "active", "denied"];

    /// Reads the status in a query: the states have the same words.
    pub fn parse(text: &str) -> Option<CustomerState> {
        Self::NAMES.into_iter().find(|name| *name == text)?.parse().ok()
    }
}

/// A company with the person responsible for it, as the partner registered them.
#[derive(Debug, Serialize, ToSchema)]
pub struct Customer {
    /// Identifies the customer in paths, filters and events.
    #[schema(example = "cust_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    id: String,
    /// Status of the customer.
    status: CustomerStatus,
    /// The CPF (tax number) of the person, punctuated.
    #[schema(example = "123.456.789-09")]
    cpf: String,
    /// The CNPJ (tax number) of the company, punctuated. Null for a person without a company.
    #[schema(required, example = "12.345.678/0001-95")]
    cnpj: Option<String>,
    /// The person's full name. Null if it was not given.
    #[schema(required)]
    name: Option<String>,
    /// The person's e-mail address. Null if it was not given.
    #[schema(required)]
    email: Option<String>,
    /// The person's telephone number in E.164. Null if it was not given.
    #[schema(required)]
    phone: Option<String>,
    /// The company's trading name. Null if neither the partner nor the company registry gave one.
    #[schema(required)]
    trading_name: Option<String>,
    /// The partner's own id of the customer. Null if the partner gave none.
    #[schema(required)]
    external_id: Option<String>,
    /// Every document and field that the review requires. All alternatives are listed until one is complete.
    kyc: Vec<KycItem>,
    /// Only in the sandbox: the clock that everything of the customer follows. Absent for the main clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, example = "clk_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    clock_id: Option<String>,
    /// Time of the creation.
    created_at: Timestamp,
    /// Time of the last change.
    updated_at: Timestamp,
}

impl From<&CustomerFile> for Customer {
    fn from(file: &CustomerFile) -> Self {
        let (customer, registration) = (&file.customer, &file.customer.registration);
        Self {
            id: customer.id.to_string(),
            status: customer.state.into(),
            cpf: registration.cpf.to_string(),
            cnpj: registration.cnpj.map(|cnpj| cnpj.to_string()),
            name: registration.name.as_ref().map(ToString::to_string),
            email: registration.email.as_ref().map(ToString::to_string),
            phone: registration.phone.as_ref().map(ToString::to_string),
            trading_name: registration.trading_name.as_ref().map(ToString::to_string),
            external_id: customer.external_id.clone(),
            kyc: super::kyc::items(file),
            clock_id: customer.partner.clock().map(|clock| clock.to_string()),
            created_at: Timestamp(customer.created_at),
            updated_at: Timestamp(customer.updated_at),
        }
    }
}

/// A hosted session in which the customer takes a selfie.
#[derive(Debug, Serialize, ToSchema)]
pub struct BiometricsSession {
    /// The page to send the customer to. The link works once.
    pub session_url: String,
    /// Time at which the link expires.
    pub expires_at: Timestamp,
}
