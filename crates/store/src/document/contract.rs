//! The facts of a contract without its loan's price, and the evidence of a signature.

use std::net::IpAddr;

use domain::loan::contract::{Company, Contract, ContractTerms, Creditor, Party};
use domain::loan::iof::IofRates;
use domain::loan::late::LateRates;
use domain::loan::signing::{Authentication, Evidence, Mailbox};
use domain::loan::{CcbNumber, Loan};
use domain::money::Rate;
use domain::person::{Email, Name};
use domain::tax_id::{Cnpj, Cpf};
use serde::{Deserialize, Serialize};

use super::json::{corrupt, parsed};
use crate::db::error::StoreError;

/// A contract's facts without the price and the number, which are in the loan.
#[derive(Serialize, Deserialize)]
pub(crate) struct ContractDoc {
    issued_on: String,
    creditor: CreditorDoc,
    company: Option<String>,
    cnpj: Option<String>,
    signers: Vec<PartyDoc>,
    daily_rate: i64,
    fee: i64,
    charges: String,
    /// The daily rate and the additional rate of the IOF.
    iof: (i64, i64),
    /// The fine, and the default interest for a month.
    late: (i64, i64),
}

#[derive(Serialize, Deserialize)]
struct CreditorDoc {
    name: String,
    cnpj: String,
    address: String,
    city: String,
}

#[derive(Serialize, Deserialize)]
struct PartyDoc {
    name: Option<String>,
    cpf: String,
    role: String,
}

fn name(text: Option<&str>) -> Option<Name> {
    text.map(Name::kept)
}

impl ContractDoc {
    pub(crate) fn of(contract: &Contract) -> Self {
        let Contract { creditor, terms, .. } = contract;
        let party = |party: &Party| PartyDoc {
            name: party.name.as_ref().map(ToString::to_string),
            cpf: party.cpf.digits().to_owned(),
            role: party.role.name().to_owned(),
        };
        Self {
            issued_on: contract.issued_on.to_string(),
            creditor: CreditorDoc {
                name: creditor.name.clone(),
                cnpj: creditor.cnpj.characters().to_owned(),
                address: creditor.address.clone(),
                city: creditor.city.clone(),
            },
            company: contract.company.name.as_ref().map(ToString::to_string),
            cnpj: contract.company.cnpj.map(|cnpj| cnpj.characters().to_owned()),
            signers: contract.signers.iter().map(party).collect(),
            daily_rate: terms.daily_rate.scaled(),
            fee: terms.fee.scaled(),
            charges: terms.charges.name().to_owned(),
            iof: (terms.iof.daily.scaled(), terms.iof.additional.scaled()),
            late: (terms.late.fine.scaled(), terms.late.default_monthly.scaled()),
        }
    }

    /// The contract of the loan whose facts these are.
    pub(crate) fn read(&self, loan: &Loan, number: CcbNumber) -> Result<Contract, StoreError> {
        let party = |party: &PartyDoc| {
            Ok(Party {
                name: name(party.name.as_deref()),
                cpf: Cpf::parse(&party.cpf).map_err(corrupt)?,
                role: parsed(&party.role)?,
            })
        };
        let rate = Rate::from_scaled;
        Ok(Contract {
            number,
            issued_on: parsed(&self.issued_on)?,
            creditor: Creditor {
                name: self.creditor.name.clone(),
                cnpj: Cnpj::parse(&self.creditor.cnpj).map_err(corrupt)?,
                address: self.creditor.address.clone(),
                city: self.creditor.city.clone(),
            },
            company: Company {
                name: name(self.company.as_deref()),
                cnpj: self.cnpj.as_deref().map(Cnpj::parse).transpose().map_err(corrupt)?,
            },
            signers: self.signers.iter().map(party).collect::<Result<_, StoreError>>()?,
            quote: loan.quote.clone(),
            terms: ContractTerms {
                daily_rate: rate(self.daily_rate),
                fee: rate(self.fee),
                charges: parsed(&self.charges)?,
                iof: IofRates { daily: rate(self.iof.0), additional: rate(self.iof.1) },
                late: LateRates { fine: rate(self.late.0), default_monthly: rate(self.late.1) },
            },
        })
    }
}

/// The sealed part of a signature's evidence. Its moment, its signer and its document are in columns.
#[derive(Serialize, Deserialize)]
pub(crate) struct EvidenceDoc {
    name: Option<String>,
    cpf: String,
    authentication: AuthenticationDoc,
    address: Option<IpAddr>,
    user_agent: Option<String>,
    consent: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum AuthenticationDoc {
    CodeByMail(Option<String>),
    CodeByCompanyMail(Option<String>),
    Sandbox,
}

fn by_mail(address: Option<&str>, of: Mailbox) -> Result<Authentication, StoreError> {
    let address = address.map(Email::parse).transpose().map_err(corrupt)?;
    Ok(Authentication::CodeByMail { address, of })
}

impl EvidenceDoc {
    pub(crate) fn of(evidence: &Evidence) -> Self {
        Self {
            name: evidence.name.as_ref().map(ToString::to_string),
            cpf: evidence.cpf.digits().to_owned(),
            authentication: match &evidence.authentication {
                Authentication::CodeByMail { address, of } => {
                    let address = address.as_ref().map(ToString::to_string);
                    match of {
                        Mailbox::Signer => AuthenticationDoc::CodeByMail(address),
                        Mailbox::Company => AuthenticationDoc::CodeByCompanyMail(address),
                    }
                }
                Authentication::Sandbox => AuthenticationDoc::Sandbox,
            },
            address: evidence.address,
            user_agent: evidence.user_agent.clone(),
            consent: evidence.consent.clone(),
        }
    }

    /// Reads the sealed part into evidence.
    pub(crate) fn read(
        self, subject: domain::id::SubjectId, signed_at: domain::time::Timestamp, document_sha256: String,
    ) -> Result<Evidence, StoreError> {
        let authentication = match self.authentication {
            AuthenticationDoc::CodeByMail(address) => by_mail(address.as_deref(), Mailbox::Signer)?,
            AuthenticationDoc::CodeByCompanyMail(address) => by_mail(address.as_deref(), Mailbox::Company)?,
            AuthenticationDoc::Sandbox => Authentication::Sandbox,
        };
        Ok(Evidence {
            subject,
            name: name(self.name.as_deref()),
            cpf: Cpf::parse(&self.cpf).map_err(corrupt)?,
            signed_at,
            document_sha256,
            authentication,
            address: self.address,
            user_agent: self.user_agent,
            consent: self.consent,
        })
    }
}
