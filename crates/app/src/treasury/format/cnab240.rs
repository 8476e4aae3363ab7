//! Orders and answers as CNAB 240: payments by Pix, one segment A and one segment B for each order.
//!
//! Positions, from 1, are those of FEBRABAN, "Layout Padrão de Arquivo CNAB 240", version 10.11: file header 0, batch
//! header 1 for payments, segments A and B (Pix, domain G100), trailers 5 and 9. The values for Pix are transfer 45
//! (G029), clearing house 009 (P001), and the initiation by a tax number (03) or by account (05). The kinds of account in
//! segment B (01, 02, 03) are those of Bradesco's Multipag "Pix, 240 posições". Banks differ in details, so a lender tries
//! a file with its bank before the first payment.
//!
//! Texts are in capital letters without accents; numbers are filled with zeros.

use domain::bank::{AccountKind, Bank, Destination};
use domain::bank_file::{BankFile, BankLine, BankOrder, BankOutcome, PayeeNumber, PayerAccount};
use domain::loan::contract::Creditor;
use domain::money::Cents;
use domain::time::RealTime;

use super::fault::{Fault, Unreadable};

/// Characters of a record.
pub(super) const WIDTH: usize = 240;

/// The occurrence of a paid order (G059).
const PAID: &str = "00";
/// Occurrences of an order that the bank has accepted: included, and to be authorised.
const ACCEPTED: [&str; 3] = ["BD", "BE", "BI"];

/// The one who pays.
#[derive(Debug, Clone, Copy)]
pub(super) struct Payer<'a> {
    /// The lender.
    pub(super) creditor: &'a Creditor,
    /// Its account.
    pub(super) account: &'a PayerAccount,
}

/// A record under construction. Fields are added in their order, and their widths must give 240.
struct Record(String);

impl Record {
    /// The bank, the batch and the kind of the record: positions 1 to 8.
    fn of(bank: &str, batch: u32, kind: char) -> Self {
        Self(String::with_capacity(WIDTH))
            .number(bank, 3)
            .count(i64::from(batch), 4)
            .text(&kind.to_string(), 1)
    }

    /// A text: capital letters without accents, cut or filled with spaces.
    fn text(mut self, text: &str, width: usize) -> Self {
        let plain = plain(text);
        self.0.extend(plain.chars().chain(std::iter::repeat(' ')).take(width));
        self
    }

    /// Digits, filled with zeros on the left. Other characters are left out.
    fn number(mut self, digits: &str, width: usize) -> Self {
        let digits: String = digits.chars().filter(char::is_ascii_alphanumeric).collect();
        let kept = digits.get(digits.len().saturating_sub(width)..).map_or("", |kept| kept);
        self.0.extend(std::iter::repeat_n('0', width - kept.len()));
        self.0.push_str(kept);
        self
    }

    fn count(self, number: i64, width: usize) -> Self {
        self.number(&number.to_string(), width)
    }

    fn blanks(self, width: usize) -> Self {
        self.text("", width)
    }

    fn end(self) -> String {
        assert_eq!(self.0.len(), WIDTH, "the fields of a record have 240 characters");
        self.0
    }
}

/// A text in the letters that banks accept.
fn plain(text: &str) -> String {
    let letter = |letter: char| match letter {
        'á' | 'à' | 'â' | 'ã' | 'ä' | 'Á' | 'À' | 'Â' | 'Ã' | 'Ä' => 'A',
        'é' | 'è' | 'ê' | 'ë' | 'É' | 'È' | 'Ê' | 'Ë' => 'E',
        'í' | 'ì' | 'î' | 'ï' | 'Í' | 'Ì' | 'Î' | 'Ï' => 'I',
        'ó' | 'ò' | 'ô' | 'õ' | 'ö' | 'Ó' | 'Ò' | 'Ô' | 'Õ' | 'Ö' => 'O',
        'ú' | 'ù' | 'û' | 'ü' | 'Ú' | 'Ù' | 'Û' | 'Ü' => 'U',
        'ç' | 'Ç' => 'C',
        'ñ' | 'Ñ' => 'N',
        ascii if ascii.is_ascii_graphic() => ascii.to_ascii_uppercase(),
        _other => ' ',
    };
    text.chars().map(letter).collect()
}

