//! Text as HTML, and the anchors of headings.

/// Appends a text with the five characters escaped that have a meaning in HTML.
pub(super) fn escape(out: &mut String, text: &str) {
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            plain => out.push(plain),
        }
    }
}

/// Appends a piece of HTML.
pub(super) fn put(out: &mut String, html: &str) {
    out.push_str(html);
}

/// A text with the five characters escaped that have a meaning in HTML.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    escape(&mut out, text);
    out
}

/// The anchor of a heading: its text in lower case, without punctuation, with a hyphen for each space.
pub(super) fn anchor(heading: &str) -> String {
    let kept = heading.to_lowercase();
    let kept = kept.trim().chars().filter(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | ' '));
    kept.map(|letter| if letter == ' ' { '-' } else { letter }).collect()
}

/// The paragraphs of a description of an OpenAPI document: an empty line begins a paragraph, backticks hold code.
pub(super) fn paragraphs(text: &str) -> String {
    let paragraphs = text.split("\n\n").map(|one| format!("<p>{}</p>", inline(one)));
    paragraphs.collect()
}

/// One paragraph, with code in backticks.
pub(super) fn inline(text: &str) -> String {
    let mut out = String::new();
    for (at, part) in text.split('`').enumerate() {
        if at % 2 == 0 {
            escape(&mut out, part);
        } else {
            out.push_str("<code>");
            escape(&mut out, part);
            out.push_str("</code>");
        }
    }
    out
}

/// A plain sentence of a catalogue. Names of fields, events and headers become code.
pub(super) fn sentence(text: &str) -> String {
    let mut out = String::new();
    for (at, word) in text.split(' ').enumerate() {
        if at > 0 {
            out.push(' ');
        }
        let begin = word.len() - word.trim_start_matches(['(', '"', '“']).len();
        let end = word.trim_end_matches([',', ';', ':', '.', ')', '"', '”', '?']).len().max(begin);
        if is_name(&word[begin..end]) {
            escape(&mut out, &word[..begin]);
            out.push_str("<code>");
            escape(&mut out, &word[begin..end]);
            out.push_str("</code>");
            escape(&mut out, &word[end..]);
        } else {
            escape(&mut out, word);
        }
    }
    out
}

/// Whether a word is a name of the API: `kyc_incomplete`, `loan.active`, `/v3/loans`, `Retry-After`.
fn is_name(word: &str) -> bool {
    let lower = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    let is_event = word.split_once('.').is_some_and(|(one, two)| lower(one) && lower(two));
    let is_header = word.split_once('-').is_some_and(|(one, two)| {
        [one, two].iter().all(|part| part.chars().next().is_some_and(|c| c.is_ascii_uppercase()))
    });
    let is_path = word.len() > 1 && word.starts_with('/');
    word.is_ascii() && (word.contains('_') || is_event || is_header || is_path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heading_has_the_anchor_that_the_guides_link_to() {
        for (heading, expected) in [
            ("1. Suba o sandbox", "1-suba-o-sandbox"),
            ("Receba loan.active", "receba-loanactive"),
            ("Ir à produção", "ir-à-produção"),
        ] {
            assert_eq!(anchor(heading), expected);
        }
    }

    #[test]
    fn names_of_the_api_in_a_sentence_are_code() {
        let shown =
            sentence("Wait for loan.active (see kyc_incomplete). Content-Type <b> is e-mail, and/or more.");
        assert_eq!(
            shown,
            "Wait for <code>loan.active</code> (see <code>kyc_incomplete</code>). <code>Content-Type</code> \
             &lt;b&gt; is e-mail, and/or more."
        );
    }
}
