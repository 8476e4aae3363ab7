//! Empty databases, one a server: files of SQLite, or databases of PostgreSQL beside the named one.

use anyhow::Context as _;
use store::db::{drop_database, make_empty_database};
use tokio::task::spawn_blocking;
use url::Url;

pub(super) struct Databases {
    beside: Option<Url>,
    made: Vec<String>,
}

impl Databases {
    pub(super) fn beside(url: Option<&str>) -> anyhow::Result<Self> {
        let beside = url.map(Url::parse).transpose().context("the database is named by a URL")?;
        Ok(Self { beside, made: Vec::new() })
    }

    /// The URL of a new database; nothing with SQLite, whose file the server makes.
    pub(super) async fn make(&mut self) -> anyhow::Result<Option<String>> {
        let Some(beside) = &self.beside else { return Ok(None) };
        let name = format!("dinie_compare_{}_{}", std::process::id(), self.made.len());
        let mut url = beside.clone();
        url.set_path(&name);
        self.made.push(name.clone());
        let beside = beside.to_string();
        spawn_blocking(move || make_empty_database(&beside, &name)).await??;
        Ok(Some(url.to_string()))
    }

    /// Drops what was made.
    pub(super) async fn drop_all(self) -> anyhow::Result<()> {
        let Some(beside) = self.beside else { return Ok(()) };
        for name in self.made {
            let beside = beside.to_string();
            spawn_blocking(move || drop_database(&beside, &name)).await??;
        }
        Ok(())
    }
}
