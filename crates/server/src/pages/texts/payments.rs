//! The texts of the payments of all loans.

/// The texts.
pub(crate) struct PaymentsTexts {
    pub(crate) payments: &'static str,
    pub(crate) about: &'static str,
    pub(crate) export: &'static str,
    pub(crate) filters: &'static str,
    pub(crate) text: &'static str,
    pub(crate) recorded_on: &'static str,
    pub(crate) find: &'static str,
    pub(crate) clear: &'static str,
    /// Takes the number of the installment and its due date.
    pub(crate) installment: fn(u16, &str) -> String,
    pub(crate) left: &'static str,
    pub(crate) none: &'static str,
    pub(crate) none_text: &'static str,
    pub(crate) nothing_found: &'static str,
    pub(crate) nothing_found_text: &'static str,
    pub(crate) unreadable: &'static str,
    pub(crate) unreadable_text: &'static str,
    /// Takes the name of the customer.
    pub(crate) of: fn(&str) -> String,
    pub(crate) recorded_by: &'static str,
    /// Takes the moment of the reversal.
    pub(crate) reversed_at: fn(&str) -> String,
    pub(crate) open_loan: &'static str,
}

pub(super) const PORTUGUESE: PaymentsTexts = PaymentsTexts {
    payments: "Pagamentos",
    about: "O que os clientes pagaram, pelo momento do registro.",
    export: "Exportar CSV",
    filters: "Referência e dia",
    text: "Referência, id ponta a ponta ou txid do Pix",
    recorded_on: "Registrado em",
    find: "Procurar",
    clear: "Limpar",
    installment: |number, due| format!("Parcela {number}, vence em {due}"),
    left: "a pagar",
    none: "Nenhum pagamento",
    none_text: "Um pagamento aparece aqui quando é registrado na página do empréstimo ou pela API.",
    nothing_found: "Nenhum pagamento encontrado",
    nothing_found_text: "A referência é comparada inteira, letra por letra. Um txid encontra a parcela da cobrança.",
    unreadable: "Nem todos os pagamentos podem ser lidos.",
    unreadable_text: "Os que faltam têm uma linha danificada. Rode dinie verify.",
    of: |name| format!("Pagamento de {name}"),
    recorded_by: "Registrado por",
    reversed_at: |moment| format!("Estornado em {moment}. Não conta mais."),
    open_loan: "Abrir o empréstimo",
};

pub(super) const ENGLISH: PaymentsTexts = PaymentsTexts {
    payments: "Payments",
    about: "What customers paid, by the time of the record.",
    export: "Export CSV",
    filters: "Reference and day",
    text: "Reference, end-to-end id or Pix txid",
    recorded_on: "Recorded on",
    find: "Find",
    clear: "Clear",
    installment: |number, due| format!("Installment {number}, due on {due}"),
    left: "to pay",
    none: "No payments",
    none_text: "A payment appears here when it is recorded on the loan's page or by the API.",
    nothing_found: "No payment found",
    nothing_found_text: "The whole reference is compared, letter by letter. A txid finds the installment of its charge.",
    unreadable: "Not all payments can be read.",
    unreadable_text: "The missing ones have a damaged row. Run dinie verify.",
    of: |name| format!("Payment of {name}"),
    recorded_by: "Recorded by",
    reversed_at: |moment| format!("Reversed on {moment}. It no longer counts."),
    open_loan: "Open the loan",
};
