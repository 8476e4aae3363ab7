//! A check of the whole ledger, in steps of some loans each. So a running server waits only briefly for each step.

use std::collections::BTreeSet;

use domain::id::PartnerId;
use domain::page::{Limit, Order};
use domain::time::Date;
use store::{Cursor, Failed, Store, StoreError, Tx};

use super::entries::LedgerCheck;

/// Checks the ledger of every partner.
pub async fn whole(store: &Store) -> Result<LedgerCheck, StoreError> {
    let (mut check, mut after) = (LedgerCheck::default(), None);
    let mut days = BTreeSet::new();
    loop {
        let (partners, has_more) = partners(store, after).await?;
        for partner in &partners {
            check_partner(store, *partner, &mut check).await?;
            days.append(&mut check_sums(store, *partner, &mut check).await?);
        }
        after = partners.last().copied();
        if !has_more || after.is_none() {
            check.wrong_days = wrong_days(store, &days).await?;
            return Ok(check);
        }
    }
}

async fn check_partner(store: &Store, partner: PartnerId, check: &mut LedgerCheck) -> Result<(), StoreError> {
    let mut after = None;
    loop {
        let step = store.read_long(move |tx| crate::ledger::check_some(tx, partner, after)).await?;
        check.add(&step);
        after = step.last;
        if after.is_none() {
            return Ok(());
        }
    }
}

/// Checks the sums of a partner's months and years. Returns the days that have sums.
async fn check_sums(
    store: &Store, partner: PartnerId, check: &mut LedgerCheck,
) -> Result<BTreeSet<Date>, StoreError> {
    let sums = store.read_long(move |tx| store::journal_sums::check_sums(tx, partner)).await?;
    check.wrong_periods.extend(sums.wrong.into_iter().map(|(period, begins)| (partner, period, begins)));
    Ok(sums.days)
}

/// The next partners and clocks, also those with a damaged row.
async fn partners(store: &Store, after: Option<PartnerId>) -> Result<(Vec<PartnerId>, bool), StoreError> {
    let cursor = Cursor { after, limit: Limit::MOST, order: Order::Ascending };
    let page = store.read_long(move |tx| crate::partners::list_tenants(tx, &cursor)).await;
    let page = page.map_err(|failed| match failed {
        Failed::Store(error) => error,
        Failed::Refused(refusal) => StoreError::Defect(format!("the list of partners: {refusal:?}")),
    })?;
    let has_more = page.has_more;
    let ids = page.in_order(|partner| Some(partner.id), |mark| mark.id.parse::<PartnerId>().ok());
    Ok((ids.into_iter().flatten().collect(), has_more))
}

/// The days whose sums differ from the journal, of those with entries or with sums. Each day is read alone, so a running
/// server waits only briefly.
async fn wrong_days(store: &Store, summed: &BTreeSet<Date>) -> Result<Vec<Date>, StoreError> {
    let (mut wrong, mut from) = (Vec::new(), Date::MIN);
    loop {
        let next_summed = summed.range(from..).next().copied();
        let next = move |tx: &mut Tx<'_>| {
            let entered = store::journal_sums::day_from(tx, from)?;
            let Some(day) = entered.into_iter().chain(next_summed).min() else { return Ok(None) };
            Ok::<_, StoreError>(Some((day, store::journal_sums::is_day_right(tx, day)?)))
        };
        let Some((day, is_right)) = store.read_long(next).await? else { return Ok(wrong) };
        if !is_right {
            wrong.push(day);
        }
        match day.tomorrow() {
            Ok(tomorrow) => from = tomorrow,
            // No day follows: the calendar ends here.
            Err(_) => return Ok(wrong),
        }
    }
}
