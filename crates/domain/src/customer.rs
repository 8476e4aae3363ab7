//! A customer: a borrowing company with the person responsible for it, from registration to approval.

mod state;
mod tag;

use crate::change::Change;
use crate::closed::{Changed, closed};
use crate::id::{CustomerId, DocumentId, PartnerId};
use crate::kyc::{
    Attachment, EvidenceKind, Judgement, KycFile, RegistrationField, RequirementInput, RequirementKey,
    RequirementState, ReviewStart, Subject, SubjectRole, Verdict,
};
use crate::machine::Illegal;
use crate::person::{Email, Name, Phone};
pub use crate::registration::{LegalNature, Registration};
use crate::tax_id::{Cnpj, Cpf};
use crate::time::Timestamp;
pub use state::{CustomerEvent, CustomerInput, CustomerState};
pub use tag::{InvalidTag, MOST_TAGS, Tag};

/// A borrowing company with the person responsible for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Customer {
    /// The customer's id.
    pub id: CustomerId,
    /// The partner that registered it.
    pub partner: PartnerId,
    /// The state of its machine.
    pub state: CustomerState,
    /// The data that the partner registered.
    pub registration: Registration,
    /// The partner's own identifier.
    pub external_id: Option<String>,
    /// The company's legal nature.
    pub legal_nature: LegalNature,
    /// The person of the registration, then each co-owner. KYC and signatures refer to them.
    pub subjects: Vec<Subject>,
    /// Time of the registration.
    pub created_at: Timestamp,
    /// Time of the last change.
    pub updated_at: Timestamp,
}

impl Customer {
    /// The e-mail addresses of the registration and of the co-owners.
    pub fn emails(&self) -> impl Iterator<Item = &Email> {
        let people = self.subjects.iter().filter_map(|subject| subject.email.as_ref());
        people.chain(&self.registration.email)
    }
}

closed! {
    /// A customer with the KYC file. Only its commands change it.
    pub struct CustomerFile(CustomerRecord) sends (CustomerEvent, Box<CustomerFile>);
}

/// The fields of a customer with the KYC file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerRecord {
    /// The customer.
    pub customer: Customer,
    /// The requirements of KYC and the evidence for them.
    pub kyc: KycFile,
}

/// The values of a new customer.
#[derive(Debug, Clone)]
pub struct NewCustomer {
    /// The customer's id.
    pub id: CustomerId,
    /// The partner that registers it.
    pub partner: PartnerId,
    /// The data from the partner and from the company registry.
    pub registration: Registration,
    /// The partner's own identifier.
    pub external_id: Option<String>,
    /// The company's legal nature.
    pub legal_nature: LegalNature,
    /// The person of the registration, then each co-owner.
    pub subjects: Vec<Subject>,
}

/// A correction of a registration; `None` leaves a field as it is.
#[derive(Debug, Clone, Default)]
pub struct Correction {
    /// A new e-mail address.
    pub email: Option<Email>,
    /// A new telephone.
    pub phone: Option<Phone>,
    /// A new name.
    pub name: Option<Name>,
    /// A new CNPJ, or its removal.
    pub cnpj: Change<Cnpj>,
    /// A new trading name, or its removal.
    pub trading_name: Change<Name>,
    /// The event that begins the review if this correction completes the file.
    pub review_start: Option<ReviewStart>,
}

impl Correction {
    /// Whether the correction names no field.
    pub fn is_empty(&self) -> bool {
        self.email.is_none() && self.phone.is_none() && self.bound_to_kyc().is_none()
    }

    /// The first named field that may be changed only while KYC is pending.
    fn bound_to_kyc(&self) -> Option<RegistrationField> {
        let named = [
            (self.name.is_some(), RegistrationField::Name),
            (self.cnpj.is_said(), RegistrationField::Cnpj),
            (self.trading_name.is_said(), RegistrationField::TradingName),
        ];
        named.into_iter().find(|(named, _)| *named).map(|(_, field)| field)
    }

    /// Writes the named fields and returns them.
    fn apply(&self, customer: &mut Customer) -> Vec<RegistrationField> {
        let registration = &mut customer.registration;
        let mut given = Vec::new();
        if let Some(email) = &self.email {
            registration.email = Some(email.clone());
            given.push(RegistrationField::Email);
        }
        if let Some(phone) = &self.phone {
            registration.phone = Some(phone.clone());
            given.push(RegistrationField::Phone);
        }
        if self.cnpj.apply(&mut registration.cnpj) {
            given.push(RegistrationField::Cnpj);
        }
        if self.trading_name.apply(&mut registration.trading_name) {
            given.push(RegistrationField::TradingName);
        }
        if let Some(name) = &self.name {
            registration.name = Some(name.clone());
            let applicant = customer.subjects.iter_mut().find(|s| s.role == SubjectRole::Applicant);
            if let Some(applicant) = applicant {
                applicant.name = Some(name.clone());
            }
            given.push(RegistrationField::Name);
        }
        given
    }
}

