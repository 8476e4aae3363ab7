//! The texts of the events in histories.

/// The texts.
pub(crate) struct HistoryTexts {
    pub(crate) page_visited: &'static str,
    /// Takes the kind and the id of an event.
    pub(crate) event: fn(&str, &str) -> String,
    pub(crate) deliveries: &'static str,
    /// Takes the number of attempts and the last answer, which may be empty.
    pub(crate) attempts: fn(u16, &str) -> String,
    /// Takes an HTTP status.
    pub(crate) answered: fn(i64) -> String,
    pub(crate) timeout: &'static str,
    pub(crate) unreachable: &'static str,
    pub(crate) forbidden: &'static str,
    pub(crate) own_shortage: &'static str,
    pub(crate) unreadable: &'static str,
}

pub(super) const PORTUGUESE: HistoryTexts = HistoryTexts {
    page_visited: "Página do envio de documentos aberta",
    event: |kind, id| format!("Evento {kind} registrado para o parceiro ({id})"),
    deliveries: "Entregas",
    attempts: |made, answer| match made {
        0 => "nenhuma tentativa".to_owned(),
        1 => with("1 tentativa", answer),
        more => with(&format!("{more} tentativas"), answer),
    },
    answered: |status| format!("respondeu {status}"),
    timeout: "não respondeu a tempo",
    unreachable: "sem conexão",
    forbidden: "endereço não permitido",
    own_shortage: "faltaram recursos deste servidor",
    unreadable: "a entrega não pôde ser lida",
};

pub(super) const ENGLISH: HistoryTexts = HistoryTexts {
    page_visited: "Page for sending documents opened",
    event: |kind, id| format!("Event {kind} recorded for the partner ({id})"),
    deliveries: "Deliveries",
    attempts: |made, answer| match made {
        0 => "no attempt".to_owned(),
        1 => with("1 attempt", answer),
        more => with(&format!("{more} attempts"), answer),
    },
    answered: |status| format!("answered {status}"),
    timeout: "no answer in time",
    unreachable: "no connection",
    forbidden: "forbidden address",
    own_shortage: "this server was short of resources",
    unreadable: "the delivery could not be read",
};

fn with(attempts: &str, answer: &str) -> String {
    if answer.is_empty() { attempts.to_owned() } else { format!("{attempts}, {answer}") }
}
