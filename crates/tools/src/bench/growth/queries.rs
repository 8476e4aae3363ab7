//! The queries of a filled database over HTTP: every list, filter, sort, next page and look-up.

use super::super::samples::{Asker, Samples};

/// The path of the operators' search.
const SEARCH: &str = "/operator/v1/search";

/// A query with its paths, which are requested in turn.
#[derive(Debug, Clone)]
pub(super) struct Query {
    pub(super) name: String,
    pub(super) asker: Asker,
    pub(super) paths: Vec<String>,
}

impl Samples {
    /// Every query.
    pub(super) fn queries(&self) -> Vec<Query> {
        let mut all = Vec::new();
        for base in ["/v3", "/api/v3"] {
            all.extend(self.customers_of(base));
            all.extend(self.credit_of(base));
            all.extend(self.events_of(base));
        }
        all.extend(self.operators_customers());
        all.extend(self.operators_loans());
        all
    }

    fn customers_of(&self, base: &str) -> Vec<Query> {
        let list = |rest: &str| one(base, &format!("customers{rest}"));
        let mut all = vec![
            list(""),
            list("?order=asc"),
            list("?limit=100"),
            list("?sort=updated_at"),
            list("?status=active"),
            list("?status=denied"),
            list("?status=active&sort=updated_at"),
        ];
        let after = |rest: &str| {
            each(base, &format!("customers{rest}starting_after="), self.customer_ids().map(str::to_owned))
        };
        all.extend([
            after("?"),
            after("?order=asc&"),
            after("?sort=updated_at&"),
            after("?status=active&"),
            each(base, "customers?external_id=", self.text_of("external_id")),
            each(base, "customers?sort=updated_at&external_id=", self.text_of("external_id")),
            each(base, "customers?cpf=", self.text_of("cpf")),
            each(base, "customers/", self.customer_ids().map(str::to_owned)),
        ]);
        if base == "/v3" {
            all.extend([list("?sort=name"), list("?sort=name&status=active"), after("?sort=name&")]);
        }
        all
    }

    fn credit_of(&self, base: &str) -> Vec<Query> {
        let customers: Vec<String> = self.customer_ids().map(str::to_owned).collect();
        let of_customer = |rest: &str| {
            let paths = customers.iter().map(|id| format!("{base}/customers/{id}/credit-offers{rest}"));
            Query {
                name: format!("{base}/customers/…/credit-offers{rest}"),
                asker: Asker::Partner,
                paths: paths.collect(),
            }
        };
        let installments = self.loans.iter().map(|id| format!("{base}/loans/{id}/transactions"));
        vec![
            one(base, "credit-offers"),
            one(base, "credit-offers?status=available"),
            one(base, "credit-offers?status=expired"),
            each(base, "credit-offers?starting_after=", self.offers.iter().cloned()),
            each(base, "credit-offers?customer_id=", customers.iter().cloned()),
            of_customer(""),
            of_customer("?status=accepted"),
            each(base, "credit-offers/", self.offers.iter().cloned()),
            each(base, "loans/", self.loans.iter().cloned()),
            Query {
                name: format!("{base}/loans/…/transactions"),
                asker: Asker::Partner,
                paths: installments.collect(),
            },
        ]
    }

    fn events_of(&self, base: &str) -> Vec<Query> {
        // Each generation writes moments in its own form.
        let moments = |text: &String| match base {
            "/v3" => Some(text.clone()),
            _seconds => text.parse::<jiff::Timestamp>().ok().map(|at| at.as_second().to_string()),
        };
        let moments: Vec<String> = self.moments.iter().filter_map(moments).collect();
        let lane = format!("webhooks/endpoints/{}/deliveries", self.endpoint);
        let mut all = Vec::new();
        for (list, kind, cursors) in
            [("events", "type", &self.events), (&*lane, "event_type", &self.deliveries)]
        {
            let cursors = || cursors.iter().cloned();
            all.extend([
                one(base, list),
                one(base, &format!("{list}?order=asc")),
                one(base, &format!("{list}?{kind}=customer.created")),
                one(base, &format!("{list}?{kind}=loan.error")),
                each(base, &format!("{list}?since="), moments.iter().cloned()),
                each(base, &format!("{list}?order=asc&since="), moments.iter().cloned()),
                each(base, &format!("{list}?until="), moments.iter().cloned()),
                each(base, &format!("{list}?{kind}=customer.denied&until="), moments.iter().cloned()),
                each(base, &format!("{list}?starting_after="), cursors()),
                each(base, &format!("{list}?order=asc&starting_after="), cursors()),
                each(base, &format!("{list}?{kind}=loan.active&starting_after="), cursors()),
            ]);
        }
        all.push(each(base, "events/", self.events.iter().cloned()));
        all.extend([
            one(base, &format!("{lane}?status=delivered")),
            one(base, &format!("{lane}?status=failed")),
            each(base, &format!("{lane}?status=failed&starting_after="), self.deliveries.iter().cloned()),
            each(base, &format!("{lane}?status=failed&until="), moments.iter().cloned()),
            one(base, &format!("{lane}?status=failed&event_type=loan.active")),
            one(base, "webhooks/endpoints"),
            one(base, "auth/credentials"),
        ]);
        for query in &mut all {
            query.name = query.name.replace(&self.endpoint, "…");
        }
        all
    }

