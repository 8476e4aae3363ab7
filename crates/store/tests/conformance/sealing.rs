//! Each sealed value is bound to its row at its version.

use domain::actor::Actor;
use domain::bank::{AccountDetails, AccountKind, BankAccount};
use domain::change::Change;
use domain::credit::{Decision, Outcome};
use domain::customer::CustomerFile;
use domain::id::{PartnerId, ResourceId};
use domain::loan::Loan;
use domain::loan::debt::{Payment, PaymentKind};
use domain::money::Cents;
use domain::simulation::simulate;
use domain::webhook::endpoint::{AttemptOutcome, DisabledBy, Endpoint, EndpointState, EndpointUpdate};
use store::idempotency::{Claim, StoredAnswer};
use store::payments::RecordedPayment;
use store::{StoreError, Tx, args};

use crate::aggregates::{at, endpoint, inserted, issued, offer, on_both_with_partner, partner, rates, real};
use crate::{Bench, on_both};

/// One row of each sealed kind that can change, a decision and a payment.
#[derive(Clone)]
pub(crate) struct Kept {
    pub(crate) partner: PartnerId,
    file: CustomerFile,
    account: BankAccount,
    loan: Loan,
    endpoint: Endpoint,
    decision: Decision,
    payment: RecordedPayment,
}

const TABLES: [&str; 4] = ["customers", "bank_accounts", "loans", "webhook_endpoints"];

impl Kept {
    pub(crate) fn made(bench: &Bench) -> Self {
        let partner = partner(bench);
        let file = inserted(bench, partner, 529_982_247, "Ana", 1);
        let offer = offer(bench, &file);
        bench
            .write(move |tx| {
                let customer = file.customer.id;
                let details =
                    AccountDetails::new(AccountKind::Checking, "001", "1234", "56789", "0").unwrap();
                let account = BankAccount::open(tx.new_id(at(1)), partner, customer, details, at(1));
                let account = store::bank_accounts::insert(tx, account)?;
                let id = tx.new_id(at(2));
                let simulation = simulate(&offer, id, at(2), Cents::new(1_000_000), 12, &rates()).unwrap();
                let (loan, _events) = issued(tx, &file, &simulation, at(3))?.into_parts();
                store::loans::insert_without_events(tx, &loan)?;
                let described = EndpointUpdate {
                    description: Change::Set("Painel da Zulmira".into()),
                    ..EndpointUpdate::default()
                };
                let endpoint = endpoint(tx, partner).then(|endpoint| endpoint.update(&described, at(1)))?;
                let endpoint = store::webhook_endpoints::insert(tx, endpoint)?.into_value();
                let decision = Decision {
                    id: tx.new_id(at(1)),
                    customer,
                    outcome: Outcome::Refused,
                    inputs: vec![("renda da Zulmira".to_owned(), "1234.56".to_owned())],
                    decided_by: Actor::Policy,
                    valid_days: None,
                    policy_version: "test-1".into(),
                    reasons: vec!["Zulmira deve 1234.56".into()],
                    decided_at: at(9),
                };
                store::credit::insert_decision(tx, partner, &decision)?;
                let payment = RecordedPayment {
                    payment: Payment {
                        id: tx.new_id(at(4)),
                        amount: Cents::new(100),
                        paid_at: at(4),
                        kind: PaymentKind::Installments,
                    },
                    partner,
                    loan: loan.id,
                    reference: "E99 Zulmira".into(),
                    recorded_at: at(4),
                    reversed_at: None,
                    recorded_by: Actor::Sandbox,
                };
                store::payments::insert(tx, &payment)?;
                let file = file.clone();
                Ok(Self { partner, file, account, loan, endpoint, decision, payment })
            })
            .unwrap()
    }

