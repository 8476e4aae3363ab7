//! A property of the clocks: time that passes on one changes nothing of the customers on another.

use serde_json::{Value, json};
use server::workers;

use crate::engines::on_both_engines;
use crate::inputs::registration;
use crate::simulation_model::Dice;
use crate::support::{Partner, TestApp};

/// Ways of a customer, as tags of the e-mail address.
const WAYS: [&str; 8] = [
    "sends_files+takes_loan+pays_on_time",
    "sends_files+takes_loan+pays_late",
    "sends_files+takes_loan+stops_paying",
    "sends_files+takes_loan+never_signs",
    "sends_files+takes_loan+disbursement_failed",
    "sends_files",
    "sends_files+denied",
    "manual",
];

/// The customers of one clock: the query that names it, and the ids of everything of them.
struct World<'a> {
    partner: &'a Partner,
    clock: Option<String>,
}

impl World<'_> {
    /// Registers a customer of a random way.
    async fn register(&self, dice: &mut Dice, number: u32) {
        let mut body = registration(number, WAYS[dice.below(WAYS.len())]);
        if let Some(clock) = &self.clock {
            body["clock_id"] = clock.as_str().into();
        }
        self.partner.post("/v3/customers", &body).await.expect(201);
    }

    async fn list(&self, path: &str) -> Vec<Value> {
        let clock = self.clock.as_ref().map_or_else(String::new, |id| format!("&clock_id={id}"));
        let page = self.partner.get(&format!("{path}?limit=100{clock}")).await.expect(200).body;
        page["data"].as_array().unwrap().clone()
    }

    /// Everything that the partner sees of this clock's customers: states and events.
    async fn seen(&self) -> Value {
        let (customers, offers) = (self.list("/v3/customers").await, self.list("/v3/credit-offers").await);
        let mut ids: Vec<Value> = customers.iter().chain(&offers).map(|one| one["id"].clone()).collect();
        let all = self.partner.get("/v3/events?limit=100&order=asc").await.expect(200).body;
        let all = all["data"].as_array().unwrap();
        let mut loans = Vec::new();
        for event in all.iter().filter(|event| ids.contains(&event["data"]["credit_offer_id"])) {
            let id = event["data"]["id"].as_str().unwrap();
            for path in [format!("/v3/loans/{id}"), format!("/v3/loans/{id}/transactions")] {
                loans.push(self.partner.get(&path).await.expect(200).body);
            }
        }
        ids.extend(loans.iter().map(|loan| loan["id"].clone()).filter(|id| !id.is_null()));
        let events: Vec<&Value> = all.iter().filter(|event| ids.contains(&event["data"]["id"])).collect();
        json!({"customers": customers, "offers": offers, "loans": loans, "events": events})
    }
}

on_both_engines!(time_on_one_clock_changes_nothing_on_another:
    time_on_one_clock_changes_nothing_on_another_on_sqlite,
    time_on_one_clock_changes_nothing_on_another_on_postgresql);

async fn time_on_one_clock_changes_nothing_on_another(app: &TestApp) {
    for seed in 1..=4 {
        let mut dice = Dice(seed);
        let partner = app.partner().await;
        let mut worlds = vec![World { partner: &partner, clock: None }];
        for name in ["first", "second"] {
            let made = partner.post("/sandbox/clocks", &json!({"name": name})).await.expect(201);
            worlds.push(World { partner: &partner, clock: Some(made.id()) });
        }
        for number in 1..=2 {
            for world in &worlds {
                world.register(&mut dice, 100_000_000 * u32::try_from(seed).unwrap() + number).await;
            }
        }
        app.let_seconds_pass(20).await;
        for number in 3..=5 {
            let moved = dice.below(worlds.len());
            let mut before = Vec::new();
            for world in &worlds {
                before.push(world.seen().await);
            }
            let path = worlds[moved].clock.as_ref();
            let path = path.map_or_else(
                || "/sandbox/clock/advance".to_owned(),
                |id| format!("/sandbox/clocks/{id}/advance"),
            );
            partner.post(&path, &json!({"days": 1 + dice.below(60)})).await.expect(200);
            if dice.one_in(2) {
                worlds[moved].register(&mut dice, 100_000_000 * u32::try_from(seed).unwrap() + number).await;
            }
            workers::run_until_idle(&app.state).await.unwrap();
            for (at, world) in worlds.iter().enumerate().filter(|(at, _)| *at != moved) {
                assert_eq!(world.seen().await, before[at], "seed {seed}, clock {at} after clock {moved}");
            }
        }
    }
    app.check_ledger().await;
}
