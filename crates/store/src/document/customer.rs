//! Customers and their KYC files.

use domain::customer::{Customer, CustomerFile, CustomerRecord, Registration};
use domain::id::{DocumentId, PartnerId, SubjectId};
use domain::kyc::{
    Attachment, Content, Evidence, KycFile, Requirement, RequirementKey, RequirementState, Subject,
};
use domain::person::{Email, Name, Phone};
use domain::tax_id::{Cnpj, Cpf};
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::json::{corrupt, from_json, parsed, to_json};
use super::packed::{pack, unpack};
use crate::db::error::StoreError;

/// The personal data of a customer: the sealed column.
#[derive(Serialize, Deserialize)]
pub(crate) struct PersonalDoc {
    cpf: String,
    cnpj: Option<String>,
    name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    trading_name: Option<String>,
    subjects: Vec<SubjectDoc>,
}

#[derive(Serialize, Deserialize)]
struct SubjectDoc {
    id: String,
    name: Option<String>,
    cpf: String,
    role: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    email: Option<String>,
}

impl PersonalDoc {
    pub(crate) fn of(customer: &Customer) -> Self {
        let registration = &customer.registration;
        Self {
            cpf: registration.cpf.digits().to_owned(),
            cnpj: registration.cnpj.map(|cnpj| cnpj.characters().to_owned()),
            name: registration.name.as_ref().map(ToString::to_string),
            email: registration.email.as_ref().map(ToString::to_string),
            phone: registration.phone.as_ref().map(ToString::to_string),
            trading_name: registration.trading_name.as_ref().map(ToString::to_string),
            subjects: customer.subjects.iter().map(SubjectDoc::of).collect(),
        }
    }

    pub(crate) fn read(&self) -> Result<(Registration, Vec<Subject>), StoreError> {
        let name = |text: &String| Name::kept(text);
        let registration = Registration {
            cpf: Cpf::kept(&self.cpf).map_err(corrupt)?,
            cnpj: self.cnpj.as_deref().map(Cnpj::parse).transpose().map_err(corrupt)?,
            name: self.name.as_ref().map(name),
            email: self.email.as_deref().map(Email::parse).transpose().map_err(corrupt)?,
            phone: self.phone.as_deref().map(Phone::parse).transpose().map_err(corrupt)?,
            trading_name: self.trading_name.as_ref().map(name),
        };
        let subjects = self.subjects.iter().map(SubjectDoc::read).collect::<Result<_, _>>()?;
        Ok((registration, subjects))
    }
}

impl SubjectDoc {
    fn of(subject: &Subject) -> Self {
        Self {
            id: subject.id.to_string(),
            name: subject.name.as_ref().map(ToString::to_string),
            cpf: subject.cpf.digits().to_owned(),
            role: subject.role.name().to_owned(),
            email: subject.email.as_ref().map(ToString::to_string),
        }
    }

    fn read(&self) -> Result<Subject, StoreError> {
        Ok(Subject {
            id: parsed(&self.id)?,
            name: self.name.as_deref().map(Name::kept),
            cpf: Cpf::kept(&self.cpf).map_err(corrupt)?,
            role: parsed(&self.role)?,
            email: self.email.as_deref().map(Email::parse).transpose().map_err(corrupt)?,
        })
    }
}

/// One requirement of a KYC file.
#[derive(Serialize, Deserialize)]
struct RequirementDoc {
    kind: String,
    subject: Option<String>,
    mandatory: bool,
    state: RequirementStateDoc,
    evidence: Option<EvidenceDoc>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum RequirementStateDoc {
    Missing,
    Submitted { at: i64 },
    Accepted { at: i64 },
    Rejected { at: i64, reason: String },
}

#[derive(Serialize, Deserialize)]
struct EvidenceDoc {
    kind: String,
    attachments: Vec<AttachmentDoc>,
}

#[derive(Serialize, Deserialize)]
struct AttachmentDoc {
    slot: String,
    source: String,
    /// The stored file; `None` if an address fills the slot.
    document: Option<String>,
    uploaded_at: i64,
    rejected: bool,
}

/// A KYC file.
#[derive(Serialize, Deserialize)]
struct KycDoc {
    requirements: Vec<RequirementDoc>,
    corrections: u16,
}

/// A KYC file in few bytes, because a customer's row is written again at each step of its KYC.
pub(crate) fn pack_kyc(kyc: &KycFile) -> Vec<u8> {
    pack(to_json(&KycDoc::of(kyc)).as_bytes())
}

pub(crate) fn unpack_kyc(packed: &[u8]) -> Result<KycFile, StoreError> {
    from_json::<KycDoc>(&unpack(packed)?)?.read()
}

impl KycDoc {
    fn of(kyc: &KycFile) -> Self {
        Self {
            requirements: kyc.requirements.iter().map(RequirementDoc::of).collect(),
            corrections: kyc.corrections,
        }
    }

