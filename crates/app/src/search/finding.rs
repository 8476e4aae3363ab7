//! Finds resources by every way in which the text of a search can be meant.

use std::collections::HashMap;

use domain::access::Permissions;
use domain::customer::{Customer, CustomerFile};
use domain::id::{CustomerId, InstallmentId, PartnerId};
use domain::page::{Limit, Order, Page};
use domain::search::{Kind, Match, NameQuery, Query, Term, terms};
use store::customers::CustomerFilter;
use store::search::exact::{self, Place};
use store::{Cursor, StoreError, Tx};

use super::hit::Hit;

/// Most hits of a search.
const MOST: usize = 20;

/// Customers that are opened at once to compare their names.
const AT_ONCE: i64 = 32;
/// Customers of all partners among whom those of one partner are looked for at once.
const AT_ONCE_OF_ALL: i64 = 256;

/// Most times that customers are opened. Only names whose words begin alike for eight letters need more than one.
const MOST_TIMES: usize = 8;

/// Resources that match the text, exact matches first, then names, newest customers first.
///
/// A customer is found by name within about a second of its registration.
pub fn search(tx: &mut Tx<'_>, query: &Query, may: Permissions) -> Result<Page<Hit>, StoreError> {
    find(tx, query, Searcher::Operator(may))
}

/// The partner's own resources that match the text, on all its clocks, in the order of [`search`].
pub fn search_of(tx: &mut Tx<'_>, partner: PartnerId, query: &Query) -> Result<Page<Hit>, StoreError> {
    let clocks = store::clocks::of_partner(tx, partner)?;
    let tenants = [partner].into_iter().chain(clocks.iter().map(|clock| clock.id.tenant())).collect();
    find(tx, query, Searcher::Partner(tenants))
}

