//! Colours of code: strings, comments and numbers, and the keys of JSON. It knows no grammar, so it colours no keywords.

use super::html::{escape, put};

/// The code of a block as HTML. `i` is a string, `s` a comment, `em` a number, `b` a key.
pub(super) fn highlighted(language: &str, code: &str) -> String {
    let mut out = String::with_capacity(code.len() * 5 / 4);
    let Some(rules) = Rules::of(language) else {
        escape(&mut out, code);
        return out;
    };
    let mut rest = code;
    let mut before = '\n';
    while let Some(next) = rest.chars().next() {
        let (tag, length) = rules.token(rest, before).unwrap_or(("", next.len_utf8()));
        let token = &rest[..length];
        push(&mut out, tag, token);
        before = token.chars().next_back().unwrap_or('\n');
        rest = &rest[length..];
    }
    out
}

fn push(out: &mut String, tag: &str, token: &str) {
    if tag.is_empty() {
        return escape(out, token);
    }
    put(out, &format!("<{tag}>"));
    escape(out, token);
    put(out, &format!("</{tag}>"));
}

/// The marks of a language.
struct Rules {
    comments: &'static [&'static str],
    quotes: &'static [char],
    is_json: bool,
}

impl Rules {
    fn of(language: &str) -> Option<Self> {
        let (comments, quotes): (&[&str], &[char]) = match language {
            "bash" | "python" | "ruby" => (&["#"], &['"', '\'']),
            "javascript" | "go" => (&["//"], &['"', '\'', '`']),
            "java" => (&["//"], &['"']),
            "php" => (&["//", "#"], &['"', '\'']),
            "json" => (&[], &['"']),
            _plain => return None,
        };
        Some(Self { comments, quotes, is_json: language == "json" })
    }

    /// The tag and the length of the token at the beginning of `rest`; `None` for plain text.
    fn token(&self, rest: &str, before: char) -> Option<(&'static str, usize)> {
        let first = rest.chars().next()?;
        // A `#` within a word is no comment, and neither is the `//` of an address.
        if before.is_whitespace() && self.comments.iter().any(|mark| rest.starts_with(mark)) {
            return Some(("s", rest.find('\n').unwrap_or(rest.len())));
        }
        // An apostrophe within a word begins no string. A quotation mark may: Python has f"…".
        if self.quotes.contains(&first) && (first != '\'' || !before.is_alphanumeric()) {
            let length = quoted(rest, first)?;
            let is_key = self.is_json && rest[length..].trim_start().starts_with(':');
            return Some((if is_key { "b" } else { "i" }, length));
        }
        let is_word = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-' | '$' | '.');
        // The numbers of an address belong to it.
        let in_address = !self.is_json && matches!(before, '/' | ':');
        if first.is_ascii_digit() && !is_word(before) && !in_address {
            let length =
                rest.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '_')).unwrap_or(rest.len());
            let ends = rest[length..].chars().next().is_none_or(|next| !is_word(next));
            return ends.then_some(("em", length));
        }
        None
    }
}

/// The length of a quoted text; `None` if the quotation mark has no partner.
fn quoted(rest: &str, mark: char) -> Option<usize> {
    let triple: String = [mark; 3].iter().collect();
    if rest.starts_with(&triple) {
        return rest[3..].find(&triple).map(|end| end + 6);
    }
    let mut escapes = false;
    for (at, letter) in rest.char_indices().skip(1) {
        match letter {
            _any if escapes => escapes = false,
            '\\' => escapes = true,
            end if end == mark => return Some(at + 1),
            _inside => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::highlighted;

    #[test]
    fn strings_comments_numbers_and_keys_are_marked() {
        for (language, code, expected) in [
            (
                "json",
                r#"{"a": "b", "n": 12}"#,
                "{<b>&quot;a&quot;</b>: <i>&quot;b&quot;</i>, <b>&quot;n&quot;</b>: <em>12</em>}",
            ),
            ("bash", "curl 'x' # says it's so", "curl <i>&#39;x&#39;</i> <s># says it&#39;s so</s>"),
            ("bash", "echo ${#list} $1", "echo ${#list} $1"),
            ("bash", "API=http://127.0.0.1:8080/v3", "API=http://127.0.0.1:8080/v3"),
            ("python", "don't", "don&#39;t"),
            ("python", "f\"a\" b", "f<i>&quot;a&quot;</i> b"),
            ("text", "\"plain\" 1", "&quot;plain&quot; 1"),
        ] {
            assert_eq!(highlighted(language, code), expected);
        }
    }
}
