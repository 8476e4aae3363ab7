//! The first page: today's money, what waits in the queues, what went wrong, and what moves now.

mod chart;
mod figures;
mod news;

use app::StoreError;
use app::overview::{self, Overview};
use app::queues::{self, QueueFigures};
use askama::Template;
use axum::extract::Query;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::access::Permission;
use domain::time::RealTime;
use serde::Deserialize;

use self::figures::{ArrearsRow, QueueRow, Stat};
use self::news::{News, Wrong};
use super::viewer::viewer;
use crate::http::problem::of_store;
use crate::pages::answer::failure;
use crate::pages::kit::frame::Frame;
use crate::pages::kit::framed;
use crate::pages::people::frame::Around;
use crate::pages::people::visit::Visit;
use crate::pages::texts::Texts;

#[derive(Template)]
#[template(path = "console/home.html")]
struct Home {
    t: &'static Texts,
    frame: Frame,
    path: String,
    around: Around,
    greeting: String,
    today: String,
    late: i64,
    waiting: i64,
    is_mine: bool,
    next_case: String,
    stats: Vec<Stat>,
    queues: Vec<QueueRow>,
    arrears: Vec<ArrearsRow>,
    arrears_words: String,
    wrong: Vec<Wrong>,
    news: Vec<News>,
}

/// The newest movements alone, for the page that asks for them again.
#[derive(Template)]
#[template(path = "console/news.html")]
struct Tape {
    t: &'static Texts,
    news: Vec<News>,
}

/// The part of the address that chooses whose cases are counted.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    of: String,
}

/// The contents of the page.
struct Day {
    figures: Vec<QueueFigures>,
    overview: Overview,
}

/// Shows the first page.
pub(super) async fn show(visit: Visit, Query(asked): Query<Asked>) -> Response {
    let now = visit.state.clock.now();
    if !visit.visitor.grants.allows(Permission::ReadQueues) {
        let nothing = Day { figures: Vec::new(), overview: Overview::default() };
        return framed(StatusCode::OK, &Home::of(visit, &nothing, now, false));
    }
    match read(&visit, now).await {
        Ok(day) => framed(StatusCode::OK, &Home::of(visit, &day, now, asked.of == "me")),
        Err(error) => failure(&of_store(error)),
    }
}

async fn read(visit: &Visit, now: RealTime) -> Result<Day, StoreError> {
    let (me, may) = (visit.visitor.operator.id, visit.visitor.grants.permissions);
    let viewer = viewer(&visit.state, &visit.visitor, now).await?;
    let read = move |tx: &mut app::Tx<'_>| {
        let figures = queues::figures(tx, now, &viewer)?;
        Ok::<_, StoreError>(Day { figures, overview: overview::read(tx, now, me, may)? })
    };
    visit.state.store.list(read).await
}

/// The newest movements. The trail records the request like every other, because it names customers.
pub(super) async fn live(visit: Visit, headers: HeaderMap) -> Response {
    if !headers.contains_key("hx-request") {
        return crate::pages::cookie::see_other("/console");
    }
    let (now, may) = (visit.state.clock.now(), visit.visitor.grants.permissions);
    match visit.state.store.list(move |tx| queues::newest(tx, may)).await {
        Ok(moves) => {
            let t = visit.texts();
            framed(StatusCode::OK, &Tape { t, news: news::of(&moves, now, t) })
        }
        Err(error) => failure(&of_store(error)),
    }
}

impl Home {
    fn of(visit: Visit, day: &Day, now: RealTime, is_mine: bool) -> Self {
        let (t, around) = (visit.texts(), visit.around());
        let local = now.unmoved().business_datetime();
        let greet = match local.hour() {
            5..=11 => t.home.morning,
            12..=17 => t.home.afternoon,
            _night => t.home.evening,
        };
        let first_name = around.name.split(' ').next().unwrap_or(&around.name);
        let count = |figures: &QueueFigures| if is_mine { figures.mine } else { figures.waiting };
        let arrears = figures::arrears(&day.figures, t);
        Self {
            greeting: format!("{greet}, {first_name}"),
            today: (t.home.today)(local.date()),
            late: day.figures.iter().map(|figures| figures.late).sum(),
            waiting: day.figures.iter().map(count).sum(),
            next_case: figures::next_case(&day.figures, is_mine),
            stats: figures::stats(day.overview.money.as_ref(), t),
            queues: day
                .figures
                .iter()
                .map(|one| QueueRow::of(one, &day.overview, (now, is_mine), t))
                .collect(),
            arrears_words: figures::arrears_words(&day.figures, t),
            arrears,
            wrong: news::wrong(&day.overview.trouble, now, t),
            news: news::of(&day.overview.newest, now, t),
            is_mine,
            path: visit.path,
            frame: visit.frame,
            around,
            t,
        }
    }
}