/// Evidence for one requirement of a KYC file.
#[derive(Debug, Clone)]
pub struct Submission {
    /// The requirement.
    pub key: RequirementKey,
    /// The kind of evidence.
    pub kind: EvidenceKind,
    /// The evidence.
    pub attachment: Attachment,
    /// A co-owner's e-mail address, if the evidence is an address.
    pub email: Option<Email>,
    /// The event that begins the review if this evidence completes the file.
    pub review_start: ReviewStart,
}

/// The reason why evidence was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubmissionRefused {
    /// The file has no such requirement.
    NotRequired,
    /// The requirement has been accepted.
    AlreadyAccepted,
}

/// The reason why no review began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReviewNotBegun {
    /// KYC is not pending.
    InvalidState(CustomerState),
    /// These mandatory requirements are missing or rejected.
    Incomplete(Vec<RequirementKey>),
}

/// The reason why a judgement was not recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotJudged {
    /// The customer is not under review.
    NotUnderReview,
    /// The requirement was not submitted.
    NotSubmitted(RequirementKey),
    /// The judgement names other documents than the requirement has now.
    OtherDocuments(RequirementKey),
    /// The refusal names other documents than the file has now.
    OtherDocumentsThanRefused,
}

impl From<Illegal> for NotJudged {
    fn from(_not_under_review: Illegal) -> Self {
        Self::NotUnderReview
    }
}

impl CustomerFile {
    /// A new customer with the KYC file. The company registry has answered for the company.
    pub fn open(new: NewCustomer, now: Timestamp) -> Result<Changed<Self>, Illegal> {
        let NewCustomer { id, partner, registration, external_id, legal_nature, subjects } = new;
        let kyc = KycFile::opened(legal_nature, &subjects, &registration);
        let customer = Customer {
            id,
            partner,
            state: CustomerState::Creating,
            registration,
            external_id,
            legal_nature,
            subjects,
            created_at: now,
            updated_at: now,
        };
        // The local registry answers at once, so nobody sees the state `Creating`.
        Self(CustomerRecord { customer, kyc }).take(CustomerInput::RegistryAnswered, now)
    }

    /// Changes nothing. Saving it makes this script and other changes of the customer run one after the other.
    pub fn hold(self) -> Changed<Self> {
        Changed::silent(self)
    }

    /// Corrects the registration, and completes each requirement that asked for a corrected field. After KYC, some
    /// fields may not change: the first of them that is named is the error.
    pub fn correct(
        mut self, correction: &Correction, now: Timestamp,
    ) -> Result<Changed<Self>, RegistrationField> {
        if self.customer.state != CustomerState::PendingKyc
            && let Some(field) = correction.bound_to_kyc()
        {
            return Err(field);
        }
        let given = correction.apply(&mut self.0.customer);
        self.0.customer.updated_at = now;
        let required: Vec<bool> = given.into_iter().map(|field| self.0.kyc.field_given(field, now)).collect();
        if !required.contains(&true) {
            return Ok(Changed::silent(self));
        }
        let start = correction.review_start.unwrap_or(ReviewStart::Automatic);
        Ok(self.updated().review_if_complete(start, now))
    }

    /// Adds evidence to a requirement. The last mandatory one begins the review if the review starts automatically.
    pub fn submit(
        mut self, submission: Submission, now: Timestamp,
    ) -> Result<Changed<Self>, SubmissionRefused> {
        let Submission { key, kind, attachment, email, review_start } = submission;
        let requirement = self.0.kyc.find_mut(key).ok_or(SubmissionRefused::NotRequired)?;
        requirement.attach(kind, attachment).map_err(|_illegal| SubmissionRefused::AlreadyAccepted)?;
        if let Some(email) = email {
            let subject = self.0.customer.subjects.iter_mut().find(|subject| Some(subject.id) == key.subject);
            subject.ok_or(SubmissionRefused::NotRequired)?.email = Some(email);
        }
        self.0.customer.updated_at = now;
        Ok(self.updated().review_if_complete(review_start, now))
    }

    /// Begins the review of a complete file.
    pub fn begin_review(self, now: Timestamp) -> Result<Changed<Self>, ReviewNotBegun> {
        let state = self.customer.state;
        let lacking: Vec<_> = self.kyc.lacking().map(|requirement| requirement.key).collect();
        let begun = self
            .take(CustomerInput::ReviewStarted, now)
            .map_err(|_illegal| ReviewNotBegun::InvalidState(state))?;
        if lacking.is_empty() { Ok(begun) } else { Err(ReviewNotBegun::Incomplete(lacking)) }
    }

