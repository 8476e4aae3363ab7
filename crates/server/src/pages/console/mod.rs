//! The console: where the lender's people work (docs/decisions/0025).
//!
//! Every page runs the use cases that the operator API runs. [`gate`] lets only signed-in people through, with the
//! permission that the page declares in [`pages`]. The audit trail records every request, as it records every call.

mod age;
mod audit;
pub(super) mod case_bar;
mod credit;
pub(super) mod customers;
pub(super) mod filter;
mod home;
mod letter;
pub(super) mod loans;
pub(super) mod moments;
mod money;
pub(super) mod navigation;
mod notes;
mod page_of;
mod partners;
pub(super) mod people;
mod proposals;
mod question;
mod queues;
pub(super) mod search;
mod settings;
pub(super) mod viewer;

use axum::Router;
use axum::middleware::from_fn_with_state;
use domain::access::Permission;

use super::people::gate;
use super::people::routes::{Guard, Listed, Pages};
use crate::state::AppState;

/// Every route under `/console`.
pub(super) fn routes(state: &AppState) -> Router<AppState> {
    pages().into_router().route_layer(from_fn_with_state(state.clone(), gate::signed_in))
}

/// The pages for signed-in people. Each declares who may see it.
fn pages() -> Pages {
    settings(partners(customers(money_pages(work(Pages::default())))))
        .get("/console", Guard::Anyone, home::show)
        .get("/console/search", Guard::Needs(Permission::Search), search::show)
        .get("/console/loans", Guard::Needs(Permission::ReadLoans), loans::list)
        .get("/console/loans/{id}", Guard::Needs(Permission::ReadLoans), loans::show)
        .get("/console/loans/{id}/ask/{action}", Guard::Needs(Permission::ReadLoans), loans::ask)
        .get("/console/loans/{id}/contract.pdf", Guard::Needs(Permission::ReadContracts), loans::contract)
        .post("/console/loans/{id}/disbursement", Guard::Needs(Permission::OrderDisbursement), loans::order)
        .post(
            "/console/loans/{id}/disbursement/again",
            Guard::Needs(Permission::OrderDisbursement),
            loans::pay_again,
        )
        .post(
            "/console/loans/{id}/disbursement/confirm",
            Guard::Needs(Permission::SettleDisbursement),
            loans::confirm,
        )
        .post(
            "/console/loans/{id}/disbursement/fail",
            Guard::Needs(Permission::SettleDisbursement),
            loans::fail,
        )
        .post("/console/loans/{id}/cancel", Guard::Needs(Permission::CancelLoan), loans::cancel)
        .post("/console/loans/{id}/invitations", Guard::Needs(Permission::InviteSigners), loans::invite)
        .post("/console/loans/{id}/payments", Guard::Needs(Permission::RecordPayment), loans::record)
        .post("/console/loans/{id}/notes", Guard::Needs(Permission::WriteNotes), loans::write_note)
        .post(
            "/console/loans/{id}/notes/{note}/strike",
            Guard::Needs(Permission::WriteNotes),
            loans::strike_note,
        )
        .get("/console/payments/{id}", Guard::Needs(Permission::ReadLoans), money::payment)
        .get("/console/payments/{id}/reverse", Guard::Needs(Permission::ReversePayment), loans::ask_reversal)
        .post("/console/payments/{id}/reverse", Guard::Needs(Permission::ReversePayment), loans::reverse)
        .get("/console/audit", Guard::Needs(Permission::ReadAudit), audit::show)
        .get("/console/audit/check", Guard::Needs(Permission::ReadAudit), audit::check)
        .get("/console/audit/export", Guard::Needs(Permission::ReadAudit), audit::export)
        .get("/console/people", Guard::Needs(Permission::ReadOperators), people::list)
        .get("/console/people/invite", Guard::NeedsFresh(Permission::ManageOperators), people::show_invite)
        .post("/console/people/invite", Guard::NeedsFresh(Permission::ManageOperators), people::invite)
        .get("/console/people/program", Guard::NeedsFresh(Permission::ManageOperators), people::show_program)
        .post("/console/people/program", Guard::NeedsFresh(Permission::ManageOperators), people::create)
        .get("/console/people/{id}", Guard::Needs(Permission::ReadOperators), people::show)
        .post("/console/people/{id}/reset", Guard::NeedsFresh(Permission::ManageOperators), people::reset)
        .post("/console/people/{id}/revoke", Guard::NeedsFresh(Permission::ManageOperators), people::revoke)
}

