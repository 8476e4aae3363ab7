//! How closed sets of values are spelled in the store.

use domain::customer::{CustomerState, LegalNature};
use domain::kyc::{AttachmentSource, EvidenceKind, RegistrationField, RequirementKind, Slot, SubjectRole};
use domain::loan::iof::IofRegime;
use domain::loan::pricing::Charges;

use super::json::corrupt;
use crate::db::error::StoreError;

/// Spells a closed set of values in the store.
macro_rules! spelled {
    ($name:ident, $type:ty, $([$($variant:tt)+] = $text:literal),+ $(,)?) => {
        pub(crate) mod $name {
            use super::*;

            pub(crate) fn write(value: $type) -> &'static str {
                match value {
                    $($($variant)+ => $text,)+
                }
            }

            pub(crate) fn read(text: &str) -> Result<$type, StoreError> {
                match text {
                    $($text => Ok($($variant)+),)+
                    other => Err(corrupt(format!("unknown {}: {other}", stringify!($name)))),
                }
            }
        }
    };
}

spelled!(
    customer_state,
    CustomerState,
    [CustomerState::Creating] = "creating",
    [CustomerState::PendingKyc] = "pending_kyc",
    [CustomerState::UnderReview] = "under_review",
    [CustomerState::Active] = "active",
    [CustomerState::Denied] = "denied",
);

spelled!(
    legal_nature,
    LegalNature,
    [LegalNature::Mei] = "mei",
    [LegalNature::Ei] = "ei",
    [LegalNature::Eireli] = "eireli",
    [LegalNature::Ltda] = "ltda",
    [LegalNature::Sa] = "sa",
);

spelled!(
    subject_role,
    SubjectRole,
    [SubjectRole::Applicant] = "applicant",
    [SubjectRole::CoOwner] = "co_owner",
);

spelled!(
    requirement_kind,
    RequirementKind,
    [RequirementKind::Identity] = "identity",
    [RequirementKind::Selfie] = "selfie",
    [RequirementKind::Email] = "email",
    [RequirementKind::ProofOfAddress] = "proof_of_address",
    [RequirementKind::CompanyDocument] = "company_document",
    [RequirementKind::EiMeiDocuments] = "ei_mei_documents",
    [RequirementKind::ArticlesOfAssociation] = "articles_of_association",
    [RequirementKind::EireliIncorporationStatement] = "eireli_incorporation_statement",
    [RequirementKind::IncomeStatement] = "income_statement",
    [RequirementKind::RegistrationField(RegistrationField::Name)] = "field:name",
    [RequirementKind::RegistrationField(RegistrationField::Email)] = "field:email",
    [RequirementKind::RegistrationField(RegistrationField::Phone)] = "field:phone",
    [RequirementKind::RegistrationField(RegistrationField::Cnpj)] = "field:cnpj",
    [RequirementKind::RegistrationField(RegistrationField::TradingName)] = "field:trading_name",
);

spelled!(
    evidence_kind,
    EvidenceKind,
    [EvidenceKind::Cnh] = "cnh",
    [EvidenceKind::Rg] = "rg",
    [EvidenceKind::Selfie] = "selfie",
    [EvidenceKind::Email] = "email",
    [EvidenceKind::ProofOfAddress] = "proof_of_address",
    [EvidenceKind::Ccmei] = "ccmei",
    [EvidenceKind::EiMei] = "ei_mei",
    [EvidenceKind::ArticlesOfAssociation] = "articles_of_association",
    [EvidenceKind::EireliIncorporationStatement] = "eireli_incorporation_statement",
    [EvidenceKind::IncomeStatement] = "income_statement",
);

spelled!(
    slot,
    Slot,
    [Slot::File] = "file",
    [Slot::Front] = "front",
    [Slot::Back] = "back",
    [Slot::Photo] = "photo",
    [Slot::Email] = "email",
    [Slot::EiRegistrationRequirement] = "ei_registration_requirement",
    [Slot::Ccmei] = "ccmei",
);

spelled!(
    attachment_source,
    AttachmentSource,
    [AttachmentSource::Upload] = "upload",
    [AttachmentSource::HostedSession] = "hosted_session",
);

spelled!(iof_regime, IofRegime, [IofRegime::Company] = "company", [IofRegime::Simples] = "simples",);

spelled!(charges, Charges, [Charges::Financed] = "financed", [Charges::Deducted] = "deducted",);
