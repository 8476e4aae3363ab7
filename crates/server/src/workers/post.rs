//! Sends letters by the mail server, where one is configured: leased in a short transaction, sent outside any.

use store::{StoreError, Wake};

use super::{rest_after, sleep_until};
use crate::app;
use crate::outbound_mail::Mailer;
use crate::state::AppState;

/// How many letters are taken at once.
const MOST_AT_ONCE: i64 = 16;

/// Sends letters as they become due.
pub async fn run(state: AppState, mailer: Mailer) {
    loop {
        match tick(&state, &mailer).await {
            Ok(0) => {
                let due = state.store.read(app::letters::next_due).await;
                sleep_until(&state, Some(Wake::Mails), due).await;
            }
            Ok(_more_may_be_due) => {}
            Err(error) => rest_after("post", &error).await,
        }
    }
}

/// Sends what is due; returns how much that was.
pub async fn tick(state: &AppState, mailer: &Mailer) -> Result<usize, StoreError> {
    let real = state.clock.now();
    let mails = state.store.write(move |tx| app::letters::lease(tx, real, MOST_AT_ONCE)).await?;
    let taken = mails.len();
    for mail in mails {
        let sent = mailer.send(&mail).await;
        let outcome = if sent.is_ok() { "sent" } else { "failed" };
        metrics::counter!("dinie_mails_total", "outcome" => outcome).increment(1);
        let real = state.clock.now();
        match sent {
            Ok(()) => state.store.write(move |tx| app::letters::sent(tx, &mail)).await?,
            Err(error) => {
                tracing::warn!(mail.id = %mail.id, %error, "a letter could not be sent; it is tried again");
                state.store.write(move |tx| app::letters::failed(tx, real, &mail)).await?;
            }
        }
    }
    Ok(taken)
}
