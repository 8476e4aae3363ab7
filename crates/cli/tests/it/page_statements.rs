//! A page of the console or the dashboard takes as many statements on three hundred rows as on three of each kind.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use app::synthetic::Fate;

use crate::console::Person;
use crate::operator::Operator;
use crate::support::TestApp;
use crate::synthetic::{copied, history_of};

/// One history for each queue of the console.
const FATES: [Fate; 6] =
    [Fate::UnderReview, Fate::Referred, Fate::Signed, Fate::Disbursing, Fate::OnTime(6), Fate::Stopped(6)];

/// Most statements that a longer page takes beyond a short one. A list that merges several orders reads its rows in a few
/// pieces. A page shows 22 rows more, so a statement for each row would take more than this.
const MOST_MORE: u64 = 4;

/// The template of the route of a path, such as `/console/loans/{id}`; `None` if it is no page for people.
fn template(path: &str) -> Option<&'static str> {
    let parts: Vec<&str> = path.split('/').collect();
    let fits = |template: &str| {
        let wanted: Vec<&str> = template.split('/').collect();
        wanted.len() == parts.len()
            && wanted.iter().zip(&parts).all(|(wanted, part)| wanted.starts_with('{') || wanted == part)
    };
    let pages = server::pages::listed().into_iter().filter(|listed| listed.method == "GET");
    let mut fitting: Vec<&str> = pages.map(|listed| listed.path).filter(|path| fits(path)).collect();
    // A route without a parameter in this place comes first.
    fitting.sort_by_key(|path| path.matches('{').count());
    fitting.first().copied()
}

/// The page behind a link: its route, and its tab or other choice of a part.
fn page_of(link: &str) -> Option<String> {
    let (path, query) = link.split_once('?').unwrap_or((link, ""));
    let tab = query.split('&').find(|pair| pair.starts_with("tab=") || pair.starts_with("period="));
    Some(format!("{}?{}", template(path)?, tab.unwrap_or("")))
}

/// Follows the links of the pages, and returns one link for each page.
async fn pages(person: &Person) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut waiting = VecDeque::from(["/console".to_owned(), "/dashboard".to_owned(), "/me".to_owned()]);
    while let Some(link) = waiting.pop_front() {
        let Some(page) = page_of(&link).filter(|page| !found.contains_key(page)) else { continue };
        let answer = person.page(&link).await;
        if answer.status != 200 || !answer.header("content-type").is_some_and(|kind| kind.contains("html")) {
            continue;
        }
        let html = crate::console::text(&answer.bytes);
        let links = html.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
        let links: BTreeSet<String> =
            links.map(|link| link.replace("&amp;", "&").replace("&#38;", "&")).collect();
        waiting.extend(links.into_iter().filter_map(|link| link.split('#').next().map(str::to_owned)));
        found.insert(page, link);
    }
    found
}

/// The statements of each page: the fewest of several readings, because a read may begin again on another connection.
async fn counts(app: &TestApp, person: &Person, pages: &BTreeMap<String, String>) -> BTreeMap<String, u64> {
    let mut counted = BTreeMap::new();
    for (page, link) in pages {
        let mut fewest = u64::MAX;
        for _ in 0..4 {
            let before = app.state.store.statements_run();
            person.page(link).await.expect(200);
            fewest = fewest.min(app.state.store.statements_run() - before);
        }
        counted.insert(page.clone(), fewest);
    }
    counted
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_takes_no_more_statements_on_three_hundred_rows() {
    for app in TestApp::on_each_engine().await {
        let partner = app.partner().await;
        let mut histories = Vec::new();
        for fate in FATES {
            histories.push(history_of(&app, fate).await);
        }
        for (place, history) in (1..).zip(&histories) {
            copied(&app, partner.id, history, &[place * 1_000, place * 1_000 + 1, place * 1_000 + 2]).await;
        }
        let person = Person::with_roles(&app, app.state.config.roles.names()).await;
        let pages = pages(&person).await;
        let few = counts(&app, &person, &pages).await;
        for (place, history) in (1..).zip(&histories) {
            let numbers: Vec<u32> = (3..50).map(|number| place * 1_000 + number).collect();
            copied(&app, partner.id, history, &numbers).await;
        }
        for _ in 0..30 {
            app.partner().await;
            Operator::of(&app).await;
        }
        let many = counts(&app, &person, &pages).await;
        let grown: Vec<_> = many.iter().filter(|(page, count)| **count > few[*page] + MOST_MORE).collect();
        let before: Vec<_> = grown.iter().map(|(page, _)| few[*page]).collect();
        assert!(pages.len() > 50, "{:?}", pages.keys());
        assert!(grown.is_empty(), "the statements have grown from {before:?}: {grown:?}");
    }
}
