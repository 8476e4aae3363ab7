//! The price of a loan: schedule, IOF, service fee and CET of a request, in integer cents and exact
//! decimals.

use rust_decimal::Decimal;

use super::cet::{self, NoCet};
use super::factor::power;
use super::iof::{IofRates, IofRegime};
use super::rates::{IofVersion, RateBook};
use super::schedule::{Calendar, Installment, due_dates};
use crate::money::{Cents, Rate};
use crate::time::Date;

/// Who bears fee and tax at release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Charges {
    /// Added to the principal; the customer receives what was requested.
    Financed,
    /// Taken from what was requested.
    Deducted,
}

/// How a product is priced (policy).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Product {
    /// The service fee on the requested amount.
    pub fee: Rate,
    /// The borrower's tax regime.
    pub regime: IofRegime,
    /// Who bears the charges at release.
    pub charges: Charges,
}

impl Product {
    /// The default fee: 1.20 % of the requested amount (policy).
    pub const DEFAULT_FEE: Rate = Rate::from_scaled(1_200_000);
}

/// What is to be priced.
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
    /// The first due date, where it is given.
    pub first_due: Option<Date>,
}

/// The price: every figure a contract shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quote {
    /// The amount requested.
    pub requested: Cents,
    /// The service fee.
    pub fee: Cents,
    /// The tax.
    pub iof: Cents,
    /// What is lent.
    pub principal: Cents,
    /// What the customer receives.
    pub net: Cents,
    /// What the customer pays each month.
    pub installment: Cents,
    /// The sum of the interest.
    pub interest: Cents,
    /// The sum of the installments.
    pub total: Cents,
    /// The contract's monthly rate.
    pub monthly_rate: Rate,
    /// The contract's yearly rate, (1+i)^12 − 1, two decimals.
    pub annual_rate: Rate,
    /// The yearly total effective cost, two decimals.
    pub cet_annual: Rate,
    /// The monthly total effective cost, two decimals.
    pub cet_monthly: Rate,
    /// The day on which the money is released.
    pub release: Date,
    /// The rows, one an installment.
    pub schedule: Vec<Installment>,
}

impl Quote {
    /// The first due date.
    pub fn first_due(&self) -> Date {
        self.schedule.first().map_or(self.release, |row| row.due)
    }

    /// The number of installments.
    pub fn installments(&self) -> u16 {
        u16::try_from(self.schedule.len()).expect("a schedule has as many rows as a u16 asks for")
    }
}

/// Why a request cannot be priced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PricingError {
    /// No installments, an amount that is not positive, a first due date not after the release, or so
    /// small an amount over so many installments at so high a rate that rounding to cents would repay it
    /// before its end.
    #[error("the amount cannot be paid back in these installments")]
    Unpriceable,
    /// Charges eat up the amount.
    #[error("nothing is left for the customer after fee and tax")]
    NothingLeft,
    /// The release is before the first version of the tax's rates.
    #[error("no tax rates are configured for the day of release")]
    NoRates,
}

impl From<NoCet> for PricingError {
    fn from(_: NoCet) -> Self {
        Self::NothingLeft
    }
}

/// Prices a request with the tax's rates on the day of its release.
pub fn price(request: &Request, product: &Product, book: &RateBook) -> Result<Quote, PricingError> {
    let version = book.iof_on(request.release).ok_or(PricingError::NoRates)?;
    let dues = due_dates(request.release, request.first_due, request.installments)
        .ok_or(PricingError::Unpriceable)?;
    let starts_late = dues.first().is_some_and(|first| *first > request.release);
    if request.requested <= Cents::ZERO || !starts_late || request.monthly_rate.scaled() < 0 {
        return Err(PricingError::Unpriceable);
    }
    let calendar = Calendar::new(request.release, dues, request.monthly_rate.fraction());
    let fee = Cents::round_half_up(request.requested.decimal() * product.fee.fraction());
    let charged = charge(request.requested, fee, product, version, &calendar)?;
    if charged.schedule.iter().any(|row| row.principal <= Cents::ZERO) {
        return Err(PricingError::Unpriceable);
    }
    quote(request, fee, charged, calendar.daily_discount)
}

/// A principal with its schedule and its tax.
struct Charged {
    principal: Cents,
    iof: Cents,
    net: Cents,
    schedule: Vec<Installment>,
}

/// Applies the first rates whose limit the resulting principal respects.
fn charge(
    requested: Cents,
    fee: Cents,
    product: &Product,
    version: &IofVersion,
    calendar: &Calendar,
) -> Result<Charged, PricingError> {
    for (rates, limit) in product.regime.rates(version) {
        let charged = match product.charges {
            Charges::Financed => finance(requested, fee, rates, calendar),
            Charges::Deducted => deduct(requested, fee, rates, calendar),
        };
        if limit.is_none_or(|limit| charged.principal <= limit) {
            return Ok(charged);
        }
    }
    Err(PricingError::Unpriceable)
}

/// principal = requested + fee + IOF(principal), iterated to the cent, at most 50 times; of a 2-cycle the
/// larger is taken.
fn finance(requested: Cents, fee: Cents, rates: IofRates, calendar: &Calendar) -> Charged {
    let (mut before, mut principal) = (Cents::ZERO, requested + fee);
    for _ in 0..50 {
        let next = requested + fee + rates.tax(&calendar.schedule(principal));
        if next == principal {
            break;
        }
        if next == before {
            principal = principal.max(next);
            break;
        }
        (before, principal) = (principal, next);
    }
    let schedule = calendar.schedule(principal);
    Charged { principal, iof: principal - requested - fee, net: requested, schedule }
}

fn deduct(requested: Cents, fee: Cents, rates: IofRates, calendar: &Calendar) -> Charged {
    let schedule = calendar.schedule(requested);
    let iof = rates.tax(&schedule);
    Charged { principal: requested, iof, net: requested - fee - iof, schedule }
}

fn quote(request: &Request, fee: Cents, charged: Charged, discount: Decimal) -> Result<Quote, PricingError> {
    let Charged { principal, iof, net, schedule } = charged;
    let flows: Vec<(u32, Cents)> = schedule.iter().map(|row| (row.days, row.payment)).collect();
    let cet = cet::yearly_near(net, &flows, discount)?;
    let annual = power(Decimal::ONE + request.monthly_rate.fraction(), 12) - Decimal::ONE;
    Ok(Quote {
        requested: request.requested,
        fee,
        iof,
        principal,
        net,
        installment: schedule.first().map_or(Cents::ZERO, |row| row.payment),
        interest: schedule.iter().map(|row| row.interest).sum(),
        total: schedule.iter().map(|row| row.payment).sum(),
        monthly_rate: request.monthly_rate,
        annual_rate: Rate::printed(annual),
        cet_annual: Rate::printed(cet),
        cet_monthly: Rate::printed(cet::monthly(cet)),
        release: request.release,
        schedule,
    })
}

#[cfg(test)]
#[path = "pricing_tests.rs"]
mod tests;
