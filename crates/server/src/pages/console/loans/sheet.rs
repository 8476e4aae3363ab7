//! A loan's page, from the sheet that the use case read.

use app::loan_sheet::{Part, Sheet, possible};
use askama::Template;

use super::rows::{self, Act, View};
use crate::pages::kit::badge::Badge;
use crate::pages::kit::frame::Frame;
use crate::pages::kit::shown::Step;
use crate::pages::kit::tab::Tab;
use crate::pages::loan::Chart;
use crate::pages::loan::figures::{self, Figure, Payoff};
use crate::pages::loan::{line, payment_page, signers};
use crate::pages::people::frame::Around;
use crate::pages::people::visit::Visit;
use crate::pages::texts::Texts;

#[derive(Template)]
#[template(path = "console/loan.html")]
pub(super) struct LoanPage {
    t: &'static Texts,
    frame: Frame,
    path: String,
    around: Around,
    id: String,
    name: String,
    customer: String,
    partner: String,
    contract: String,
    badge: Badge,
    /// Days past the oldest unpaid installment's effective due date, in words; empty if nothing is overdue.
    overdue: String,
    /// The reason of a failed loan; empty for others.
    failure: String,
    /// The write-off in words; empty without one.
    written_off: String,
    steps: Vec<Step>,
    figures: Vec<Figure>,
    tabs: Vec<Tab>,
    chart: Chart,
    view: View,
    acts: Vec<Act>,
    payoff: Option<Payoff>,
    /// The first and the last day of the payoff calculator; empty if nothing is owed.
    days: (String, String),
    destination: String,
    signers: Vec<(String, String)>,
    payment_page: String,
    can_record: bool,
    has_contract: bool,
    /// Whether a decision was not made, because the loan had changed.
    changed: bool,
}

impl LoanPage {
    pub(super) fn of(visit: Visit, sheet: &Sheet, part: Part, payoff: Option<Payoff>, changed: bool) -> Self {
        let (t, around) = (visit.texts(), visit.around());
        let loan = &sheet.statement.loan;
        let grants = &visit.visitor.grants;
        let possible = possible(sheet, grants);
        let tab = |of: Part| Tab {
            href: format!("/console/loans/{}?tab={}", loan.id, of.name()),
            label: (t.loan.part)(of),
            current: of == part,
        };
        let tabs = Part::ALL.into_iter().filter(|part| grants.allows(part.permission()));
        Self {
            id: loan.id.to_string(),
            name: figures::name(sheet, t),
            customer: format!("/console/customers/{}", loan.customer),
            partner: sheet.partner.clone(),
            contract: figures::contract(loan),
            badge: Badge::of_loan(&loan.state, &t.badges),
            overdue: figures::overdue(sheet, t),
            failure: figures::failure(loan),
            written_off: figures::written_off(loan, t),
            steps: line(sheet, t),
            figures: figures::all(sheet, t),
            tabs: tabs.map(tab).collect(),
            chart: Chart::of(sheet, t),
            view: View::of(&visit, sheet),
            acts: rows::acts(&possible, loan.id, visit.state.config.four_eyes, t),
            payoff,
            days: figures::days(sheet),
            destination: loan
                .destination
                .as_ref()
                .map_or_else(|| t.loan.no_destination.to_owned(), figures::masked),
            signers: signers(loan, t),
            payment_page: payment_page(sheet, &visit),
            can_record: possible
                .iter()
                .any(|one| one.action == app::loan_sheet::LoanAction::RecordPayment && one.blocked.is_none()),
            has_contract: loan.ccb_number.is_some() && grants.allows(Part::Contract.permission()),
            changed,
            path: visit.path,
            frame: visit.frame,
            around,
            t,
        }
    }

    /// An address of this loan, which keeps the case for which the page was opened.
    fn own(&self, rest: &str) -> String {
        self.around.kept(&format!("/console/loans/{}{rest}", self.id))
    }

    /// Whether an installment has a Pix code.
    fn has_codes(&self) -> bool {
        matches!(&self.view, View::Schedule(rows) if rows.iter().any(|row| !row.code.is_empty()))
    }
}