    fn read(&self) -> Result<KycFile, StoreError> {
        let requirements = self.requirements.iter().map(RequirementDoc::read).collect::<Result<_, _>>()?;
        Ok(KycFile { requirements, corrections: self.corrections })
    }
}

impl RequirementDoc {
    fn of(requirement: &Requirement) -> Self {
        let state = match &requirement.state {
            RequirementState::Missing => RequirementStateDoc::Missing,
            RequirementState::Submitted { at } => RequirementStateDoc::Submitted { at: at.micros() },
            RequirementState::Accepted { at } => RequirementStateDoc::Accepted { at: at.micros() },
            RequirementState::Rejected { at, reason } => {
                RequirementStateDoc::Rejected { at: at.micros(), reason: reason.clone() }
            }
        };
        Self {
            kind: requirement.key.kind.name().to_owned(),
            subject: requirement.key.subject.map(|id| id.to_string()),
            mandatory: requirement.mandatory,
            state,
            evidence: requirement.evidence.as_ref().map(EvidenceDoc::of),
        }
    }

    fn read(&self) -> Result<Requirement, StoreError> {
        let at = |at: &i64| Timestamp::from_micros(*at);
        let state = match &self.state {
            RequirementStateDoc::Missing => RequirementState::Missing,
            RequirementStateDoc::Submitted { at: when } => RequirementState::Submitted { at: at(when) },
            RequirementStateDoc::Accepted { at: when } => RequirementState::Accepted { at: at(when) },
            RequirementStateDoc::Rejected { at: when, reason } => {
                RequirementState::Rejected { at: at(when), reason: reason.clone() }
            }
        };
        let key = RequirementKey {
            kind: parsed(&self.kind)?,
            subject: self.subject.as_deref().map(parsed::<SubjectId>).transpose()?,
        };
        let evidence = self.evidence.as_ref().map(EvidenceDoc::read).transpose()?;
        Ok(Requirement { key, mandatory: self.mandatory, state, evidence })
    }
}

impl EvidenceDoc {
    fn of(evidence: &Evidence) -> Self {
        let attachment = |a: &Attachment| AttachmentDoc {
            slot: a.slot.name().to_owned(),
            source: a.source.name().to_owned(),
            document: match a.content {
                Content::File(document) => Some(document.to_string()),
                Content::Address => None,
            },
            uploaded_at: a.uploaded_at.micros(),
            rejected: a.rejected,
        };
        Self {
            kind: evidence.kind.name().to_owned(),
            attachments: evidence.attachments.iter().map(attachment).collect(),
        }
    }

    fn read(&self) -> Result<Evidence, StoreError> {
        let attachment = |a: &AttachmentDoc| {
            Ok(Attachment {
                slot: parsed(&a.slot)?,
                source: parsed(&a.source)?,
                content: match a.document.as_deref() {
                    Some(document) => Content::File(parsed::<DocumentId>(document)?),
                    None => Content::Address,
                },
                uploaded_at: Timestamp::from_micros(a.uploaded_at),
                rejected: a.rejected,
            })
        };
        let attachments = self.attachments.iter().map(attachment).collect::<Result<_, StoreError>>()?;
        Ok(Evidence { kind: parsed(&self.kind)?, attachments })
    }
}

/// A customer with its KYC file, as events store it.
#[derive(Serialize, Deserialize)]
pub(crate) struct CustomerDoc {
    id: String,
    state: String,
    external_id: Option<String>,
    legal_nature: String,
    personal: PersonalDoc,
    kyc: KycDoc,
    created_at: i64,
    updated_at: i64,
}

impl CustomerDoc {
    pub(crate) fn of(file: &CustomerFile) -> Self {
        let customer = &file.customer;
        Self {
            id: customer.id.to_string(),
            state: customer.state.name().to_owned(),
            external_id: customer.external_id.clone(),
            legal_nature: customer.legal_nature.name().to_owned(),
            personal: PersonalDoc::of(customer),
            kyc: KycDoc::of(&file.kyc),
            created_at: customer.created_at.micros(),
            updated_at: customer.updated_at.micros(),
        }
    }

    pub(crate) fn read(&self, partner: PartnerId) -> Result<CustomerFile, StoreError> {
        let (registration, subjects) = self.personal.read()?;
        let customer = Customer {
            id: parsed(&self.id)?,
            partner,
            state: parsed(&self.state)?,
            registration,
            external_id: self.external_id.clone(),
            legal_nature: parsed(&self.legal_nature)?,
            subjects,
            created_at: Timestamp::from_micros(self.created_at),
            updated_at: Timestamp::from_micros(self.updated_at),
        };
        Ok(CustomerFile::restored(CustomerRecord { customer, kyc: self.kyc.read()? }))
    }
}