    fn operators_customers(&self) -> Vec<Query> {
        const BASE: &str = "/operator/v1";
        let partner = &self.partner;
        let ids = || self.customer_ids().map(str::to_owned);
        let decisions = ids().map(|id| format!("{BASE}/customers/{id}/credit-decisions"));
        let mut all = vec![
            one(BASE, "partners"),
            one(BASE, "customers"),
            one(BASE, "customers?status=under_review"),
            one(BASE, "customers?status=active&order=asc"),
            one(BASE, &format!("customers?partner_id={partner}")),
            one(BASE, &format!("customers?partner_id={partner}&status=denied")),
            each(BASE, "customers?starting_after=", ids()),
            each(BASE, "customers?status=active&starting_after=", ids()),
            each(BASE, "customers?cpf=", self.text_of("cpf")),
            each(BASE, "customers?cnpj=", self.text_of("cnpj")),
            each(BASE, "customers?external_id=", self.text_of("external_id")),
            each(BASE, &format!("customers?partner_id={partner}&external_id="), self.text_of("external_id")),
            each(BASE, "customers/", ids()),
            each(BASE, "documents/", self.documents.iter().cloned()),
            one(BASE, "mails"),
            one(BASE, "mails?status=kept"),
            one(BASE, &format!("mails?partner_id={partner}")),
            each(BASE, "mails?starting_after=", self.mails.iter().cloned()),
            one(BASE, "audit"),
            each(BASE, "search?q=", self.text_of("cnpj")),
            each(BASE, "search?q=", ids()),
            Query {
                name: format!("{BASE}/search?q=NAME"),
                asker: Asker::Operator,
                paths: self.searches(SEARCH, 1, 32),
            },
            Query {
                name: format!("{BASE}/search?q=NAMES"),
                asker: Asker::Operator,
                paths: self.searches(SEARCH, 2, 32),
            },
            Query {
                name: format!("{BASE}/search?q=NAM"),
                asker: Asker::Operator,
                paths: self.searches(SEARCH, 1, 3),
            },
        ];
        all.push(Query {
            name: format!("{BASE}/customers/…/credit-decisions"),
            asker: Asker::Operator,
            paths: decisions.collect(),
        });
        self.as_operator(all)
    }

    fn operators_loans(&self) -> Vec<Query> {
        const BASE: &str = "/operator/v1";
        let partner = &self.partner;
        let customers = || self.customer_ids().map(str::to_owned);
        let loans = || self.loans.iter().cloned();
        let mut all = Vec::new();
        for (list, state, rare, cursors) in [
            ("loans", "active", "finished", &self.loans),
            ("credit-offers", "expired", "available", &self.offers),
        ] {
            all.extend([
                one(BASE, list),
                one(BASE, &format!("{list}?order=asc")),
                one(BASE, &format!("{list}?status={state}")),
                one(BASE, &format!("{list}?status={rare}")),
                one(BASE, &format!("{list}?partner_id={partner}")),
                one(BASE, &format!("{list}?partner_id={partner}&status={rare}")),
                each(BASE, &format!("{list}?customer_id="), customers()),
                each(BASE, &format!("{list}?starting_after="), cursors.iter().cloned()),
                each(BASE, &format!("{list}?status={state}&starting_after="), cursors.iter().cloned()),
                each(BASE, &format!("{list}/"), cursors.iter().cloned()),
            ]);
        }
        for part in ["installments", "ledger", "payments", "signatures"] {
            let paths = loans().map(|id| format!("{BASE}/loans/{id}/{part}"));
            let name = format!("{BASE}/loans/…/{part}");
            all.push(Query { name, asker: Asker::Operator, paths: paths.collect() });
        }
        self.as_operator(all)
    }

    fn as_operator(&self, queries: Vec<Query>) -> Vec<Query> {
        let named = |query: Query| Query {
            name: query.name.replace(&self.partner, "…"),
            asker: Asker::Operator,
            ..query
        };
        queries.into_iter().map(named).collect()
    }
}

/// A query with one path.
fn one(base: &str, path: &str) -> Query {
    Query { name: format!("{base}/{path}"), asker: Asker::Partner, paths: vec![format!("{base}/{path}")] }
}

/// A query with one path for each value; the value ends the path.
fn each(base: &str, path: &str, values: impl Iterator<Item = String>) -> Query {
    Query {
        name: format!("{base}/{path}…"),
        asker: Asker::Partner,
        paths: values.map(|value| format!("{base}/{path}{value}")).collect(),
    }
}
