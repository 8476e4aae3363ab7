//! The texts of the first page.

use domain::queue::{Bucket, CaseKind, Queue};
use domain::time::Date;
use domain::written;
use jiff::civil::Weekday;

/// The texts.
pub(crate) struct HomeTexts {
    pub(crate) morning: &'static str,
    pub(crate) afternoon: &'static str,
    pub(crate) evening: &'static str,
    /// The day of the week and the date.
    pub(crate) today: fn(Date) -> String,
    pub(crate) late: fn(i64) -> String,
    pub(crate) none_late: &'static str,
    pub(crate) waiting: fn(i64) -> String,
    pub(crate) whose: &'static str,
    pub(crate) next_case: &'static str,
    pub(crate) money: &'static str,
    pub(crate) received: &'static str,
    pub(crate) payments: fn(i64) -> String,
    pub(crate) out: &'static str,
    pub(crate) disbursements: fn(i64) -> String,
    pub(crate) to_send: &'static str,
    /// Takes the loans without an order, and the ordered ones.
    pub(crate) orders: fn(i64, i64) -> String,
    pub(crate) due: &'static str,
    pub(crate) due_note: &'static str,
    pub(crate) what_waits: &'static str,
    pub(crate) queue: &'static str,
    pub(crate) count: &'static str,
    pub(crate) oldest: &'static str,
    pub(crate) of_level: fn(&str) -> String,
    pub(crate) hours: &'static str,
    pub(crate) came: &'static str,
    pub(crate) went: &'static str,
    /// Takes the name of the queue, the arrivals and the departures.
    pub(crate) chart: fn(&str, i64, i64) -> String,
    pub(crate) overdue: &'static str,
    /// Takes the number of loans and the amount.
    pub(crate) arrears: fn(i64, &str) -> String,
    pub(crate) days: &'static str,
    pub(crate) loans: &'static str,
    pub(crate) unpaid: &'static str,
    pub(crate) share: &'static str,
    pub(crate) bucket: fn(Bucket) -> String,
    pub(crate) wrong: &'static str,
    pub(crate) nothing_wrong: &'static str,
    /// Takes the name of the customer.
    pub(crate) returned: fn(&str) -> String,
    pub(crate) more_returned: fn(i64) -> String,
    pub(crate) mails_failed: fn(i64) -> String,
    pub(crate) mails_failed_note: &'static str,
    /// Takes the name of the partner.
    pub(crate) failing: fn(&str) -> String,
    pub(crate) endpoints: fn(i64) -> String,
    pub(crate) unreadable: fn(usize) -> String,
    /// Takes the names of the tables.
    pub(crate) unreadable_note: fn(&str) -> String,
    pub(crate) now: &'static str,
    pub(crate) nothing_moved: &'static str,
    pub(crate) arrived: fn(Queue) -> String,
    pub(crate) left: fn(Queue) -> String,
    pub(crate) subject: fn(CaseKind) -> &'static str,
}