/// Whether a record has room for an order. Numbers of payment accounts may be longer than the field, and a cut number is
/// another account.
pub(super) fn takes(order: &BankOrder) -> bool {
    match &order.destination {
        Destination::Account(to) => to.number.len() <= 12 && to.digit.len() == 1 && to.branch.len() <= 5,
        Destination::CompanyKey(_) | Destination::PersonKey(_) => true,
    }
}

/// `DDMMAAAA`.
fn day(at: RealTime) -> String {
    let day = at.unmoved().business_date();
    format!("{:02}{:02}{:04}", day.day(), day.month(), day.year())
}

fn payee(order: &BankOrder) -> (&'static str, String) {
    match order.number {
        PayeeNumber::Person(cpf) => ("1", cpf.to_string()),
        PayeeNumber::Company(cnpj) => ("2", cnpj.to_string()),
    }
}

pub(super) fn written(file: &BankFile, orders: &[BankOrder], payer: Payer<'_>) -> String {
    let mut records = vec![file_header(file, payer), batch_header(payer)];
    for (place, order) in (0..).zip(orders) {
        records.push(segment_a(2 * place + 1, file, order, payer));
        records.push(segment_b(2 * place + 2, order, payer));
    }
    let sum: Cents = orders.iter().map(|order| order.amount).sum();
    // The header and the trailer count too.
    let of_batch = 2 * i64::try_from(orders.len()).expect("a file has a few hundred orders") + 2;
    let bank = &payer.account.bank;
    let batch = Record::of(bank, 1, '5').blanks(9).count(of_batch, 6).count(sum.get(), 18).count(0, 18);
    records.push(batch.count(0, 6).blanks(165).blanks(10).end());
    let end = Record::of(bank, 9_999, '9').blanks(9).count(1, 6).count(of_batch + 2, 6).count(0, 6);
    records.push(end.blanks(205).end());
    records.into_iter().flat_map(|record| [record, "\r\n".to_owned()]).collect()
}

/// The lender's tax number, agreement and account, and its name: as in both headers.
fn payer_fields(record: Record, Payer { creditor, account }: Payer<'_>) -> Record {
    record
        .text("2", 1)
        .number(&creditor.cnpj.to_string(), 14)
        .text(&account.agreement, 20)
        .number(&account.branch, 5)
        .text(&account.branch_digit, 1)
        .number(&account.account, 12)
        .text(&account.account_digit, 1)
        .blanks(1)
        .text(&creditor.name, 30)
}

fn file_header(file: &BankFile, payer: Payer<'_>) -> String {
    let at = file.made_at.unmoved().business_datetime();
    let time = format!("{:02}{:02}{:02}", at.hour(), at.minute(), at.second());
    let begun = payer_fields(Record::of(&payer.account.bank, 0, '0').blanks(9), payer);
    let dated = begun.blanks(30).blanks(10).text("1", 1).number(&day(file.made_at), 8).number(&time, 6);
    dated.count(file.number, 6).number("103", 3).count(0, 5).blanks(20).blanks(20).blanks(29).end()
}

fn batch_header(payer: Payer<'_>) -> String {
    // Credit, suppliers, Pix transfer, the version of the batch.
    let begun = Record::of(&payer.account.bank, 1, '1').text("C", 1).number("20", 2).number("45", 2);
    let payer_named = payer_fields(begun.number("046", 3).blanks(1), payer);
    let address = payer_named.blanks(40).text(&payer.creditor.address, 30).count(0, 5).blanks(15);
    let city = address.text(&payer.creditor.city, 20).count(0, 5).blanks(3).blanks(2);
    city.number("01", 2).blanks(6).blanks(10).end()
}

