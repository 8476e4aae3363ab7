//! What caused a change: the request, and the span of a trace in which it happened.
//!
//! Events, jobs, letters and bodies of webhooks are stored with their cause. So work that is done later, by a worker or
//! on another node, continues the request's story. A cause proves nothing: a caller may choose its request id.
//!
//! Reasons: docs/decisions/0044.

use std::fmt;
use std::str::FromStr;

/// The cause of a change. Work that no request caused has an empty one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cause {
    /// The id of the request, at most 128 visible characters. The caller may have chosen it.
    pub request: Option<String>,
    /// The span in which the change happened; `None` if the trace is not recorded.
    pub span: Option<SpanPlace>,
}

impl Cause {
    /// The cause with another span. Without a new span it keeps the present one.
    #[must_use]
    pub fn in_span(&self, span: Option<SpanPlace>) -> Self {
        Self { request: self.request.clone(), span: span.or(self.span) }
    }
}

/// A recorded span and its trace. Its text is the header `traceparent` of the W3C's Trace Context, version 00.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SpanPlace {
    /// The trace; never 0.
    pub trace: u128,
    /// The span in the trace; never 0.
    pub span: u64,
}

impl SpanPlace {
    /// A new span in the same trace. `random` is its id.
    #[must_use]
    pub fn child(self, random: [u8; 8]) -> Self {
        // The id 0 means that there is no span.
        Self { trace: self.trace, span: u64::from_be_bytes(random).max(1) }
    }

    /// The id of the trace: 32 hex digits.
    pub fn trace_hex(self) -> String {
        format!("{:032x}", self.trace)
    }

    /// The id of the span: 16 hex digits.
    pub fn span_hex(self) -> String {
        format!("{:016x}", self.span)
    }
}

impl fmt::Display for SpanPlace {
    /// Stored and sent spans are recorded, so the flag `sampled` is set.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{:032x}-{:016x}-01", self.trace, self.span)
    }
}

/// The text is no `traceparent`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoTraceparent;

impl fmt::Display for NoTraceparent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no traceparent")
    }
}

impl FromStr for SpanPlace {
    type Err = NoTraceparent;

    /// Reads a header of any version. A later version may have more fields at its end. The flags are not kept: each
    /// server decides itself whether it records the trace.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut fields = text.split('-');
        let mut field = |length: usize| {
            let text = fields.next().filter(|text| text.len() == length).ok_or(NoTraceparent)?;
            let is_lower_hex = text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
            if is_lower_hex { Ok(text) } else { Err(NoTraceparent) }
        };
        let (version, trace, span, _flags) = (field(2)?, field(32)?, field(16)?, field(2)?);
        let ends = fields.next().is_none();
        let trace = u128::from_str_radix(trace, 16).map_err(|_| NoTraceparent)?;
        let span = u64::from_str_radix(span, 16).map_err(|_| NoTraceparent)?;
        if version == "ff" || (version == "00" && !ends) || trace == 0 || span == 0 {
            return Err(NoTraceparent);
        }
        Ok(Self { trace, span })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the recommendation, section 3.2.3.
    const EXAMPLE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn the_example_of_the_recommendation_is_read_and_written() {
        let place: SpanPlace = EXAMPLE.parse().expect("the example is well-formed");
        assert_eq!(place.trace, 0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c);
        assert_eq!(place.span, 0xb7ad_6b71_6920_3331);
        assert_eq!(place.to_string(), EXAMPLE);
        assert_eq!(place.child([0; 8]).span, 1);
    }

    #[test]
    fn a_later_version_may_have_more_fields() {
        let later = format!("cc{}-what-the-future-holds", &EXAMPLE[2..]);
        assert_eq!(later.parse::<SpanPlace>(), EXAMPLE.parse());
    }

    #[test]
    fn malformed_headers_are_no_spans() {
        let malformed = [
            "",
            "00",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-+af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        ];
        for text in malformed {
            assert_eq!(text.parse::<SpanPlace>(), Err(NoTraceparent), "{text}");
        }
    }
}
