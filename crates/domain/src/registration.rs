//! The data with which a customer registers.

use crate::person::{Email, Name, Phone};
use crate::spelled;
use crate::tax_id::{Cnpj, Cpf};

/// The company's legal nature (natureza jurídica). It decides the documents and the signers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LegalNature {
    /// Microempreendedor individual.
    Mei,
    /// Empresário individual, a sole trader.
    Ei,
    /// Empresa individual de responsabilidade limitada.
    Eireli,
    /// Sociedade limitada.
    Ltda,
    /// Sociedade anônima.
    Sa,
}

spelled!(LegalNature { Mei = "mei", Ei = "ei", Eireli = "eireli", Ltda = "ltda", Sa = "sa" });

/// The data that the partner gives about a customer and may correct.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// The tax number of the person responsible for the company.
    pub cpf: Cpf,
    /// The company's tax number.
    pub cnpj: Option<Cnpj>,
    /// The person's name.
    pub name: Option<Name>,
    /// The person's e-mail address.
    pub email: Option<Email>,
    /// The person's telephone.
    pub phone: Option<Phone>,
    /// The company's trading name (nome fantasia).
    pub trading_name: Option<Name>,
}

impl Registration {
    /// The registration of a person whose data was erased.
    pub const ERASED: Self =
        Self { cpf: Cpf::ERASED, cnpj: None, name: None, email: None, phone: None, trading_name: None };

    /// The name under which the customer does business: the company's, or else the person's.
    pub fn known_as(&self) -> Option<&Name> {
        self.trading_name.as_ref().or(self.name.as_ref())
    }

    /// The company's masked CNPJ, or else the person's masked CPF.
    pub fn masked_tax_id(&self) -> String {
        self.cnpj.map_or_else(|| self.cpf.masked(), |cnpj| cnpj.masked())
    }
}
