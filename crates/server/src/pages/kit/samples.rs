//! The invented values of `/kit`.

use domain::bank_account_change::ChangeState;
use domain::credential::CredentialState;
use domain::customer::CustomerState;
use domain::id::{LoanId, ResourceId as _};
use domain::kyc::RequirementState;
use domain::loan::{Failure, InstallmentStatus, LoanState, Signatures};
use domain::mail::MailState;
use domain::money::Cents;
use domain::offer::OfferState;
use domain::time::Timestamp;
use domain::webhook::delivery::DeliveryState;
use domain::webhook::endpoint::{DisabledBy, EndpointState};

use super::badge::Badge;
use super::shown::{Change, Mark, Moment, Money, Step};
use crate::pages::texts::{KitTexts, Texts};

/// In cents: small, large, largest, money out, and money returned.
pub(super) const AMOUNTS: [i64; 5] = [123_456, 1_840_000, 253_226, 6_840_000, 620_000];

/// 2026-11-25, 09:38:52 in São Paulo.
const NOW: Timestamp = Timestamp::from_seconds(1_795_610_332);

pub(super) fn now(t: &Texts) -> Moment {
    Moment::new(NOW, t.kit.minutes_ago)
}

/// A section of the page.
pub(super) struct Section {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    pub(super) icon: &'static str,
}

pub(super) fn sections(t: &KitTexts) -> Vec<Section> {
    let of = |(id, name, icon)| Section { id, name, icon };
    let all = [
        ("k-cor", t.colours, "sun"),
        ("k-tipo", t.type_, "signature"),
        ("k-btn", t.buttons, "circle-check"),
        ("k-fld", t.fields, "file-text"),
        ("k-bad", t.badges, "tag"),
        ("k-tab", t.table, "scroll-text"),
        ("k-nav", t.nav, "panel-left"),
        ("k-dia", t.dialog, "info"),
        ("k-msg", t.messages, "mail"),
        ("k-sml", t.small_parts, "banknote"),
        ("k-lin", t.lines, "history"),
        ("k-fig", t.figures, "scale"),
    ];
    all.map(of).into()
}

/// The badges of one kind of thing.
pub(super) struct BadgeRow {
    pub(super) name: &'static str,
    pub(super) badges: Vec<Badge>,
}

pub(super) fn badges(t: &Texts) -> Vec<BadgeRow> {
    let (kit, b) = (&t.kit, &t.badges);
    let row = |name, badges| BadgeRow { name, badges };
    vec![
        row(kit.customer, CUSTOMERS.map(|state| Badge::of_customer(state, b)).into()),
        row(kit.requirement, requirements().iter().map(|state| Badge::of_requirement(state, b)).collect()),
        row(kit.offer, offers().map(|state| Badge::of_offer(state, b)).into()),
        row(kit.loan, loans().iter().map(|state| Badge::of_loan(state, b)).collect()),
        row(kit.installment, INSTALLMENTS.map(|status| Badge::of_installment(status, b)).into()),
        row(kit.delivery, deliveries().map(|state| Badge::of_delivery(state, b)).into()),
        row(kit.credential, CREDENTIALS.map(|state| Badge::of_credential(state, b)).into()),
        row(kit.endpoint, ENDPOINTS.map(|state| Badge::of_endpoint(state, b)).into()),
        row(kit.account_change, CHANGES.map(|state| Badge::of_account_change(state, b)).into()),
        row(kit.mail, MAILS.map(|state| Badge::of_mail(state, b)).into()),
    ]
}

const CUSTOMERS: [CustomerState; 5] = [
    CustomerState::Creating,
    CustomerState::PendingKyc,
    CustomerState::UnderReview,
    CustomerState::Active,
    CustomerState::Denied,
];

const INSTALLMENTS: [InstallmentStatus; 4] = [
    InstallmentStatus::Pending,
    InstallmentStatus::PartiallyPaid,
    InstallmentStatus::Paid,
    InstallmentStatus::Overdue,
];

const CREDENTIALS: [CredentialState; 3] =
    [CredentialState::Active, CredentialState::Revoked, CredentialState::Expired];

const ENDPOINTS: [EndpointState; 4] = [
    EndpointState::Active,
    EndpointState::Disabled(DisabledBy::Partner),
    EndpointState::Disabled(DisabledBy::Failure),
    EndpointState::Disabled(DisabledBy::Gone),
];

