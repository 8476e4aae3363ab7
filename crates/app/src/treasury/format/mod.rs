//! The formats of files for the bank: each writes orders and reads answers.

mod cnab240;
mod csv;
mod fault;

pub use fault::{Fault, Unreadable};

use domain::bank_file::{BankFile, BankLine, BankOrder, FileFormat};

use crate::lender::Lender;

/// Longest answer, in lines.
pub(super) const MOST_LINES: usize = 5_000;

/// Whether a format has room for an order.
pub(super) fn takes(format: FileFormat, order: &BankOrder) -> bool {
    match format {
        FileFormat::Csv => true,
        FileFormat::Cnab240 => cnab240::takes(order),
    }
}

/// The content of a file; `None` if its format names the lender's account and none is known. The same orders always make
/// the same content.
pub(super) fn written(file: &BankFile, orders: &[BankOrder], lender: &Lender) -> Option<String> {
    match (file.format, &lender.payer) {
        (FileFormat::Csv, _) => Some(csv::written(orders)),
        (FileFormat::Cnab240, Some(account)) => {
            Some(cnab240::written(file, orders, cnab240::Payer { creditor: &lender.creditor, account }))
        }
        (FileFormat::Cnab240, None) => None,
    }
}

/// The lines of an answer, in either format.
pub(super) fn read(content: &str) -> Result<Vec<BankLine>, Unreadable> {
    let lines: Vec<&str> = content.trim_start_matches('\u{feff}').lines().collect();
    if lines.len() > MOST_LINES {
        return Err(Fault::TooLong.at(MOST_LINES + 1));
    }
    match lines.first() {
        None => Err(Fault::Empty.at(1)),
        Some(first) if first.chars().count() == cnab240::WIDTH => cnab240::read(&lines),
        Some(first) if csv::is_header(first) => csv::read(&lines),
        Some(_) => Err(Fault::UnknownFormat.at(1)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_text_makes_the_reader_fail(content in "\\PC{0,200}") {
            let _outcome = read(&content);
        }
    }

    #[test]
    fn an_answer_begins_with_what_tells_its_format() {
        assert_eq!(read(""), Err(Fault::Empty.at(1)));
        assert_eq!(read("a,b\n"), Err(Fault::UnknownFormat.at(1)));
        assert_eq!(read("contract,amount,outcome,reason\n"), Ok(Vec::new()));
    }
}
