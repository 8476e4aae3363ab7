//! Sends e-mails through the mail server, if one is configured. They are leased in a short transaction and sent
//! outside any, all at once. Each takes less time than its lease.

use app::mails::Mail;
use app::{StoreError, Tx, Wake};

use super::rest::{rest_after, sleep_until};
use crate::outbound_mail::Mailer;
use crate::state::AppState;

/// Most e-mails that are leased at once.
const MOST_AT_ONCE: i64 = 16;

/// Sends e-mails as they become due.
pub async fn run(state: AppState, mailer: Mailer) {
    loop {
        match tick(&state, &mailer).await {
            Ok(0) => {
                let due = state.store.read(app::mails::next_due).await;
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
    let partners = state.store.read(move |tx| app::mails::partners_with_due(tx, real, MOST_AT_ONCE)).await?;
    if partners.is_empty() {
        return Ok(0);
    }
    let lease = move |tx: &mut Tx<'_>| app::mails::lease(tx, real, &partners, MOST_AT_ONCE);
    let leased = state.store.write(lease).await?;
    for id in &leased.unreadable {
        tracing::error!(mail.id = %id, "an e-mail is unreadable; it was given up");
    }
    let leased_count = leased.mails.len() + leased.unreadable.len();
    let sent = leased.mails.into_iter().map(|mail| send(state, mailer, mail));
    futures::future::join_all(sent).await.into_iter().collect::<Result<(), _>>()?;
    Ok(leased_count)
}

async fn send(state: &AppState, mailer: &Mailer, mail: Mail) -> Result<(), StoreError> {
    let sent = mailer.send(&mail).await;
    let outcome = match &sent {
        Ok(()) => "sent",
        Err(error) if error.is_final() => "refused",
        Err(_worth_another_try) => "failed",
    };
    metrics::counter!("dinie_mails_total", "outcome" => outcome).increment(1);
    let real = state.clock.now();
    match sent {
        Ok(()) => state.store.write(move |tx| app::mails::sent(tx, real, &mail)).await,
        Err(error) if error.is_final() => {
            tracing::warn!(mail.id = %mail.id, %error, "an e-mail was refused permanently; it was given up");
            let reason = error.to_string();
            state.store.write(move |tx| app::mails::refused(tx, real, &mail, &reason)).await
        }
        Err(error) => {
            tracing::warn!(mail.id = %mail.id, %error, "an e-mail could not be sent; the server tries again");
            let reason = error.to_string();
            state.store.write(move |tx| app::mails::failed(tx, real, &mail, &reason)).await
        }
    }
}