/// The tenant's customers that match the text, or that have a resource that does, in the order of [`search`].
pub fn customers_of(
    tx: &mut Tx<'_>, tenant: PartnerId, query: &Query,
) -> Result<Page<CustomerFile>, StoreError> {
    let tenants = vec![tenant];
    let page = find(tx, query, Searcher::Partner(tenants.clone()))?;
    let mut ids: Vec<CustomerId> = Vec::new();
    for id in page.items.iter().filter_map(|hit| hit.customer.as_ref()?.parse().ok()) {
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    let mut files = opened(tx, Some(&tenants), &ids)?;
    let mut found = Page::empty(page.has_more);
    found.items = ids.iter().filter_map(|id| files.remove(id)).collect();
    Ok(found)
}

/// The person who searches.
#[derive(Debug)]
enum Searcher {
    /// An operator with these permissions, in all partners.
    Operator(Permissions),
    /// A member of the team of the partner with these tenants: itself and its clocks.
    Partner(Vec<PartnerId>),
}

/// The kinds that a partner's API has.
const OF_PARTNERS: [Kind; 11] = [
    Kind::Credential,
    Kind::Customer,
    Kind::Document,
    Kind::KycSession,
    Kind::CreditOffer,
    Kind::Simulation,
    Kind::Loan,
    Kind::Installment,
    Kind::WebhookEndpoint,
    Kind::Event,
    Kind::WebhookDelivery,
];

impl Searcher {
    fn may_find(&self, kind: Kind) -> bool {
        match self {
            Self::Operator(may) => may.contains(kind.permission()),
            Self::Partner(_) => OF_PARTNERS.contains(&kind),
        }
    }

    /// The tenants whose resources are searched; `None` for all.
    fn tenants(&self) -> Option<&[PartnerId]> {
        match self {
            Self::Operator(_) => None,
            Self::Partner(tenants) => Some(tenants),
        }
    }
}

fn find(tx: &mut Tx<'_>, query: &Query, searcher: Searcher) -> Result<Page<Hit>, StoreError> {
    let mut hits = Hits { searcher, found: Vec::new() };
    numbers(tx, query, &mut hits)?;
    if hits.may_find(Kind::Customer) {
        customers(tx, query, &mut hits)?;
        named(tx, hits.searcher.tenants(), &mut hits.found)?;
    }
    let mut page = Page::empty(hits.found.len() > MOST);
    hits.found.truncate(MOST);
    page.items = hits.found;
    Ok(page)
}

/// The hits so far, each resource once.
struct Hits {
    searcher: Searcher,
    found: Vec<Hit>,
}

impl Hits {
    fn may_find(&self, kind: Kind) -> bool {
        self.searcher.may_find(kind)
    }

    /// Adds a hit, unless it is known or another partner's.
    fn add(&mut self, hit: Hit) {
        let is_of = |tenant: &PartnerId| hit.partner == Some(tenant.to_string());
        if self.searcher.tenants().is_some_and(|tenants| !tenants.iter().any(is_of)) {
            return;
        }
        let is_known = self.found.iter().any(|known| known.kind == hit.kind && known.id == hit.id);
        if !is_known {
            self.found.push(hit);
        }
    }

    fn add_places(&mut self, places: impl IntoIterator<Item = Place>, matched: Match) {
        for place in places {
            self.add(Hit::at(place, matched));
        }
    }

    fn is_full(&self) -> bool {
        self.found.len() > MOST
    }
}

/// Finds resources by their ids and numbers.
fn numbers(tx: &mut Tx<'_>, query: &Query, hits: &mut Hits) -> Result<(), StoreError> {
    let text = query.text();
    if let Some(prefix) = query.id_prefix() {
        let found = exact::by_id(tx, prefix, text, |kind| hits.may_find(kind))?;
        hits.add_places(found, Match::Id);
    }
    if let (Ok(client), true) = (text.parse(), hits.may_find(Kind::Credential)) {
        hits.add_places(exact::by_client(tx, client)?, Match::Id);
    }
    let is_word = !text.contains(char::is_whitespace);
    if hits.may_find(Kind::Loan) {
        if let Some(number) = query.ccb_number() {
            hits.add_places(exact::by_ccb_number(tx, number)?, Match::CcbNumber);
        }
        if let Some(charge) = query.pix_txid() {
            let installment = charge.id::<InstallmentId>().to_string();
            hits.add_places(exact::by_id(tx, "tx", &installment, |_kind| true)?, Match::PixTxid);
        }
        if is_word && hits.may_find(Kind::Payment) {
            hits.add_places(exact::by_payment_reference(tx, text)?, Match::PaymentReference);
        }
    }
    if is_word && hits.may_find(Kind::AuditEntry) {
        let entries = i64::try_from(MOST).expect("twenty fits");
        hits.add_places(exact::by_request(tx, text, entries)?, Match::RequestId);
    }
    Ok(())
}

/// Finds customers.
fn customers(tx: &mut Tx<'_>, query: &Query, hits: &mut Hits) -> Result<(), StoreError> {
    let (cpf, cnpj) = (query.cpf(), query.cnpj());
    if cpf.is_some() {
        listed(tx, &CustomerFilter { cpf, ..CustomerFilter::default() }, Match::Cpf, hits)?;
    }
    if cnpj.is_some() {
        listed(tx, &CustomerFilter { cnpj, ..CustomerFilter::default() }, Match::Cnpj, hits)?;
    }
    let terms = [
        (cpf.map(Term::co_owner), Match::Cpf),
        (query.email().as_ref().map(Term::email), Match::Email),
        (query.phone().as_ref().map(Term::phone), Match::Phone),
    ];
    for (term, matched) in terms {
        let Some(term) = term else { continue };
        with_terms(
            tx,
            std::slice::from_ref(&term),
            |customer| self::terms(customer).contains(&term),
            matched,
            hits,
        )?;
    }
    if !query.text().contains(char::is_whitespace) {
        let external_id = Some(query.text().to_owned());
        listed(tx, &CustomerFilter { external_id, ..CustomerFilter::default() }, Match::ExternalId, hits)?;
    }
    match query.name() {
        Some(name) if cpf.is_none() && cnpj.is_none() => by_name(tx, &name, hits),
        Some(_) | None => Ok(()),
    }
}

fn listed(
    tx: &mut Tx<'_>, filter: &CustomerFilter, matched: Match, hits: &mut Hits,
) -> Result<(), StoreError> {
    let cursor = Cursor { after: None, limit: Limit::DEFAULT, order: Order::Descending };
    for tenant in each(hits.searcher.tenants()) {
        // Without a cursor's row there is no unknown one.
        if let Ok(page) = store::customers::list(tx, tenant, filter, &cursor)? {
            for file in page.items {
                hits.add(Hit::of_customer(&file.customer, matched));
            }
        }
    }
    Ok(())
}

fn by_name(tx: &mut Tx<'_>, name: &NameQuery, hits: &mut Hits) -> Result<(), StoreError> {
    with_terms(tx, &name.terms(), |customer| name.matches(customer), Match::Name, hits)
}

/// Finds customers that have all terms and that `matches` accepts.
fn with_terms(
    tx: &mut Tx<'_>, terms: &[Term], matches: impl Fn(&Customer) -> bool, matched: Match, hits: &mut Hits,
) -> Result<(), StoreError> {
    let mut before = None;
    let at_once = if hits.searcher.tenants().is_some() { AT_ONCE_OF_ALL } else { AT_ONCE };
    for _time in 0..MOST_TIMES {
        let ids = store::search::customers_with(tx, terms, before, at_once)?;
        let mut files = opened(tx, hits.searcher.tenants(), &ids)?;
        for id in &ids {
            if let Some(file) = files.remove(id).filter(|file| matches(&file.customer)) {
                hits.add(Hit::of_customer(&file.customer, matched));
            }
        }
        before = ids.last().copied();
        if hits.is_full() || store::row_count(ids.len()) < at_once {
            break;
        }
    }
    Ok(())
}

fn opened(
    tx: &mut Tx<'_>, tenants: Option<&[PartnerId]>, ids: &[CustomerId],
) -> Result<HashMap<CustomerId, CustomerFile>, StoreError> {
    let mut opened = HashMap::new();
    for tenant in each(tenants) {
        let files = store::customers::find_all(tx, tenant, ids)?;
        opened.extend(files.into_iter().map(|file| (file.customer.id, file)));
    }
    Ok(opened)
}

/// The tenants one by one; once none, which stands for all partners.
fn each(tenants: Option<&[PartnerId]>) -> Vec<Option<PartnerId>> {
    tenants.map_or_else(|| vec![None], |tenants| tenants.iter().copied().map(Some).collect())
}

/// The names of the partners of hits, by their ids.
pub fn partners_of(tx: &mut Tx<'_>, hits: &[Hit]) -> Result<HashMap<String, String>, StoreError> {
    let ids = hits.iter().filter_map(|hit| hit.partner.as_ref()?.parse().ok());
    let mut ids: Vec<PartnerId> = ids.collect();
    ids.sort_unstable();
    ids.dedup();
    let names = store::partners::names(tx, &ids)?;
    Ok(names.into_iter().map(|(id, name)| (id.to_string(), name)).collect())
}

/// Adds the names of the customers of found resources, all at once.
fn named(tx: &mut Tx<'_>, tenants: Option<&[PartnerId]>, hits: &mut [Hit]) -> Result<(), StoreError> {
    let unnamed = hits.iter().filter(|hit| hit.title.is_none());
    let mut ids: Vec<CustomerId> = unnamed.filter_map(|hit| hit.customer.as_ref()?.parse().ok()).collect();
    ids.sort_unstable();
    ids.dedup();
    let files = opened(tx, tenants, &ids)?;
    for hit in hits.iter_mut().filter(|hit| hit.title.is_none()) {
        let file = hit.customer.as_ref().and_then(|id| id.parse().ok()).and_then(|id| files.get(&id));
        if let Some(file) = file {
            *hit = hit.clone().about(&file.customer);
        }
    }
    Ok(())
}
