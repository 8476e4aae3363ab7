//! The price of a loan: schedule, IOF, service fee and CET of a request, in integer cents and exact decimals.
//!
//! Reasons: docs/decisions/0006.

use super::between::Between;
use super::cet::{self, NoCet};
use super::exact::Exact;
use super::iof::{IofRates, IofRegime};
use super::rates::{IofVersion, RateBook};
use super::schedule::{Calendar, NoCalendar, ScheduledInstallment, due_dates};
use crate::money::{Cents, Rate};
use crate::spelled;
use crate::time::Date;

/// The payment of fee and tax at release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Charges {
    /// They are added to the principal, and the customer receives the requested amount.
    Financed,
    /// They are deducted from the requested amount.
    Deducted,
}

spelled!(Charges { Financed = "financed", Deducted = "deducted" });

/// The rules of pricing for a product (policy).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Product {
    /// The service fee on the requested amount.
    pub fee: Rate,
    /// The borrower's tax regime.
    pub regime: IofRegime,
    /// The payment of fee and tax at release.
    pub charges: Charges,
}

impl Product {
    /// The default fee: 1.20 % of the requested amount (policy).
    pub const DEFAULT_FEE: Rate = Rate::from_scaled(1_200_000);
}

/// A request for a price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request {
    /// The amount requested.
    pub requested: Cents,
    /// The monthly rate.
    pub monthly_rate: Rate,
    /// The number of installments, at least 1.
    pub installments: u16,
    /// The day on which the money is released.
    pub release: Date,
    /// The first due date, if the caller chooses it.
    pub first_due: Option<Date>,
}

/// The price: every figure that a contract shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quote {
    /// The amount requested.
    pub requested: Cents,
    /// The service fee.
    pub fee: Cents,
    /// The tax.
    pub iof: Cents,
    /// The principal.
    pub principal: Cents,
    /// The amount paid out to the customer.
    pub net: Cents,
    /// The amount of an installment.
    pub installment: Cents,
    /// The sum of the interest.
    pub interest: Cents,
    /// The sum of the installments.
    pub total: Cents,
    /// The contract's monthly rate.
    pub monthly_rate: Rate,
    /// The contract's yearly rate, (1+i)^12 − 1, two decimals of the percentage.
    pub annual_rate: Rate,
    /// The yearly total effective cost (CET), two decimals of the percentage.
    pub cet_annual: Rate,
    /// The monthly total effective cost (CET), two decimals of the percentage.
    pub cet_monthly: Rate,
    /// The day on which the money is released.
    pub release: Date,
    /// The schedule, one row for each installment.
    pub schedule: Vec<ScheduledInstallment>,
}

impl Quote {
    /// The first due date.
    pub fn first_due(&self) -> Date {
        self.schedule.first().map_or(self.release, |row| row.due)
    }

    /// The number of installments.
    pub fn installments(&self) -> u16 {
        u16::try_from(self.schedule.len()).expect("a request counts its installments in as many bits")
    }
}

/// The reason why a request cannot be priced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PricingError {
    /// No installments, an amount or a rate that is not positive, or due dates that are not after the release.
    #[error("there is nothing to price")]
    NothingToPrice,
    /// The amount is too small for so many installments at so high a rate. Rounded to cents, they would repay it
    /// before the last one, or never.
    #[error("is too small for these installments: rounded to cents, one of them would repay no principal")]
    TooSmall,
    /// The term is too long at so high a rate. The interest of a month exceeds the installment, for every amount.
    #[error(
        "is too long a term at this rate: the interest of a month would exceed the installment, whatever the amount"
    )]
    TooLong,
    /// The amount with fee and tax is more than the largest amount.
    #[error("is too large: with fee and tax it exceeds R$ 999,999,999.99")]
    TooLarge,
    /// Fee and tax are not less than the amount.
    #[error("nothing is left for the customer after fee and tax")]
    NothingLeft,
    /// The total effective cost, or the contract's yearly rate, is more than 100,000 % a year.
    #[error("the total effective cost is more than 100,000 % a year")]
    TooDear,
    /// The release is before the first version of the rates of IOF.
    #[error("no tax rates are configured for the day of release")]
    NoRates,
}

impl From<NoCet> for PricingError {
    fn from(no_cet: NoCet) -> Self {
        match no_cet {
            NoCet::None => Self::NothingLeft,
            NoCet::Beyond => Self::TooDear,
        }
    }
}

impl From<NoCalendar> for PricingError {
    fn from(no_calendar: NoCalendar) -> Self {
        match no_calendar {
            NoCalendar::NotInOrder => Self::NothingToPrice,
            NoCalendar::NeverRepaid => Self::TooLong,
        }
    }
}

