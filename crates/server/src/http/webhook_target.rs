//! Judges the URLs of webhook endpoints when they are saved.

use domain::webhook::target::Loopback;
use wire::problem::{Code, Problem};

use crate::outbound::{TargetRefused, check_resolved, check_target};

/// Judges what the URL's host name resolves to, where there is a URL.
pub async fn resolved<T>(
    given: T,
    url: impl Fn(&T) -> Option<&str>,
    loopback: Loopback,
) -> Result<T, Problem> {
    if let Some(url) = url(&given) {
        let refused =
            |refused: TargetRefused| Problem::of_field("url", Code::InvalidUrl, refused.to_string());
        check_resolved(url, loopback).await.map_err(refused)?;
    }
    Ok(given)
}

/// Says why a URL may not be called.
pub fn allowed(loopback: Loopback) -> impl Fn(&str) -> Result<(), String> {
    move |url| check_target(url, loopback).map_err(|refused| refused.to_string())
}
