//! The forms that save a view of a queue and delete one.

use app::queues::{self, SaveView};
use app::{Failed, NotFound};
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use domain::id::SavedViewId;
use domain::visible::check_note;

use super::super::filter::{Asked, FilterAddress as _};
use super::permitted::seen;
use crate::http::problem::of_store;
use crate::pages::answer::failure;
use crate::pages::cookie::see_other;
use crate::pages::form::Form;
use crate::pages::people::notice::notice;
use crate::pages::people::visit::Visit;

/// Longest name of a view, in characters, as in the operator API.
const LONGEST_NAME: usize = 60;

/// Saves the filter of the form under its name. A view without a name is not saved.
pub(in crate::pages::console) async fn save(
    visit: Visit, Path(name): Path<String>, headers: HeaderMap, body: Bytes,
) -> Response {
    let queue = match seen(&visit, &name, &headers) {
        Ok(queue) => queue,
        Err(refused) => return *refused,
    };
    let form = match Form::read(&body) {
        Ok(form) => form,
        Err(rejection) => return failure(&rejection),
    };
    let filter = Asked::of_form(&form).filter();
    let name: String = form.line("name").chars().take(LONGEST_NAME).collect();
    let place = filter.address(queue);
    if name.is_empty() || check_note(&name).is_err() {
        return see_other(&place);
    }
    let command = SaveView { owner: visit.visitor.operator.id, queue, name, filter };
    let now = visit.state.clock.now();
    match visit.change(&body, move |tx| queues::save_view(tx, now, &command)).await {
        Ok(_view) => see_other(&place),
        Err(Failed::Refused(queues::TooManyViews)) => {
            notice(&headers, StatusCode::CONFLICT, |t| (t.too_many_views, t.too_many_views_text))
        }
        Err(Failed::Store(error)) => failure(&of_store(error)),
    }
}

/// Deletes one's own view.
pub(in crate::pages::console) async fn delete(
    visit: Visit, Path((name, id)): Path<(String, String)>, headers: HeaderMap, uri: Uri,
) -> Response {
    let queue = match seen(&visit, &name, &headers) {
        Ok(queue) => queue,
        Err(refused) => return *refused,
    };
    let owner = visit.visitor.operator.id;
    let place = Asked::of_uri(&uri).filter().address(queue);
    let Ok(id) = id.parse::<SavedViewId>() else { return see_other(&place) };
    match visit.change(b"", move |tx| queues::delete_view(tx, owner, id)).await {
        // It is as good as deleted if it was deleted before.
        Ok(()) | Err(Failed::Refused(NotFound)) => see_other(&place),
        Err(Failed::Store(error)) => failure(&of_store(error)),
    }
}