/// The pages of money.
fn money_pages(pages: Pages) -> Pages {
    pages
        .get("/console/money", Guard::Needs(Permission::ReadLoans), money::show)
        .post("/console/money/files", Guard::Needs(Permission::SettleDisbursement), money::make)
        .get("/console/money/files/{id}", Guard::Needs(Permission::SettleDisbursement), money::download)
        .post("/console/money/answers", Guard::Needs(Permission::SettleDisbursement), money::preview)
        .post("/console/money/answers/apply", Guard::Needs(Permission::SettleDisbursement), money::apply)
        .get("/console/money/payments", Guard::Needs(Permission::ReadLoans), money::payments)
        .get("/console/money/payments/export", Guard::Needs(Permission::ReadLoans), money::export_payments)
        .get("/console/money/balance", Guard::Needs(Permission::ReadLedger), money::balance)
        .get("/console/money/balance/export", Guard::Needs(Permission::ReadLedger), money::export_balance)
        .get("/console/money/balance/{account}", Guard::Needs(Permission::ReadLedger), money::entries)
        .get(
            "/console/money/balance/{account}/export",
            Guard::Needs(Permission::ReadLedger),
            money::export_entries,
        )
}

/// The pages of the day's work.
fn work(pages: Pages) -> Pages {
    pages
        .get("/console/queues/{queue}", Guard::Needs(Permission::ReadQueues), queues::show)
        .get("/console/queues/{queue}/next", Guard::Needs(Permission::ReadQueues), queues::next)
        .get("/console/queues/{queue}/assign", Guard::Needs(Permission::AssignCases), queues::preview)
        .post("/console/queues/{queue}/assign", Guard::Needs(Permission::AssignCases), queues::assign)
        .post("/console/queues/{queue}/views", Guard::Needs(Permission::ReadQueues), queues::save_view)
        .post(
            "/console/queues/{queue}/views/{id}/delete",
            Guard::Needs(Permission::ReadQueues),
            queues::delete_view,
        )
        .get("/console/live/news", Guard::Needs(Permission::ReadQueues), home::live)
        .get("/console/live/queue", Guard::Needs(Permission::ReadQueues), queues::list)
        .post("/console/live/case", Guard::Needs(Permission::ReadQueues), queues::case)
        .get("/console/customers/{id}/credit", Guard::Needs(Permission::ReadCredit), credit::show)
        .post("/console/customers/{id}/credit", Guard::Needs(Permission::DecideCredit), credit::decide)
        .post("/console/live/customers/{id}/price", Guard::Needs(Permission::DecideCredit), credit::price)
        .post("/console/loans/{id}/write-off", Guard::Needs(Permission::WriteOffLoan), loans::write_off)
        .get("/console/people/{id}/roles", Guard::NeedsFresh(Permission::ManageOperators), people::show_roles)
        .post(
            "/console/people/{id}/roles",
            Guard::NeedsFresh(Permission::ManageOperators),
            people::change_roles,
        )
        .get("/console/mails/{id}", Guard::Needs(Permission::ReadMails), letter::show)
        .post("/console/mails/{id}/send-again", Guard::Needs(Permission::SendMail), letter::send_again)
        .post("/console/mails/{id}/close", Guard::Needs(Permission::SendMail), letter::close)
        .get("/console/proposals/{id}", Guard::Needs(Permission::ReadProposals), proposals::show)
        .post("/console/proposals/{id}/approve", Guard::Needs(Permission::ReadProposals), proposals::approve)
        .post("/console/proposals/{id}/reject", Guard::Needs(Permission::ReadProposals), proposals::reject)
        .post(
            "/console/proposals/{id}/withdraw",
            Guard::Needs(Permission::ReadProposals),
            proposals::withdraw,
        )
}

