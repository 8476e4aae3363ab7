//! Files by `multipart/form-data`, streamed into sealed storage as they arrive.

use app::database::PutError;
use app::kyc::{NewDocument, NewEvidence, NewFile, NoRoom, Room};
use app::{Failed, StoreError};
use axum::extract::multipart::{Field, Multipart, MultipartError};
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::Response;
use domain::id::{CustomerId, PartnerId};
use domain::kyc::FileLimits;
use wire::problem::{Code, Problem};

use super::coalesced::coalesced;
use super::extract::{FormRefused, MOST_PAIRS, body_up_to, check_encoding, form_of, is_form, repeated};
use super::parameters::{parameter, split};
use super::problem::{Rejection, of_store};
use crate::state::AppState;

/// Largest file, in bytes: 10 MiB.
pub const MOST_BYTES: u64 = 10 * 1024 * 1024;
/// [`MOST_BYTES`] in the store's integer type.
const MOST_BYTES_SIGNED: i64 = 10 * 1024 * 1024;
/// Largest text part, in bytes.
const MOST_TEXT: usize = 1_024;

/// Largest form, in bytes: a file of 10 MiB and the rest of the form.
pub fn form_limit() -> usize {
    usize::try_from(MOST_BYTES).expect("10 MiB fit any usize") + 64 * 1024
}

/// A received form: its text parts and its completely read file.
pub struct Upload {
    /// The text parts, in order.
    pub texts: Vec<(String, String)>,
    /// The file, if there was one.
    pub file: Option<ReceivedFile>,
}

/// A file that was read completely.
#[derive(Clone)]
pub enum ReceivedFile {
    /// The file is stored, and its row is not written yet.
    Stored(NewDocument),
    /// The customer's files have reached their limit, so nothing is stored. The upload may repeat an accepted one.
    /// Its answer is found by this hash.
    WithoutRoom {
        /// The SHA-256 of its content, in hex.
        sha256: String,
    },
}

impl ReceivedFile {
    /// The SHA-256 of its content, in hex.
    pub fn sha256(&self) -> &str {
        match self {
            Self::Stored(document) => &document.blob.sha256,
            Self::WithoutRoom { sha256 } => sha256,
        }
    }

    /// The file as evidence to submit.
    pub fn evidence(&self) -> NewEvidence {
        match self {
            Self::Stored(document) => NewEvidence::File(document.clone()),
            Self::WithoutRoom { .. } => NewEvidence::FileWithoutRoom,
        }
    }
}

/// Reads a multipart form and stores the part `file`. A caller that does not use the file must discard it.
pub async fn receive(
    state: &AppState, tenant: PartnerId, customer: CustomerId, request: Request,
) -> Result<Upload, Rejection> {
    let mut form = multipart(state, request).await?;
    let mut upload = Upload { texts: Vec::new(), file: None };
    match parts(state, tenant, customer, &mut form, &mut upload).await {
        Ok(()) => Ok(upload),
        Err(rejection) => {
            discard(state, tenant, upload.file).await;
            Err(rejection)
        }
    }
}

/// Like [`receive`], but also accepts forms without files. Clients that send only texts send no parts.
pub async fn receive_any_form(
    state: &AppState, tenant: PartnerId, customer: CustomerId, request: Request,
) -> Result<Upload, Rejection> {
    if !is_form(request.headers()) {
        return receive(state, tenant, customer, request).await;
    }
    let body = body_up_to(request, 16 * 1024).await?;
    let texts = form_of(&body).map_err(|refused| match refused {
        FormRefused::NotUtf8 => Problem::new(Code::MalformedBody, "the body is not a form"),
        FormRefused::TooMany => too_many_parts(),
    })?;
    match repeated(&texts) {
        Some(name) => Err(Problem::of_field(name, Code::MalformedBody, "may be given once only").into()),
        None => Ok(Upload { texts, file: None }),
    }
}

async fn multipart(state: &AppState, request: Request) -> Result<Multipart, Rejection> {
    let declared = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let is_form =
        |declared: &str| declared.trim_start().to_ascii_lowercase().starts_with("multipart/form-data");
    if !declared.is_some_and(is_form) {
        let detail = "send a form: Content-Type: multipart/form-data; boundary=…";
        return Err(Problem::new(Code::InvalidContentType, detail).into());
    }
    check_encoding(request.headers())?;
    Multipart::from_request(request.map(coalesced), state)
        .await
        .map_err(|_| Problem::new(Code::MalformedBody, "the multipart form has no valid boundary").into())
}

async fn parts(
    state: &AppState, tenant: PartnerId, customer: CustomerId, form: &mut Multipart, upload: &mut Upload,
) -> Result<(), Rejection> {
    let mut count = 0;
    while let Some(mut field) = form.next_field().await.map_err(|error| broken(&error))? {
        count += 1;
        if count > MOST_PAIRS {
            return Err(too_many_parts().into());
        }
        let name = name_of(&field)?;
        if name == "file" {
            if upload.file.is_some() {
                return Err(Problem::of_field("file", Code::MalformedBody, "may be given once only").into());
            }
            upload.file = Some(store_file(state, tenant, customer, field).await?);
            continue;
        }
        if upload.texts.iter().any(|(given, _)| *given == name) {
            return Err(Problem::of_field(name, Code::MalformedBody, "may be given once only").into());
        }
        let text = text_of(&name, &mut field).await?;
        upload.texts.push((name, text));
    }
    Ok(())
}

fn too_many_parts() -> Problem {
    Problem::new(Code::MalformedBody, format!("the form may have at most {MOST_PAIRS} parts"))
}

