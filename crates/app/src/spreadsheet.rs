//! Tables as CSV (RFC 4180), for people who open them in a spreadsheet. Amounts are decimals with a point.

/// A text as a cell: quoted if necessary, and never a formula.
pub fn cell(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if formula { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

/// A table with a header. Its cells are numbers, ids and other words of this program; other texts need [`cell`] before.
pub fn table<const N: usize>(columns: [&str; N], rows: impl IntoIterator<Item = [String; N]>) -> String {
    let mut text = columns.join(",");
    text.push_str("\r\n");
    for row in rows {
        text.push_str(&row.join(","));
        text.push_str("\r\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_never_a_formula() {
        for (text, expected) in [
            ("=1+1", "'=1+1"),
            ("+5511", "'+5511"),
            ("-2", "'-2"),
            ("@x", "'@x"),
            ("Ana, \"a\"", "\"Ana, \"\"a\"\"\""),
            ("=a,b", "\"'=a,b\""),
            ("Padaria", "Padaria"),
            ("", ""),
        ] {
            assert_eq!(cell(text), expected);
        }
    }

    #[test]
    fn a_table_has_its_header_and_a_line_for_each_row() {
        let rows = [["cash".to_owned(), "-1.00".to_owned()]];
        assert_eq!(table(["account", "amount"], rows), "account,amount\r\ncash,-1.00\r\n");
    }
}
