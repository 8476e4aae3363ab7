//! The form that accepts or rejects a requirement. It names the documents that the reviewer saw: if the customer has
//! sent others since, nothing is decided.

use app::kyc::review::ReviewRefused;
use app::{Failed, Tx};
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::id::CustomerId;
use domain::kyc::{Judgement, RequirementKey, Verdict};
use domain::visible::one_line;

use super::page::page;
use super::shown::{Place, Problem, Shown};
use crate::http::problem::of_store;
use crate::pages::answer::{failure, fields_of};
use crate::pages::cookie::see_other;
use crate::pages::people::notice::unknown;
use crate::pages::people::visit::Visit;

/// Longest reason, in characters, as in the operator API.
const LONGEST_REASON: usize = 500;

/// Decides on one requirement.
pub(in crate::pages::console) async fn decide(
    visit: Visit, Path(id): Path<String>, headers: HeaderMap, body: Bytes,
) -> Response {
    let Ok(customer) = id.parse::<CustomerId>() else { return unknown(&headers) };
    let form = match fields_of(&body) {
        Ok(form) => form,
        Err(rejection) => return failure(&rejection),
    };
    let place = Place { r: field(&form, "place").and_then(|place| place.parse().ok()), ..Place::default() };
    let judgement = match judgement(&form) {
        Ok(judgement) => judgement,
        Err(problem) => {
            let shown = Shown { problem: Some(problem), ..Shown::masked(place) };
            return page(visit, &headers, &id, shown, StatusCode::UNPROCESSABLE_ENTITY).await;
        }
    };
    let kept = visit.kept(&format!("/console/customers/{customer}"));
    let (real, lifetime) = (visit.state.clock.now(), visit.state.config.lifetimes.offer);
    let decide = move |tx: &mut Tx<'_>| {
        let (partner, now) = app::directory::place(tx, real, &customer)?;
        app::kyc::review::decide(tx, partner, now, customer, std::slice::from_ref(&judgement), lifetime)
    };
    match visit.change(&body, decide).await {
        // The page shows the next requirement to decide.
        Ok(_file) => see_other(&kept),
        Err(Failed::Refused(ReviewRefused::NotFound)) => unknown(&headers),
        Err(Failed::Refused(ReviewRefused::NotJudged(_changed_meanwhile))) => {
            let shown = Shown { problem: Some(Problem::Changed), ..Shown::masked(place) };
            page(visit, &headers, &id, shown, StatusCode::CONFLICT).await
        }
        Err(Failed::Store(error)) => failure(&of_store(error)),
    }
}

fn field<'f>(form: &'f [(String, String)], name: &str) -> Option<&'f str> {
    form.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
}

/// The judgement of a form. A form of the page itself lacks at most the reason.
fn judgement(form: &[(String, String)]) -> Result<Judgement, Problem> {
    let kind = field(form, "kind").and_then(|kind| kind.parse().ok()).ok_or(Problem::Changed)?;
    let subject = field(form, "subject").filter(|id| !id.is_empty());
    let subject = subject.map(str::parse).transpose().map_err(|_no_id| Problem::Changed)?;
    let documents = form.iter().filter(|(name, _)| name == "document").map(|(_, id)| id.parse());
    let documents = documents.collect::<Result<Vec<_>, _>>().map_err(|_no_id| Problem::Changed)?;
    let verdict = match field(form, "verdict") {
        Some("accept") => Verdict::Accept,
        Some("reject") => Verdict::Reject { reason: reason(form).ok_or(Problem::ReasonMissing)? },
        Some(_) | None => return Err(Problem::Changed),
    };
    Ok(Judgement { key: RequirementKey { kind, subject }, documents, verdict })
}

/// The reviewer's own words, or else the chosen reason.
fn reason(form: &[(String, String)]) -> Option<String> {
    let given = ["own_words", "reason"].into_iter().filter_map(|name| field(form, name));
    let reason = given.map(one_line).find(|text| !text.is_empty())?;
    let fits = reason.chars().count() <= LONGEST_REASON && !reason.chars().any(char::is_control);
    fits.then_some(reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn own_words_replace_the_chosen_reason_and_a_rejection_needs_one() {
        let chosen = [("kind", "selfie"), ("verdict", "reject"), ("reason", "Foto ilegível.")];
        let reason_of = |pairs: &[(&str, &str)]| judgement(&form(pairs)).map(|judgement| judgement.verdict);
        let rejected = |reason: &str| Ok(Verdict::Reject { reason: reason.to_owned() });
        assert_eq!(reason_of(&chosen), rejected("Foto ilegível."));
        let own = [&chosen[..], &[("own_words", " Tire  o chapéu.\n")]].concat();
        assert_eq!(reason_of(&own), rejected("Tire o chapéu."));
        assert_eq!(reason_of(&chosen[..2]), Err(Problem::ReasonMissing));
        assert_eq!(reason_of(&[("kind", "selfie")]), Err(Problem::Changed));
        assert_eq!(reason_of(&[("kind", "selfie"), ("verdict", "accept")]), Ok(Verdict::Accept));
    }
}
