//! The Cédula de Crédito Bancário (Lei 10.931/2004, arts. 26 to 29): every fact that the document states.
//!
//! This module holds only facts; wording and layout belong to the document. The same facts always make the same
//! document, so the facts are kept with it.

use super::between::Between;
use super::exact::Exact;
use super::factor::Growth;
use super::iof::IofRates;
use super::late::LateRates;
use super::pricing::{Charges, Quote};
use super::rates::RateBook;
use super::{CcbNumber, Loan};
use crate::customer::Registration;
use crate::kyc::SubjectRole;
use crate::money::Rate;
use crate::offer::OfferTerms;
use crate::person::Name;
use crate::tax_id::{Cnpj, Cpf};
use crate::time::Date;

/// The lender in whose name the contract is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Creditor {
    /// The registered name.
    pub name: String,
    /// The tax number.
    pub cnpj: Cnpj,
    /// The address.
    pub address: String,
    /// The place of issue and of payment, such as `São Paulo`.
    pub city: String,
}

/// A signer, as the document names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    /// The person's name.
    pub name: Option<Name>,
    /// The person's tax number.
    pub cpf: Cpf,
    /// The person's role in the company.
    pub role: SubjectRole,
}

/// The terms of the contract besides the price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ContractTerms {
    /// The effective rate a day, six decimals of a percentage (Res. CMN 5.004/2022).
    pub daily_rate: Rate,
    /// The service fee on the requested amount.
    pub fee: Rate,
    /// The payment of fee and tax at release: added to the principal, or deducted.
    pub charges: Charges,
    /// The rates of IOF on the day of release.
    pub iof: IofRates,
    /// The late charges, by the rates of the first due date.
    pub late: LateRates,
}

/// The borrowing company of a contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Company {
    /// Its trading name.
    pub name: Option<Name>,
    /// Its tax number.
    pub cnpj: Option<Cnpj>,
}

/// The contract of a loan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contract {
    /// The contract's number.
    pub number: CcbNumber,
    /// The day of issue.
    pub issued_on: Date,
    /// The lender.
    pub creditor: Creditor,
    /// The borrowing company.
    pub company: Company,
    /// The signers: the person of the registration, then each co-owner.
    pub signers: Vec<Party>,
    /// The price with the schedule.
    pub quote: Quote,
    /// The other terms.
    pub terms: ContractTerms,
}

/// The rate table has no version for one of the contract's dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no rates are in force on one of the contract's dates")]
pub struct NoRates;

impl Contract {
    /// The contract of a loan with this number, by the customer's present registration and the present rate table.
    pub fn of(
        loan: &Loan, number: CcbNumber, registration: &Registration, offer: &OfferTerms, creditor: &Creditor,
        book: &RateBook,
    ) -> Result<Self, NoRates> {
        let quote = &loan.quote;
        let iof = book.iof_on(quote.release).ok_or(NoRates)?;
        let party =
            |signer: &super::Signer| Party { name: signer.name.clone(), cpf: signer.cpf, role: signer.role };
        Ok(Self {
            number,
            issued_on: loan.created_at.business_date(),
            creditor: creditor.clone(),
            company: Company { name: registration.trading_name.clone(), cnpj: registration.cnpj },
            signers: loan.signers.iter().map(party).collect(),
            terms: ContractTerms {
                daily_rate: daily_rate(quote.monthly_rate),
                fee: offer.product.fee,
                charges: offer.product.charges,
                iof: offer.product.regime.of_borrower(registration.cnpj).rates_for(iof, quote.principal),
                late: book.late_on(quote.first_due()).ok_or(NoRates)?,
            },
            quote: quote.clone(),
        })
    }
}

/// The effective daily rate of a monthly rate over months of 30 days: `(1 + i)^(1/30) − 1`. It is a percentage
/// rounded half to even at six decimals.
pub fn daily_rate(monthly: Rate) -> Rate {
    let growth = Growth::of_monthly(monthly);
    let bounds = || growth.bounds(1)?.less(Between::ONE)?.to_rate(6);
    let exact = || (&growth.over(1)? - &Exact::one()).to_rate(6);
    bounds().or_else(exact).expect("a day's rate is less than a month's, which a rate holds")
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::*;

    #[test]
    fn thirty_daily_rates_make_the_monthly_one() {
        // ln(1.035) / 30 = 0.00114671…, so a day costs 0.114737 %.
        assert_eq!(daily_rate(Rate::from_scaled(3_500_000)).scaled(), 114_737);
        let month = (Decimal::ONE + daily_rate(Rate::from_scaled(2_500_000)).fraction()).powi_checked(30);
        assert!((month - Decimal::new(1_025, 3)).abs() < Decimal::new(1, 6), "{month}");
    }

    trait Powi {
        fn powi_checked(self, times: u32) -> Self;
    }

    impl Powi for Decimal {
        fn powi_checked(self, times: u32) -> Self {
            (0..times).fold(Self::ONE, |product, _| product * self)
        }
    }
}