const CHANGES: [ChangeState; 3] = [ChangeState::Pending, ChangeState::Confirmed, ChangeState::Withdrawn];

const MAILS: [MailState; 5] =
    [MailState::Waiting, MailState::Kept, MailState::Sent, MailState::Failed, MailState::Closed];

fn requirements() -> [RequirementState; 4] {
    [
        RequirementState::Missing,
        RequirementState::Submitted { at: NOW },
        RequirementState::Accepted { at: NOW },
        RequirementState::Rejected { at: NOW, reason: String::new() },
    ]
}

fn offers() -> [OfferState; 3] {
    let loan = LoanId::new(NOW, [0; 10]);
    [OfferState::Available, OfferState::Accepted { loan }, OfferState::Expired]
}

fn loans() -> [LoanState; 9] {
    [
        LoanState::Processing,
        LoanState::ContractGenerated,
        LoanState::AwaitingSignatures(Signatures { received: 1, required: 2 }),
        LoanState::Signed,
        LoanState::Disbursing,
        LoanState::Active { since: NOW },
        LoanState::Finished { since: NOW },
        LoanState::Cancelled,
        LoanState::Error(Failure { code: String::new(), message: String::new() }),
    ]
}

fn deliveries() -> [DeliveryState; 4] {
    let due = NOW.unmoved();
    [
        DeliveryState::Pending { made: 0, due },
        DeliveryState::Pending { made: 3, due },
        DeliveryState::Delivered { made: 1 },
        DeliveryState::Failed { made: 10 },
    ]
}

/// A row of the table.
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) note: &'static str,
    pub(super) badge: Badge,
    pub(super) amount: Money,
    /// The attributes of the row.
    pub(super) marks: &'static str,
    /// `checked` or empty.
    pub(super) ticked: &'static str,
}

pub(super) fn rows(t: &Texts) -> Vec<Row> {
    let (kit, b) = (&t.kit, &t.badges);
    let active = || Badge::of_customer(CustomerState::Active, b);
    let review = Badge::of_customer(CustomerState::UnderReview, b);
    let overdue = Badge::of_installment(InstallmentStatus::Overdue, b);
    let finished = Badge::of_loan(&LoanState::Finished { since: NOW }, b);
    let row = |name, badge, cents, marks| {
        let amount = Money(Cents::new(cents));
        Row { name, note: "", badge, amount, marks, ticked: "" }
    };
    vec![
        row(kit.row_normal, active(), 800_000, ""),
        row(kit.row_cursor, active(), 1_240_000, "data-cursor"),
        Row { ticked: "checked", ..row(kit.row_marked, active(), 315_090, "aria-selected=\"true\"") },
        Row { note: kit.row_new_note, ..row(kit.row_new, review, 500_000, "data-new") },
        row(kit.row_late, overdue, 249_232, "data-late"),
        Row { note: kit.row_gone_note, ..row(kit.row_gone, finished, 0, "data-gone") },
    ]
}

fn step(mark: Mark, label: &'static str, note: &'static str) -> Step {
    Step { mark, label, note: note.into() }
}

pub(super) fn line(t: &Texts) -> Vec<Step> {
    let (kit, b) = (&t.kit, &t.badges);
    vec![
        step(Mark::Done, b.contract_generated, "13/05, 16:20"),
        step(Mark::Done, b.signed, kit.step_signatures),
        step(Mark::Now, b.disbursing, kit.step_sent),
        step(Mark::Later, b.loan_active, ""),
        step(Mark::Later, b.finished, "14/05/2027"),
    ]
}

pub(super) fn failed(t: &Texts) -> Vec<Step> {
    let (kit, b) = (&t.kit, &t.badges);
    vec![
        step(Mark::Done, b.contract_generated, "13/05"),
        step(Mark::Done, b.signed, kit.step_signatures),
        step(Mark::Failed, kit.step_returned, kit.step_closed),
        step(Mark::Later, b.loan_active, ""),
        step(Mark::Later, b.finished, ""),
    ]
}

pub(super) fn changes(t: &KitTexts) -> Vec<Change> {
    let change = |what, before, after| Change { what, before, after };
    vec![
        change(t.bank, "990", "991"),
        change(t.role, t.role_before, t.role_after),
        change(t.branch, "0482", ""),
    ]
}
