//! Evidence and reviews.

use app::kyc::review::RequestRefused;
use app::kyc::{NewEvidence, SubmitEvidence, SubmitEvidenceRefused};
use axum::extract::{Request, State};
use axum::response::Response;
use domain::customer::CustomerState;
use domain::id::{CustomerId, PartnerId};
use domain::kyc::{AttachmentSource, ReviewStart};
use domain::person::Email;
use utoipa::ToSchema;
use wire::problem::{Code, FieldError, Problem};
use wire::sdk::kyc::{Attachment, UploadPlace, incomplete};

use crate::http::auth::CustomerCaller;
use crate::http::call::WriteCall;
use crate::http::documented::codes;
use crate::http::extract::{OptionalJsonBody, PathId, Repeatable};
use crate::http::idempotency::{self, Answer, Keyed};
use crate::http::problem::{Refusal, Rejection};
use crate::http::upload::{self, ReceivedFile, Upload};
use crate::state::AppState;

/// The evidence to upload: a file, or the value of an e-mail address.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it documents the form, which is read part by part")]
pub(super) struct UploadAttachment {
    /// The `requirement_id` of a requirement in the customer's `kyc`.
    #[schema(example = "identity_sub_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    requirement_id: String,
    /// The kind of evidence. It must meet the requirement.
    #[schema(example = "cnh")]
    evidence_type: String,
    /// The part of the evidence.
    #[schema(example = "front")]
    attachment_type: String,
    /// A PDF, JPEG or PNG of at most 10 MiB. The content decides, not the name or the declared type.
    #[schema(value_type = String, required = false, format = Binary, content_media_type = "application/octet-stream")]
    file: Option<String>,
    /// The e-mail address instead of a file, if `evidence_type` is `email`.
    #[schema(value_type = String, required = false, example = "socia@example.com")]
    value: Option<String>,
}

/// The evidence to send if it is a value and not a file.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it documents the form, which is read part by part")]
pub(super) struct SendValue {
    /// The `requirement_id` of a requirement in the customer's `kyc`.
    #[schema(example = "email_sub_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    requirement_id: String,
    /// The kind of evidence: an e-mail address.
    #[schema(example = "email", pattern = "^email$")]
    evidence_type: String,
    /// The part of the evidence: the address.
    #[schema(example = "email", pattern = "^email$")]
    attachment_type: String,
    /// The e-mail address.
    #[schema(example = "socia@example.com")]
    value: String,
}

/// The selfie to upload.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it documents the form, which is read part by part")]
pub(super) struct UploadSelfie {
    /// The `requirement_id` of the selfie in the customer's `kyc`.
    #[schema(example = "selfie_sub_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    requirement_id: String,
    /// A PDF, JPEG or PNG of at most 10 MiB. The content decides, not the name or the declared type.
    #[schema(format = Binary, content_media_type = "application/octet-stream")]
    file: String,
}

/// Upload a KYC attachment
///
/// The review waits until it is requested. For partner and session tokens.
#[utoipa::path(
    post, path = "/customers/{customer_id}/kyc-attachments",
    operation_id = "uploadKycAttachment", tag = "KYC",
    extensions(("x-codes" = json!(codes(&[Code::InvalidEvidence, Code::InvalidFormat, Code::InvalidState])))),
    request_body(content(
        (UploadAttachment = "multipart/form-data"),
        (SendValue = "application/x-www-form-urlencoded"),
    )),
    responses((status = 201, description = "The filled slot.", body = Attachment))
)]
pub(super) async fn attach(
    State(state): State<AppState>, caller: CustomerCaller, PathId(customer): PathId<CustomerId>,
    repeatable: Repeatable, request: Request,
) -> Result<Response, Rejection> {
    let source = caller.at(customer)?;
    receive(&state, caller, Submitter { customer, source }, repeatable, request, UploadPlace::read).await
}

