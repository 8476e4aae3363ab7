//! The results of attempts to deliver, in words.

use domain::webhook::delivery::{Attempt, Cause};

use crate::pages::kit::shown::exact;
use crate::pages::texts::Texts;

/// The result of an attempt: its status if there was an answer, its cause if that is known, and its word.
pub(in crate::pages) struct Outcome<'a> {
    pub(in crate::pages) status: Option<i64>,
    pub(in crate::pages) cause: Option<Cause>,
    pub(in crate::pages) word: &'a str,
}

impl<'a> Outcome<'a> {
    pub(in crate::pages) fn of(attempt: &'a Attempt) -> Self {
        Self { status: attempt.status, cause: attempt.cause(), word: &attempt.outcome }
    }

    /// The result in a sentence. `host` is the endpoint's.
    pub(in crate::pages) fn sentence(&self, host: &str, t: &Texts) -> String {
        let w = &t.webhooks;
        match (self.status, self.cause, self.word) {
            (Some(status), ..) if (200..300).contains(&status) => (w.accepted)(status),
            (Some(410), ..) => w.gone.to_owned(),
            (Some(status), ..) => (w.refused)(status),
            (None, Some(cause), _) => of_cause(cause, host, t),
            (None, None, "timeout") => w.answer_timed_out.to_owned(),
            (None, None, "forbidden") => (w.address_forbidden)(host),
            (None, None, "own_shortage") => w.own_shortage.to_owned(),
            (None, None, "unreadable") => w.unreadable.to_owned(),
            // The attempt is older than the record of causes.
            (None, None, _) => w.no_answer.to_owned(),
        }
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
pub(in crate::pages) fn host_of(url: &str) -> String {
    url::Url::parse(url)
        .ok()
        .and_then(|url| url.host_str().map(str::to_owned))
        .unwrap_or_else(|| url.to_owned())
}
