//! The price of the terms in the form, which htmx asks for while the person writes.

use app::credit::{self, Decide, DecideRefused, PriceRefused};
use app::customers::registry::CompanyRegistry;
use app::{Failed, NotFound, Tx};
use askama::Template;
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::id::{CustomerId, PartnerId};
use domain::loan::pricing::Quote;
use domain::loan::rates::RateBook;
use domain::time::Timestamp;
use domain::written;

use super::form::{Given, Problem};
use crate::pages::answer::failure;
use crate::pages::kit::framed;
use crate::pages::kit::shown::Money;
use crate::pages::people::gate::Unrecorded;
use crate::pages::people::notice::{refused, unknown};
use crate::pages::people::visit::Visit;
use crate::pages::texts::Texts;

/// The price of a loan, in the order of its terms.
pub(super) struct Price {
    pub(super) count: String,
    pub(super) installment: Money,
    pub(super) net: Money,
    pub(super) fee: Money,
    pub(super) iof: Money,
    pub(super) principal: Money,
    pub(super) total: Money,
    pub(super) cet: String,
    pub(super) note: String,
}

impl Price {
    pub(super) fn of(quote: &Quote, t: &Texts) -> Self {
        let c = &t.credit;
        Self {
            count: (c.installments_of)(quote.installments()),
            installment: Money(quote.installment),
            net: Money(quote.net),
            fee: Money(quote.fee),
            iof: Money(quote.iof),
            principal: Money(quote.principal),
            total: Money(quote.total),
            cet: (c.cet)(&written::percent(quote.cet_annual), &written::percent(quote.cet_monthly)),
            note: (c.price_note)(&written::date(quote.release)),
        }
    }
}

#[derive(Template)]
#[template(path = "console/price.html")]
struct Shown {
    t: &'static Texts,
    price: Option<Price>,
}

/// Shows the price of the form's terms. Nothing is stored, and the answer names nobody.
pub(in crate::pages::console) async fn show(
    visit: Visit, Path(id): Path<String>, headers: HeaderMap, body: Bytes,
) -> Response {
    let Ok(customer) = id.parse::<CustomerId>() else { return unknown(&headers) };
    let given = match Given::read(&body) {
        Ok((given, _)) => given,
        Err(rejection) => return failure(&rejection),
    };
    let (real, registry, lender) =
        (visit.state.clock.now(), visit.state.registry, visit.state.lender.clone());
    let read = move |tx: &mut Tx<'_>| {
        let (partner, now) = app::directory::place(tx, real, &customer)?;
        priced(tx, (partner, now), &given.approval(customer), (registry, &lender.book.in_force()))
    };
    let t = visit.texts();
    match visit.state.store.read(read).await {
        Ok(quote) => {
            let price = quote.map(|quote| Price::of(&quote, t));
            let mut answer = framed(StatusCode::OK, &Shown { t, price });
            answer.extensions_mut().insert(Unrecorded);
            answer
        }
        Err(failed) => refused(&headers, failed),
    }
}

/// The price of a form's terms; none while they are not complete or cannot be priced.
pub(super) fn priced(
    tx: &mut Tx<'_>, (partner, now): (PartnerId, Timestamp), approval: &Result<Decide, Problem>,
    (registry, book): (CompanyRegistry, &RateBook),
) -> Result<Option<Quote>, Failed<NotFound>> {
    let Ok(Decide { customer, offer: Some(offer), .. }) = approval else { return Ok(None) };
    match credit::price(tx, partner, now, (*customer, offer), (registry, book)) {
        Ok(quote) => Ok(Some(quote)),
        Err(Failed::Refused(PriceRefused::Terms(DecideRefused::NotFound))) => Err(Failed::Refused(NotFound)),
        Err(Failed::Refused(PriceRefused::Terms(_) | PriceRefused::Pricing(_))) => Ok(None),
        Err(Failed::Store(error)) => Err(Failed::Store(error)),
    }
}
