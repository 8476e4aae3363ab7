//! One requirement of KYC and its state machine: missing → submitted → accepted | rejected → submitted.

use super::evidence::{Attachment, Content, Evidence, EvidenceKind};
use crate::id::{DocumentId, SubjectId};
use crate::machine::{Illegal, Transition};
use crate::registration::Registration;
use crate::spelled;
use crate::time::Timestamp;

/// A field of the registration that KYC can ask for or reject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RegistrationField {
    /// The person's name.
    Name,
    /// The e-mail address.
    Email,
    /// The telephone.
    Phone,
    /// The company's tax number.
    Cnpj,
    /// The trading name.
    TradingName,
}

spelled!(RegistrationField {
    Name = "name",
    Email = "email",
    Phone = "phone",
    Cnpj = "cnpj",
    TradingName = "trading_name",
});

impl RegistrationField {
    /// The fields that a contract needs.
    pub const ESSENTIAL: [Self; 3] = [Self::Name, Self::Email, Self::Phone];

    /// Whether the registration has the field.
    pub fn is_given(self, registration: &Registration) -> bool {
        match self {
            Self::Name => registration.name.is_some(),
            Self::Email => registration.email.is_some(),
            Self::Phone => registration.phone.is_some(),
            Self::Cnpj => registration.cnpj.is_some(),
            Self::TradingName => registration.trading_name.is_some(),
        }
    }
}

/// The kind of a requirement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RequirementKind {
    /// A person's identity.
    Identity,
    /// A person's face.
    Selfie,
    /// A person's e-mail address.
    Email,
    /// A person's address.
    ProofOfAddress,
    /// A MEI's certificate.
    CompanyDocument,
    /// A sole trader's registration.
    EiMeiDocuments,
    /// A company's articles.
    ArticlesOfAssociation,
    /// An EIRELI's incorporation.
    EireliIncorporationStatement,
    /// A company's income.
    IncomeStatement,
    /// A missing or rejected field of the registration.
    RegistrationField(RegistrationField),
}

spelled!(RequirementKind {
    Identity = "identity",
    Selfie = "selfie",
    Email = "email",
    ProofOfAddress = "proof_of_address",
    CompanyDocument = "company_document",
    EiMeiDocuments = "ei_mei_documents",
    ArticlesOfAssociation = "articles_of_association",
    EireliIncorporationStatement = "eireli_incorporation_statement",
    IncomeStatement = "income_statement",
    RegistrationField(RegistrationField::Name) = "field:name",
    RegistrationField(RegistrationField::Email) = "field:email",
    RegistrationField(RegistrationField::Phone) = "field:phone",
    RegistrationField(RegistrationField::Cnpj) = "field:cnpj",
    RegistrationField(RegistrationField::TradingName) = "field:trading_name",
});

impl RequirementKind {
    /// The kinds of evidence that satisfy it. One of them is enough; a field has none.
    pub const fn alternatives(self) -> &'static [EvidenceKind] {
        match self {
            Self::Identity => &[EvidenceKind::Cnh, EvidenceKind::Rg],
            Self::Selfie => &[EvidenceKind::Selfie],
            Self::Email => &[EvidenceKind::Email],
            Self::ProofOfAddress => &[EvidenceKind::ProofOfAddress],
            Self::CompanyDocument => &[EvidenceKind::Ccmei],
            Self::EiMeiDocuments => &[EvidenceKind::EiMei],
            Self::ArticlesOfAssociation => &[EvidenceKind::ArticlesOfAssociation],
            Self::EireliIncorporationStatement => &[EvidenceKind::EireliIncorporationStatement],
            Self::IncomeStatement => &[EvidenceKind::IncomeStatement],
            Self::RegistrationField(_) => &[],
        }
    }
}

/// The key of a requirement within a customer's file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RequirementKey {
    /// The kind of the requirement.
    pub kind: RequirementKind,
    /// The person, if the requirement is about a person.
    pub subject: Option<SubjectId>,
}

/// A requirement of KYC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    /// The key within the file.
    pub key: RequirementKey,
    /// Whether the review waits for it.
    pub mandatory: bool,
    /// The state of its machine.
    pub state: RequirementState,
    /// The evidence so far, complete or not.
    pub evidence: Option<Evidence>,
}

/// The state of a requirement.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum RequirementState {
    /// The evidence is missing or incomplete.
    Missing,
    /// Submitted, not reviewed yet.
    Submitted {
        /// Time at which it was complete.
        at: Timestamp,
    },
    /// Reviewed and accepted.
    Accepted {
        /// Time at which it was submitted.
        at: Timestamp,
    },
    /// Reviewed and rejected.
    Rejected {
        /// Time at which the rejected evidence was submitted.
        at: Timestamp,
        /// The reviewer's reason.
        reason: String,
    },
}