/// Prices a request with the rates of IOF on the day of its release.
pub fn price(request: &Request, product: &Product, book: &RateBook) -> Result<Quote, PricingError> {
    let version = book.iof_on(request.release).ok_or(PricingError::NoRates)?;
    if request.requested <= Cents::ZERO || request.monthly_rate.scaled() < 0 || request.installments == 0 {
        return Err(PricingError::NothingToPrice);
    }
    let dues = due_dates(request.release, request.first_due, request.installments);
    // A term that ends beyond the calendar is too long for any amount.
    let dues = dues.ok_or(PricingError::TooLong)?;
    let calendar = Calendar::new(request.release, dues, request.monthly_rate)?;
    let fee = request.requested.portion(product.fee).ok_or(PricingError::TooLarge)?;
    let charged = charge(request.requested, fee, product, version, &calendar)?;
    if charged.principal > Cents::MAX {
        return Err(PricingError::TooLarge);
    }
    if charged.schedule.iter().any(|row| row.principal <= Cents::ZERO) {
        return Err(PricingError::TooSmall);
    }
    quote(request, fee, charged, &calendar)
}

/// A principal with its schedule and its tax.
struct Charged {
    principal: Cents,
    iof: Cents,
    net: Cents,
    schedule: Vec<ScheduledInstallment>,
}

/// Applies the reduced rates if the resulting principal is within their limit, or else the full rates.
fn charge(
    requested: Cents, fee: Cents, product: &Product, version: &IofVersion, calendar: &Calendar,
) -> Result<Charged, PricingError> {
    let reduced = product.regime.reduced_rates(version);
    let with = |rates| {
        let charged = match product.charges {
            Charges::Financed => finance(requested, fee, rates, calendar),
            Charges::Deducted => deduct(requested, fee, rates, calendar),
        };
        charged.ok_or(PricingError::TooLarge)
    };
    if let Some((rates, limit)) = reduced {
        let charged = with(rates)?;
        if charged.principal <= limit {
            return Ok(charged);
        }
    }
    with(version.company)
}

/// principal = requested + fee + IOF(principal), iterated until it is exact to the cent, at most 50 times. If two
/// principals alternate, the larger one is taken. `None` on overflow.
fn finance(requested: Cents, fee: Cents, rates: IofRates, calendar: &Calendar) -> Option<Charged> {
    let untaxed = requested.checked_add(fee)?;
    let (mut before, mut principal) = (Cents::ZERO, untaxed);
    for _ in 0..50 {
        let next = untaxed.checked_add(rates.tax(&calendar.schedule(principal)?)?)?;
        if next == principal {
            break;
        }
        if next == before {
            principal = principal.max(next);
            break;
        }
        (before, principal) = (principal, next);
    }
    let schedule = calendar.schedule(principal)?;
    Some(Charged { principal, iof: principal - untaxed, net: requested, schedule })
}

fn deduct(requested: Cents, fee: Cents, rates: IofRates, calendar: &Calendar) -> Option<Charged> {
    let schedule = calendar.schedule(requested)?;
    let iof = rates.tax(&schedule)?;
    let net = requested.checked_add(-fee)?.checked_add(-iof)?;
    Some(Charged { principal: requested, iof, net, schedule })
}

fn quote(
    request: &Request, fee: Cents, charged: Charged, calendar: &Calendar,
) -> Result<Quote, PricingError> {
    let Charged { principal, iof, net, schedule } = charged;
    let sum = |part: fn(&ScheduledInstallment) -> Cents| {
        schedule.iter().map(part).try_fold(Cents::ZERO, Cents::checked_add).ok_or(PricingError::TooLarge)
    };
    let (interest, total) = (sum(|row| row.interest)?, sum(|row| row.payment)?);
    let flows: Vec<(u32, Cents)> = schedule.iter().map(|row| (row.days, row.payment)).collect();
    let cost = cet::cost(net, &flows, &calendar.growth)?;
    Ok(Quote {
        requested: request.requested,
        fee,
        iof,
        principal,
        net,
        installment: schedule.first().ok_or(PricingError::NothingToPrice)?.payment,
        interest,
        total,
        monthly_rate: request.monthly_rate,
        annual_rate: annual_rate(request.monthly_rate).ok_or(PricingError::TooDear)?,
        cet_annual: cost.yearly,
        cet_monthly: cost.monthly,
        release: request.release,
        schedule,
    })
}

/// (1 + i)^12 − 1, rounded half to even at two decimals of the percentage; `None` on overflow.
fn annual_rate(monthly: Rate) -> Option<Rate> {
    let bounds = || Between::one_plus(monthly)?.power(12)?.rounded()?.less(Between::ONE)?.to_rate(2);
    bounds().or_else(|| (&Exact::one_plus(monthly).power(12)? - &Exact::one()).to_rate(2))
}

#[cfg(test)]
#[path = "pricing_tests.rs"]
mod tests;
