//! Idempotency under load: two hundred clients at once use the same keys for different methods, paths and bodies.
//! They repeat each request until it is answered, while the server is killed again and again. Each key has exactly
//! one effect, and every answer under it is the same, byte for byte.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, RwLock};
use std::time::Duration;

use axum::http::Method;
use domain::tax_id::Cpf;
use serde_json::{Value, json};
use store::db::DatabaseUrl;
use tools::client::command_client;

use crate::inputs::registration;
use crate::process::{Running, start_with, token};
use crate::support::TestApp;

const CLIENTS: usize = 200;
/// Requests of each client.
const REQUESTS: usize = 8;
const KEYS: usize = 60;
/// Keys for requests that create endpoints: a partner has at most fifty endpoints.
const ENDPOINT_KEYS: usize = 30;
const KILLS: u64 = 8;

/// The request that a client sends under a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Wish {
    Customer,
    OtherBody,
    OtherPath,
    OtherMethod,
}

/// An answer to such a request.
#[derive(Debug, Clone)]
struct Answer {
    status: u16,
    body: String,
}

/// A server under load and its partner's token.
#[derive(Clone)]
struct Fire {
    address: Arc<RwLock<String>>,
    token: Arc<str>,
    client: tools::client::CommandClient,
    /// Existing customers, one for each key, to be changed.
    customers: Arc<[String]>,
}

fn cpf_number(key: usize, wish: Wish) -> u32 {
    let wish = match wish {
        Wish::Customer => 1,
        Wish::OtherBody => 2,
        Wish::OtherPath | Wish::OtherMethod => 3,
    };
    u32::try_from(key * 10 + wish).unwrap() + 300_000_000
}

impl Fire {
    fn request(&self, key: usize, wish: Wish) -> (Method, String, Value) {
        let customers = "/v3/customers".to_owned();
        match wish {
            Wish::Customer | Wish::OtherBody => {
                (Method::POST, customers, registration(cpf_number(key, wish), "manual"))
            }
            Wish::OtherPath => {
                let body = json!({"url": "https://example.com/", "description": format!("key {key}")});
                (Method::POST, "/v3/webhooks/endpoints".to_owned(), body)
            }
            Wish::OtherMethod => {
                let body = json!({"phone": format!("+55119{:08}", 70_000_000 + key)});
                (Method::PATCH, format!("{customers}/{}", self.customers[key]), body)
            }
        }
    }