    /// Checks that all rows are read back equal.
    pub(crate) fn reads(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        let ours = self.partner;
        let customer = self.file.customer.id;
        assert_eq!(store::customers::find(tx, ours, customer)?.as_deref(), Some(&self.file));
        assert_eq!(store::bank_accounts::of_customer(tx, ours, customer)?.as_deref(), Some(&self.account));
        assert_eq!(store::loans::find(tx, ours, self.loan.id)?.as_deref(), Some(&self.loan));
        let endpoint = store::webhook_endpoints::find(tx, ours, self.endpoint.id)?;
        assert_eq!(endpoint.as_deref(), Some(&self.endpoint));
        assert_eq!(store::credit::of_customer(tx, ours, customer)?.items[0], self.decision);
        let payment = store::payments::find_by_reference(tx, ours, &self.payment.reference)?;
        assert_eq!(payment.as_ref(), Some(&self.payment));
        Ok(())
    }

    /// The ids of the rows of [`TABLES`].
    fn ids(&self) -> [String; 4] {
        let Self { file, account, loan, endpoint, .. } = self;
        [file.customer.id.to_string(), account.id.to_string(), loan.id.to_string(), endpoint.id.to_string()]
    }

    /// Whether each of the four changing rows is readable.
    fn readable(&self, tx: &mut Tx<'_>) -> [bool; 4] {
        let (ours, customer) = (self.partner, self.file.customer.id);
        let is_corrupt = |error: &StoreError| assert!(matches!(error, StoreError::Corrupt(_)), "{error}");
        let found = [
            store::customers::find(tx, ours, customer).map(drop),
            store::bank_accounts::of_customer(tx, ours, customer).map(drop),
            store::loans::find(tx, ours, self.loan.id).map(drop),
            store::webhook_endpoints::find(tx, ours, self.endpoint.id).map(drop),
        ]
        .map(|found| found.inspect_err(is_corrupt).is_ok());
        let summary = store::loans::summary(tx, ours, self.loan.id).inspect_err(is_corrupt);
        assert_eq!(summary.is_ok(), found[2], "the loan's view for answers is readable if the loan is");
        found
    }

    /// Writes each changing row again, with a new version.
    pub(crate) fn update_all(&mut self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        let file =
            store::customers::find(tx, self.partner, self.file.customer.id)?.ok_or(StoreError::NotFound)?;
        let held = file.changed(CustomerFile::hold);
        store::customers::save(tx, held)?;
        let account = store::bank_accounts::of_customer(tx, self.partner, self.file.customer.id)?
            .ok_or(StoreError::NotFound)?;
        let details = account.details.clone();
        let replaced = account.changed(|account| account.replace(details, at(1)));
        store::bank_accounts::save(tx, replaced)?;
        let loan = store::loans::find(tx, self.partner, self.loan.id)?.ok_or(StoreError::NotFound)?;
        let unchanged = loan.change(|loan| loan.invite_again(&[], None, Vec::new(), at(3)))?;
        store::loans::save(tx, unchanged)?;
        let endpoint = store::webhook_endpoints::find(tx, self.partner, self.endpoint.id)?;
        let unchanged = endpoint
            .ok_or(StoreError::NotFound)?
            .change(|endpoint| endpoint.update(&EndpointUpdate::default(), at(1)))?;
        store::webhook_endpoints::save(tx, unchanged).map(drop)
    }
}

fn sealed(tx: &mut Tx<'_>, table: &str, id: &str) -> Result<Vec<u8>, StoreError> {
    tx.query_one(&format!("select sealed from {table} where id = $1"), args![*id], |row| row.get(0))
}

fn put(tx: &mut Tx<'_>, table: &str, id: &str, sealed: &[u8]) -> Result<(), StoreError> {
    tx.execute_one(&format!("update {table} set sealed = $2 where id = $1"), args![*id, *sealed])
}

#[test]
fn an_older_value_that_is_put_back_by_hand_cannot_be_opened() {
    on_both(|bench| {
        let kept = Kept::made(bench);
        bench
            .write(move |tx| {
                let mut kept = kept.clone();
                let ids = kept.ids();
                let mut older = Vec::new();
                for (table, id) in TABLES.iter().zip(&ids) {
                    older.push(sealed(tx, table, id)?);
                }
                kept.update_all(tx)?;
                assert_eq!(kept.readable(tx), [true; 4]);
                for (at, (table, id)) in TABLES.iter().zip(&ids).enumerate() {
                    let newer = sealed(tx, table, id)?;
                    put(tx, table, id, &older[at])?;
                    let mut readable = [true; 4];
                    readable[at] = false;
                    assert_eq!(kept.readable(tx), readable, "{table}");
                    put(tx, table, id, &newer)?;
                }
                kept.reads(tx)
            })
            .unwrap();
    });
}

