//! Sends e-mails through the mail server, if one is configured. They are leased in a short transaction and sent
//! outside any, all at once. Each takes less time than its lease.

use app::mails::people::{self, PersonMail};
use app::mails::{self, Mail};
use app::spans::{self, Begun, Named, SpanKind};
use app::{StoreError, Tx, Wake};
use domain::cause::{Cause, SpanPlace};
use domain::time::RealTime;
use tracing::Instrument as _;

use super::rest::{rest_after, sleep_until};
use crate::outbound_mail::{Letter, Mailer};
use crate::state::AppState;

/// Most e-mails that are leased at once.
const MOST_AT_ONCE: i64 = 16;

/// Sends e-mails as they become due.
pub async fn run(state: AppState, mailer: Mailer) {
    loop {
        match tick(&state, &mailer).await {
            Ok(0) => {
                let due = state.store.read(mails::next_due_of_all).await;
                sleep_until(&state, Some(Wake::Mails), due).await;
            }
            Ok(_more_may_be_due) => {}
            Err(error) => rest_after("post", &error).await,
        }
    }
}

/// Sends the e-mails that are due. Returns their number.
pub async fn tick(state: &AppState, mailer: &Mailer) -> Result<usize, StoreError> {
    let real = state.clock.now();
    let look = move |tx: &mut Tx<'_>| -> Result<_, StoreError> {
        let to_people = people::next_due(tx)?.is_some_and(|due| due <= real);
        Ok((mails::partners_with_due(tx, real, MOST_AT_ONCE)?, to_people))
    };
    // Most rounds find nothing, and spare a transaction that writes.
    let (partners, to_people) = state.store.read(look).await?;
    let (mut post, mut unreadable) = (Vec::new(), Vec::new());
    if !partners.is_empty() {
        let lease = move |tx: &mut Tx<'_>| mails::lease(tx, real, &partners, MOST_AT_ONCE);
        let leased = state.store.write(lease).await?;
        post.extend(leased.mails.into_iter().map(Post::ToCustomer));
        unreadable.extend(leased.unreadable);
    }
    if to_people {
        let leased = state.store.write(move |tx| people::lease(tx, real, MOST_AT_ONCE)).await?;
        post.extend(leased.mails.into_iter().map(Post::ToPerson));
        unreadable.extend(leased.unreadable);
    }
    for id in &unreadable {
        tracing::error!(mail.id = %id, "an e-mail is unreadable; it was given up");
    }
    let leased_count = post.len() + unreadable.len();
    let sent = post.into_iter().map(|mail| send(state, mailer, mail));
    futures::future::join_all(sent).await.into_iter().collect::<Result<(), _>>()?;
    Ok(leased_count)
}

async fn send(state: &AppState, mailer: &Mailer, mail: Post) -> Result<(), StoreError> {
    let cause = mail.cause().clone();
    let span = tracing::error_span!(
        "letter",
        request.id = cause.request.as_deref(),
        trace.id = cause.span.map(SpanPlace::trace_hex),
        span.id = cause.span.map(SpanPlace::span_hex)
    );
    let work = async {
        let letter = mail.letter();
        let sending = Begun::of(mail.cause(), || {
            Named::new(SpanKind::Client, "send letter").text("dinie.mail.id", letter.id.to_string())
        });
        let outcome = delivered(mailer, letter).await;
        if let Some(sending) = sending {
            let failed = !matches!(outcome, Outcome::Sent);
            sending.end(if failed { spans::Outcome::Failed } else { spans::Outcome::Good }, |named| named);
        }
        let real = state.clock.now();
        state.store.write(move |tx| mail.note(tx, real, &outcome)).await
    };
    app::caused_by(cause, work).instrument(span).await
}

/// An e-mail on its way.
enum Post {
    ToCustomer(Mail),
    ToPerson(PersonMail),
}

impl Post {
    fn cause(&self) -> &Cause {
        match self {
            Self::ToCustomer(mail) => &mail.cause,
            Self::ToPerson(mail) => &mail.cause,
        }
    }

    fn letter(&self) -> Letter<'_> {
        let (id, to, subject, text) = match self {
            Self::ToCustomer(Mail { id, to, subject, text, .. })
            | Self::ToPerson(PersonMail { id, to, subject, text, .. }) => (*id, to, subject, text),
        };
        Letter { id, to, subject, text }
    }

    /// Notes the outcome of an attempt.
    fn note(&self, tx: &mut Tx<'_>, now: RealTime, outcome: &Outcome) -> Result<(), StoreError> {
        match (self, outcome) {
            (Self::ToCustomer(mail), Outcome::Sent) => mails::sent(tx, now, mail),
            (Self::ToCustomer(mail), Outcome::Refused(reason)) => mails::refused(tx, now, mail, reason),
            (Self::ToCustomer(mail), Outcome::Failed(reason)) => mails::failed(tx, now, mail, reason),
            (Self::ToPerson(mail), Outcome::Sent) => people::sent(tx, now, mail),
            (Self::ToPerson(mail), Outcome::Refused(reason)) => people::refused(tx, now, mail, reason),
            (Self::ToPerson(mail), Outcome::Failed(reason)) => people::failed(tx, now, mail, reason),
        }
    }
}

/// The outcome of an attempt, with the reason of a failure.
enum Outcome {
    Sent,
    Refused(String),
    Failed(String),
}

/// Makes an attempt to send an e-mail.
async fn delivered(mailer: &Mailer, letter: Letter<'_>) -> Outcome {
    let id = letter.id;
    match mailer.send(letter).await {
        Ok(()) => counted("sent", Outcome::Sent),
        Err(error) if error.is_final() => {
            tracing::warn!(mail.id = %id, %error, "an e-mail was refused permanently; it was given up");
            counted("refused", Outcome::Refused(error.to_string()))
        }
        Err(error) => {
            tracing::warn!(mail.id = %id, %error, "an e-mail could not be sent; the server tries again");
            counted("failed", Outcome::Failed(error.to_string()))
        }
    }
}

fn counted(word: &'static str, outcome: Outcome) -> Outcome {
    metrics::counter!("dinie_mails_total", "outcome" => word).increment(1);
    outcome
}
