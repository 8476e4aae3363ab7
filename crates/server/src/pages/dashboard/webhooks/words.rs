//! The results of attempts, in words.

use domain::webhook::delivery::{Attempt, Cause};

use crate::pages::kit::shown::exact;
use crate::pages::texts::Texts;

/// The result of an attempt, in a sentence. `host` is the endpoint's.
pub(super) fn result(attempt: &Attempt, host: &str, t: &Texts) -> String {
    let w = &t.webhooks;
    match (attempt.status, attempt.cause()) {
        (Some(status), _) if (200..300).contains(&status) => (w.accepted)(status),
        (Some(410), _) => w.gone.to_owned(),
        (Some(status), _) => (w.refused)(status),
        (None, Some(cause)) => of_cause(cause, host, t),
        (None, None) => w.no_answer.to_owned(),
    }
}

fn of_cause(cause: Cause, host: &str, t: &Texts) -> String {
    let w = &t.webhooks;
    match cause {
        Cause::NameNotResolved => (w.name_not_resolved)(host),
        Cause::AddressForbidden => (w.address_forbidden)(host),
        Cause::ConnectionRefused => (w.connection_refused)(host),
        Cause::ConnectionTimedOut => (w.connection_timed_out)(host),
        Cause::ConnectionBroken => w.connection_broken.to_owned(),
        Cause::CertificateExpired(at) => {
            let at = at.map(|at| exact(at.unmoved()));
            (w.certificate_expired)(host, at.as_deref())
        }
        Cause::CertificateNotYetValid => (w.certificate_not_yet_valid)(host),
        Cause::CertificateOfOtherHost => (w.certificate_of_other_host)(host),
        Cause::CertificateUntrusted => (w.certificate_untrusted)(host),
        Cause::TlsFailed => w.tls_failed.to_owned(),
        Cause::AnswerTimedOut => w.answer_timed_out.to_owned(),
        Cause::OwnShortage => w.own_shortage.to_owned(),
    }
}

/// The host of a URL; the whole text if it has none.
pub(in crate::pages::dashboard) fn host_of(url: &str) -> String {
    url::Url::parse(url)
        .ok()
        .and_then(|url| url.host_str().map(str::to_owned))
        .unwrap_or_else(|| url.to_owned())
}