#[test]
fn an_endpoints_health_is_saved_with_its_secrets_sealed_again_also_if_they_are_damaged() {
    on_both(|bench| {
        let Kept { partner, endpoint, .. } = Kept::made(bench);
        bench
            .write(move |tx| {
                let (id, name) = (endpoint.id, endpoint.id.to_string());
                let older = sealed(tx, "webhook_endpoints", &name)?;
                let note = |tx: &mut Tx<'_>, outcome, now| {
                    let health = store::webhook_endpoints::health(tx, partner, id)?.unwrap();
                    let after = health.changed(|health| health.after([outcome], now));
                    store::webhook_endpoints::save_health(tx, partner, id, after, now.unmoved())
                };
                note(tx, AttemptOutcome::Failed, real(5))?;
                let found = store::webhook_endpoints::find(tx, partner, id)?.unwrap();
                assert_eq!((found.version(), &found.secrets), (2, &endpoint.secrets));
                put(tx, "webhook_endpoints", &name, &older)?;
                let damaged = store::webhook_endpoints::find(tx, partner, id);
                assert!(matches!(damaged, Err(StoreError::Corrupt(_))));
                note(tx, AttemptOutcome::Gone, real(7))?;
                let health = store::webhook_endpoints::health(tx, partner, id)?.unwrap();
                let gone = EndpointState::Disabled(DisabledBy::Gone);
                assert_eq!((health.version(), health.state, health.failing_since), (3, gone, Some(real(5))));
                let damaged = store::webhook_endpoints::find(tx, partner, id);
                assert!(matches!(damaged, Err(StoreError::Corrupt(_))));
                Ok(())
            })
            .unwrap();
    });
}

#[test]
fn an_answer_of_a_keys_earlier_use_cannot_be_opened() {
    on_both_with_partner(|bench, ours| {
        bench
            .write(move |tx| {
                let answer = StoredAnswer { status: 201, location: None, body: b"the first".to_vec() };
                let claim = |tx: &mut Tx<'_>, now, cutoff| {
                    store::idempotency::claim(tx, ours.into(), "key", "print", real(now), real(cutoff))
                };
                let stored = |tx: &mut Tx<'_>| -> Result<Vec<u8>, StoreError> {
                    tx.query_one("select sealed from idempotency_keys", &[], |row| row.get(0))
                };
                assert_eq!(claim(tx, 1, -9)?, Claim::Ours);
                store::idempotency::store_answer(tx, ours.into(), real(1), "key", &answer)?;
                let older = stored(tx)?;
                assert_eq!(claim(tx, 100, 50)?, Claim::Ours);
                let second = StoredAnswer { body: b"the second".to_vec(), ..answer.clone() };
                store::idempotency::store_answer(tx, ours.into(), real(100), "key", &second)?;
                let newer = stored(tx)?;
                tx.execute_one("update idempotency_keys set sealed = $1", args![older])?;
                assert!(matches!(claim(tx, 101, 51), Err(StoreError::Corrupt(_))));
                tx.execute_one("update idempotency_keys set sealed = $1", args![newer])?;
                let used = Claim::Used { fingerprint: "print".into(), answer: second };
                assert_eq!(claim(tx, 101, 51)?, used);
                Ok(())
            })
            .unwrap();
    });
}

#[test]
fn reasons_references_and_descriptions_are_not_readable_in_the_file() {
    let bench = Bench::sqlite();
    let kept = Kept::made(&bench);
    bench.write(move |tx| kept.reads(tx)).unwrap();
    let store::db::DatabaseUrl::Sqlite(path) = &bench.url else { unreachable!("the bench is on SQLite") };
    let wal = path.with_file_name("test.db-wal");
    let bytes = [std::fs::read(path).unwrap(), std::fs::read(wal).unwrap()].concat();
    assert!(bytes.len() > 10_000);
    for secret in ["Zulmira", "1234.56", "E99"] {
        assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()), "{secret}");
    }
}

