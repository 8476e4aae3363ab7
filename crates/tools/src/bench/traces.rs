//! `dinie bench traces`: the same loads by turns on a server without traces, on one that records one trace of ten, and on
//! one that records all. The collector is in this process and throws everything away.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde::Serialize;
use tokio::net::TcpListener;

use super::asks::{READERS, WRITERS};
use super::load::{self, Measured};
use super::side::Side;
use crate::say;

/// The measured figures of one run, with SQLite.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    seconds: u64,
    reads: Figures,
    writes: Figures,
}

/// A load without traces and with them.
#[derive(Debug, Clone, Copy, Serialize)]
struct Figures {
    off: Measured,
    one_in_ten: Measured,
    one_in_ten_percent: u64,
    all: Measured,
    all_percent: u64,
}

/// Measures the servers on new SQLite files.
pub(super) async fn measure(span: Duration) -> anyhow::Result<Report> {
    let collector = collector().await?;
    let traced =
        |one_in: u32| format!("[traces]\notlp_endpoint = \"http://{collector}\"\nsample_one_in = {one_in}\n");
    let sides = [Side::start("").await?, Side::start(&traced(10)).await?, Side::start(&traced(1)).await?];
    let reads = load::by_turns(READERS, span, 200, &sides.each_ref().map(Side::reads)).await?;
    let writes = load::by_turns(WRITERS, span, 201, &sides.each_ref().map(Side::writes)).await?;
    for side in sides {
        side.stop().await?;
    }
    Ok(Report { seconds: span.as_secs(), reads: Figures::of(reads), writes: Figures::of(writes) })
}

/// Starts a collector that throws everything away; returns its address.
async fn collector() -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((stream, _peer)) = listener.accept().await {
            let serving = http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(take));
            tokio::spawn(serving);
        }
    });
    Ok(address)
}

async fn take(request: Request<Incoming>) -> Result<Response<Empty<Bytes>>, Infallible> {
    let _thrown_away = request.into_body().collect().await;
    // An empty message of Protocol Buffers: nothing was rejected.
    Ok(Response::new(Empty::new()))
}

impl Figures {
    fn of([off, one_in_ten, all]: [Measured; 3]) -> Self {
        let percent = |with: Measured| with.rate * 100 / off.rate.max(1);
        let (one_in_ten_percent, all_percent) = (percent(one_in_ten), percent(all));
        Self { off, one_in_ten, one_in_ten_percent, all, all_percent }
    }

    fn print(self, name: &str) {
        self.off.print(&format!("{name}, no traces"), "");
        let bar = |percent| format!("{percent} % of it (≥ 95 %)");
        self.one_in_ten.print(&format!("{name}, 1 of 10"), &bar(self.one_in_ten_percent));
        self.all.print(&format!("{name}, all"), &bar(self.all_percent));
    }
}

impl Report {
    /// Prints the table.
    pub(super) fn print(&self) {
        say("");
        load::print_head("");
        self.reads.print("GET /v3/loans/{id}");
        self.writes.print("POST …/simulations");
    }
}
