//! Know your customer: the requirements of the lender for a company and its people, and the evidence for them.
//!
//! A [`KycFile`] is a list of requirements. One kind of evidence among its alternatives satisfies a requirement, and
//! each evidence has one or two attachments. Both generations of the API render the same file.

mod evidence;
mod media;
mod requirement;
mod room;
mod session;

pub use evidence::{Attachment, AttachmentSource, Content, Evidence, EvidenceKind, Slot};
pub use media::MediaType;
pub use requirement::{
    Judgement, RegistrationField, Requirement, RequirementEvent, RequirementInput, RequirementKey,
    RequirementKind, RequirementState, RequirementStateKind, Verdict,
};
pub use room::{FileLimits, StoredFiles};
pub use session::{BiometricsSession, NewSession, ReviewStart, SessionInput, SessionRecord, SessionState};

use crate::id::{DocumentId, SubjectId};
use crate::person::{Email, Name};
use crate::registration::{LegalNature, Registration};
use crate::spelled;
use crate::tax_id::Cpf;
use crate::time::Timestamp;

/// A person whose identity KYC asks for and who signs the loan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// The person's id, part of the ids of the person's requirements.
    pub id: SubjectId,
    /// The person's name. The applicant's name follows the registration.
    pub name: Option<Name>,
    /// The person's tax number.
    pub cpf: Cpf,
    /// The person's role in the company.
    pub role: SubjectRole,
    /// A co-owner's e-mail address. The applicant's address is in the registration.
    pub email: Option<Email>,
}

/// The role of a person in the company.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SubjectRole {
    /// The person of the registration.
    Applicant,
    /// A person who owns 25 % or more of the company.
    CoOwner,
}

spelled!(SubjectRole { Applicant = "applicant", CoOwner = "co_owner" });

/// All requirements of KYC for one customer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KycFile {
    /// The requirements, in the order of display.
    pub requirements: Vec<Requirement>,
    /// The number of reviews that rejected something.
    pub corrections: u16,
}

impl KycFile {
    /// The requirements for a company of this legal nature, without evidence.
    ///
    /// They include the fields that a contract needs (the name, the e-mail address and the telephone) if the
    /// registration lacks them.
    pub fn opened(nature: LegalNature, subjects: &[Subject], registration: &Registration) -> Self {
        let mut file = Self::default();
        for field in RegistrationField::ESSENTIAL {
            if !field.is_given(registration) {
                file.add(RequirementKind::RegistrationField(field), None, Need::Mandatory);
            }
        }
        for subject in subjects {
            file.add(RequirementKind::Identity, Some(subject.id), Need::Mandatory);
            file.add(RequirementKind::Selfie, Some(subject.id), Need::Mandatory);
            if subject.role == SubjectRole::CoOwner {
                file.add(RequirementKind::Email, Some(subject.id), Need::Optional);
            }
        }
        file.add_company_documents(nature, subjects);
        file
    }

    fn add_company_documents(&mut self, nature: LegalNature, subjects: &[Subject]) {
        let applicant = subjects.iter().find(|s| s.role == SubjectRole::Applicant).map(|s| s.id);
        let document = match nature {
            LegalNature::Mei => RequirementKind::CompanyDocument,
            LegalNature::Ei => RequirementKind::EiMeiDocuments,
            LegalNature::Eireli => RequirementKind::EireliIncorporationStatement,
            LegalNature::Ltda | LegalNature::Sa => RequirementKind::ArticlesOfAssociation,
        };
        self.add(document, None, Need::Mandatory);
        // An optional document comes before the last mandatory one, because the last mandatory one starts the review.
        // A program that uploads in this order can therefore still submit the optional one.
        match nature {
            // It is mandatory only above a requested limit of R$ 50,000, which no registration states yet.
            LegalNature::Ltda | LegalNature::Sa => {
                self.add(RequirementKind::IncomeStatement, None, Need::Optional);
            }
            LegalNature::Mei | LegalNature::Ei | LegalNature::Eireli => {}
        }
        if nature != LegalNature::Mei {
            self.add(RequirementKind::ProofOfAddress, applicant, Need::Mandatory);
        }
    }

    fn add(&mut self, kind: RequirementKind, subject: Option<SubjectId>, need: Need) {
        self.requirements.push(Requirement {
            key: RequirementKey { kind, subject },
            mandatory: need == Need::Mandatory,
            state: RequirementState::Missing,
            evidence: None,
        });
    }