/// Upload a selfie
///
/// Only with the token of the customer's own session.
#[utoipa::path(
    post, path = "/customers/{customer_id}/kyc-attachments/selfie",
    operation_id = "uploadKycSelfie", tag = "KYC",
    extensions(("x-codes" = json!(codes(&[Code::InvalidEvidence, Code::InvalidState])))),
    request_body(content = UploadSelfie, content_type = "multipart/form-data"),
    responses((status = 201, description = "The filled slot.", body = Attachment))
)]
pub(super) async fn attach_selfie(
    State(state): State<AppState>, caller: CustomerCaller, PathId(customer): PathId<CustomerId>,
    repeatable: Repeatable, request: Request,
) -> Result<Response, Rejection> {
    let source = caller.in_session_of(customer)?;
    receive(&state, caller, Submitter { customer, source }, repeatable, request, UploadPlace::read_selfie)
        .await
}

/// Submitted evidence with its place.
struct SubmittedEvidence {
    place: UploadPlace,
    content: EvidenceContent,
}

/// Submitted evidence: a file or a value.
enum EvidenceContent {
    File(ReceivedFile),
    Address(Email),
}

impl SubmittedEvidence {
    fn file(&self) -> Option<ReceivedFile> {
        match &self.content {
            EvidenceContent::File(file) => Some(file.clone()),
            EvidenceContent::Address(_) => None,
        }
    }

    fn evidence(&self) -> NewEvidence {
        match &self.content {
            EvidenceContent::File(file) => file.evidence(),
            EvidenceContent::Address(email) => NewEvidence::Address(email.clone()),
        }
    }

    /// The part of the request that belongs to its idempotency key's fingerprint.
    fn fingerprint(&self) -> String {
        let UploadPlace { requirement_id, evidence, slot } = &self.place;
        let content = match &self.content {
            EvidenceContent::File(file) => file.sha256().to_owned(),
            EvidenceContent::Address(email) => email.to_string(),
        };
        format!("{requirement_id}\n{evidence:?}\n{slot:?}\n{content}")
    }
}

/// The customer to whom evidence belongs, and its source.
#[derive(Clone, Copy)]
struct Submitter {
    customer: CustomerId,
    source: AttachmentSource,
}

/// Reads the texts of a form into a place, or returns every fault in them.
type ReadPlace = fn(&[(String, String)]) -> Result<UploadPlace, Vec<FieldError>>;

async fn receive(
    state: &AppState, caller: CustomerCaller, Submitter { customer, source }: Submitter,
    repeatable: Repeatable, request: Request, read: ReadPlace,
) -> Result<Response, Rejection> {
    let tenant = caller.tenant;
    state.store.read(move |tx| app::customers::exists(tx, tenant, customer)).await?;
    let submitted = match upload::receive_any_form(state, tenant, customer, request).await {
        Ok(form) => complete(state, tenant, form, read).await,
        Err(rejection) if rejection.0.code.status() < 500 => Err(*rejection.0),
        Err(rejection) => return Err(rejection),
    };
    let file = submitted.as_ref().ok().and_then(SubmittedEvidence::file);
    let body =
        submitted.as_ref().map_or_else(|_| "not a whole upload".to_owned(), SubmittedEvidence::fingerprint);
    let limits = state.config.files;
    let submit = move |tx: &mut app::Tx<'_>, now, submitted: &SubmittedEvidence| {
        caller.still_holds(tx, now)?;
        let (evidence, review_start) = (submitted.evidence(), ReviewStart::OnRequest);
        let command = SubmitEvidence { customer, evidence, source, review_start, limits };
        app::kyc::submit_evidence(tx, tenant, now, &command, |file| submitted.place.target(file))
            .map_err(|failed| failed.map_refused(|refused| Refused(refused).problem()))?;
        Ok::<_, app::Failed<Problem>>(submitted.place.slot)
    };
    let (holder, clock) = (caller.partner.into(), Some(tenant));
    let keyed = Keyed { holder, clock, request: repeatable, body: body.as_bytes() };
    let answer = idempotency::run(state, keyed, submitted, submit, |slot, _now| {
        Answer::created_here(&Attachment::filled(*slot))
    })
    .await;
    if upload::stored_nothing(&answer) {
        upload::discard(state, tenant, file).await;
    }
    answer
}

