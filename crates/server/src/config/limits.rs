//! Limits on the rate of requests: `[limits]`.

use std::num::NonZeroU32;

use serde::Deserialize;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct LimitsFile {
    requests_per_10s: Option<NonZeroU32>,
    tokens_per_minute: Option<NonZeroU32>,
    page_posts_per_minute: Option<NonZeroU32>,
    operator_requests_per_10s: Option<NonZeroU32>,
    failures_per_minute: Option<NonZeroU32>,
}

/// Limits on the rate of requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimits {
    /// Requests in ten seconds, per credential.
    pub requests_per_10s: u32,
    /// Requests for tokens in a minute, per address.
    pub tokens_per_minute: u32,
    /// Submitted forms of pages in a minute, per address.
    pub page_posts_per_minute: u32,
    /// Requests in ten seconds, per operator.
    pub operator_requests_per_10s: u32,
    /// Wrong secrets in a minute: of a client or a person, per address; operator tokens, per address.
    pub failures_per_minute: u32,
}

impl Default for RateLimits {
    fn default() -> Self {
        Self {
            requests_per_10s: 1_000,
            tokens_per_minute: 60,
            page_posts_per_minute: 60,
            operator_requests_per_10s: 300,
            failures_per_minute: 10,
        }
    }
}

impl LimitsFile {
    pub(super) fn or_default(&self) -> RateLimits {
        let default = RateLimits::default();
        RateLimits {
            requests_per_10s: self.requests_per_10s.map_or(default.requests_per_10s, NonZeroU32::get),
            tokens_per_minute: self.tokens_per_minute.map_or(default.tokens_per_minute, NonZeroU32::get),
            page_posts_per_minute: self
                .page_posts_per_minute
                .map_or(default.page_posts_per_minute, NonZeroU32::get),
            operator_requests_per_10s: self
                .operator_requests_per_10s
                .map_or(default.operator_requests_per_10s, NonZeroU32::get),
            failures_per_minute: self
                .failures_per_minute
                .map_or(default.failures_per_minute, NonZeroU32::get),
        }
    }
}
