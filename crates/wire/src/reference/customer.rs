//! Customers.

use domain::change::Change;
use domain::customer::{self, CustomerFile, CustomerState};
use domain::person::{Email, Name, Phone};
use domain::tax_id::{Cnpj, Cpf};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::kyc::KycItem;
use super::scalar::Timestamp;
use crate::problem::Problem;
use crate::read::{self, Fields, cnpj, cpf, email, name, phone, text};

/// The body of `POST /v3/customers`.
#[derive(Debug, Clone, ToSchema)]
pub struct CreateCustomer {
    /// The tax number of the person who answers for the company.
    #[schema(value_type = String, example = "123.456.789-09")]
    pub cpf: Cpf,
    /// The company's tax number.
    #[schema(value_type = Option<String>, example = "12.345.678/0001-95")]
    pub cnpj: Option<Cnpj>,
    /// The person's name.
    #[schema(value_type = Option<String>, example = "Ana Souza")]
    pub name: Option<Name>,
    /// The person's e-mail address; in the sandbox its tags steer what happens.
    #[schema(value_type = Option<String>, example = "ana@example.com")]
    pub email: Option<Email>,
    /// The person's telephone in E.164.
    #[schema(value_type = Option<String>, example = "+5511999999999")]
    pub phone: Option<Phone>,
    /// The company's trading name.
    #[schema(value_type = Option<String>, example = "Doces da Ana")]
    pub trading_name: Option<Name>,
    /// The partner's own identifier.
    #[schema(example = "merchant-42", max_length = 255)]
    pub external_id: Option<String>,
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
        fields.finish()?;
        let cpf = required_cpf.ok_or_else(read::unread)?;
        Ok(Self { cpf, cnpj, name: name_given, email, phone, trading_name, external_id })
    }

    /// What is registered.
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

/// The body of `PATCH /v3/customers/{id}`.
#[derive(Debug, Clone, ToSchema)]
pub struct UpdateCustomer {
    /// A new e-mail address.
    #[schema(value_type = Option<String>)]
    pub email: Option<Email>,
    /// A new telephone.
    #[schema(value_type = Option<String>)]
    pub phone: Option<Phone>,
    /// A new name; only while `pending_kyc`.
    #[schema(value_type = Option<String>)]
    pub name: Option<Name>,
    /// A new CNPJ, or null for none; only while `pending_kyc`.
    #[schema(value_type = Option<String>)]
    pub cnpj: Change<Cnpj>,
    /// A new trading name, or null for none; only while `pending_kyc`.
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

/// Where a customer stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CustomerStatus {
    /// KYC items are missing or to be corrected.
    PendingKyc,
    /// The lender reviews.
    UnderReview,
    /// Approved.
    Active,
    /// Refused.
    Denied,
}

impl From<CustomerState> for CustomerStatus {
    fn from(state: CustomerState) -> Self {
        match state {
            // The reference has no word for the moment before the registry has answered.
            CustomerState::Creating | CustomerState::PendingKyc => Self::PendingKyc,
            CustomerState::UnderReview => Self::UnderReview,
            CustomerState::Active => Self::Active,
            CustomerState::Denied => Self::Denied,
        }
    }
}

impl CustomerStatus {
    /// Reads a status as a query names it.
    pub fn parse(text: &str) -> Option<CustomerState> {
        match text {
            "pending_kyc" => Some(CustomerState::PendingKyc),
            "under_review" => Some(CustomerState::UnderReview),
            "active" => Some(CustomerState::Active),
            "denied" => Some(CustomerState::Denied),
            _other => None,
        }
    }
}

/// A customer.
#[derive(Debug, Serialize, ToSchema)]
pub struct Customer {
    /// Its id.
    #[schema(example = "cust_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    id: String,
    /// Where it stands.
    status: CustomerStatus,
    /// The person's tax number, punctuated.
    #[schema(example = "123.456.789-09")]
    cpf: String,
    /// The company's tax number, punctuated.
    #[schema(required, example = "12.345.678/0001-95")]
    cnpj: Option<String>,
    /// The person's name.
    #[schema(required)]
    name: Option<String>,
    /// The person's e-mail address.
    #[schema(required)]
    email: Option<String>,
    /// The person's telephone.
    #[schema(required)]
    phone: Option<String>,
    /// The company's trading name.
    #[schema(required)]
    trading_name: Option<String>,
    /// The partner's own identifier.
    #[schema(required)]
    external_id: Option<String>,
    /// What KYC asks for.
    kyc: Vec<KycItem>,
    /// When it was registered.
    created_at: Timestamp,
    /// When it last changed.
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
            created_at: Timestamp(customer.created_at),
            updated_at: Timestamp(customer.updated_at),
        }
    }
}

/// A hosted biometrics session.
#[derive(Debug, Serialize, ToSchema)]
pub struct BiometricsSession {
    /// The page to send the customer to.
    pub session_url: String,
    /// When the link ends.
    pub expires_at: Timestamp,
}
