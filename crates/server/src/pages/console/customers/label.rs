//! A tag of a customer on a page.

use domain::customer::Tag;

/// A tag on a page.
pub(in crate::pages) struct Label {
    pub(in crate::pages) text: String,
    /// The list of customers with the tag.
    pub(in crate::pages) href: String,
}

impl Label {
    pub(super) fn of(tag: &Tag) -> Self {
        Self { text: tag.to_string(), href: format!("/console/customers?tag={}", Self::escaped(tag)) }
    }

    /// The tag as a value in an address: its accents are escaped.
    pub(super) fn escaped(tag: &Tag) -> String {
        let escape = |byte: u8| match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'-' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        };
        tag.as_str().bytes().map(escape).collect()
    }
}