pub(super) const PORTUGUESE: HomeTexts = HomeTexts {
    morning: "Bom dia",
    afternoon: "Boa tarde",
    evening: "Boa noite",
    today: |date| {
        let day = match date.weekday() {
            Weekday::Monday => "Segunda-feira",
            Weekday::Tuesday => "Terça-feira",
            Weekday::Wednesday => "Quarta-feira",
            Weekday::Thursday => "Quinta-feira",
            Weekday::Friday => "Sexta-feira",
            Weekday::Saturday => "Sábado",
            Weekday::Sunday => "Domingo",
        };
        format!("{day}, {}.", written::date(date))
    },
    late: |count| {
        if count == 1 { "1 caso fora do prazo".to_owned() } else { format!("{count} casos fora do prazo") }
    },
    none_late: "Nenhum caso fora do prazo",
    waiting: |count| format!("{count} esperando ao todo."),
    whose: "De quem",
    next_case: "Próximo caso",
    money: "Dinheiro de hoje",
    received: "Entrou hoje",
    payments: |count| if count == 1 { "1 pagamento".to_owned() } else { format!("{count} pagamentos") },
    out: "Saiu hoje",
    disbursements: |count| {
        if count == 1 { "1 desembolso".to_owned() } else { format!("{count} desembolsos") }
    },
    to_send: "A enviar",
    orders: |waiting, ordered| format!("{waiting} sem ordem, {ordered} no banco"),
    due: "Vence hoje",
    due_note: "ainda não pago",
    what_waits: "O que espera",
    queue: "Fila",
    count: "Esperando",
    oldest: "Mais antigo",
    of_level: |span| format!("de {span}"),
    hours: "Últimas 8 horas",
    came: "chegaram",
    went: "saíram",
    chart: |name, arrived, left| format!("{name}: {arrived} chegaram e {left} saíram nas últimas 8 horas"),
    overdue: "Em atraso",
    arrears: |count, amount| {
        if count == 1 {
            format!("1 empréstimo, {amount} vencidos")
        } else {
            format!("{count} empréstimos, {amount} vencidos")
        }
    },
    days: "Faixa",
    loans: "Empréstimos",
    unpaid: "Vencido",
    share: "Proporção",
    bucket: |bucket| match bucket {
        Bucket::UpTo15 => "1 a 15 dias".to_owned(),
        Bucket::UpTo30 => "16 a 30 dias".to_owned(),
        Bucket::UpTo60 => "31 a 60 dias".to_owned(),
        Bucket::UpTo90 => "61 a 90 dias".to_owned(),
        Bucket::Over90 => "mais de 90 dias".to_owned(),
    },
    wrong: "O que deu errado",
    nothing_wrong: "Nada deu errado. Desembolsos devolvidos, cartas que falharam, parceiros sem eventos e linhas ilegíveis aparecem aqui.",
    returned: |name| format!("Desembolso devolvido: {name}"),
    more_returned: |count| format!("Mais {count} devolvidos pelo banco"),
    mails_failed: |count| {
        if count == 1 { "1 carta não chegou".to_owned() } else { format!("{count} cartas não chegaram") }
    },
    mails_failed_note: "depois da última tentativa",
    failing: |name| format!("{name} não recebe eventos"),
    endpoints: |count| {
        if count == 1 { "1 endereço com erro".to_owned() } else { format!("{count} endereços com erro") }
    },
    unreadable: |rows| {
        if rows == 1 {
            "1 linha não pode ser lida".to_owned()
        } else {
            format!("{rows} linhas não podem ser lidas")
        }
    },
    unreadable_note: |tables| format!("{tables} · dinie verify diz por quê"),
    now: "Agora",
    nothing_moved: "Nada se moveu nas filas hoje.",
    arrived: |queue| match queue {
        Queue::KycToReview => "entregou os documentos".to_owned(),
        Queue::CreditReferred => "espera decisão de crédito".to_owned(),
        Queue::ContractsUnsigned => "recebeu o contrato para assinar".to_owned(),
        Queue::WaitingForMoney => "assinou e espera o dinheiro".to_owned(),
        Queue::Disbursing => "teve o desembolso ordenado".to_owned(),
        Queue::DisbursementsReturned => "teve o desembolso devolvido".to_owned(),
        Queue::Overdue => "está em atraso".to_owned(),
        Queue::Proposals => "tem uma proposta a aprovar".to_owned(),
        Queue::MailsFailed => "não chegou".to_owned(),
    },
    left: |queue| match queue {
        Queue::KycToReview => "teve o KYC revisado".to_owned(),
        Queue::CreditReferred => "teve o crédito decidido".to_owned(),
        Queue::ContractsUnsigned => "não espera mais assinaturas".to_owned(),
        Queue::WaitingForMoney => "não espera mais a ordem".to_owned(),
        Queue::Disbursing => "não está mais no banco".to_owned(),
        Queue::DisbursementsReturned => "não está mais devolvido".to_owned(),
        Queue::Overdue => "não está mais em atraso".to_owned(),
        Queue::Proposals => "teve a proposta decidida".to_owned(),
        Queue::MailsFailed => "foi enviada de novo ou encerrada".to_owned(),
    },
    subject: |kind| match kind {
        CaseKind::Customer | CaseKind::Proposal => "Um cliente",
        CaseKind::Loan => "Um empréstimo",
        CaseKind::Mail => "Uma carta",
    },
};

