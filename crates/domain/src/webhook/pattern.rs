//! The events to which an endpoint subscribes: exact names, a family (`loan.*`) or everything (`*`).

use std::fmt;

/// The text is neither a known event nor a known pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the name of an event and not a pattern")]
pub struct InvalidPattern;

/// A pattern for event names.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Pattern(String);

impl Pattern {
    /// The families for `.*` patterns.
    const FAMILIES: [&'static str; 3] = ["customer", "credit_offer", "loan"];

    /// Reads a pattern. `known` are the event names of the endpoint's generation.
    pub fn parse(text: &str, known: &[&str]) -> Result<Self, InvalidPattern> {
        let family = text.strip_suffix(".*").is_some_and(|family| Self::FAMILIES.contains(&family));
        if text == "*" || family || known.contains(&text) {
            return Ok(Self(text.to_owned()));
        }
        Err(InvalidPattern)
    }

    /// A pattern that was checked before it was stored.
    pub fn stored(text: String) -> Self {
        Self(text)
    }

    /// Whether the pattern matches this event name.
    pub fn matches(&self, event: &str) -> bool {
        match self.0.strip_suffix('*') {
            Some(prefix) => event.starts_with(prefix),
            None => self.0 == event,
        }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether a list of patterns matches an event. An empty list matches every event.
pub fn subscribes_to(patterns: &[Pattern], event: &str) -> bool {
    patterns.is_empty() || patterns.iter().any(|pattern| pattern.matches(event))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_the_events_that_they_name() {
        let known = ["loan.created", "customer.created"];
        let pattern = |text| Pattern::parse(text, &known);
        assert!(pattern("*").unwrap().matches("loan.created"));
        assert!(pattern("loan.*").unwrap().matches("loan.active"));
        assert!(!pattern("loan.*").unwrap().matches("customer.created"));
        assert!(pattern("loan.created").unwrap().matches("loan.created"));
        assert!(!pattern("loan.created").unwrap().matches("loan.created.again"));
        for text in ["", "loan", "loan.", "loan.unknown", "payment.*", "*.created", "**", "LOAN.*"] {
            assert_eq!(pattern(text), Err(InvalidPattern), "{text}");
        }
        assert!(subscribes_to(&[], "loan.active"));
        assert!(!subscribes_to(&[pattern("customer.*").unwrap()], "loan.active"));
    }
}
