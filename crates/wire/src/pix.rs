//! A Pix charge as the payer's app fetches it: the fields of the Central Bank's Pix API (CobV), with its Portuguese
//! names.

use domain::loan::contract::Creditor;
use domain::loan::pix::Payer;
use domain::money::Cents;
use domain::person::Name;
use domain::tagged::Tagged;
use domain::time::{Date as Day, Timestamp as Moment};
use serde::Serialize;

use crate::scalar::Date;
use crate::text_scalar::{Money, Timestamp};

/// The facts of a charge.
#[derive(Debug, Clone)]
pub struct ChargeFacts {
    /// The token of the charge, which is its txid.
    pub token: Tagged,
    /// The amount to pay.
    pub amount: Cents,
    /// The nominal due date.
    pub due: Day,
    /// Time at which the payer fetched it.
    pub requested_at: Moment,
    /// The payer.
    pub payer: Payer,
    /// The purpose, for people.
    pub purpose: String,
}

/// A Pix charge.
#[derive(Debug, Serialize)]
pub struct PixCharge {
    txid: String,
    status: &'static str,
    revisao: u8,
    calendario: Calendar,
    valor: Value,
    devedor: Devedor,
    recebedor: Receiver,
    #[serde(rename = "solicitacaoPagador")]
    purpose: String,
}

#[derive(Debug, Serialize)]
struct Calendar {
    apresentacao: Timestamp,
    #[serde(rename = "dataDeVencimento")]
    due: Date,
}

#[derive(Debug, Serialize)]
struct Value {
    original: Money,
}

#[derive(Debug, Serialize)]
struct Devedor {
    #[serde(skip_serializing_if = "Option::is_none")]
    cnpj: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cpf: Option<String>,
    nome: Option<String>,
}

#[derive(Debug, Serialize)]
struct Receiver {
    cnpj: String,
    nome: String,
}

impl PixCharge {
    /// Renders an open charge of a creditor.
    pub fn of(facts: &ChargeFacts, creditor: &Creditor) -> Self {
        let written = |name: &Option<Name>| name.as_ref().map(ToString::to_string);
        let devedor = match &facts.payer {
            Payer::Company(cnpj, name) => {
                Devedor { cnpj: Some(cnpj.characters().to_owned()), cpf: None, nome: written(name) }
            }
            Payer::Person(cpf, name) => {
                Devedor { cnpj: None, cpf: Some(cpf.digits().to_owned()), nome: written(name) }
            }
        };
        Self {
            txid: facts.token.to_string(),
            status: "ATIVA",
            revisao: 0,
            calendario: Calendar { apresentacao: Timestamp(facts.requested_at), due: Date(facts.due) },
            valor: Value { original: Money(facts.amount) },
            devedor,
            recebedor: Receiver { cnpj: creditor.cnpj.characters().to_owned(), nome: creditor.name.clone() },
            purpose: facts.purpose.clone(),
        }
    }
}
