//! The texts of the events in histories.

/// The texts.
pub(crate) struct HistoryTexts {
    pub(crate) page_visited: &'static str,
    /// Takes the kind and the id of an event.
    pub(crate) event: fn(&str, &str) -> String,
    pub(crate) deliveries: &'static str,
    /// Takes the number of attempts and the last answer, which may be empty.
    pub(crate) attempts: fn(u16, &str) -> String,
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
};

fn with(attempts: &str, answer: &str) -> String {
    if answer.is_empty() { attempts.to_owned() } else { format!("{attempts}. {answer}") }
}
