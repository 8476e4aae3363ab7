//! The pages of a customer's document, for the operator API and the console.

use app::{Failed, NotFound, StoreError, Tx};
use domain::id::DocumentId;
use domain::kyc::MediaType;
use wire::problem::{Code, Problem};

use super::problem::{Rejection, of_store};
use crate::page_pictures::NotShown;
use crate::state::AppState;

/// A page of a document.
pub(crate) struct Page {
    /// The type of the image.
    pub(crate) media_type: MediaType,
    /// The image.
    pub(crate) image: Vec<u8>,
    /// The number of pages of the document.
    pub(crate) pages: u16,
}

/// A page of a document of any partner: of a PDF it is rendered, and a photograph is its own only page. Pages are counted
/// from 1.
pub(crate) async fn page_of(state: &AppState, id: DocumentId, number: u16) -> Result<Page, Rejection> {
    let (media_type, content) = file_of(state, id).await?;
    match media_type {
        MediaType::Pdf => {
            let picture = state.page_pictures.picture(id, &content, number).await.map_err(problem)?;
            Ok(Page { media_type: MediaType::Png, image: picture.png, pages: picture.pages })
        }
        MediaType::Jpeg | MediaType::Png if number == 1 => Ok(Page { media_type, image: content, pages: 1 }),
        MediaType::Jpeg | MediaType::Png => Err(problem(NotShown::NoSuchPage)),
    }
}

/// The number of pages of a PDF.
pub(crate) async fn count_of(state: &AppState, id: DocumentId) -> Result<u16, NotShown> {
    if let Some(known) = state.page_pictures.known(id) {
        return known;
    }
    match file_of(state, id).await {
        Ok((_, content)) => state.page_pictures.count(id, &content).await,
        Err(_unavailable) => Err(NotShown::Busy),
    }
}

/// The type and the file of a document of any partner.
pub(crate) async fn file_of(state: &AppState, id: DocumentId) -> Result<(MediaType, Vec<u8>), Rejection> {
    let found = found(state, id).await.map_err(of_store)?;
    found.ok_or_else(|| Problem::not_found().into())
}

/// The type and the file of a document of any partner; `None` without the document.
pub(crate) async fn found(
    state: &AppState, id: DocumentId,
) -> Result<Option<(MediaType, Vec<u8>)>, StoreError> {
    let real = state.clock.now();
    let find = move |tx: &mut Tx<'_>| {
        let (partner, _now) = app::directory::place(tx, real, &id)?;
        app::kyc::document(tx, partner, id)
    };
    let (document, key) = match state.store.read(find).await {
        Ok(found) => found,
        Err(Failed::Refused(NotFound)) => return Ok(None),
        Err(Failed::Store(error)) => return Err(error),
    };
    let content = state.blobs.get(&key, &document.blob_key).await?;
    Ok(Some((document.media_type, content)))
}

fn problem(reason: NotShown) -> Rejection {
    match reason {
        NotShown::NoSuchPage => Problem::not_found(),
        NotShown::Unreadable => Problem::new(
            Code::InvalidFormat,
            "the document cannot be shown: it is not a PDF that can be read, or its pages take too much memory or time",
        ),
        NotShown::Password => {
            Problem::new(Code::InvalidFormat, "the document cannot be shown: it has a password")
        }
        NotShown::Busy => {
            Problem::new(Code::Unavailable, "too many pages are being rendered; try again").retry_after(2)
        }
    }
    .into()
}
