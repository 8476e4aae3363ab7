//! Evidence for KYC: its kinds, the slots of each kind, and the attachments in the slots.

use crate::id::DocumentId;
use crate::spelled;
use crate::time::Timestamp;

/// A kind of evidence for a requirement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EvidenceKind {
    /// Carteira Nacional de Habilitação: front and back, or both in one file.
    Cnh,
    /// Registro Geral, the identity card: front and back.
    Rg,
    /// A photograph of the person's face.
    Selfie,
    /// An e-mail address.
    Email,
    /// A bill or statement that shows the address.
    ProofOfAddress,
    /// Certificado da Condição de Microempreendedor Individual.
    Ccmei,
    /// A sole trader's registration, or the CCMEI instead.
    EiMei,
    /// Contrato social or estatuto.
    ArticlesOfAssociation,
    /// Ato constitutivo de EIRELI.
    EireliIncorporationStatement,
    /// Demonstração do resultado or revenue statement.
    IncomeStatement,
}

/// A place for one attachment of an evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Slot {
    /// The only file of its evidence.
    File,
    /// The front of a document.
    Front,
    /// The back of a document.
    Back,
    /// A photograph.
    Photo,
    /// An address given as text.
    Email,
    /// Requerimento de empresário.
    EiRegistrationRequirement,
    /// The CCMEI within a sole trader's documents.
    Ccmei,
}

spelled!(EvidenceKind {
    Cnh = "cnh",
    Rg = "rg",
    Selfie = "selfie",
    Email = "email",
    ProofOfAddress = "proof_of_address",
    Ccmei = "ccmei",
    EiMei = "ei_mei",
    ArticlesOfAssociation = "articles_of_association",
    EireliIncorporationStatement = "eireli_incorporation_statement",
    IncomeStatement = "income_statement",
});

spelled!(Slot {
    File = "file",
    Front = "front",
    Back = "back",
    Photo = "photo",
    Email = "email",
    EiRegistrationRequirement = "ei_registration_requirement",
    Ccmei = "ccmei",
});

impl EvidenceKind {
    /// The sets of slots that complete this evidence. One filled set is enough.
    pub fn complete_sets(self) -> &'static [&'static [Slot]] {
        match self {
            Self::Cnh => &[&[Slot::File], &[Slot::Front, Slot::Back]],
            Self::Rg => &[&[Slot::Front, Slot::Back]],
            Self::Selfie => &[&[Slot::Photo]],
            Self::Email => &[&[Slot::Email]],
            Self::EiMei => &[&[Slot::EiRegistrationRequirement], &[Slot::Ccmei]],
            Self::ProofOfAddress
            | Self::Ccmei
            | Self::ArticlesOfAssociation
            | Self::EireliIncorporationStatement
            | Self::IncomeStatement => &[&[Slot::File]],
        }
    }
}

/// The origin of an attachment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AttachmentSource {
    /// The partner uploaded it.
    Upload,
    /// The customer made it in a hosted session.
    HostedSession,
}

spelled!(AttachmentSource { Upload = "upload", HostedSession = "hosted_session" });

/// The content of a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Content {
    /// A stored file.
    File(DocumentId),
    /// The subject's e-mail address, which is stored with the subject.
    Address,
}

/// One filled slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// The slot that it fills.
    pub slot: Slot,
    /// The origin of the content.
    pub source: AttachmentSource,
    /// The file or the address.
    pub content: Content,
    /// Time at which it was received.
    pub uploaded_at: Timestamp,
    /// Whether the reviewer rejected it. A new attachment in its slot replaces it.
    pub rejected: bool,
}

/// The evidence received for one requirement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// The chosen kind of evidence.
    pub kind: EvidenceKind,
    /// The filled slots.
    pub attachments: Vec<Attachment>,
}

impl Evidence {
    /// Whether one complete set of slots is filled with attachments that are not rejected.
    pub fn is_whole(&self) -> bool {
        let fresh = |slot: &Slot| self.attachments.iter().any(|a| a.slot == *slot && !a.rejected);
        self.kind.complete_sets().iter().any(|set| set.iter().all(fresh))
    }

    /// The attachment in `slot`.
    pub fn in_slot(&self, slot: Slot) -> Option<&Attachment> {
        self.attachments.iter().find(|attachment| attachment.slot == slot)
    }

    /// Puts an attachment in its slot and removes the former one.
    pub(super) fn put(&mut self, attachment: Attachment) {
        self.attachments.retain(|old| old.slot != attachment.slot);
        self.attachments.push(attachment);
    }
}
