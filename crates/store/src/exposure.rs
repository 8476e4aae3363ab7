//! The amounts that a person or a company has been granted and owes, over all partners.
//!
//! The keyed hash of a CPF or CNPJ is the same at every partner, so a sum needs no key of a partner and opens nothing.

use domain::credit::policy::Exposure;
use domain::customer::Customer;
use domain::money::Cents;
use domain::offer::OfferTerms;

use crate::document::QuoteText;
use crate::table::table;
use crate::{StoreError, Tx, args};

table! {
    /// The row on which analyses of one person or company take turns.
    struct TurnRow in "exposure_turns" by (lookup_hash) {
        lookup_hash: String,
        turn: i64,
    }
}

/// The person or company of an exposure: the column of `customers` and the keyed hash in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exposed {
    column: &'static str,
    hash: String,
}

impl Exposed {
    /// The person.
    pub fn person(tx: &Tx<'_>, customer: &Customer) -> Self {
        let hash = tx.keyring().lookup("cpf", customer.registration.cpf.digits());
        Self { column: "cpf_hash", hash }
    }

    /// The company, where there is one.
    pub fn company(tx: &Tx<'_>, customer: &Customer) -> Option<Self> {
        let cnpj = customer.registration.cnpj?;
        Some(Self { column: "cnpj_hash", hash: tx.keyring().lookup("cnpj", cnpj.characters()) })
    }
}

/// Makes transactions that decide by the exposure of one person or company take turns. The second one waits here until
/// the first has committed, and then reads the amounts that the first has granted.
pub fn take_turn(tx: &mut Tx<'_>, exposed: &[&Exposed]) -> Result<(), StoreError> {
    let mut hashes: Vec<&String> = exposed.iter().map(|exposed| &exposed.hash).collect();
    // One order for all, so that no two wait for each other.
    hashes.sort_unstable();
    for hash in hashes {
        let sql = "insert into exposure_turns (lookup_hash, turn) values ($1, 1) \
                   on conflict (lookup_hash) do update set turn = exposure_turns.turn + 1";
        tx.execute(sql, args![*hash])?;
    }
    Ok(())
}

/// The granted and the outstanding amount.
///
/// Granted is the sum of: the maximum of each open offer; the maximum of each approved decision that will make an offer
/// once its customer is active; the principal of each loan from its creation to its end. A loan that was cancelled,
/// failed or is paid up no longer counts. Outstanding is the unpaid principal of active loans, without interest and
/// charges. A damaged row is an error: a sum without it would be too small.
pub fn of(tx: &mut Tx<'_>, exposed: &Exposed) -> Result<Exposure, StoreError> {
    let Exposed { column, hash } = exposed;
    let terms = |sql: &str, tx: &mut Tx<'_>| -> Result<Cents, StoreError> {
        let sql = sql.replace("{column}", column);
        let terms: Vec<OfferTerms> = tx.fetch_all(&sql, args![*hash])?;
        Ok(terms.iter().map(|terms: &OfferTerms| terms.approved_amount).sum())
    };
    let offers = terms(OFFERS, tx)?;
    let decisions = terms(DECISIONS, tx)?;
    let loans: Vec<(QuoteText, Cents)> = tx.fetch_all(&LOANS.replace("{column}", column), args![*hash])?;
    let outstanding = loans.iter().map(|(_, unpaid)| *unpaid).sum();
    let principals = loans.iter().map(|(quote, _)| Ok(quote.price()?.principal));
    let principal = principals.sum::<Result<Cents, StoreError>>()?;
    Ok(Exposure { granted: offers + decisions + principal, outstanding })
}

const OFFERS: &str = "select o.terms from customers c \
                      join offers o on o.partner_id = c.partner_id and o.customer_id = c.id \
                      where c.{column} = $1 and o.state = 'available'";

const DECISIONS: &str = "select d.terms from customers c \
                         join credit_decisions d on d.partner_id = c.partner_id and d.customer_id = c.id \
                         left join offers o on o.partner_id = d.partner_id and o.decision_id = d.id \
                         where c.{column} = $1 and c.state <> 'denied' and d.outcome = 'approved' and o.id is null";

const LOANS: &str = "select l.quote, cast(case when l.state = 'active' then coalesce(( \
                         select sum(t.principal - t.paid_principal) from installments t \
                         where t.partner_id = l.partner_id and t.loan_id = l.id), 0) else 0 end as bigint) \
                     from customers c join loans l on l.partner_id = c.partner_id and l.customer_id = c.id \
                     where c.{column} = $1 and l.state not in ('finished', 'cancelled', 'error')";