/// The pages about customers.
fn customers(pages: Pages) -> Pages {
    const REFUSAL: &str = "/console/customers/{id}/refuse";
    const WITHDRAWAL: &str = "/console/customers/{id}/offers/{offer}/withdraw";
    const ERASURE: &str = "/console/customers/{id}/erase";
    pages
        .get("/console/customers", Guard::Needs(Permission::ReadCustomers), customers::list)
        .get("/console/customers/{id}", Guard::Needs(Permission::ReadCustomers), customers::show)
        .get("/console/customers/{id}/shown", Guard::Needs(Permission::ReadCustomers), customers::reveal)
        .get(
            "/console/customers/{id}/personal-data",
            Guard::Needs(Permission::ExportPersonalData),
            customers::export_personal_data,
        )
        .post("/console/customers/{id}/kyc", Guard::Needs(Permission::DecideKyc), customers::decide)
        .post("/console/customers/{id}/notes", Guard::Needs(Permission::WriteNotes), customers::write_note)
        .post(
            "/console/customers/{id}/notes/{note}/strike",
            Guard::Needs(Permission::WriteNotes),
            customers::strike_note,
        )
        .post("/console/customers/{id}/tags", Guard::Needs(Permission::TagCustomers), customers::add_tag)
        .post(
            "/console/customers/{id}/tags/remove",
            Guard::Needs(Permission::TagCustomers),
            customers::remove_tag,
        )
        .get("/console/documents/{id}", Guard::Needs(Permission::ReadDocuments), customers::document)
        .get(
            "/console/documents/{id}/pages/{number}",
            Guard::Needs(Permission::ReadDocuments),
            customers::document_page,
        )
        .get(REFUSAL, Guard::Needs(Permission::RefuseCustomer), customers::ask_refusal)
        .post(REFUSAL, Guard::Needs(Permission::RefuseCustomer), customers::refuse)
        .get(ERASURE, Guard::Needs(Permission::ErasePersonalData), customers::ask_erasure)
        .post(ERASURE, Guard::Needs(Permission::ErasePersonalData), customers::erase)
        .get(WITHDRAWAL, Guard::Needs(Permission::WithdrawOffer), customers::ask_withdrawal)
        .post(WITHDRAWAL, Guard::Needs(Permission::WithdrawOffer), customers::withdraw)
}

/// The pages about partners.
fn partners(pages: Pages) -> Pages {
    const CREDENTIAL: &str = "/console/partners/{id}/credentials/{client}";
    const NEW_CREDENTIAL: &str = "/console/partners/{id}/credential";
    pages
        .get("/console/partners", Guard::Needs(Permission::ReadPartners), partners::list)
        .get("/console/partners/new", Guard::Needs(Permission::CreatePartner), partners::show_create)
        .post("/console/partners/new", Guard::Needs(Permission::CreatePartner), partners::create)
        .get("/console/partners/{id}", Guard::Needs(Permission::ReadPartners), partners::show)
        .post("/console/partners/{id}/limits", Guard::Needs(Permission::LimitPartner), partners::set_limits)
        .get(NEW_CREDENTIAL, Guard::NeedsFresh(Permission::CreateCredential), partners::show_new_credential)
        .post(NEW_CREDENTIAL, Guard::NeedsFresh(Permission::CreateCredential), partners::create_credential)
        .get(CREDENTIAL, Guard::Needs(Permission::ReadPartners), partners::credential)
        .post(
            "/console/partners/{id}/credentials/{client}/replace",
            Guard::NeedsFresh(Permission::CreateCredential),
            partners::replace,
        )
        .post(
            "/console/partners/{id}/credentials/{client}/revoke",
            Guard::NeedsFresh(Permission::RevokeCredential),
            partners::revoke,
        )
}

/// The pages of the settings.
fn settings(pages: Pages) -> Pages {
    pages
        .get("/console/settings", Guard::Needs(Permission::ReadSettings), settings::creditor)
        .get("/console/settings/policy", Guard::Needs(Permission::ReadSettings), settings::policy)
        .post("/console/settings/policy", Guard::Needs(Permission::AdoptPolicy), settings::upload_policy)
        .get(
            "/console/settings/policy/{id}",
            Guard::Needs(Permission::ReadSettings),
            settings::policy_version,
        )
        .post(
            "/console/settings/policy/{id}/adopt",
            Guard::NeedsFresh(Permission::AdoptPolicy),
            settings::adopt_policy,
        )
        .get("/console/settings/rates", Guard::Needs(Permission::ReadSettings), settings::rates)
        .get("/console/settings/letters", Guard::Needs(Permission::ReadSettings), settings::letters)
        .get("/console/settings/roles", Guard::Needs(Permission::ReadOperators), settings::roles)
        .get("/console/settings/tokens", Guard::Needs(Permission::ReadOperators), settings::tokens)
}

/// Every page of the console, for the tests of roles.
pub(super) fn listed() -> Vec<Listed> {
    pages().listed()
}