/// The complete upload, or every fault in it. With a fault, nothing is stored.
async fn complete(
    state: &AppState, tenant: PartnerId, form: Upload, read: ReadPlace,
) -> Result<SubmittedEvidence, Problem> {
    let value = form.texts.iter().find(|(name, _)| name == "value").map(|(_, text)| text.as_str());
    let (place, mut faults) = match read(&form.texts) {
        Ok(place) => (Some(place), Vec::new()),
        Err(faults) => (None, faults),
    };
    let takes_text = place.as_ref().is_some_and(UploadPlace::takes_text);
    let email = match value {
        Some(text) if takes_text => Email::parse(text).ok(),
        _no_text => None,
    };
    let mut fault = |param, code, detail| faults.push(FieldError::new(param, code, detail));
    match (takes_text, &form.file, value) {
        (true, Some(_), _) => {
            fault("file", Code::InvalidEvidence, "an e-mail address is sent as value, without a file");
        }
        (true, None, None) => fault("value", Code::MissingRequiredField, "this field is required"),
        (true, None, Some(_)) if email.is_none() => {
            fault("value", Code::InvalidFormat, "must be an e-mail address such as ana@example.com");
        }
        (false, _, Some(_)) if place.is_some() => {
            fault("value", Code::InvalidEvidence, "only an e-mail address is sent as value");
        }
        (false, None, _) => fault("file", Code::MissingFile, "this file is required"),
        (true, None, Some(_)) | (false, Some(_), _) => {}
    }
    if let (Some(place), true) = (place, faults.is_empty()) {
        match (email, form.file) {
            (Some(email), _) => {
                return Ok(SubmittedEvidence { place, content: EvidenceContent::Address(email) });
            }
            (None, Some(file)) => {
                return Ok(SubmittedEvidence { place, content: EvidenceContent::File(file) });
            }
            (None, None) => {}
        }
        return Err(wire::read::unread());
    }
    upload::discard(state, tenant, form.file).await;
    // A request without its file is malformed as a whole, so that fault decides the status.
    faults.sort_by_key(|fault| fault.code.status());
    Err(Problem::of_fields(faults))
}

/// A refusal in the words of this generation.
struct Refused(SubmitEvidenceRefused);

impl Refusal for Refused {
    fn problem(self) -> Problem {
        match self.0 {
            SubmitEvidenceRefused::NotRequired => {
                let detail = "requirement_id, evidence_type and attachment_type do not fit together in the \
                              customer's kyc";
                Problem::of_field("requirement_id", Code::InvalidEvidence, detail)
            }
            SubmitEvidenceRefused::AlreadyAccepted => Problem::of_field(
                "requirement_id",
                Code::InvalidState,
                "has been accepted and is not replaced",
            ),
            other @ (SubmitEvidenceRefused::NotFound
            | SubmitEvidenceRefused::InvalidState(_)
            | SubmitEvidenceRefused::NoRoom(_)) => other.problem(),
        }
    }
}

/// Request the review
///
/// For the first review and after corrections. For partner and session tokens. It ends the session.
#[utoipa::path(
    post, path = "/customers/{customer_id}/kyc-review", operation_id = "requestKycReview", tag = "KYC",
    extensions(("x-codes" = json!(codes(&[Code::KycIncomplete, Code::InvalidState])))),
    responses((status = 202, description = "The review has begun."))
)]
pub(super) async fn review(
    call: WriteCall<CustomerCaller, PathId<CustomerId>, OptionalJsonBody>,
) -> Result<Response, Rejection> {
    let (caller, customer) = (call.caller, call.id());
    caller.at(customer)?;
    let tenant = caller.tenant;
    let ask = move |tx: &mut app::Tx<'_>, now, (): &()| {
        caller.still_holds(tx, now)?;
        app::kyc::review::request(tx, tenant, now, customer)
            .map_err(|failed| failed.map_refused(|refused| NotReviewed(refused).problem()))
    };
    call.run(Ok(()), ask, |_file, _now| Answer::accepted()).await
}

/// The reason that no review began, in the words of this generation.
struct NotReviewed(RequestRefused);

impl Refusal for NotReviewed {
    fn problem(self) -> Problem {
        match self.0 {
            RequestRefused::NotFound => Problem::not_found(),
            RequestRefused::InvalidState(state) => Problem::invalid_state(not_pending(state)),
            RequestRefused::Incomplete(lacking) => incomplete(&lacking),
        }
    }
}

fn not_pending(state: CustomerState) -> String {
    format!("the customer is {}; a review begins while it is pending_kyc", state.name())
}