/// The inputs of a requirement's state machine.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum RequirementInput {
    /// The evidence is complete, or the field was given.
    Completed {
        /// Time at which it was complete.
        at: Timestamp,
    },
    /// The reviewer accepted it.
    Accepted,
    /// The reviewer rejected it.
    Rejected {
        /// The reason, in words for the customer.
        reason: String,
    },
}

/// The event of a requirement. The partner receives it as a change of the whole file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RequirementEvent {
    /// The item changed.
    Changed,
}

spelled!(RequirementStateKind of RequirementState {
    Missing = "missing",
    Submitted = "submitted",
    Accepted = "accepted",
    Rejected = "rejected",
});

impl RequirementState {
    /// Whether it is submitted or accepted.
    pub fn is_in(&self) -> bool {
        match self {
            Self::Submitted { .. } | Self::Accepted { .. } => true,
            Self::Missing | Self::Rejected { .. } => false,
        }
    }

    /// Takes one step of the machine. Submitted evidence may be replaced until it is reviewed.
    pub fn step(&self, input: &RequirementInput) -> Result<Transition<Self, RequirementEvent>, Illegal> {
        use RequirementInput as Input;
        let changed = |next| Ok(Transition::sending(next, RequirementEvent::Changed));
        let refused = Err(Illegal { machine: "kyc requirement", state: self.name(), input: input.name() });
        match self {
            Self::Missing => match input {
                Input::Completed { at } => changed(Self::Submitted { at: *at }),
                Input::Accepted | Input::Rejected { .. } => refused,
            },
            Self::Submitted { at } => match input {
                Input::Completed { at } => changed(Self::Submitted { at: *at }),
                Input::Accepted => changed(Self::Accepted { at: *at }),
                Input::Rejected { reason } => changed(Self::Rejected { at: *at, reason: reason.clone() }),
            },
            Self::Accepted { .. } => match input {
                Input::Completed { .. } | Input::Accepted | Input::Rejected { .. } => refused,
            },
            Self::Rejected { .. } => match input {
                Input::Completed { at } => changed(Self::Submitted { at: *at }),
                Input::Accepted | Input::Rejected { .. } => refused,
            },
        }
    }
}

impl RequirementInput {
    const fn name(&self) -> &'static str {
        match self {
            Self::Completed { .. } => "completed",
            Self::Accepted => "accepted",
            Self::Rejected { .. } => "rejected",
        }
    }
}

impl Requirement {
    /// Fills a slot. The requirement is submitted once a complete set of slots is filled. Another kind of evidence
    /// replaces the evidence so far.
    pub fn attach(&mut self, kind: EvidenceKind, attachment: Attachment) -> Result<(), Illegal> {
        let at = attachment.uploaded_at;
        let mut evidence = match self.evidence.take_if(|evidence| evidence.kind == kind) {
            Some(evidence) => evidence,
            None => Evidence { kind, attachments: Vec::new() },
        };
        evidence.put(attachment);
        let whole = evidence.is_whole();
        self.evidence = Some(evidence);
        if whole {
            self.state = self.state.step(&RequirementInput::Completed { at })?.next;
        } else if let RequirementState::Submitted { .. } = self.state {
            self.state = RequirementState::Missing;
        }
        Ok(())
    }

    /// The documents for the reviewer; none for a field or an e-mail address.
    pub fn documents(&self) -> Vec<DocumentId> {
        let attachments = self.evidence.iter().flat_map(|evidence| &evidence.attachments);
        let document = |attachment: &Attachment| match attachment.content {
            Content::File(document) => Some(document),
            Content::Address => None,
        };
        attachments.filter_map(document).collect()
    }

    /// The documents that nobody has reviewed yet.
    pub fn unreviewed_documents(&self) -> Vec<DocumentId> {
        let reviewed = matches!(self.state, RequirementState::Accepted { .. });
        let attachments = self.evidence.iter().flat_map(|evidence| &evidence.attachments);
        let document = |attachment: &Attachment| match attachment.content {
            Content::File(document) if !attachment.rejected && !reviewed => Some(document),
            Content::File(_) | Content::Address => None,
        };
        attachments.filter_map(document).collect()
    }

    /// Whether these are exactly the documents of the requirement now, in any order. A reviewer who saw other
    /// documents judges something that is no longer there.
    pub fn has_exactly(&self, documents: &[DocumentId]) -> bool {
        let own = self.documents();
        documents.len() == own.len() && own.iter().all(|document| documents.contains(document))
    }

    /// Records the verdict. A rejection marks every attachment, so each must be replaced.
    pub fn review(&mut self, input: &RequirementInput) -> Result<(), Illegal> {
        self.state = self.state.step(input)?.next;
        if let (RequirementInput::Rejected { .. }, Some(evidence)) = (input, self.evidence.as_mut()) {
            for attachment in &mut evidence.attachments {
                attachment.rejected = true;
            }
        }
        Ok(())
    }
}

/// The reviewer's verdict on one requirement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The evidence is accepted.
    Accept,
    /// The evidence is rejected.
    Reject {
        /// The reason, in words for the customer.
        reason: String,
    },
}

