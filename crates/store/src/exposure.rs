//! The amounts that a person or a company was granted and owes, over all partners.
//!
//! The keyed hash of a CPF or CNPJ is the same for every partner, so a sum needs no partner's key and opens nothing.

use domain::credit::policy::Exposure;
use domain::customer::{Customer, CustomerState};
use domain::loan::LoanStateKind;
use domain::money::Cents;
use domain::offer::OfferTerms;

use crate::document::{QuoteText, set_of};
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

    /// The company, if there is one.
    pub fn company(tx: &Tx<'_>, customer: &Customer) -> Option<Self> {
        let cnpj = customer.registration.cnpj?;
        Some(Self { column: "cnpj_hash", hash: tx.keyring().lookup("cnpj", cnpj.characters()) })
    }
}

/// Makes transactions that decide by the exposure of one person or company take turns. The second one waits here until
/// the first has committed, and then reads the amounts that the first has granted.
pub fn take_turn(tx: &mut Tx<'_>, exposed: &[&Exposed]) -> Result<(), StoreError> {
    let mut hashes: Vec<&String> = exposed.iter().map(|exposed| &exposed.hash).collect();
    // All use one order, so that no two of them wait for each other.
    hashes.sort_unstable();
    for hash in hashes {
        let sql = "insert into exposure_turns (lookup_hash, turn) values ($1, 1) \
                   on conflict (lookup_hash) do update set turn = exposure_turns.turn + 1";
        tx.execute(sql, args![*hash])?;
    }
    Ok(())
}

/// The granted amount and the outstanding amount.
///
/// Granted is the sum of three amounts. The first is the maximum of each open offer. The second is the maximum of each
/// approved decision that will make an offer once its customer is active. The third is the principal of each loan from
/// its creation to its end. A loan that was cancelled or is paid up no longer counts. Outstanding is the unpaid
/// principal of active loans, without interest and charges. A damaged row is an error, because a sum without it would
/// be too small.
pub fn of(tx: &mut Tx<'_>, exposed: &Exposed) -> Result<Exposure, StoreError> {
    let Exposed { column, hash } = exposed;
    let offers = format!(
        "select o.terms from customers c \
         join offers o on o.partner_id = c.partner_id and o.customer_id = c.id \
         where c.{column} = $1 and o.state = 'available'"
    );
    let decisions = format!(
        "select d.terms from customers c \
         join credit_decisions d on d.partner_id = c.partner_id and d.customer_id = c.id \
         left join offers o on o.partner_id = d.partner_id and o.decision_id = d.id \
         where c.{column} = $1 and c.state not in {} and d.outcome = 'approved' and o.id is null",
        set_of(CustomerState::is_refused)
    );
    let loans = format!(
        "select l.quote, cast(case when l.state in {} then coalesce(( \
             select sum(t.principal - t.paid_principal) from installments t \
             where t.partner_id = l.partner_id and t.loan_id = l.id), 0) else 0 end as bigint) \
         from customers c join loans l on l.partner_id = c.partner_id and l.customer_id = c.id \
         where c.{column} = $1 and l.state in {}",
        set_of(|state: LoanStateKind| state.is_disbursed() && state.is_outstanding()),
        set_of(LoanStateKind::is_outstanding)
    );
    let mut granted = Cents::ZERO;
    for sql in [offers, decisions] {
        let terms: Vec<OfferTerms> = tx.fetch_all(&sql, args![*hash])?;
        granted += terms.iter().map(|terms| terms.approved_amount).sum();
    }
    let loans: Vec<(QuoteText, Cents)> = tx.fetch_all(&loans, args![*hash])?;
    let outstanding = loans.iter().map(|(_, unpaid)| *unpaid).sum();
    let principals = loans.iter().map(|(quote, _)| Ok(quote.price()?.principal));
    let principal = principals.sum::<Result<Cents, StoreError>>()?;
    Ok(Exposure { granted: granted + principal, outstanding })
}
