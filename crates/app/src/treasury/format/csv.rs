//! Orders and answers as CSV (RFC 4180), one a line. Amounts are decimals with a point.
//!
//! A cell that a spreadsheet could take for a formula begins with an apostrophe.

use domain::bank::Destination;
use domain::bank_file::{BankLine, BankOrder, BankOutcome, PayeeNumber};
use domain::money::Cents;
use domain::visible::one_line;

use super::fault::{Fault, Unreadable};
use crate::spreadsheet::cell;

/// The header of the orders.
const ORDERS: &str = "contract,amount,payee,payee_number,pix_key,bank,branch,account,account_kind";
/// The header of an answer. `outcome` is `paid`, `returned` or `pending`.
const ANSWER: [&str; 4] = ["contract", "amount", "outcome", "reason"];
/// The reason of a return without one.
const NO_REASON: &str = "O banco devolveu o dinheiro.";

pub(super) fn written(orders: &[BankOrder]) -> String {
    let lines = orders.iter().map(|order| {
        let number = match order.number {
            PayeeNumber::Company(cnpj) => cnpj.to_string(),
            PayeeNumber::Person(cpf) => cpf.to_string(),
        };
        let [key, bank, branch, account, kind] = destination(&order.destination);
        let contract = order.name.to_string();
        let amount = order.amount.to_string();
        [contract, amount, order.payee.clone(), number, key, bank, branch, account, kind]
            .map(|text| cell(&text))
            .join(",")
    });
    std::iter::once(ORDERS.to_owned()).chain(lines).flat_map(|line| [line, "\r\n".to_owned()]).collect()
}

fn destination(destination: &Destination) -> [String; 5] {
    let none = String::new;
    match destination {
        Destination::CompanyKey(cnpj) => [cnpj.to_string(), none(), none(), none(), none()],
        Destination::PersonKey(cpf) => [cpf.to_string(), none(), none(), none(), none()],
        Destination::Account(account) => [
            none(),
            account.bank_id.clone(),
            account.branch.clone(),
            format!("{}-{}", account.number, account.digit),
            account.kind.name().to_owned(),
        ],
    }
}

pub(super) fn is_header(line: &str) -> bool {
    cells(line).is_some_and(|cells| cells.iter().map(|cell| cell.trim()).eq(ANSWER))
}

pub(super) fn read(lines: &[&str]) -> Result<Vec<BankLine>, Unreadable> {
    let rows = lines.iter().enumerate().skip(1).filter(|(_, line)| !line.trim().is_empty());
    rows.map(|(at, line)| {
        row(line).map_err(|fault| fault.at(at + 1)).map(|row| BankLine { line: at + 1, ..row })
    })
    .collect()
}

fn row(line: &str) -> Result<BankLine, Fault> {
    let cells = cells(line).ok_or(Fault::Shape)?;
    let [contract, amount, outcome, reason] = cells.as_slice() else { return Err(Fault::Shape) };
    let outcome = match outcome.trim() {
        "paid" => BankOutcome::Paid,
        "pending" => BankOutcome::Pending,
        "returned" => {
            let reason = one_line(reason);
            let reason = if reason.is_empty() { NO_REASON.to_owned() } else { reason };
            BankOutcome::Returned { reason: reason.chars().take(500).collect() }
        }
        _unknown => return Err(Fault::Outcome),
    };
    Ok(BankLine {
        line: 0,
        name: contract.trim().parse().map_err(|_| Fault::Contract)?,
        amount: Cents::parse(amount.trim()).map_err(|_| Fault::Amount)?,
        outcome,
    })
}

/// The cells of a line; `None` if its quotes are wrong.
fn cells(line: &str) -> Option<Vec<String>> {
    let (mut cells, mut rest) = (Vec::new(), line);
    loop {
        let (cell, after) = if let Some(quoted) = rest.strip_prefix('"') {
            quoted_cell(quoted)?
        } else {
            let end = rest.find(',').unwrap_or(rest.len());
            (rest[..end].to_owned(), &rest[end..])
        };
        cells.push(cell);
        match after.strip_prefix(',') {
            Some(next) => rest = next,
            None if after.is_empty() => return Some(cells),
            None => return None,
        }
    }
}

/// The text of a quoted cell, and the rest of the line after it.
fn quoted_cell(text: &str) -> Option<(String, &str)> {
    let (mut cell, mut rest) = (String::new(), text);
    loop {
        let (before, after) = rest.split_once('"')?;
        cell.push_str(before);
        match after.strip_prefix('"') {
            Some(next) => {
                cell.push('"');
                rest = next;
            }
            None => return Some((cell, after)),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_line_of_cells_reads_back(texts in prop::collection::vec("[^\r\n]{0,12}", 1..6)) {
            let line = texts.iter().map(|text| cell(text)).collect::<Vec<_>>().join(",");
            let plain = |text: &String| if text.starts_with(['=', '+', '-', '@', '\t']) { format!("'{text}") } else { text.clone() };
            prop_assert_eq!(cells(&line), Some(texts.iter().map(plain).collect::<Vec<_>>()));
        }
    }

    #[test]
    fn a_wrong_line_names_its_fault() {
        let answer = |line: &str| read(&["contract,amount,outcome,reason", line]);
        let good = answer("CCB-2026-000412,10000.00,paid,").unwrap();
        assert_eq!((good[0].line, good[0].amount), (2, Cents::new(1_000_000)));
        assert_eq!(good[0].outcome, BankOutcome::Paid);
        for (line, fault) in [
            ("CCB-2026-000412,10000.00,paid", Fault::Shape),
            ("CCB-2026-000412,10000.00,paid,,x", Fault::Shape),
            ("CCB-2026,10000.00,paid,", Fault::Contract),
            ("CCB-2026-000412,\"10.000,00\",paid,", Fault::Amount),
            ("CCB-2026-000412,10000.00,PAGO,", Fault::Outcome),
            ("CCB-2026-000412,\"10000.00,paid,", Fault::Shape),
        ] {
            assert_eq!(answer(line), Err(fault.at(2)), "{line}");
        }
    }
}
