//! Resources that are found by an exact value: an id, the number of a contract, the reference of a payment.

use domain::credential::ClientId;
use domain::id::{CustomerId, PartnerId, PaymentId};
use domain::loan::CcbNumber;
use domain::search::Kind;

use crate::{StoreError, Tx, args, payments};

/// The place of a found resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The kind of the resource.
    pub kind: Kind,
    /// The id of the resource. The number of an entry of the audit trail.
    pub id: String,
    /// The partner of the resource, if it has one.
    pub partner: Option<String>,
    /// The customer of the resource, if it has one.
    pub customer: Option<String>,
    /// The state of the resource, if it has one.
    pub state: Option<String>,
    /// A name or a number that is not sealed, such as the number of a contract.
    pub label: Option<String>,
    /// The resource that it is a part of: the loan of an installment or a payment, the endpoint of a delivery.
    pub within: Option<String>,
}

/// Partner, customer, state and label.
type Found = (Option<String>, Option<String>, Option<String>, Option<String>);
/// Partner, customer, state, label and the resource that it is a part of.
type FoundById = (Option<String>, Option<String>, Option<String>, Option<String>, Option<String>);

/// The kind of an id and the statement that finds its place, by the prefix of the id. Tables without an index of ids
/// take one step for each partner: one engine keeps the order of a cross join.
const PLACES: &[(&str, Kind, &str)] = &[
    ("ptr", Kind::Partner, "select x.id, null, null, x.name, null from partners x where x.id = $1"),
    (
        "cust",
        Kind::Customer,
        "select x.partner_id, x.id, x.state, null, null from customers x where x.id = $1",
    ),
    (
        "doc",
        Kind::Document,
        "select x.partner_id, x.customer_id, null, null, null from kyc_documents x where x.id = $1",
    ),
    (
        "ba",
        Kind::BankAccount,
        "select x.partner_id, x.customer_id, null, null, null from partners p \
         cross join bank_accounts x where x.partner_id = p.id and x.id = $1",
    ),
    (
        "bss",
        Kind::KycSession,
        "select x.partner_id, x.customer_id, x.state, null, null from partners p \
         cross join biometrics_sessions x where x.partner_id = p.id and x.id = $1",
    ),
    (
        "cd",
        Kind::CreditDecision,
        "select x.partner_id, x.customer_id, x.outcome, null, null from partners p \
         cross join credit_decisions x where x.partner_id = p.id and x.id = $1",
    ),
    (
        "co",
        Kind::CreditOffer,
        "select x.partner_id, x.customer_id, x.state, null, null from offers x where x.id = $1",
    ),
    (
        "sim",
        Kind::Simulation,
        "select x.partner_id, o.customer_id, null, null, null from partners p \
         cross join simulations x \
         join offers o on o.partner_id = x.partner_id and o.id = x.offer_id \
         where x.partner_id = p.id and x.id = $1",
    ),
    (
        "ln",
        Kind::Loan,
        "select x.partner_id, x.customer_id, x.state, null, null from loans x where x.id = $1",
    ),
    (
        "tx",
        Kind::Installment,
        "select x.partner_id, l.customer_id, null, null, x.loan_id from installments x \
         join loans l on l.partner_id = x.partner_id and l.id = x.loan_id where x.id = $1",
    ),
    (
        "pay",
        Kind::Payment,
        "select x.partner_id, l.customer_id, \
         case when x.reversed_at is null then 'recorded' else 'reversed' end, null, x.loan_id from payments x \
         join loans l on l.partner_id = x.partner_id and l.id = x.loan_id where x.id = $1",
    ),
    ("ml", Kind::Mail, "select x.partner_id, null, x.state, null, null from mails x where x.id = $1"),
    (
        "we",
        Kind::WebhookEndpoint,
        "select x.partner_id, null, x.state, x.url, null from webhook_endpoints x where x.id = $1",
    ),
    (
        "evt",
        Kind::Event,
        "select x.partner_id, null, null, x.kind, null from partners p \
         cross join events x where x.partner_id = p.id and x.id = $1",
    ),
    (
        "dlv",
        Kind::WebhookDelivery,
        "select x.partner_id, null, x.state, x.event_type, x.endpoint_id from webhook_endpoints w \
         cross join deliveries x where x.partner_id = w.partner_id and x.endpoint_id = w.id and x.id = $1",
    ),
    (
        "op",
        Kind::Operator,
        "select null, null, case when x.revoked_at is null then 'active' else 'revoked' end, x.name, null \
         from operators x where x.id = $1",
    ),
    (
        "prop",
        Kind::Proposal,
        "select x.of_partner, null, x.state, x.action, null from proposals x where x.id = $1",
    ),
];