/// The reviewer's verdict with the documents on which it is based.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// The requirement.
    pub key: RequirementKey,
    /// The documents that the reviewer saw.
    pub documents: Vec<DocumentId>,
    /// The verdict.
    pub verdict: Verdict,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{DocumentId, ResourceId};
    use crate::kyc::evidence::{AttachmentSource, Content, Slot};

    fn attachment(slot: Slot, second: i64) -> Attachment {
        let uploaded_at = Timestamp::from_seconds(second);
        let content = Content::File(DocumentId::new(uploaded_at, [1; 10]));
        Attachment { slot, source: AttachmentSource::Upload, content, uploaded_at, rejected: false }
    }

    fn identity() -> Requirement {
        let key = RequirementKey { kind: RequirementKind::Identity, subject: None };
        Requirement { key, mandatory: true, state: RequirementState::Missing, evidence: None }
    }

    #[test]
    fn the_requirement_machine_is_this_matrix() {
        use {RequirementInput as I, RequirementState as S};
        let (first, second) = (Timestamp::from_seconds(1), Timestamp::from_seconds(2));
        let reason = || "ilegível".to_owned();
        let states = [
            S::Missing,
            S::Submitted { at: first },
            S::Accepted { at: first },
            S::Rejected { at: first, reason: reason() },
        ];
        let inputs = [I::Completed { at: second }, I::Accepted, I::Rejected { reason: reason() }];
        insta::assert_snapshot!(crate::machine::matrix(&states, &inputs, S::step));
    }

    #[test]
    fn an_identity_card_needs_both_sides_and_after_a_rejection_both_again() {
        let mut requirement = identity();
        requirement.attach(EvidenceKind::Rg, attachment(Slot::Front, 1)).unwrap();
        assert_eq!(requirement.state, RequirementState::Missing);
        requirement.attach(EvidenceKind::Rg, attachment(Slot::Back, 2)).unwrap();
        assert!(requirement.state.is_in());

        requirement.review(&RequirementInput::Rejected { reason: "ilegível".into() }).unwrap();
        requirement.attach(EvidenceKind::Rg, attachment(Slot::Front, 3)).unwrap();
        assert!(!requirement.state.is_in(), "the rejected back was not replaced yet");
        requirement.attach(EvidenceKind::Rg, attachment(Slot::Back, 4)).unwrap();
        assert_eq!(requirement.state, RequirementState::Submitted { at: Timestamp::from_seconds(4) });
    }

    #[test]
    fn a_judged_document_is_no_longer_unreviewed() {
        let document = |second: i64| DocumentId::new(Timestamp::from_seconds(second), [1; 10]);
        let mut requirement = identity();
        requirement.attach(EvidenceKind::Rg, attachment(Slot::Front, 1)).unwrap();
        requirement.attach(EvidenceKind::Rg, attachment(Slot::Back, 2)).unwrap();
        assert_eq!(requirement.unreviewed_documents(), [document(1), document(2)]);
        requirement.review(&RequirementInput::Rejected { reason: "ilegível".into() }).unwrap();
        assert_eq!(requirement.unreviewed_documents(), []);
        requirement.attach(EvidenceKind::Rg, attachment(Slot::Front, 3)).unwrap();
        assert_eq!(requirement.unreviewed_documents(), [document(3)]);
        requirement.attach(EvidenceKind::Rg, attachment(Slot::Back, 4)).unwrap();
        requirement.review(&RequirementInput::Accepted).unwrap();
        assert_eq!(requirement.unreviewed_documents(), []);
    }

    #[test]
    fn a_judgement_must_name_exactly_the_present_documents() {
        let document = |second: i64| DocumentId::new(Timestamp::from_seconds(second), [1; 10]);
        let mut requirement = identity();
        assert!(requirement.has_exactly(&[]));
        requirement.attach(EvidenceKind::Rg, attachment(Slot::Front, 1)).unwrap();
        requirement.attach(EvidenceKind::Rg, attachment(Slot::Back, 2)).unwrap();
        assert!(requirement.has_exactly(&[document(2), document(1)]));
        requirement.attach(EvidenceKind::Rg, attachment(Slot::Back, 3)).unwrap();
        for others in [
            vec![],
            vec![document(1)],
            vec![document(1), document(2)],
            vec![document(1), document(1)],
            vec![document(1), document(3), document(2)],
        ] {
            assert!(!requirement.has_exactly(&others), "{others:?}");
        }
        assert!(requirement.has_exactly(&[document(1), document(3)]));
    }

    #[test]
    fn another_kind_of_evidence_replaces_incomplete_evidence() {
        let mut requirement = identity();
        requirement.attach(EvidenceKind::Rg, attachment(Slot::Front, 1)).unwrap();
        requirement.attach(EvidenceKind::Cnh, attachment(Slot::File, 2)).unwrap();
        assert_eq!(requirement.evidence.as_ref().unwrap().kind, EvidenceKind::Cnh);
        assert!(requirement.state.is_in());
    }
}