    /// The requirement with this key.
    pub fn find(&self, key: RequirementKey) -> Option<&Requirement> {
        self.requirements.iter().find(|requirement| requirement.key == key)
    }

    /// The requirement with this key, to change it.
    pub fn find_mut(&mut self, key: RequirementKey) -> Option<&mut Requirement> {
        self.requirements.iter_mut().find(|requirement| requirement.key == key)
    }

    /// The mandatory requirements that are missing or rejected.
    pub fn lacking(&self) -> impl Iterator<Item = &Requirement> {
        self.requirements.iter().filter(|r| r.mandatory && !r.state.is_in())
    }

    /// Whether every mandatory requirement is submitted or accepted.
    pub fn is_complete(&self) -> bool {
        self.lacking().next().is_none()
    }

    /// Whether every mandatory requirement has been accepted.
    pub fn is_accepted(&self) -> bool {
        self.requirements
            .iter()
            .filter(|r| r.mandatory)
            .all(|r| matches!(r.state, RequirementState::Accepted { .. }))
    }

    /// Whether these are exactly the documents of the file now, in any order.
    pub fn has_exactly(&self, documents: &[DocumentId]) -> bool {
        let own: Vec<DocumentId> = self.requirements.iter().flat_map(Requirement::documents).collect();
        documents.len() == own.len() && own.iter().all(|document| documents.contains(document))
    }

    /// The requirements that wait for the reviewer.
    pub fn awaiting_review(&self) -> impl Iterator<Item = &Requirement> {
        self.requirements.iter().filter(|r| matches!(r.state, RequirementState::Submitted { .. }))
    }

    /// Marks a required registration field as given. Returns `false` if the file does not ask for it.
    pub fn field_given(&mut self, field: RegistrationField, at: Timestamp) -> bool {
        let key = RequirementKey { kind: RequirementKind::RegistrationField(field), subject: None };
        let Some(requirement) = self.find_mut(key) else { return false };
        match requirement.state.step(&RequirementInput::Completed { at }) {
            Ok(transition) => {
                requirement.state = transition.next;
                true
            }
            Err(_) => false,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Need {
    Mandatory,
    Optional,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::ResourceId;

    fn subjects(roles: &[SubjectRole]) -> Vec<Subject> {
        let subject = |(n, role): (usize, &SubjectRole)| Subject {
            id: SubjectId::new(Timestamp::from_seconds(1_700_000_000), [u8::try_from(n).unwrap(); 10]),
            name: None,
            cpf: Cpf::parse("12345678909").unwrap(),
            role: *role,
            email: None,
        };
        roles.iter().enumerate().map(subject).collect()
    }

    fn registration() -> Registration {
        Registration {
            cpf: Cpf::parse("12345678909").unwrap(),
            cnpj: None,
            name: Some(Name::parse("Ana").unwrap()),
            email: None,
            phone: None,
            trading_name: None,
        }
    }

    #[test]
    fn each_legal_nature_is_asked_for_its_own_documents() {
        use SubjectRole::{Applicant, CoOwner};
        let mut lines = Vec::new();
        for (nature, roles) in [
            (LegalNature::Mei, &[Applicant][..]),
            (LegalNature::Ei, &[Applicant]),
            (LegalNature::Eireli, &[Applicant]),
            (LegalNature::Ltda, &[Applicant, CoOwner]),
            (LegalNature::Sa, &[Applicant, CoOwner]),
        ] {
            let file = KycFile::opened(nature, &subjects(roles), &registration());
            let one =
                |r: &Requirement| format!("{:?}{}", r.key.kind, if r.mandatory { "" } else { " (optional)" });
            lines.push(format!(
                "{nature:?}: {}",
                file.requirements.iter().map(one).collect::<Vec<_>>().join(", ")
            ));
        }
        insta::assert_snapshot!(lines.join("\n"));
    }

    #[test]
    fn a_file_is_complete_once_no_mandatory_requirement_is_missing() {
        let mut file =
            KycFile::opened(LegalNature::Mei, &subjects(&[SubjectRole::Applicant]), &registration());
        assert_eq!(file.lacking().count(), 5);
        let at = Timestamp::from_seconds(1);
        assert!(file.field_given(RegistrationField::Email, at));
        assert!(file.field_given(RegistrationField::Phone, at));
        assert!(!file.field_given(RegistrationField::Name, at), "the name was given at registration");
        assert_eq!(file.lacking().count(), 3);
        assert!(!file.is_complete() && !file.is_accepted());
    }
}
