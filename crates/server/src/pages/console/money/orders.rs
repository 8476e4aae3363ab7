//! The orders to send, those at the bank, and the files.

use std::sync::Arc;

use app::treasury::{self, ContentRefused, MakeRefused, Waiting};
use app::{Cursor, Failed, StoreError, Tx, first_page};
use askama::Template;
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::access::Permission;
use domain::bank_file::{BankFile, FileFormat};
use domain::id::BankFileId;
use domain::money::Cents;
use domain::page::Limit;
use domain::written;

use super::tabs::{At, Tab, tabs};
use crate::http::problem::of_store;
use crate::pages::answer::{attachment, failure};
use crate::pages::cookie::see_other;
use crate::pages::form::Form;
use crate::pages::kit::frame::Frame;
use crate::pages::kit::framed;
use crate::pages::kit::shown::{Money, exact};
use crate::pages::loan::figures::masked;
use crate::pages::people::frame::Around;
use crate::pages::people::notice::unknown;
use crate::pages::people::visit::Visit;
use crate::pages::texts::Texts;

#[derive(Template)]
#[template(path = "console/money/orders.html")]
struct MoneyPage {
    t: &'static Texts,
    frame: Frame,
    path: String,
    around: Around,
    tabs: Vec<Tab>,
    ready: Orders,
    sent: Orders,
    files: Vec<FileRow>,
    formats: Vec<Format>,
    may_settle: bool,
    has_account: bool,
    /// Whether a file was not made, because no order is left for it.
    nothing_made: bool,
}

struct Orders {
    rows: Vec<OrderRow>,
    sum: Money,
    words: String,
}

struct OrderRow {
    href: String,
    payee: String,
    contract: String,
    destination: String,
    amount: Money,
    since: String,
}

struct FileRow {
    href: String,
    name: String,
    format: &'static str,
    orders: String,
    amount: Money,
    made_at: String,
}

/// A format with the words of its button.
struct Format {
    value: &'static str,
    label: String,
    is_first: bool,
}

/// The name of a format for people.
fn format_name(format: FileFormat) -> &'static str {
    match format {
        FileFormat::Csv => "CSV",
        FileFormat::Cnab240 => "CNAB 240",
    }
}

impl Orders {
    fn of(waiting: &[Waiting], t: &'static Texts) -> Self {
        let row = |waiting: &Waiting| {
            let order = &waiting.order;
            OrderRow {
                href: format!("/console/loans/{}", order.loan),
                payee: order.payee.clone(),
                contract: order.name.to_string(),
                destination: masked(&order.destination),
                amount: Money(order.amount),
                since: written::day_of(waiting.since),
            }
        };
        let sum: Cents = waiting.iter().map(|waiting| waiting.order.amount).sum();
        Self {
            rows: waiting.iter().map(row).collect(),
            sum: Money(sum),
            words: (t.money.orders_of)(waiting.len()),
        }
    }
}

impl FileRow {
    fn of(file: &BankFile, t: &'static Texts) -> Self {
        Self {
            href: format!("/console/money/files/{}", file.id),
            name: (t.money.file)(file.number),
            format: format_name(file.format),
            orders: (t.money.orders_of)(
                usize::try_from(file.orders).expect("a file has a few hundred orders"),
            ),
            amount: Money(file.amount),
            made_at: exact(file.made_at.unmoved()),
        }
    }
}

/// Shows the orders and the newest files.
pub(in crate::pages::console) async fn show(visit: Visit) -> Response {
    page(visit, StatusCode::OK).await
}

async fn page(visit: Visit, status: StatusCode) -> Response {
    let read = |tx: &mut Tx<'_>| {
        let files = first_page(treasury::files(tx, &Cursor::first(Limit::DEFAULT)))?;
        Ok::<_, StoreError>((treasury::ready(tx)?, treasury::sent(tx)?, files))
    };
    let (ready, sent, files) = match visit.state.store.list(read).await {
        Ok(read) => read,
        Err(error) => return failure(&of_store(error)),
    };
    let (t, around) = (visit.texts(), visit.around());
    let ready = Orders::of(&ready, t);
    let has_account = visit.state.lender.payer.is_some();
    let usable = |format: &FileFormat| *format == FileFormat::Csv || has_account;
    let format = |format: FileFormat| Format {
        value: format.name(),
        label: (t.money.make)(&written::money(ready.sum.0), format_name(format)),
        is_first: format == FileFormat::Csv,
    };
    let shown = MoneyPage {
        tabs: tabs(At::Orders, &visit.visitor.grants, t),
        sent: Orders::of(&sent, t),
        files: files.items.iter().map(|file| FileRow::of(file, t)).collect(),
        formats: FileFormat::ALL.into_iter().filter(usable).map(format).collect(),
        may_settle: visit.visitor.grants.allows(Permission::SettleDisbursement),
        has_account,
        nothing_made: status == StatusCode::CONFLICT,
        ready,
        path: visit.path,
        frame: visit.frame,
        around,
        t,
    };
    framed(status, &shown)
}

/// Makes a file with the orders that are in none.
pub(in crate::pages::console) async fn make(visit: Visit, body: Bytes) -> Response {
    let format = match Form::read(&body) {
        Ok(form) => form.text_or_empty("format").parse(),
        Err(rejection) => return failure(&rejection),
    };
    let Ok(format) = format else { return page(visit, StatusCode::CONFLICT).await };
    let (now, by, lender) =
        (visit.state.clock.now(), visit.visitor.operator.id, Arc::clone(&visit.state.lender));
    match visit.change(&body, move |tx| treasury::make(tx, now, format, by, &lender)).await {
        Ok(_file) => see_other("/console/money#arquivos"),
        Err(Failed::Refused(MakeRefused::NothingToSend | MakeRefused::NoAccount)) => {
            page(visit, StatusCode::CONFLICT).await
        }
        Err(Failed::Store(error)) => failure(&of_store(error)),
    }
}

/// Downloads a file.
pub(in crate::pages::console) async fn download(
    visit: Visit, Path(id): Path<String>, headers: HeaderMap,
) -> Response {
    let Ok(id) = id.parse::<BankFileId>() else { return unknown(&headers) };
    let lender = Arc::clone(&visit.state.lender);
    match visit.state.store.read(move |tx| treasury::content(tx, id, &lender)).await {
        Ok((file, content)) => attached(&file, content),
        Err(Failed::Refused(ContentRefused::NotFound | ContentRefused::NoAccount)) => unknown(&headers),
        Err(Failed::Store(error)) => failure(&of_store(error)),
    }
}

fn attached(file: &BankFile, content: String) -> Response {
    let ending = match file.format {
        FileFormat::Csv => "csv",
        FileFormat::Cnab240 => "rem",
    };
    let name = format!("dinie-{:06}.{ending}", file.number);
    attachment("text/plain; charset=utf-8", &name, content)
}
