//! Customers in the operators' view.

use domain::customer::{CustomerFile, CustomerState, LegalNature, Tag};
use domain::kyc::SubjectRole;
use serde::Serialize;
use utoipa::ToSchema;

use super::kyc::Requirement;
use super::word::word;
use crate::text_scalar::Timestamp;

word!(
    /// The status of a customer.
    pub CustomerStatus of CustomerState, as CustomerFileStatus
);

/// A customer with everything that a reviewer needs.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CustomerFile)]
pub struct Customer {
    /// Identifier of the customer.
    #[schema(pattern = "^cust_[0-9a-f]{32}$", example = "cust_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    id: String,
    /// The partner that registered the customer.
    #[schema(pattern = "^ptr_[0-9a-f]{32}$", example = "ptr_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    partner_id: String,
    /// Status of the customer.
    status: CustomerStatus,
    /// Legal nature of the company.
    legal_nature: CompanyNature,
    /// CPF of the person responsible for the company.
    #[schema(pattern = r"^\d{3}\.\d{3}\.\d{3}-\d{2}$", example = "123.456.789-09")]
    cpf: String,
    /// CNPJ of the company; null if it has none.
    #[schema(
        required,
        pattern = r"^[0-9A-Z]{2}\.[0-9A-Z]{3}\.[0-9A-Z]{3}/[0-9A-Z]{4}-\d{2}$",
        example = "12.345.678/0001-95"
    )]
    cnpj: Option<String>,
    /// Name of the person; null if it is not known.
    #[schema(required, example = "Ana Souza")]
    name: Option<String>,
    /// E-mail address of the person; null if it was not given.
    #[schema(required, example = "ana@example.com")]
    email: Option<String>,
    /// Telephone of the person in E.164; null if it was not given.
    #[schema(required, pattern = r"^\+[1-9]\d{6,14}$", example = "+5511999999999")]
    phone: Option<String>,
    /// Trading name of the company; null if it is not known.
    #[schema(required, example = "Doces da Ana")]
    trading_name: Option<String>,
    /// The partner's own identifier of the customer; null if it was not given.
    #[schema(required, max_length = 255, example = "merchant-42")]
    external_id: Option<String>,
    /// Tags of operators, in the order of the alphabet.
    #[schema(max_items = 10, example = json!(["renda-a-conferir"]))]
    tags: Vec<String>,
    /// The people whose identity KYC requires. The same people sign.
    subjects: Vec<Subject>,
    /// The requirements of KYC, with the submitted evidence.
    requirements: Vec<Requirement>,
    /// Time of the registration.
    created_at: Timestamp,
    /// Time of the last change.
    updated_at: Timestamp,
}

word!(
    /// The legal nature of a company.
    pub CompanyNature of LegalNature
);

word!(
    /// Role of a person in the company.
    pub PersonRole of SubjectRole
);

/// A person of the company.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Person)]
pub struct Subject {
    /// Identifier of the person.
    #[schema(pattern = "^sub_[0-9a-f]{32}$", example = "sub_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    id: String,
    /// Role of the person in the company.
    role: PersonRole,
    /// Name of the person; null if it is not known.
    #[schema(required, example = "Ana Souza")]
    name: Option<String>,
    /// CPF of the person.
    #[schema(pattern = r"^\d{3}\.\d{3}\.\d{3}-\d{2}$", example = "123.456.789-09")]
    cpf: String,
}

impl Customer {
    /// Renders a customer with its tags.
    pub fn of(file: &CustomerFile, tags: &[Tag]) -> Self {
        let (customer, registration) = (&file.customer, &file.customer.registration);
        let subject = |subject: &domain::kyc::Subject| Subject {
            id: subject.id.to_string(),
            role: subject.role.into(),
            name: subject.name.as_ref().map(ToString::to_string),
            cpf: subject.cpf.to_string(),
        };
        Self {
            id: customer.id.to_string(),
            partner_id: customer.partner.to_string(),
            status: customer.state.into(),
            legal_nature: customer.legal_nature.into(),
            cpf: registration.cpf.to_string(),
            cnpj: registration.cnpj.map(|cnpj| cnpj.to_string()),
            name: registration.name.as_ref().map(ToString::to_string),
            email: registration.email.as_ref().map(ToString::to_string),
            phone: registration.phone.as_ref().map(ToString::to_string),
            trading_name: registration.trading_name.as_ref().map(ToString::to_string),
            external_id: customer.external_id.clone(),
            tags: tags.iter().map(ToString::to_string).collect(),
            subjects: customer.subjects.iter().map(subject).collect(),
            requirements: file.kyc.requirements.iter().map(Requirement::from).collect(),
            created_at: Timestamp(customer.created_at),
            updated_at: Timestamp(customer.updated_at),
        }
    }
}
