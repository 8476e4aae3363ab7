//! The texts of the pages of money that leaves.

use app::treasury::{Effect, Fault};
use domain::written;

/// The texts.
pub(crate) struct MoneyTexts {
    pub(crate) orders: &'static str,
    pub(crate) about: &'static str,
    pub(crate) ready: &'static str,
    pub(crate) at_bank: &'static str,
    /// Takes a number of orders.
    pub(crate) orders_of: fn(usize) -> String,
    pub(crate) none_ready: &'static str,
    pub(crate) none_ready_text: &'static str,
    pub(crate) none_sent: &'static str,
    pub(crate) none_sent_text: &'static str,
    /// Takes the sum of the orders and the format.
    pub(crate) make: fn(&str, &str) -> String,
    pub(crate) no_account: &'static str,
    pub(crate) only_once: &'static str,
    pub(crate) destination: &'static str,
    pub(crate) since: &'static str,
    pub(crate) files: &'static str,
    pub(crate) no_files: &'static str,
    pub(crate) no_files_text: &'static str,
    /// Takes the number of a file.
    pub(crate) file: fn(i64) -> String,
    pub(crate) download: &'static str,
    pub(crate) answer: &'static str,
    pub(crate) answer_about: &'static str,
    pub(crate) choose: &'static str,
    pub(crate) preview: &'static str,
    pub(crate) preview_title: &'static str,
    pub(crate) done_title: &'static str,
    /// Takes the numbers of confirmed and returned orders, and of lines that do nothing.
    pub(crate) will: fn(usize, usize, usize) -> String,
    pub(crate) was: fn(usize, usize, usize) -> String,
    /// Takes the number of lines.
    pub(crate) apply: fn(usize) -> String,
    pub(crate) nothing_to_apply: &'static str,
    pub(crate) line: &'static str,
    pub(crate) effect: &'static str,
    pub(crate) reason: &'static str,
    pub(crate) effect_of: fn(Effect) -> String,
    pub(crate) unreadable: &'static str,
    /// Takes the line and its fault.
    pub(crate) fault: fn(usize, Fault) -> String,
    pub(crate) nothing_made: &'static str,
    pub(crate) nothing_made_text: &'static str,
}

pub(super) const PORTUGUESE: MoneyTexts = MoneyTexts {
    orders: "Desembolsos",
    about: "Ordens aprovadas vão para o banco em um arquivo, e cada uma em um só.",
    ready: "Prontos para enviar",
    at_bank: "No banco",
    orders_of: |number| if number == 1 { "1 ordem".to_owned() } else { format!("{number} ordens") },
    none_ready: "Nada para enviar",
    none_ready_text: "Uma ordem aparece aqui quando a segunda pessoa aprova o desembolso.",
    none_sent: "Nada no banco",
    none_sent_text: "As ordens de um arquivo ficam aqui até a resposta do banco.",
    make: |amount, format| format!("Fazer arquivo {format} de {amount}"),
    no_account: "CNAB 240 precisa da conta da financeira: [bank] na configuração.",
    only_once: "Cada ordem entra em um arquivo só.",
    destination: "Destino",
    since: "Ordenado",
    files: "Arquivos",
    no_files: "Nenhum arquivo",
    no_files_text: "Cada arquivo feito fica aqui e pode ser baixado de novo, sempre igual.",
    file: |number| format!("Arquivo {number}"),
    download: "Baixar",
    answer: "Retorno do banco",
    answer_about: "CSV ou CNAB 240. Você vê o que cada linha fará antes de aplicar.",
    choose: "Arquivo do banco",
    preview: "Ler retorno",
    preview_title: "O que o retorno fará",
    done_title: "O que o retorno fez",
    will: |confirmed, returned, nothing| {
        format!("Confirma {confirmed}, devolve {returned}, e {nothing} linhas não mudam nada.")
    },
    was: |confirmed, returned, nothing| {
        format!("Confirmou {confirmed}, devolveu {returned}, e {nothing} linhas não mudaram nada.")
    },
    apply: |lines| if lines == 1 { "Aplicar 1 linha".to_owned() } else { format!("Aplicar {lines} linhas") },
    nothing_to_apply: "Nenhuma linha muda um empréstimo.",
    line: "Linha",
    effect: "Efeito",
    reason: "Motivo",
    effect_of: |effect| match effect {
        Effect::Confirm => "Confirma o desembolso".to_owned(),
        Effect::Return => "Registra a devolução".to_owned(),
        Effect::Done => "Já estava feito".to_owned(),
        Effect::Pending => "O banco ainda não pagou".to_owned(),
        Effect::Unknown => "Contrato desconhecido".to_owned(),
        Effect::OtherAmount(ordered) => format!("Valor diferente: a ordem é de {}", written::money(ordered)),
        Effect::NotOrdered(_) => "O empréstimo não espera resposta".to_owned(),
        Effect::Superseded(now) => format!("Resposta atrasada: vale agora a tentativa {now}"),
        Effect::Repeated => "Ordem repetida no arquivo".to_owned(),
    },
    unreadable: "O arquivo não foi lido, e nada mudou.",
    fault: |line, fault| {
        let what = match fault {
            Fault::Empty => "o arquivo está vazio",
            Fault::TooLong => "o arquivo tem linhas demais",
            Fault::UnknownFormat => "não é o cabeçalho do CSV nem um registro CNAB 240",
            Fault::Shape => "colunas ou tamanho errados",
            Fault::Contract => "não nomeia um contrato",
            Fault::Amount => "o valor está errado",
            Fault::Outcome => "o resultado não é paid, returned ou pending",
            Fault::NotAnAnswer => "o arquivo é uma remessa, não um retorno",
        };
        format!("Linha {line}: {what}.")
    },
    nothing_made: "Nenhum arquivo foi feito.",
    nothing_made_text: "Outra pessoa já pôs as ordens em um arquivo, ou o formato não cabe nelas.",
};

