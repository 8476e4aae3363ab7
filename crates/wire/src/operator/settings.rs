//! The lender's settings: the creditor, the rates and the e-mails.

use domain::bank_file::PayerAccount;
use domain::loan::contract::Creditor;
use domain::loan::rates::{IofVersion, LateVersion, RateBook};
use serde::Serialize;
use utoipa::ToSchema;

use crate::scalar::{Date, Percent};
use crate::text_scalar::Money;

/// The lender, as its contracts, e-mails and files for the bank name it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Lender {
    /// The registered name.
    #[schema(example = "Financeira Exemplo S.A.")]
    pub name: String,
    /// The tax number.
    #[schema(
        pattern = r"^[0-9A-Z]{2}\.[0-9A-Z]{3}\.[0-9A-Z]{3}/[0-9A-Z]{4}-\d{2}$",
        example = "11.222.333/0001-81"
    )]
    pub cnpj: String,
    /// The address.
    #[schema(example = "Avenida Paulista, 1000, São Paulo, SP")]
    pub address: String,
    /// The place of issue and of payment of contracts.
    #[schema(example = "São Paulo")]
    pub city: String,
    /// The account from which money leaves; null if the configuration names none.
    #[schema(required)]
    pub account: Option<LenderAccount>,
    /// Days for which an offer is valid, unless its policy says otherwise.
    #[schema(minimum = 1, example = 30)]
    pub offer_days: u64,
    /// Days for which a contract can be signed.
    #[schema(minimum = 1, example = 7)]
    pub signing_days: u64,
    /// The largest excess of a payment over the amount owed without a confirmation.
    pub overpayment_limit: Money,
}

/// The account from which the lender's money leaves.
#[derive(Debug, Serialize, ToSchema)]
pub struct LenderAccount {
    /// COMPE code of the bank.
    #[schema(pattern = r"^\d{3}$", example = "001")]
    pub bank: String,
    /// The lender's agreement with the bank (convênio).
    #[schema(example = "123456")]
    pub agreement: String,
    /// The branch.
    #[schema(pattern = r"^\d{1,5}$", example = "1234")]
    pub branch: String,
    /// Check digit of the branch; empty if it has none.
    #[schema(pattern = r"^[0-9A-Za-z]?$", example = "5")]
    pub branch_digit: String,
    /// The account.
    #[schema(example = "98765")]
    pub account: String,
    /// Check digit of the account.
    #[schema(example = "0")]
    pub account_digit: String,
}

impl Lender {
    /// Renders the lender. The lifetimes and the limit are those of its configuration.
    pub fn of(
        creditor: &Creditor, payer: Option<&PayerAccount>, (offer_days, signing_days): (u64, u64),
        overpayment_limit: Money,
    ) -> Self {
        let account = |payer: &PayerAccount| LenderAccount {
            bank: payer.bank.clone(),
            agreement: payer.agreement.clone(),
            branch: payer.branch.clone(),
            branch_digit: payer.branch_digit.clone(),
            account: payer.account.clone(),
            account_digit: payer.account_digit.clone(),
        };
        Self {
            name: creditor.name.clone(),
            cnpj: creditor.cnpj.to_string(),
            address: creditor.address.clone(),
            city: creditor.city.clone(),
            account: payer.map(account),
            offer_days,
            signing_days,
            overpayment_limit,
        }
    }
}

/// The rate table: every version of the taxes and of the late charges, oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct Rates {
    /// The versions of the tax on credit (IOF).
    pub iof: Vec<IofRates>,
    /// The versions of the late charges.
    pub late: Vec<LateCharges>,
}

/// The rates of IOF from a date on.
#[derive(Debug, Serialize, ToSchema)]
pub struct IofRates {
    /// First day of the version.
    pub since: Date,
    /// Daily rate for companies, in percent.
    pub company_daily: Percent,
    /// Additional rate for companies, in percent.
    pub company_additional: Percent,
    /// Reduced daily rate, in percent.
    pub reduced_daily: Percent,
    /// Reduced additional rate, in percent.
    pub reduced_additional: Percent,
    /// The largest principal with reduced rates.
    pub reduced_up_to: Money,
}

/// The late charges from a due date on.
#[derive(Debug, Serialize, ToSchema)]
pub struct LateCharges {
    /// First due date of the version.
    pub since: Date,
    /// The fine, in percent.
    pub fine: Percent,
    /// The default interest of a month, in percent.
    pub default_monthly: Percent,
}

impl Rates {
    /// Renders a rate table.
    pub fn of(book: &RateBook) -> Self {
        let iof = |version: &IofVersion| IofRates {
            since: Date(version.since),
            company_daily: Percent(version.company.daily),
            company_additional: Percent(version.company.additional),
            reduced_daily: Percent(version.reduced.daily),
            reduced_additional: Percent(version.reduced.additional),
            reduced_up_to: Money(version.reduced_up_to),
        };
        let late = |version: &LateVersion| LateCharges {
            since: Date(version.since),
            fine: Percent(version.rates.fine),
            default_monthly: Percent(version.rates.default_monthly),
        };
        Self { iof: book.iof().iter().map(iof).collect(), late: book.late().iter().map(late).collect() }
    }
}

/// The e-mails that the lender sends to customers.
#[derive(Debug, Serialize, ToSchema)]
pub struct LetterList {
    /// Every e-mail. It is empty if no rates are in force.
    pub data: Vec<Letter>,
}

/// An e-mail as it is sent, on invented resources.
#[derive(Debug, Serialize, ToSchema)]
pub struct Letter {
    /// Kind of the e-mail.
    #[schema(example = "invitation")]
    pub kind: &'static str,
    /// Its subject.
    #[schema(example = "Assine a CCB-2026-000001")]
    pub subject: String,
    /// Its text, in Portuguese and then in English.
    #[schema(example = "Olá, Ana Souza,")]
    pub text: String,
}
