//! The texts of the search.

use domain::search::Kind;

/// The texts.
pub(crate) struct SearchTexts {
    pub(crate) title: &'static str,
    pub(crate) about: &'static str,
    pub(crate) label: &'static str,
    pub(crate) button: &'static str,
    pub(crate) open: &'static str,
    pub(crate) results: &'static str,
    pub(crate) also: &'static str,
    /// Takes the text of the search.
    pub(crate) nothing: fn(&str) -> String,
    pub(crate) more: &'static str,
    pub(crate) empty: &'static str,
    pub(crate) empty_text: &'static str,
    pub(crate) kind: fn(Kind) -> &'static str,
}

pub(super) const PORTUGUESE: SearchTexts = SearchTexts {
    title: "Buscar",
    about: "Nome, CPF, CNPJ, e-mail, telefone, CCB, Pix, pedido ou qualquer identificador, de todos os parceiros.",
    label: "Buscar em tudo",
    button: "Buscar",
    open: "Buscar cliente, CNPJ, CCB, Pix…",
    results: "Achados",
    also: "Também por CPF, e-mail, telefone, Pix e pedido",
    nothing: |text| {
        format!(
            "Nada com “{text}”. Confira os números, ou escreva ao menos três letras de cada palavra. Um cliente novo aparece em um segundo."
        )
    },
    more: "Há mais. Escreva mais uma palavra ou mais letras.",
    empty: "O que você procura?",
    empty_text: "Escreva uma parte do nome, um número ou um identificador.",
    kind: |kind| match kind {
        Kind::Customer => "Clientes",
        Kind::Document => "Documentos",
        Kind::BankAccount => "Contas bancárias",
        Kind::KycSession => "Sessões de envio",
        Kind::CreditDecision => "Decisões de crédito",
        Kind::CreditOffer => "Ofertas",
        Kind::Simulation => "Simulações",
        Kind::Loan => "Empréstimos",
        Kind::Installment => "Parcelas",
        Kind::Payment => "Pagamentos",
        Kind::Mail => "Cartas",
        Kind::Partner => "Parceiros",
        Kind::Credential => "Credenciais",
        Kind::WebhookEndpoint => "Endereços de webhooks",
        Kind::Event => "Eventos",
        Kind::WebhookDelivery => "Entregas de webhooks",
        Kind::Operator => "Pessoas e programas",
        Kind::Proposal => "Propostas",
        Kind::AuditEntry => "Auditoria",
    },
};

pub(super) const ENGLISH: SearchTexts = SearchTexts {
    title: "Search",
    about: "Name, CPF, CNPJ, e-mail, telephone, contract, Pix, request or any id, of all partners.",
    label: "Search everything",
    button: "Search",
    open: "Search customer, CNPJ, contract, Pix…",
    results: "Hits",
    also: "Also by CPF, e-mail, telephone, Pix and request",
    nothing: |text| {
        format!(
            "Nothing with “{text}”. Check the numbers, or write at least three letters of each word. A new customer shows up in a second."
        )
    },
    more: "There are more. Add a word or more letters.",
    empty: "What are you looking for?",
    empty_text: "Write a part of a name, a number or an id.",
    kind: |kind| match kind {
        Kind::Customer => "Customers",
        Kind::Document => "Documents",
        Kind::BankAccount => "Bank accounts",
        Kind::KycSession => "Upload sessions",
        Kind::CreditDecision => "Credit decisions",
        Kind::CreditOffer => "Offers",
        Kind::Simulation => "Simulations",
        Kind::Loan => "Loans",
        Kind::Installment => "Installments",
        Kind::Payment => "Payments",
        Kind::Mail => "E-mails",
        Kind::Partner => "Partners",
        Kind::Credential => "Credentials",
        Kind::WebhookEndpoint => "Webhook endpoints",
        Kind::Event => "Events",
        Kind::WebhookDelivery => "Webhook deliveries",
        Kind::Operator => "People and programs",
        Kind::Proposal => "Proposals",
        Kind::AuditEntry => "Audit trail",
    },
};