pub(super) const ENGLISH: MoneyTexts = MoneyTexts {
    orders: "Disbursements",
    about: "Approved orders go to the bank in a file, and each one in one file only.",
    ready: "Ready to send",
    at_bank: "At the bank",
    orders_of: |number| if number == 1 { "1 order".to_owned() } else { format!("{number} orders") },
    none_ready: "Nothing to send",
    none_ready_text: "An order appears here when the second person approves the disbursement.",
    none_sent: "Nothing at the bank",
    none_sent_text: "The orders of a file stay here until the bank's answer.",
    make: |amount, format| format!("Make a {format} file of {amount}"),
    no_account: "CNAB 240 needs the lender's account: [bank] in the configuration.",
    only_once: "Each order is in one file only.",
    destination: "Destination",
    since: "Ordered",
    files: "Files",
    no_files: "No files",
    no_files_text: "Each file stays here and can be downloaded again, always the same.",
    file: |number| format!("File {number}"),
    download: "Download",
    answer: "The bank's answer",
    answer_about: "CSV or CNAB 240. You see what each line will do before it is applied.",
    choose: "The bank's file",
    preview: "Read the answer",
    preview_title: "What the answer will do",
    done_title: "What the answer did",
    will: |confirmed, returned, nothing| {
        format!("It confirms {confirmed}, returns {returned}, and {nothing} lines change nothing.")
    },
    was: |confirmed, returned, nothing| {
        format!("It confirmed {confirmed}, returned {returned}, and {nothing} lines changed nothing.")
    },
    apply: |lines| if lines == 1 { "Apply 1 line".to_owned() } else { format!("Apply {lines} lines") },
    nothing_to_apply: "No line changes a loan.",
    line: "Line",
    effect: "Effect",
    reason: "Reason",
    effect_of: |effect| match effect {
        Effect::Confirm => "Confirms the disbursement".to_owned(),
        Effect::Return => "Records the return".to_owned(),
        Effect::Done => "Was done before".to_owned(),
        Effect::Pending => "The bank has not paid yet".to_owned(),
        Effect::Unknown => "Unknown contract".to_owned(),
        Effect::OtherAmount(ordered) => format!("Other amount: the order is of {}", written::money(ordered)),
        Effect::NotOrdered(_) => "The loan waits for no answer".to_owned(),
        Effect::Superseded(now) => format!("Late answer: attempt {now} counts now"),
        Effect::Repeated => "Order repeated in the file".to_owned(),
    },
    unreadable: "The file was not read, and nothing has changed.",
    fault: |line, fault| {
        let what = match fault {
            Fault::Empty => "the file is empty",
            Fault::TooLong => "the file has too many lines",
            Fault::UnknownFormat => "it is neither the header of the CSV nor a record of CNAB 240",
            Fault::Shape => "wrong columns or length",
            Fault::Contract => "it names no contract",
            Fault::Amount => "the amount is wrong",
            Fault::Outcome => "the outcome is not paid, returned or pending",
            Fault::NotAnAnswer => "the file is one to the bank, and no answer",
        };
        format!("Line {line}: {what}.")
    },
    nothing_made: "No file was made.",
    nothing_made_text: "Another person has put the orders in a file, or the format has no room for them.",
};