fn segment_a(place: i64, file: &BankFile, order: &BankOrder, payer: Payer<'_>) -> String {
    // A new order by Pix.
    let begun = Record::of(&payer.account.bank, 1, '3').count(place, 5).text("A", 1).number("000", 3);
    let begun = begun.number("009", 3);
    let account = match &order.destination {
        Destination::Account(to) => begun
            .number(&to.bank_id, 3)
            .number(&to.branch, 5)
            .blanks(1)
            .number(&to.number, 12)
            .text(&to.digit, 1)
            .blanks(1),
        Destination::CompanyKey(_) | Destination::PersonKey(_) => {
            begun.count(0, 3).count(0, 5).blanks(1).count(0, 12).blanks(1).blanks(1)
        }
    };
    let named = account.text(&order.payee, 30).text(&order.name.to_string(), 20);
    let paid = named.number(&day(file.made_at), 8).text("BRL", 3).count(0, 15).count(order.amount.get(), 15);
    let bank = paid.blanks(20).count(0, 8).count(0, 15).blanks(40).blanks(2).blanks(5).blanks(2);
    bank.blanks(3).text("0", 1).blanks(10).end()
}

fn segment_b(place: i64, order: &BankOrder, payer: Payer<'_>) -> String {
    let (kind, number) = payee(order);
    let (way, target) = match &order.destination {
        Destination::CompanyKey(cnpj) => ("03", bare(&cnpj.to_string())),
        Destination::PersonKey(cpf) => ("03", bare(&cpf.to_string())),
        Destination::Account(to) => {
            let kind = match to.kind {
                AccountKind::Checking => "01",
                AccountKind::Payment => "02",
                AccountKind::Saving => "03",
            };
            ("05", kind.to_owned())
        }
    };
    let begun = Record::of(&payer.account.bank, 1, '3').count(place, 5).text("B", 1).text(way, 3);
    let named = begun.text(kind, 1).number(&number, 14).blanks(35).text(&order.name.to_string(), 60);
    let ispb = match &order.destination {
        Destination::Account(to) => Bank::of_compe(&to.bank_id).map_or("", |bank| bank.ispb),
        Destination::CompanyKey(_) | Destination::PersonKey(_) => "",
    };
    named.text(&target, 99).blanks(6).text(ispb, 8).end()
}

/// A tax number without its punctuation.
fn bare(number: &str) -> String {
    number.chars().filter(char::is_ascii_alphanumeric).collect()
}

/// The characters of a field, by its positions from 1. A record has one byte for each character here, because lines
/// with others are refused before.
fn field(record: &str, from: usize, to: usize) -> &str {
    record.get(from - 1..to).map_or("", str::trim)
}

pub(super) fn read(lines: &[&str]) -> Result<Vec<BankLine>, Unreadable> {
    let mut answered = Vec::new();
    for (at, line) in lines.iter().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        if line.chars().count() != WIDTH || !line.is_ascii() {
            return Err(Fault::Shape.at(at + 1));
        }
        match (field(line, 8, 8), field(line, 14, 14)) {
            // 1: sent to the bank; 2: its answer.
            ("0", _) if field(line, 143, 143) != "2" => return Err(Fault::NotAnAnswer.at(at + 1)),
            ("3", "A") => answered.push(answer(at + 1, line).map_err(|fault| fault.at(at + 1))?),
            _other => {}
        }
    }
    Ok(answered)
}

fn answer(line: usize, record: &str) -> Result<BankLine, Fault> {
    let name = field(record, 74, 93).parse().map_err(|_| Fault::Contract)?;
    let cents: i64 = field(record, 120, 134).parse().map_err(|_| Fault::Amount)?;
    let occurrences = field(record, 231, 240);
    let outcome = match occurrences.get(..2) {
        Some(PAID) => BankOutcome::Paid,
        None => BankOutcome::Pending,
        Some(first) if ACCEPTED.contains(&first) => BankOutcome::Pending,
        Some(_) => {
            BankOutcome::Returned { reason: format!("O banco devolveu o dinheiro (CNAB {occurrences}).") }
        }
    };
    Ok(BankLine { line, name, amount: Cents::new(cents), outcome })
}