    /// Records judgements. Each must name exactly the documents that the requirement has now. One rejection sends the
    /// customer back to KYC. Once every mandatory requirement is accepted, the customer is active.
    pub fn judge(mut self, judgements: &[Judgement], now: Timestamp) -> Result<Changed<Self>, NotJudged> {
        if self.customer.state != CustomerState::UnderReview {
            return Err(NotJudged::NotUnderReview);
        }
        for Judgement { key, documents, verdict } in judgements {
            let input = match verdict {
                Verdict::Accept => RequirementInput::Accepted,
                Verdict::Reject { reason } => RequirementInput::Rejected { reason: reason.clone() },
            };
            let requirement = self.0.kyc.find_mut(*key).ok_or(NotJudged::NotSubmitted(*key))?;
            let judges_these = requirement.has_exactly(documents);
            requirement.review(&input).map_err(|_illegal| NotJudged::NotSubmitted(*key))?;
            if !judges_these {
                return Err(NotJudged::OtherDocuments(*key));
            }
        }
        self.0.customer.updated_at = now;
        self.conclude(now)
    }

    /// Ends the review if the verdicts decide it. The step back to KYC has no event, so the event of the file's
    /// change follows the step. An approval has its own event, which follows the event of the file's change.
    fn conclude(mut self, now: Timestamp) -> Result<Changed<Self>, NotJudged> {
        let rejected = |state: &RequirementState| matches!(state, RequirementState::Rejected { .. });
        if self.kyc.requirements.iter().any(|requirement| rejected(&requirement.state)) {
            self.0.kyc.corrections += 1;
            let back = self.take(CustomerInput::CorrectionRequested, now)?;
            return back.then(|file| Ok(file.updated()));
        }
        let accepted = self.kyc.is_accepted();
        let updated = self.updated();
        if accepted { updated.then(|file| Ok(file.take(CustomerInput::Approved, now)?)) } else { Ok(updated) }
    }

    /// Refuses the customer for good. If the refusal names documents, they must be exactly those that the file has
    /// now.
    pub fn refuse(self, judged: Option<&[DocumentId]>, now: Timestamp) -> Result<Changed<Self>, NotJudged> {
        if self.customer.state == CustomerState::UnderReview
            && judged.is_some_and(|documents| !self.kyc.has_exactly(documents))
        {
            return Err(NotJudged::OtherDocumentsThanRefused);
        }
        Ok(self.take(CustomerInput::Refused, now)?)
    }

    /// Erases the data of every person of the customer, which ends the registration. The ids remain, for the books.
    pub fn erase(mut self, now: Timestamp) -> Result<Changed<Self>, Illegal> {
        let customer = &mut self.0.customer;
        customer.registration = Registration::ERASED;
        customer.external_id = None;
        for subject in &mut customer.subjects {
            let Subject { id: _, name, cpf, role: _, email } = subject;
            (*name, *cpf, *email) = (None, Cpf::ERASED, None);
        }
        // The requirements hold the ids of documents and addresses.
        self.0.kyc = KycFile::default();
        self.take(CustomerInput::Erased, now)
    }

    /// Whether the person's data was erased.
    pub fn is_erased(&self) -> bool {
        self.customer.registration.cpf == Cpf::ERASED
    }

    /// Takes one step of the machine.
    fn take(mut self, input: CustomerInput, now: Timestamp) -> Result<Changed<Self>, Illegal> {
        let transition = self.customer.state.step(input)?;
        self.0.customer.state = transition.next;
        self.0.customer.updated_at = now;
        Ok(self.sending(transition.events))
    }

    /// The file with the event `KycUpdated`.
    fn updated(self) -> Changed<Self> {
        self.sending(vec![CustomerEvent::KycUpdated])
    }

    /// The customer with its events, each with a copy of the customer as it is now.
    fn sending(self, events: Vec<CustomerEvent>) -> Changed<Self> {
        let happened = |event| (event, Box::new(self.clone()));
        let events = events.into_iter().map(happened).collect();
        Changed::new(self, events)
    }
}

impl Changed<CustomerFile> {
    /// Begins the review if it starts automatically and no mandatory requirement is missing.
    fn review_if_complete(self, start: ReviewStart, now: Timestamp) -> Self {
        let file = self.value();
        let begins = start == ReviewStart::Automatic
            && file.customer.state == CustomerState::PendingKyc
            && file.kyc.is_complete();
        if !begins {
            return self;
        }
        self.then(|file| file.take(CustomerInput::ReviewStarted, now))
            .expect("a review starts from pending KYC")
    }
}