/// The part's name, empty if it has none. The library's own reader would take a `name=` inside a file's name for it.
fn name_of(field: &Field<'_>) -> Result<String, Problem> {
    let malformed = || Problem::new(Code::MalformedBody, "a part's Content-Disposition cannot be read");
    let Some(value) = field.headers().get(CONTENT_DISPOSITION) else { return Ok(String::new()) };
    // File names come in any encoding. Their bytes that are not UTF-8 do not matter.
    let text = String::from_utf8_lossy(value.as_bytes());
    let mut pieces = split(&text, ';').ok_or_else(malformed)?.into_iter();
    if !pieces.next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("form-data")) {
        return Err(malformed());
    }
    let mut name = None;
    for piece in pieces.filter(|piece| !piece.trim().is_empty()) {
        let (key, value) = parameter(piece).ok_or_else(malformed)?;
        if key == "name" && name.replace(value).is_some() {
            return Err(malformed());
        }
    }
    Ok(name.into_iter().collect())
}

async fn text_of(name: &str, field: &mut Field<'_>) -> Result<String, Rejection> {
    let mut bytes = Vec::new();
    while let Some(piece) = field.chunk().await.map_err(|error| broken(&error))? {
        bytes.extend_from_slice(&piece);
        if bytes.len() > MOST_TEXT {
            let detail = format!("may have at most {MOST_TEXT} bytes; a file belongs in the part named file");
            return Err(Problem::of_field(name, Code::PayloadTooLarge, detail).into());
        }
    }
    String::from_utf8(bytes).map_err(|_| Problem::of_field(name, Code::MalformedBody, "is not UTF-8").into())
}

/// Stores a stream of bytes as a file without a row yet. If the customer's files have reached their limit, it
/// computes only the hash.
pub async fn store_file<S>(
    state: &AppState, tenant: PartnerId, customer: CustomerId, source: S,
) -> Result<ReceivedFile, Rejection>
where
    S: futures::Stream<Item = Result<bytes::Bytes, MultipartError>> + Send,
{
    let source = std::pin::pin!(source);
    let file = match announce(state, tenant, customer).await {
        Ok(file) => file,
        Err(Failed::Refused(NoRoom)) => {
            let sha256 = app::database::sha256_of(source, MOST_BYTES).await.map_err(refused)?;
            return Ok(ReceivedFile::WithoutRoom { sha256 });
        }
        Err(Failed::Store(error)) => return Err(of_store(error)),
    };
    let NewFile { document, blob_key, key, nonce } = file;
    match state.blobs.put(&key, &blob_key, nonce, source, MOST_BYTES).await {
        Ok(blob) => Ok(ReceivedFile::Stored(NewDocument { id: document, blob_key, blob })),
        Err(error) => {
            forget(state, tenant, blob_key).await;
            Err(refused(error))
        }
    }
}

/// Records a file before it is written, so that it is deleted if its row never follows.
pub async fn announce(
    state: &AppState, tenant: PartnerId, customer: CustomerId,
) -> Result<NewFile, Failed<NoRoom>> {
    let room = Room { largest: MOST_BYTES_SIGNED, limits: state.config.files };
    let real = state.clock.now();
    state.store.write(move |tx| app::kyc::announce_file(tx, tenant, real, customer, room)).await
}

/// The problem of a customer whose files have reached their limit.
pub fn no_room(limits: FileLimits) -> Problem {
    let FileLimits { files, bytes } = limits;
    let mib = bytes / (1024 * 1024);
    let detail = format!(
        "a customer may have {files} files and {mib} MiB of them; replaced files are deleted after an hour"
    );
    Problem::of_field("file", Code::InvalidState, detail)
}

/// Deletes a stored file that was not used.
pub async fn discard(state: &AppState, tenant: PartnerId, file: Option<ReceivedFile>) {
    let Some(ReceivedFile::Stored(file)) = file else { return };
    if let Err(error) = state.blobs.delete(&file.blob_key).await {
        // The record of the file remains, so the purge worker tries again.
        tracing::warn!(%error, "an unused file could not be deleted yet");
        return;
    }
    forget(state, tenant, file.blob_key).await;
}

/// Whether the uploaded file is surely not part of the customer's KYC. Only 201 says that it is. After a failure of
/// the server it may be. Then only the purge worker, which checks that, may delete it.
pub fn stored_nothing(answer: &Result<Response, Rejection>) -> bool {
    match answer {
        Ok(response) => {
            response.status() != StatusCode::CREATED || response.headers().contains_key("idempotent-replayed")
        }
        Err(rejection) => rejection.0.code.status() < 500,
    }
}

async fn forget(state: &AppState, tenant: PartnerId, blob_key: String) {
    let script = move |tx: &mut app::Tx<'_>| app::kyc::forget_file(tx, tenant, &blob_key);
    if let Err(error) = state.store.write::<_, StoreError>(script).await {
        tracing::warn!(%error, "the announcement of a file could not be deleted yet");
    }
}

fn refused(error: PutError<MultipartError>) -> Rejection {
    match error {
        PutError::Empty => Problem::of_field("file", Code::MissingFile, "the file is empty").into(),
        PutError::TooLarge => {
            Problem::of_field("file", Code::PayloadTooLarge, "the file may have at most 10 MiB").into()
        }
        PutError::UnsupportedType => {
            let detail = "the content is neither PDF nor JPEG nor PNG";
            Problem::of_field("file", Code::UnsupportedFileType, detail).into()
        }
        PutError::Source(error) => broken(&error),
        PutError::Storage(error) => of_store(error),
    }
}

fn broken(error: &MultipartError) -> Rejection {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return Problem::new(Code::PayloadTooLarge, "the form is too large").into();
    }
    Problem::new(Code::MalformedBody, "the multipart form ended before its end, or is not one").into()
}
