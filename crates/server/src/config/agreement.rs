//! The example file, the JSON Schema and the server agree on every key, its type, its bounds and its default.

use std::collections::BTreeSet;

use app::Lifetimes;
use domain::access::SessionLimits;
use domain::kyc::FileLimits;
use domain::queue::{Queue, ServiceLevels};
use serde_json::Value;

use super::catalogue::{EXAMPLE, settings};
use super::file::File;
use super::flags::Flags;
use super::limits::RateLimits;
use super::network::ConnectionLimits;
use super::requests::RequestLogSettings;
use super::{check, schema};

/// The keys that the server reads in a table; the tables themselves at the top.
fn read_by_the_server(table: &str) -> BTreeSet<String> {
    let at = if table.is_empty() { "unknown = 1".to_owned() } else { format!("[{table}]\nunknown = 1") };
    let source = config::File::from_str(&at, config::FileFormat::Toml);
    let built = config::Config::builder().add_source(source).build().unwrap();
    let refused = built.try_deserialize::<File>().unwrap_err().to_string();
    let mut known: BTreeSet<String> = refused.split('`').skip(3).step_by(2).map(str::to_owned).collect();
    // The text ends with the table's name.
    known.remove(table);
    assert!(!known.is_empty(), "{table}: {refused}");
    known
}

/// The keys of the example in a table; the tables themselves at the top.
fn in_the_example(table: &str) -> BTreeSet<String> {
    let (tables, settings) = settings();
    let keys = settings.iter().map(|setting| &*setting.key);
    if table.is_empty() {
        let tables = tables.iter().map(|table| &*table.name);
        return keys.filter(|key| !key.contains('.')).chain(tables).map(str::to_owned).collect();
    }
    keys.filter_map(|key| key.strip_prefix(table)?.strip_prefix('.')).map(str::to_owned).collect()
}

fn in_the_schema(table: &str) -> BTreeSet<String> {
    let schema = schema::schema();
    let at = if table.is_empty() { &schema } else { &schema["properties"][table] };
    assert_eq!(at["additionalProperties"], Value::Bool(false));
    at["properties"].as_object().unwrap().keys().cloned().collect()
}

/// The problems of a file with this text.
fn problems(text: &str) -> Vec<check::Problem> {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("dinie.toml");
    std::fs::write(&path, text).unwrap();
    check::problems(&Flags { config: Some(path), ..Flags::default() })
}

#[test]
fn the_example_and_the_schema_have_exactly_the_keys_that_the_server_reads() {
    assert_eq!(in_the_example(""), read_by_the_server(""));
    assert_eq!(in_the_example(""), in_the_schema(""));
    let (tables, _) = settings();
    for table in tables.iter().map(|table| &*table.name) {
        assert_eq!(in_the_example(table), in_the_schema(table), "{table}");
        // The queues are a map with a check of its own.
        if table != "queues" {
            assert_eq!(in_the_example(table), read_by_the_server(table), "{table}");
        }
    }
    let queues = Queue::ALL.into_iter().filter(|queue| ServiceLevels::default().get(*queue).is_some());
    let queues: BTreeSet<String> = queues.map(|queue| format!("{}_minutes", queue.name())).collect();
    assert_eq!(in_the_example("queues"), queues);
}

#[test]
fn the_example_as_it_is_changes_nothing_and_each_of_its_lines_can_be_uncommented() {
    assert_eq!(problems(EXAMPLE), []);
    let (_, settings) = settings();
    for setting in settings {
        let text = format!("{} = {}\n", setting.key, setting.value);
        // A setting alone may lack another one, or name a file that is not there. That is no mistake of its form.
        let unread = problems(&text).into_iter().find(|one| {
            one.problem.contains("it must be")
                || one.problem.contains("unknown")
                || one.problem.contains("TOML")
        });
        assert_eq!(unread, None, "{text}");
    }
}

