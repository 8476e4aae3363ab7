//! Queues of planned work. A read names the partners with due work, and each scan that locks rows is for one partner.

use std::time::Duration;

use domain::id::PartnerId;
use domain::person::Email;
use domain::time::Timestamp;
use store::Tx;
use store::mails::{Mail, MailMode, Patience};

use crate::aggregates::{at, partner, real};
use crate::{Bench, on_both};

fn job(bench: &Bench, partner: PartnerId, subject: &'static str, due: Timestamp) {
    bench.write(move |tx| store::jobs::insert(tx, partner, at(0), "kind", subject, due)).unwrap();
}

fn mail(bench: &Bench, partner: PartnerId, subject: &'static str) {
    let write = move |tx: &mut Tx<'_>| {
        let mail = Mail {
            cause: domain::cause::Cause::default(),
            id: tx.new_id(at(0)),
            partner,
            to: Email::parse("ana@example.com").unwrap(),
            subject: subject.into(),
            text: "…".into(),
            patience: Patience::Hours,
            attempts: 0,
            created_at: at(0),
        };
        store::mails::insert(tx, &mail, MailMode::Send)
    };
    bench.write(write).unwrap();
}

#[test]
fn partners_with_due_jobs_are_named_in_the_order_of_their_oldest_due_job() {
    on_both(|bench| {
        let [busy, quiet, ahead] = [partner(bench), partner(bench), partner(bench)];
        for number in 0..5 {
            job(bench, busy, "busy", at(10 + number));
        }
        job(bench, quiet, "quiet", at(12));
        job(bench, ahead, "ahead", at(10_000));
        let named =
            |now, limit| bench.write(move |tx| store::jobs::partners_with_due(tx, now, limit)).unwrap();
        assert_eq!(named(real(9), 10), []);
        assert_eq!(named(real(20), 10), [busy, quiet]);
        assert_eq!(named(real(20), 2), [busy], "the read has the same limit as one run of jobs");
        let due = |partner, limit| {
            let jobs = bench.write(move |tx| store::jobs::due(tx, partner, at(13), limit)).unwrap();
            assert!(jobs.iter().all(|job| job.partner == partner));
            jobs.iter().map(|job| job.due_at).collect::<Vec<_>>()
        };
        assert_eq!(due(busy, 10), [at(10), at(11), at(12), at(13)]);
        assert_eq!((due(busy, 1), due(quiet, 10), due(ahead, 10)), (vec![at(10)], vec![at(12)], vec![]));
        // A partner with a moved clock is named when no job is due by the real time.
        bench
            .write(move |tx| {
                store::clocks::advance(tx, ahead, (Duration::ZERO, Duration::from_secs(9_999)), real(9_999))
            })
            .unwrap();
        assert_eq!(named(real(1), 10), [ahead]);
    });
}

#[test]
fn emails_are_leased_partner_by_partner() {
    on_both(|bench| {
        let [ours, theirs] = [partner(bench), partner(bench)];
        for subject in ["first", "second", "third"] {
            mail(bench, ours, subject);
        }
        mail(bench, theirs, "theirs");
        let named = |now| bench.write(move |tx| store::mails::partners_with_due(tx, now, 10)).unwrap();
        // E-mails are due at once, so the partners have no order.
        let both = named(real(1));
        assert!(both.len() == 2 && both.contains(&ours) && both.contains(&theirs), "{both:?}");
        let lease = |partner, limit| {
            let lease = move |tx: &mut Tx<'_>| {
                store::mails::lease(tx, partner, real(1), Duration::from_secs(60), limit)
            };
            let leased = bench.write(lease).unwrap();
            assert!(leased.mails.iter().all(|mail| mail.partner == partner) && leased.unreadable.is_empty());
            leased.mails.len()
        };
        assert_eq!((lease(ours, 2), lease(ours, 2), lease(ours, 2)), (2, 1, 0));
        assert_eq!(named(real(1)), [theirs]);
        assert_eq!((lease(theirs, 2), named(real(1)).len(), named(real(100)).len()), (1, 0, 2));
    });
}

/// A scan skips rows that another node has locked. It takes the partner's other rows, and those of other partners.
#[test]
fn a_scan_leaves_locked_work_to_the_node_that_locked_it() {
    let Some(bench) = Bench::postgres() else { return };
    let [ours, theirs] = [partner(&bench), partner(&bench)];
    for number in 0..3 {
        job(&bench, ours, "ours", at(number));
    }
    job(&bench, theirs, "theirs", at(5));
    let other = bench.second_node();
    let counts = bench.write(move |tx| {
        let held = store::jobs::due(tx, ours, at(9), 2)?.len();
        let counts = other.write_blocking(move |tx| {
            let rest = store::jobs::due(tx, ours, at(9), 10)?.len();
            Ok::<_, store::StoreError>((rest, store::jobs::due(tx, theirs, at(9), 10)?.len()))
        });
        Ok((held, counts?))
    });
    assert_eq!(counts.unwrap(), (2, (1, 1)));
}
