//! Names and values of queries and forms.

use percent_encoding::percent_decode_str;

/// Most pairs in a form, and most parts in an upload.
pub const MOST_PAIRS: usize = 20;

/// The reason for refusing a form or query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormRefused {
    /// A name or value is not UTF-8.
    NotUtf8,
    /// It has too many pairs.
    TooMany,
}

/// The names and values of a form or query, in order.
pub fn form_pairs(text: &str, most: usize) -> Result<Vec<(String, String)>, FormRefused> {
    let pairs = || text.split('&').filter(|pair| !pair.is_empty());
    // This check comes first, because decoding and comparing cost more.
    if pairs().nth(most).is_some() {
        return Err(FormRefused::TooMany);
    }
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        Some((form_decoded(name)?, form_decoded(value)?))
    };
    pairs().map(pair).collect::<Option<_>>().ok_or(FormRefused::NotUtf8)
}

/// The names and values of a form in a body, in order.
pub fn form_of(body: &[u8]) -> Result<Vec<(String, String)>, FormRefused> {
    form_pairs(std::str::from_utf8(body).map_err(|_| FormRefused::NotUtf8)?, MOST_PAIRS)
}

/// The first repeated name.
pub fn repeated(pairs: &[(String, String)]) -> Option<&str> {
    let twice =
        |(at, (name, _)): (usize, &(String, String))| pairs.iter().take(at).any(|(before, _)| before == name);
    pairs.iter().enumerate().find(|pair| twice(*pair)).map(|(_, (name, _))| name.as_str())
}

/// Decodes a form value; `None` if it is not UTF-8.
pub fn form_decoded(text: &str) -> Option<String> {
    let spaced = text.replace('+', " ");
    percent_decode_str(&spaced).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}
