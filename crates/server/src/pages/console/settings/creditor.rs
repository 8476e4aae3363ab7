//! The lender, as its contracts and the files for its bank name it.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

use super::tab::{Page, Tab, tabs};
use crate::pages::kit::frame::Frame;
use crate::pages::kit::framed;
use crate::pages::people::frame::Around;
use crate::pages::people::visit::Visit;
use crate::pages::texts::Texts;

#[derive(Template)]
#[template(path = "console/settings/creditor.html")]
struct CreditorPage {
    t: &'static Texts,
    frame: Frame,
    path: String,
    around: Around,
    tabs: Vec<Tab>,
    creditor: Vec<(&'static str, String)>,
    /// The account from which money leaves; empty if the configuration names none.
    payer: Vec<(&'static str, String)>,
    lifetimes: Vec<(&'static str, String)>,
}

/// Shows the lender.
pub(in crate::pages::console) async fn show(visit: Visit) -> Response {
    let (t, around) = (visit.texts(), visit.around());
    let s = &t.settings;
    let lender = &visit.state.lender;
    let creditor = &lender.creditor;
    let payer = lender.payer.iter().flat_map(|payer| {
        let with_digit = |number: &str, digit: &str| {
            if digit.is_empty() { number.to_owned() } else { format!("{number}-{digit}") }
        };
        [
            (s.bank, payer.bank.clone()),
            (s.branch, with_digit(&payer.branch, &payer.branch_digit)),
            (s.account, with_digit(&payer.account, &payer.account_digit)),
            (s.agreement, payer.agreement.clone()),
        ]
    });
    let days = |span: std::time::Duration| (t.days)(span.as_secs() / 86_400);
    let page = CreditorPage {
        tabs: tabs(Page::Creditor, &visit.visitor.grants, t),
        creditor: vec![
            (s.name, creditor.name.clone()),
            (s.cnpj, creditor.cnpj.to_string()),
            (s.address, creditor.address.clone()),
            (s.city, creditor.city.clone()),
        ],
        payer: payer.collect(),
        lifetimes: vec![
            (s.offer_life, days(lender.lifetimes.offer)),
            (s.signing_life, days(lender.lifetimes.signing_link)),
            (s.overpayment, domain::written::money(lender.overpayment_limit)),
        ],
        path: visit.path,
        frame: visit.frame,
        around,
        t,
    };
    framed(StatusCode::OK, &page)
}