pub(super) const ENGLISH: HomeTexts = HomeTexts {
    morning: "Good morning",
    afternoon: "Good afternoon",
    evening: "Good evening",
    today: |date| {
        let day = match date.weekday() {
            Weekday::Monday => "Monday",
            Weekday::Tuesday => "Tuesday",
            Weekday::Wednesday => "Wednesday",
            Weekday::Thursday => "Thursday",
            Weekday::Friday => "Friday",
            Weekday::Saturday => "Saturday",
            Weekday::Sunday => "Sunday",
        };
        format!("{day}, {}.", written::date(date))
    },
    late: |count| if count == 1 { "1 case is late".to_owned() } else { format!("{count} cases are late") },
    none_late: "No case is late",
    waiting: |count| format!("{count} waiting in all."),
    whose: "Whose",
    next_case: "Next case",
    money: "Today's money",
    received: "In today",
    payments: |count| if count == 1 { "1 payment".to_owned() } else { format!("{count} payments") },
    out: "Out today",
    disbursements: |count| {
        if count == 1 { "1 disbursement".to_owned() } else { format!("{count} disbursements") }
    },
    to_send: "To send",
    orders: |waiting, ordered| format!("{waiting} without an order, {ordered} at the bank"),
    due: "Due today",
    due_note: "not paid yet",
    what_waits: "What waits",
    queue: "Queue",
    count: "Waiting",
    oldest: "Oldest",
    of_level: |span| format!("of {span}"),
    hours: "Last 8 hours",
    came: "arrived",
    went: "left",
    chart: |name, arrived, left| format!("{name}: {arrived} arrived and {left} left in the last 8 hours"),
    overdue: "Overdue",
    arrears: |count, amount| {
        if count == 1 {
            format!("1 loan, {amount} overdue")
        } else {
            format!("{count} loans, {amount} overdue")
        }
    },
    days: "Range",
    loans: "Loans",
    unpaid: "Overdue",
    share: "Share",
    bucket: |bucket| match bucket {
        Bucket::UpTo15 => "1 to 15 days".to_owned(),
        Bucket::UpTo30 => "16 to 30 days".to_owned(),
        Bucket::UpTo60 => "31 to 60 days".to_owned(),
        Bucket::UpTo90 => "61 to 90 days".to_owned(),
        Bucket::Over90 => "more than 90 days".to_owned(),
    },
    wrong: "What went wrong",
    nothing_wrong: "Nothing went wrong. Returned disbursements, failed e-mails, partners without events and unreadable rows appear here.",
    returned: |name| format!("Disbursement returned: {name}"),
    more_returned: |count| format!("{count} more returned by the bank"),
    mails_failed: |count| {
        if count == 1 {
            "1 e-mail did not arrive".to_owned()
        } else {
            format!("{count} e-mails did not arrive")
        }
    },
    mails_failed_note: "after the last attempt",
    failing: |name| format!("{name} receives no events"),
    endpoints: |count| {
        if count == 1 { "1 failing endpoint".to_owned() } else { format!("{count} failing endpoints") }
    },
    unreadable: |rows| {
        if rows == 1 { "1 row cannot be read".to_owned() } else { format!("{rows} rows cannot be read") }
    },
    unreadable_note: |tables| format!("{tables} · dinie verify says why"),
    now: "Now",
    nothing_moved: "Nothing moved in the queues today.",
    arrived: |queue| match queue {
        Queue::KycToReview => "sent the documents".to_owned(),
        Queue::CreditReferred => "waits for a credit decision".to_owned(),
        Queue::ContractsUnsigned => "got the contract to sign".to_owned(),
        Queue::WaitingForMoney => "signed and waits for the money".to_owned(),
        Queue::Disbursing => "had its disbursement ordered".to_owned(),
        Queue::DisbursementsReturned => "had its disbursement returned".to_owned(),
        Queue::Overdue => "is overdue".to_owned(),
        Queue::Proposals => "has a proposal to approve".to_owned(),
        Queue::MailsFailed => "did not arrive".to_owned(),
    },
    left: |queue| match queue {
        Queue::KycToReview => "had its KYC reviewed".to_owned(),
        Queue::CreditReferred => "had its credit decided".to_owned(),
        Queue::ContractsUnsigned => "waits for no more signatures".to_owned(),
        Queue::WaitingForMoney => "waits for no order any more".to_owned(),
        Queue::Disbursing => "is no longer at the bank".to_owned(),
        Queue::DisbursementsReturned => "is no longer returned".to_owned(),
        Queue::Overdue => "is no longer overdue".to_owned(),
        Queue::Proposals => "had its proposal decided".to_owned(),
        Queue::MailsFailed => "was sent again or closed".to_owned(),
    },
    subject: |kind| match kind {
        CaseKind::Customer | CaseKind::Proposal => "A customer",
        CaseKind::Loan => "A loan",
        CaseKind::Mail => "An e-mail",
    },
};