    /// Sends one request until there is an answer that is not a server failure.
    async fn ask(&self, method: Method, path: &str, body: Option<&Value>, key: Option<&str>) -> Answer {
        for _ in 0..12_000 {
            let address = self.address.read().unwrap().clone();
            let mut request = self.client.request(method.clone(), format!("http://{address}{path}"));
            request = request.bearer_auth(&self.token);
            if let Some(key) = key {
                request = request.header("idempotency-key", key);
            }
            if let Some(body) = body {
                request = request.header("content-type", "application/json").body(body.to_string());
            }
            if let Ok(answer) = request.send().await {
                let status = answer.status().as_u16();
                if status < 500
                    && let Ok(body) = answer.text().await
                {
                    return Answer { status, body };
                }
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{path} was never answered");
    }

    async fn get(&self, path: &str) -> Value {
        let answer = self.ask(Method::GET, path, None, None).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        serde_json::from_str(&answer.body).unwrap()
    }

    /// All items of a list, page by page.
    async fn all(&self, path: &str) -> Vec<Value> {
        let (mut items, mut after) = (Vec::new(), String::new());
        loop {
            let page = self.get(&format!("{path}limit=100{after}")).await;
            items.extend(page["data"].as_array().unwrap().iter().cloned());
            if page["has_more"] == false {
                return items;
            }
            after = format!("&starting_after={}", items.last().unwrap()["id"].as_str().unwrap());
        }
    }

    /// A client's requests, with keys and wishes in the client's own order.
    async fn client(self, number: usize) -> Vec<(usize, Wish, Answer)> {
        let mut answers = Vec::new();
        for turn in 0..REQUESTS {
            let mixed = number * 7_919 + turn * 104_729;
            let key = mixed % KEYS;
            let wish = match (mixed / KEYS) % 4 {
                0 => Wish::Customer,
                1 => Wish::OtherBody,
                2 if key < ENDPOINT_KEYS => Wish::OtherPath,
                _ => Wish::OtherMethod,
            };
            let (method, path, body) = self.request(key, wish);
            let answer = self.ask(method, &path, Some(&body), Some(&format!("key-{key}"))).await;
            answers.push((key, wish, answer));
        }
        answers
    }
}

fn start(folder: &Path, database: Option<&str>) -> Running {
    let limits = "[limits]\nrequests_per_10s = 1000000\ntokens_per_minute = 1000000\n";
    std::fs::write(folder.join("dinie.toml"), limits).unwrap();
    let database = database.into_iter().flat_map(|url| ["--database", url]);
    let arguments: Vec<&str> = ["--listen", "127.0.0.1:0"].into_iter().chain(database).collect();
    start_with(folder, &arguments)
}

async fn under_fire(folder: &Path, database: Option<&str>) {
    let mut served = start(folder, database);
    let client = command_client().unwrap();
    let mut fire = Fire {
        address: Arc::new(RwLock::new(served.address.clone())),
        token: token(&served).into(),
        client,
        customers: Arc::default(),
    };
    let mut customers = Vec::new();
    for key in 0..KEYS {
        let body = registration(cpf_number(key, Wish::OtherMethod), "manual");
        let made = fire.ask(Method::POST, "/v3/customers", Some(&body), None).await;
        let made: Value = serde_json::from_str(&made.body).unwrap();
        customers.push(made["id"].as_str().unwrap().to_owned());
    }
    fire.customers = customers.into();
    let clients: Vec<_> = (0..CLIENTS).map(|number| tokio::spawn(fire.clone().client(number))).collect();
    for round in 0..KILLS {
        tokio::time::sleep(Duration::from_millis(60 + round * 37 % 101)).await;
        let address = Arc::clone(&fire.address);
        let (folder, database) = (folder.to_owned(), database.map(str::to_owned));
        served = tokio::task::spawn_blocking(move || {
            // Dropping the server kills it with SIGKILL.
            drop(served);
            let next = start(&folder, database.as_deref());
            address.write().unwrap().clone_from(&next.address);
            next
        })
        .await
        .unwrap();
    }
    let mut by_key: BTreeMap<usize, Vec<(Wish, Answer)>> = BTreeMap::new();
    for client in clients {
        for (key, wish, answer) in client.await.unwrap() {
            by_key.entry(key).or_default().push((wish, answer));
        }
    }
    assert_eq!(by_key.len(), KEYS);
    judge(&fire, &by_key).await;
    drop(served);
}

/// The registration events, once `expected` are listed. The last server's fan-out may still be working on them.
async fn listed_events(fire: &Fire, expected: usize) -> Vec<Value> {
    let began = std::time::Instant::now();
    loop {
        let listed: Vec<Value> = fire.all("/v3/events?type=customer.created&").await;
        if listed.len() >= expected || began.elapsed() > Duration::from_secs(60) {
            return listed;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The first wish under a key wins. Every answer to it is the same, and every other wish gets the mismatch and has no
/// effect.
async fn judge(fire: &Fire, by_key: &BTreeMap<usize, Vec<(Wish, Answer)>>) {
    let registered = fire.all("/v3/customers?").await;
    let cpfs: BTreeMap<&str, &Value> =
        registered.iter().map(|customer| (customer["cpf"].as_str().unwrap(), customer)).collect();
    assert_eq!(cpfs.len(), registered.len());
    let endpoints = fire.all("/v3/webhooks/endpoints?").await;
    let listed = listed_events(fire, registered.len()).await;
    let customers: BTreeSet<&str> =
        listed.iter().map(|event| event["data"]["id"].as_str().unwrap()).collect();
    assert_eq!((listed.len(), customers.len()), (registered.len(), registered.len()), "each has one event");
    for (key, answers) in by_key {
        let (good, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|(_, answer)| answer.status < 300);
        let won: BTreeSet<Wish> = good.iter().map(|(wish, _)| *wish).collect();
        assert_eq!(won.len(), 1, "key {key} had the effects of {won:?}");
        let won = *won.first().unwrap();
        assert!(good.iter().all(|(_, answer)| answer.body == good[0].1.body), "key {key}: replays are equal");
        for (wish, answer) in refused {
            let mismatch = answer.status == 422 && answer.body.contains("idempotency_key_mismatch");
            assert!(mismatch && *wish != won, "key {key}, {wish:?}: {} {}", answer.status, answer.body);
        }
        let exists = |wish| {
            let cpf = Cpf::of_number(cpf_number(*key, wish)).unwrap().to_string();
            cpfs.contains_key(cpf.as_str())
        };
        let mine =
            endpoints.iter().filter(|endpoint| endpoint["description"] == format!("key {key}")).count();
        let changed = cpfs[Cpf::of_number(cpf_number(*key, Wish::OtherMethod)).unwrap().to_string().as_str()]
            ["phone"]
            == format!("+55119{:08}", 70_000_000 + key);
        let effects = [
            (Wish::Customer, usize::from(exists(Wish::Customer))),
            (Wish::OtherBody, usize::from(exists(Wish::OtherBody))),
            (Wish::OtherPath, mine),
            (Wish::OtherMethod, usize::from(changed)),
        ];
        for (wish, count) in effects {
            assert_eq!(count, usize::from(wish == won), "key {key}, won by {won:?}: {wish:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_has_one_effect_under_load_on_sqlite() {
    let folder = tempfile::TempDir::new().unwrap();
    under_fire(folder.path(), None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_has_one_effect_under_load_on_postgresql() {
    let Some(DatabaseUrl::Postgres(url)) = TestApp::postgres_database().await else { return };
    let folder = tempfile::TempDir::new().unwrap();
    under_fire(folder.path(), Some(&url)).await;
}