/// The resource with this id, if it is of one of these kinds.
pub fn by_id(
    tx: &mut Tx<'_>, prefix: &str, id: &str, may_find: impl Fn(Kind) -> bool,
) -> Result<Option<Place>, StoreError> {
    let place = PLACES.iter().find(|(known, kind, _)| *known == prefix && may_find(*kind));
    let Some((_, kind, sql)) = place else { return Ok(None) };
    let found: Option<FoundById> = tx.fetch_opt(sql, args![*id])?;
    Ok(found.map(|(partner, customer, state, label, within)| Place {
        kind: *kind,
        id: id.to_owned(),
        partner,
        customer,
        state,
        label,
        within,
    }))
}

/// The credential with this client id.
pub fn by_client(tx: &mut Tx<'_>, client: ClientId) -> Result<Option<Place>, StoreError> {
    let sql = "select partner_id, null, state, name from credentials where client_id = $1";
    let found: Option<Found> = tx.fetch_opt(sql, args![client])?;
    Ok(found.map(|(partner, customer, state, label)| Place {
        kind: Kind::Credential,
        id: client.to_string(),
        partner,
        customer,
        state,
        label,
        within: None,
    }))
}

/// The loan with this contract.
pub fn by_ccb_number(tx: &mut Tx<'_>, number: CcbNumber) -> Result<Option<Place>, StoreError> {
    let sql = "select partner_id, customer_id, state, id from loans where ccb_year = $1 and ccb_number = $2";
    let found: Option<Found> = tx.fetch_opt(sql, args![number.year, number.number])?;
    let place = |(partner, customer, state, id): Found| {
        let label = Some(number.to_string());
        Some(Place { kind: Kind::Loan, id: id?, partner, customer, state, label, within: None })
    };
    Ok(found.and_then(place))
}

/// The payments with this reference, at most one of each partner.
pub fn by_payment_reference(tx: &mut Tx<'_>, reference: &str) -> Result<Vec<Place>, StoreError> {
    let found = payments::borrowers_by_reference(tx, reference)?;
    let place = |(partner, payment, customer): (PartnerId, PaymentId, CustomerId)| Place {
        kind: Kind::Payment,
        id: payment.to_string(),
        partner: Some(partner.to_string()),
        customer: Some(customer.to_string()),
        state: None,
        label: None,
        within: None,
    };
    Ok(found.into_iter().map(place).collect())
}

/// The entries of the audit trail about this request, newest first.
pub fn by_request(tx: &mut Tx<'_>, request: &str, limit: i64) -> Result<Vec<Place>, StoreError> {
    let sql =
        "select number, operation from audit_entries where request_id = $1 order by number desc limit $2";
    let found: Vec<(i64, String)> = tx.fetch_all(sql, args![*request, limit])?;
    let place = |(number, operation): (i64, String)| Place {
        kind: Kind::AuditEntry,
        id: number.to_string(),
        partner: None,
        customer: None,
        state: None,
        label: Some(operation),
        within: None,
    };
    Ok(found.into_iter().map(place).collect())
}
