//! Invented customers, for a partner that tries the sandbox.

use domain::customer::{CustomerFile, Registration};
use domain::id::PartnerId;
use domain::person::{Email, Name, Phone};
use domain::tax_id::{Cnpj, Cpf};
use domain::time::Timestamp;
use store::{Failed, StoreError, Tx};

use super::registration::{AlreadyExists, RegisterCustomer, Registered, register};
use super::registry::CompanyRegistry;

/// First names with the companies of their people.
const PEOPLE: [(&str, &str, &str); 8] = [
    ("ana", "Ana Souza", "Doces da Ana"),
    ("beto", "Beto Lima", "Oficina do Beto"),
    ("carla", "Carla Nunes", "Salão da Carla"),
    ("davi", "Davi Rocha", "Mercadinho Rocha"),
    ("elisa", "Elisa Prado", "Ateliê Prado"),
    ("fabio", "Fábio Reis", "Reis Marcenaria"),
    ("gisele", "Gisele Alves", "Padaria Alves"),
    ("hugo", "Hugo Martins", "Pet Martins"),
];

/// Registers an invented customer whose e-mail address has these tags.
pub fn invent(
    tx: &mut Tx<'_>, tenant: PartnerId, now: Timestamp, registry: CompanyRegistry, tags: &[&str],
) -> Result<CustomerFile, StoreError> {
    loop {
        let command = RegisterCustomer { registration: registration(tx, tags), external_id: None };
        match register(tx, tenant, now, registry, &command) {
            Ok(Registered::New(file)) => return Ok(file),
            // Somebody has the CPF already, so another one is drawn.
            Ok(Registered::Existing(_)) | Err(Failed::Refused(AlreadyExists)) => {}
            Err(Failed::Store(error)) => return Err(error),
        }
    }
}

fn registration(tx: &mut Tx<'_>, tags: &[&str]) -> Registration {
    let (cpf, number) = loop {
        let number = u32::from_be_bytes(tx.random_bytes());
        if let Some(cpf) = Cpf::of_number(number) {
            break (cpf, number);
        }
    };
    let person = usize::try_from(number).expect("32 bits fit any usize") % PEOPLE.len();
    let (local, name, company) = PEOPLE[person];
    let local = format!("{local}{}", number % 10_000);
    let parts: Vec<&str> = std::iter::once(local.as_str()).chain(tags.iter().copied()).collect();
    let address = format!("{}@example.com", parts.join("+"));
    Registration {
        cpf,
        cnpj: Some(Cnpj::of_number(number)),
        name: Some(Name::parse(name).expect("it is a name")),
        email: Some(Email::parse(&address).expect("the tags are short words")),
        phone: Some(Phone::parse("+5511999999999").expect("it is a telephone")),
        trading_name: Some(Name::parse(company).expect("it is a name")),
    }
}
