//! KYC documents and hosted biometrics.

use axum::extract::{Request, State};
use axum::response::Response;
use domain::id::CustomerId;
use domain::kyc::{AttachmentSource, ReviewStart};
use utoipa::ToSchema;
use wire::problem::{Code, FieldError, Problem};
use wire::reference::customer::BiometricsSession;
use wire::reference::kyc::{Document, upload_target};
use wire::reference::scalar::Timestamp;

use super::{AnyProblem, ConflictProblem, NotFoundProblem, ValidationProblem};
use crate::app;
use crate::app::kyc::{HandIn, NewDocument};
use crate::http::auth::PartnerCaller;
use crate::http::extract::{OptionalJsonBody, PathId, Repeatable};
use crate::http::idempotency::{self, Answer};
use crate::http::problem::Rejection;
use crate::http::upload::{self, Upload};
use crate::state::AppState;

/// The form of an upload.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it documents the form, which is read part by part")]
pub(super) struct UploadDocument {
    /// The type of an item in the customer's `kyc`.
    #[schema(example = "cnh")]
    r#type: String,
    /// PDF, JPEG or PNG, judged by content; at most 10 MiB.
    #[schema(format = Binary, content_media_type = "application/octet-stream")]
    file: String,
}

/// Upload a document
///
/// The review starts by itself when the last mandatory item is in.
#[utoipa::path(
    post,
    path = "/customers/{id}/documents",
    tag = "Customers",
    params(
        ("id" = String, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes a repetition safe for 24 hours"),
    ),
    request_body(content = UploadDocument, content_type = "multipart/form-data"),
    responses(
        (status = 201, body = Document),
        (status = 413, description = "Over 10 MiB", body = wire::problem::ProblemBody, content_type = "application/problem+json"),
        AnyProblem, NotFoundProblem, ConflictProblem, ValidationProblem
    )
)]
pub(super) async fn create(
    State(state): State<AppState>,
    caller: PartnerCaller,
    PathId(customer): PathId<CustomerId>,
    repeatable: Repeatable,
    request: Request,
) -> Result<Response, Rejection> {
    let tenant = caller.tenant;
    idempotency::read(&state, move |tx| app::kyc::exists(tx, tenant, customer)).await?;
    let form = upload::receive(&state, tenant, request).await?;
    let (r#type, document) = match complete(&form) {
        Ok(complete) => complete,
        Err(problem) => {
            upload::discard(&state, tenant, form.file).await;
            return Err(problem.into());
        }
    };
    let body = format!("type={}\nfile={}", r#type, document.blob.sha256);
    let command = HandIn {
        customer,
        document: document.clone(),
        source: AttachmentSource::Upload,
        review_start: ReviewStart::Automatic,
    };
    let (wanted, id) = (r#type.clone(), document.id);
    let hand_in = move |tx: &mut store::Tx<'_>, now| {
        app::kyc::hand_in(tx, tenant, now, &command, |file| upload_target(file, &wanted))
    };
    let answer = idempotency::run(&state, tenant, repeatable, body.as_bytes(), hand_in, move |_file, now| {
        Answer::created_here(&Document::submitted(id, &r#type, now))
    })
    .await;
    if came_to_nothing(&answer) {
        upload::discard(&state, tenant, Some(document)).await;
    }
    answer
}

/// The form's two parts, or everything that is missing.
fn complete(form: &Upload) -> Result<(String, NewDocument), Problem> {
    let r#type = form.texts.iter().find(|(name, _)| name == "type").map(|(_, text)| text.clone());
    match (r#type.filter(|text| !text.is_empty()), &form.file) {
        (Some(r#type), Some(file)) => Ok((r#type, file.clone())),
        (None, Some(_)) => {
            Err(Problem::of_field("type", Code::MissingRequiredField, "this field is required"))
        }
        (Some(_), None) => Err(Problem::of_field("file", Code::MissingFile, "this file is required")),
        (None, None) => Err(Problem::of_fields(vec![
            FieldError::new("file", Code::MissingFile, "this file is required"),
            FieldError::new("type", Code::MissingRequiredField, "this field is required"),
        ])),
    }
}

/// Whether the uploaded file is surely not part of the customer's KYC. After a failure of the server it may
/// be, so then only the purge worker, which looks, may delete it.
fn came_to_nothing(answer: &Result<Response, Rejection>) -> bool {
    match answer {
        Ok(response) => {
            !response.status().is_success() || response.headers().contains_key("idempotent-replayed")
        }
        Err(rejection) => rejection.0.code.status() < 500,
    }
}

/// Open a biometrics session
///
/// Send the customer to `session_url`, where they take a selfie. One session may be open at a time.
#[utoipa::path(
    post,
    path = "/customers/{id}/biometrics",
    tag = "Customers",
    params(
        ("id" = String, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes a repetition safe for 24 hours"),
    ),
    responses((status = 200, body = BiometricsSession), AnyProblem, NotFoundProblem, ConflictProblem)
)]
pub(super) async fn open_biometrics(
    State(state): State<AppState>,
    caller: PartnerCaller,
    PathId(customer): PathId<CustomerId>,
    request: Repeatable,
    body: OptionalJsonBody,
) -> Result<Response, Rejection> {
    let tenant = caller.tenant;
    let (lifetime, links) = (state.config.lifetimes.biometrics_link, state.links.clone());
    let open = move |tx: &mut store::Tx<'_>, now| {
        app::kyc::open_session(tx, tenant, now, customer, ReviewStart::Automatic, lifetime)
    };
    idempotency::run(&state, tenant, request, &body.bytes, open, move |opened, _now| {
        Answer::ok(&BiometricsSession {
            session_url: links.biometrics(&opened.code),
            expires_at: Timestamp(opened.session.expires_at),
        })
    })
    .await
}
