//! Labels for customers, in Portuguese.

use domain::kyc::RegistrationField;

/// The label of a field of the registration.
pub(crate) fn of_field(field: RegistrationField) -> &'static str {
    match field {
        RegistrationField::Name => "Nome completo",
        RegistrationField::Email => "E-mail",
        RegistrationField::Phone => "Telefone",
        RegistrationField::Cnpj => "CNPJ",
        RegistrationField::TradingName => "Nome fantasia",
    }
}