#[test]
fn the_same_payment_reference_is_separate_for_each_partner() {
    on_both(|bench| {
        let (first, second) = (Kept::made(bench), Kept::made(bench));
        bench
            .write(move |tx| {
                let hashes = "select count(distinct reference_hash) from payments";
                assert_eq!(tx.query_one(hashes, &[], |row| row.get::<i64>(0))?, 2);
                let reference = &first.payment.reference;
                let found = store::payments::find_by_reference(tx, second.partner, reference)?.unwrap();
                assert_eq!(found, second.payment);
                let mut again = first.payment.clone();
                again.payment.id = domain::id::PaymentId::new(at(7), [7; 10]);
                // PostgreSQL reports the conflict with the next statement's answer at the latest.
                let inserted = store::payments::insert(tx, &again)
                    .and_then(|()| store::payments::count(tx, first.partner, first.payment.loan));
                assert_eq!(inserted, Err(StoreError::Conflict));
                Err::<(), _>(StoreError::NotFound)
            })
            .unwrap_err();
    });
}

#[test]
fn a_verification_opens_and_counts_all_sealed_values_and_names_the_damaged_ones() {
    on_both(|bench| {
        let kept = Kept::made(bench);
        let everything = |tx: &mut Tx<'_>| {
            let (mut good, mut damaged) = (0, Vec::new());
            for column in store::verify::SEALED {
                let mut after = None;
                loop {
                    let page = store::verify::open_page(tx, column, after.as_ref())?;
                    good += page.good;
                    damaged.extend(page.damaged.into_iter().map(|place| format!("{}/{place}", column.table)));
                    after = page.next;
                    if after.is_none() {
                        break;
                    }
                }
            }
            Ok((good, damaged))
        };
        // The offer has a decision too.
        assert_eq!(bench.write(everything), Ok((7, Vec::new())));
        let keys = bench.write(store::verify::unwrap_keys).unwrap();
        assert_eq!(keys, (3, Vec::new()), "the look-up key, the audit trail's and the partner's");
        assert_eq!(bench.write(store::verify::count_files), Ok(0));
        assert_eq!(bench.write(|tx| store::verify::files(tx, None)).map(|files| files.len()), Ok(0));

        let (partner, loan) = (kept.partner, kept.loan.id);
        bench.write(move |tx| put(tx, "loans", &loan.to_string(), b"other bytes than were sealed")).unwrap();
        let damaged = vec![format!("loans/{partner}/{loan}")];
        assert_eq!(bench.write(everything), Ok((6, damaged)));
        // A document names a file that no longer exists.
        let customer = kept.file.customer.id;
        bench
            .write(move |tx| {
                let sql = "insert into kyc_documents (partner_id, id, customer_id, blob_key, media_type, size, sha256, \
                           created_at) values ($1, 'doc', $2, 'a/file', 'image/jpeg', 1, 'x', 1)";
                tx.execute_one(sql, args![partner, customer])
            })
            .unwrap();
        let files = bench.write(|tx| store::verify::files(tx, None)).unwrap();
        assert_eq!((files.len(), files[0].name.as_str()), (1, "a/file"));
        let file = files[0].clone();
        let after = bench.write(move |tx| store::verify::files(tx, Some(&file))).unwrap();
        assert!(after.is_empty());
        let file = files[0].clone();
        assert_eq!(bench.write(move |tx| store::verify::is_named(tx, &file)), Ok(true));
        bench.write(|tx| tx.execute_one("update kyc_documents set blob_key = 'b'", &[])).unwrap();
        let file = files[0].clone();
        assert_eq!(bench.write(move |tx| store::verify::is_named(tx, &file)), Ok(false));
        assert_eq!(bench.write(|tx| store::verify::count(tx, "customers")), Ok(1));
    });
}
