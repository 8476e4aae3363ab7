//! Slow requests of one caller do not delay other callers.

use std::cell::Cell;

use futures::future::join_all;
use store::{StoreError, Tx};

use crate::support::TestApp;

/// A partner's list that takes a second.
fn slow_list(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    let sql = "with recursive n(x) as (select 1 union all select x + 1 from n where x < 3000000) select max(x) from n";
    tx.query_one(sql, &[], |row| row.get(0))
}

#[tokio::test]
async fn slow_lists_do_not_delay_probes_look_ups_and_quick_lists() {
    let (app, partner) = TestApp::with_partner().await;
    let customer = partner.customer(1, "manual").await;
    let ended = Cell::new(0);
    let slow = join_all((0..6).map(|_| async {
        let _served_or_ended = app.state.store.read(slow_list).await;
        ended.set(ended.get() + 1);
    }));
    let quick = async {
        for _ in 0..5 {
            for path in ["/health", "/ready", "/metrics"] {
                app.get(path).await.expect(200);
            }
            partner.get(&format!("/v3/customers/{customer}")).await.expect(200);
            partner.get("/v3/customers").await.expect(200);
        }
        ended.get()
    };
    let (_, before) = futures::future::join(slow, quick).await;
    assert_eq!(before, 0, "quick requests waited for slow lists");
}
