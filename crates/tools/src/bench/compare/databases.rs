//! Empty databases, one for each server: SQLite files, or PostgreSQL databases beside the named one.

use std::sync::Arc;

use anyhow::Context as _;
use tokio::task::spawn_blocking;
use url::Url;

use super::super::workshop::Workshop;

pub(super) struct Databases {
    workshop: Arc<dyn Workshop>,
    beside: Option<Url>,
    made: Vec<String>,
}

impl Databases {
    pub(super) fn beside(url: Option<&str>, workshop: &Arc<dyn Workshop>) -> anyhow::Result<Self> {
        let beside = url.map(Url::parse).transpose().context("the database is named by a URL")?;
        Ok(Self { workshop: Arc::clone(workshop), beside, made: Vec::new() })
    }

    /// The URL of a new database; `None` with SQLite, because the server makes its own file.
    pub(super) async fn make(&mut self) -> anyhow::Result<Option<String>> {
        let Some(beside) = &self.beside else { return Ok(None) };
        let name = format!("dinie_compare_{}_{}", std::process::id(), self.made.len());
        let mut url = beside.clone();
        url.set_path(&name);
        self.made.push(name.clone());
        let (workshop, beside) = (Arc::clone(&self.workshop), beside.to_string());
        spawn_blocking(move || workshop.make_database(&beside, &name)).await??;
        Ok(Some(url.to_string()))
    }

    /// Drops the databases that were made.
    pub(super) async fn drop_all(self) -> anyhow::Result<()> {
        let Some(beside) = self.beside else { return Ok(()) };
        for name in self.made {
            let (workshop, beside) = (Arc::clone(&self.workshop), beside.to_string());
            spawn_blocking(move || workshop.drop_database(&beside, &name)).await??;
        }
        Ok(())
    }
}
