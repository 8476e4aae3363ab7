//! KYC documents and hosted biometrics.

use app::NotFound;
use app::kyc::{SubmitEvidence, SubmitEvidenceRefused};
use axum::extract::{Request, State};
use axum::response::Response;
use domain::id::{CustomerId, DocumentId, PartnerId};
use domain::kyc::{AttachmentSource, ReviewStart};
use utoipa::ToSchema;
use wire::problem::{Code, FieldError, Problem};
use wire::reference::customer::BiometricsSession;
use wire::reference::kyc::{Document, already_met, is_done_in_session, upload_target};
use wire::reference::scalar::Timestamp;

use crate::http::auth::PartnerCaller;
use crate::http::call::PartnerWrite;
use crate::http::documented::codes;
use crate::http::extract::{OptionalJsonBody, PathId, Repeatable};
use crate::http::hosted_session;
use crate::http::idempotency::{self, Answer, Keyed};
use crate::http::problem::Rejection;
use crate::http::upload::{self, ReceivedFile, Upload};
use crate::state::AppState;

/// The document to upload.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it documents the form, which is read part by part")]
pub(super) struct UploadDocument {
    /// The type of the document, as in the customer's `kyc`. `biometrics` is done in a hosted session and cannot be
    /// uploaded.
    #[schema(example = "cnh")]
    r#type: String,
    /// A PDF, JPEG or PNG of at most 10 MiB. The content decides, not the name or the declared type.
    #[schema(format = Binary, content_media_type = "application/octet-stream")]
    file: String,
}

/// Upload a document
///
/// The review starts automatically when the last mandatory item is submitted. If another alternative has already met
/// the item's requirement, nothing changes. The answer is then 200 with that document. `biometrics` is done in a
/// hosted session and cannot be uploaded.
#[utoipa::path(
    post, path = "/customers/{customer_id}/documents", operation_id = "uploadDocument", tag = "Customers",
    extensions(("x-codes" = json!(codes(&[
        Code::InvalidDocumentType,
        Code::DoneInSession,
        Code::InvalidState,
    ])))),
    request_body(content = UploadDocument, content_type = "multipart/form-data"),
    responses(
        (status = 201, description = "The document, waiting for its review.", body = Document),
        (
            status = 200,
            description = "Another alternative has already met the requirement. The answer is that document.",
            body = Document,
        ),
    )
)]
pub(super) async fn create(
    State(state): State<AppState>, caller: PartnerCaller, PathId(customer): PathId<CustomerId>,
    repeatable: Repeatable, request: Request,
) -> Result<Response, Rejection> {
    let tenant = caller.tenant;
    state.store.read(move |tx| app::customers::exists(tx, tenant, customer)).await?;
    let received = match upload::receive(&state, tenant, customer, request).await {
        Ok(form) => complete(&state, tenant, form).await,
        Err(rejection) if rejection.0.code.status() < 500 => Err(*rejection.0),
        Err(rejection) => return Err(rejection),
    };
    let file = received.as_ref().ok().map(|(_, file)| file.clone());
    let body = match &received {
        Ok((r#type, file)) => format!("type={}\nfile={}", r#type, file.sha256()),
        Err(_) => "not a whole upload".to_owned(),
    };
    let limits = state.config.files;
    let submit = move |tx: &mut app::Tx<'_>, now, (r#type, received): &(String, ReceivedFile)| {
        let (source, review_start) = (AttachmentSource::Upload, ReviewStart::Automatic);
        let file = app::customers::find(tx, tenant, customer)
            .map_err(|failed| failed.map_refused(|NotFound| SubmitEvidenceRefused::NotFound))?;
        if let Some(current) = already_met(&file, r#type) {
            return Ok(Received::Unnecessary(current));
        }
        let command =
            SubmitEvidence { customer, evidence: received.evidence(), source, review_start, limits };
        app::kyc::submit_evidence(tx, tenant, now, &command, |file| upload_target(file, r#type))?;
        match received {
            ReceivedFile::Stored(document) => Ok(Received::Stored(document.id, r#type.clone())),
            ReceivedFile::WithoutRoom { .. } => {
                Err(app::Failed::Refused(SubmitEvidenceRefused::NoRoom(limits)))
            }
        }
    };
    let (holder, clock) = (caller.partner.into(), Some(tenant));
    let keyed = Keyed { holder, clock, request: repeatable, body: body.as_bytes() };
    let answer = idempotency::run(&state, keyed, received, submit, |received, now| match received {
        Received::Stored(id, r#type) => Answer::created_here(&Document::submitted(*id, r#type, now)),
        Received::Unnecessary(current) => Answer::ok(current),
    })
    .await;
    if upload::stored_nothing(&answer) {
        upload::discard(&state, tenant, file).await;
    }
    answer
}

/// The outcome of an upload.
enum Received {
    /// It is part of the customer's KYC.
    Stored(DocumentId, String),
    /// Another alternative had already met the requirement, with this document.
    Unnecessary(Document),
}

/// The two parts of the form, or everything that is missing. If something is missing, nothing is stored.
async fn complete(
    state: &AppState, tenant: PartnerId, form: Upload,
) -> Result<(String, ReceivedFile), Problem> {
    let r#type = form.texts.iter().find(|(name, _)| name == "type").map(|(_, text)| text.clone());
    let no_file = || FieldError::new("file", Code::MissingFile, "this file is required");
    let no_type = || FieldError::new("type", Code::MissingRequiredField, "this field is required");
    let missing = match (r#type.filter(|text| !text.is_empty()), form.file) {
        (Some(r#type), Some(file)) if is_done_in_session(&r#type) => {
            upload::discard(state, tenant, Some(file)).await;
            let detail = "is done in a hosted session: open one with POST …/customers/{id}/biometrics";
            vec![FieldError::new("type", Code::DoneInSession, detail)]
        }
        (Some(r#type), Some(file)) => return Ok((r#type, file)),
        (None, Some(file)) => {
            upload::discard(state, tenant, Some(file)).await;
            vec![no_type()]
        }
        (Some(_), None) => vec![no_file()],
        (None, None) => vec![no_file(), no_type()],
    };
    Err(Problem::of_fields(missing))
}

/// Open a biometrics session
///
/// Send the customer to `session_url`, where they take a selfie. One session may be open at a time.
#[utoipa::path(
    post, path = "/customers/{customer_id}/biometrics",
    operation_id = "createBiometricsSession", tag = "Customers",
    extensions(("x-codes" = json!(codes(&[Code::SessionAlreadyActive, Code::InvalidState])))),
    responses((status = 200, description = "The session with its link.", body = BiometricsSession))
)]
pub(super) async fn open_biometrics(
    call: PartnerWrite<PathId<CustomerId>, OptionalJsonBody>,
) -> Result<Response, Rejection> {
    hosted_session::open(call, ReviewStart::Automatic, |session_url, expires_at| {
        Answer::ok(&BiometricsSession { session_url, expires_at: Timestamp(expires_at) })
    })
    .await
}
