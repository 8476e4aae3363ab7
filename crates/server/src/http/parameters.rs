//! Parameters in a header's value: `name=value` pairs, with the value bare or quoted (RFC 9110 §5.6.6).
//!
//! `Content-Disposition` and `Forwarded` consist of them. A separator within quotes is plain text.

/// Splits a value at each separator outside of quoted strings; `None` if a quoted string does not end.
pub(super) fn split(text: &str, separator: char) -> Option<Vec<&str>> {
    let (mut pieces, mut start, mut quoted, mut escaped) = (Vec::new(), 0, false, false);
    for (at, character) in text.char_indices() {
        match character {
            _any if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            other if other == separator && !quoted => {
                pieces.push(text.get(start..at)?);
                start = at + separator.len_utf8();
            }
            _other => {}
        }
    }
    pieces.push(text.get(start..)?);
    (!quoted).then_some(pieces)
}

/// Reads `name=value`. The name is changed to lower case, because case does not matter. The value loses its quotes.
pub(super) fn parameter(text: &str) -> Option<(String, String)> {
    let (name, value) = text.split_once('=')?;
    let (name, value) = (name.trim(), value.trim());
    let is_token = !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c == '"');
    let value = match value.strip_prefix('"') {
        Some(quoted) => unquoted(quoted)?,
        None if value.contains('"') => return None,
        None => value.to_owned(),
    };
    is_token.then(|| (name.to_ascii_lowercase(), value))
}

/// The text between quotes. Only quotes and backslashes can be escaped, because browsers send other backslashes
/// unescaped.
fn unquoted(text: &str) -> Option<String> {
    let mut value = String::new();
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        match character {
            '"' => return rest.next().is_none().then_some(value),
            '\\' => match rest.next()? {
                escaped @ ('"' | '\\') => value.push(escaped),
                other => value.extend(['\\', other]),
            },
            other => value.push(other),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_separator_within_quotes_is_plain_text() {
        assert_eq!(split("a; b", ';'), Some(vec!["a", " b"]));
        assert_eq!(split(r#"f="a; n=b"; n=c"#, ';'), Some(vec![r#"f="a; n=b""#, " n=c"]));
        assert_eq!(split(r#"f="a\"; n=b"; n=c"#, ';'), Some(vec![r#"f="a\"; n=b""#, " n=c"]));
        assert_eq!(split(r#"f="a; n=b"#, ';'), None);
    }

    #[test]
    fn names_ignore_case_and_values_lose_their_quotes() {
        let read = |text| parameter(text).map(|(name, value)| format!("{name}|{value}"));
        assert_eq!(read(" NAME = type ").as_deref(), Some("name|type"));
        assert_eq!(read(r#"Name="a b""#).as_deref(), Some("name|a b"));
        assert_eq!(read(r#"name="say \"a\\b\" C:\dir""#).as_deref(), Some(r#"name|say "a\b" C:\dir"#));
        assert_eq!(read("name=").as_deref(), Some("name|"));
        for malformed in ["name", "=x", r#"name="a"#, r#"name="a"b"#, r#"name=a"b""#, "na me=x"] {
            assert_eq!(read(malformed), None, "{malformed}");
        }
    }
}