#[test]
fn the_server_refuses_numbers_beyond_the_bounds_of_the_schema() {
    let schema = schema::schema();
    let (_, settings) = settings();
    for setting in settings.iter().filter(|setting| setting.value.is_integer()) {
        let (table, key) = setting.key.split_once('.').unwrap();
        let described = &schema["properties"][table]["properties"][key];
        let least = described["minimum"].as_i64().unwrap();
        let most = described["maximum"].as_i64();
        let taken = |number: i64| problems(&format!("{} = {number}\n", setting.key)).is_empty();
        assert!(taken(least) && !taken(least - 1), "{}", setting.key);
        if let Some(most) = most {
            assert!(taken(most) && !taken(most + 1), "{}", setting.key);
        }
        assert!(!taken(-1), "{}", setting.key);
    }
    for (key, wrong) in [("environment", "test"), ("forwarded_header", "x-real-ip")] {
        assert!(schema["properties"][key]["enum"].is_array());
        assert_ne!(problems(&format!("{key} = {wrong:?}\n")), [], "{key}");
    }
}

#[test]
fn the_example_shows_the_defaults() {
    let (_, settings) = settings();
    let shown = |key: &str| {
        let setting = settings.iter().find(|setting| setting.key == key && setting.is_default);
        setting.unwrap_or_else(|| panic!("{key} has no default")).value.as_integer().unwrap()
    };
    let (limits, connections, times) =
        (RateLimits::default(), ConnectionLimits::default(), Lifetimes::default());
    let (sessions, requests, files) =
        (SessionLimits::default(), RequestLogSettings::default(), FileLimits::default());
    let seconds = |span: std::time::Duration| i64::try_from(span.as_secs()).unwrap();
    let days = |span| seconds(span) / 86_400;
    let count = |count: usize| i64::try_from(count).unwrap();
    let defaults = [
        ("limits.requests_per_10s", limits.requests_per_10s.into()),
        ("limits.tokens_per_minute", limits.tokens_per_minute.into()),
        ("limits.page_posts_per_minute", limits.page_posts_per_minute.into()),
        ("limits.operator_requests_per_10s", limits.operator_requests_per_10s.into()),
        ("limits.failures_per_minute", limits.failures_per_minute.into()),
        ("files.per_customer", files.files),
        ("files.mib_per_customer", files.bytes >> 20),
        ("connections.most", count(connections.most)),
        ("connections.first_request_s", seconds(connections.first_request)),
        ("connections.idle_s", seconds(connections.idle)),
        ("connections.drain_s", seconds(connections.drain)),
        ("lifetimes.access_token_s", seconds(times.access_token)),
        ("lifetimes.offer_days", days(times.offer)),
        ("lifetimes.signing_link_days", days(times.signing_link)),
        ("lifetimes.biometrics_link_s", seconds(times.biometrics_link)),
        ("lifetimes.session_token_s", seconds(times.session_token)),
        ("lifetimes.idempotency_hours", seconds(times.idempotency) / 3_600),
        ("lifetimes.events_days", days(times.events)),
        ("lifetimes.borrower_years", times.borrower_years.into()),
        ("requests.per_second", count(requests.queue)),
        ("requests.days", days(requests.kept)),
        ("requests.bodies_days", days(requests.bodies_kept)),
        ("traces.sample_one_in", 10),
        ("sessions.idle_minutes", seconds(sessions.idle) / 60),
        ("sessions.hours", seconds(sessions.whole) / 3_600),
    ];
    for (key, value) in defaults {
        assert_eq!(shown(key), value, "{key}");
    }
    for queue in Queue::ALL {
        if let Some(level) = ServiceLevels::default().get(queue) {
            assert_eq!(shown(&format!("queues.{}_minutes", queue.name())), seconds(level) / 60);
        }
    }
    let numbers = settings.iter().filter(|setting| setting.value.is_integer() && setting.is_default).count();
    assert_eq!(numbers, defaults.len() + 8, "a default of the example is in no list of this test");
}
