//! The answers with a customer's page.

use app::customers::Sheet;
use app::people::notes;
use app::{Cursor, ListRefused, NotFound, Tx, customer_timeline};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::access::Permission;
use domain::id::CustomerId;
use domain::page::Limit;
use domain::queue::CaseSubject;

use super::sheet::{CustomerPage, Detail, Part, in_view};
use super::shown::Shown;
use super::viewer::{Counts, counts};
use crate::pages::kit::framed;
use crate::pages::people::notice::{forbidden, refused_list, unknown};
use crate::pages::people::visit::Visit;

/// The page of a customer.
pub(super) async fn page(
    visit: Visit, headers: &HeaderMap, id: &str, shown: Shown, status: StatusCode,
) -> Response {
    let Ok(id) = id.parse::<CustomerId>() else { return unknown(headers) };
    let (real, part) = (visit.state.clock.now(), Part::of(&shown.place.tab));
    let may = visit.visitor.grants.permissions;
    if !visit.visitor.grants.allows(part.permission()) {
        return forbidden(headers);
    }
    // An address with a wrong id shows the beginning.
    let after = shown.place.after.as_ref().and_then(|id| id.parse().ok());
    let cursor = Cursor { after, ..Cursor::first(Limit::DEFAULT) };
    let read = move |tx: &mut Tx<'_>| {
        let sheet = app::customers::sheet(tx, real, id);
        let sheet = sheet.map_err(|failed| failed.map_refused(|NotFound| ListRefused::NotFound))?;
        let detail = match part {
            Part::Review => Detail::Review(Counts::new()),
            Part::Offers | Part::Loans | Part::Mails => Detail::OfSheet,
            Part::Timeline => Detail::Timeline(customer_timeline::timeline(tx, &sheet, may)?),
            Part::Notes => Detail::Notes(notes::list(tx, CaseSubject::Customer(id), &cursor)?),
        };
        Ok((sheet, detail))
    };
    match visit.state.store.read(read).await {
        Ok((sheet, detail)) => {
            let detail = counted(&visit, &sheet, detail, &shown).await;
            let may_decide = visit.visitor.grants.allows(Permission::DecideKyc);
            framed(status, &CustomerPage::of(visit, &sheet, &detail, &Shown { may_decide, ..shown }))
        }
        Err(failed) => refused_list(headers, failed),
    }
}

/// The detail of a review with the numbers of pages of the documents in view.
async fn counted(visit: &Visit, sheet: &Sheet, detail: Detail, shown: &Shown) -> Detail {
    let requirements = &sheet.file.kyc.requirements;
    let requirement = in_view(requirements, shown.place.r).map(|place| &requirements[place]);
    match (detail, requirement) {
        (Detail::Review(_), Some(requirement)) => Detail::Review(counts(visit, sheet, requirement).await),
        (other, _) => other,
    }
}
