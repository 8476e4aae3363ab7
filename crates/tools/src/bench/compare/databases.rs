//! Empty databases, one for each server: SQLite files, or PostgreSQL databases beside the named one.

use std::sync::Arc;

use anyhow::Context as _;
use tokio::task::spawn_blocking;
use url::Url;

use super::super::database::DatabaseAccess;

pub(super) struct Databases {
    access: Arc<dyn DatabaseAccess>,
    beside: Option<Url>,
    made: Vec<String>,
}

impl Databases {
    pub(super) fn beside(url: Option<&str>, access: &Arc<dyn DatabaseAccess>) -> anyhow::Result<Self> {
        let beside = url.map(Url::parse).transpose().context("the database is named by a URL")?;
        Ok(Self { access: Arc::clone(access), beside, made: Vec::new() })
    }

    /// The URL of a new database; `None` with SQLite, because the server makes its own file.
    pub(super) async fn make(&mut self) -> anyhow::Result<Option<String>> {
        let Some(beside) = &self.beside else { return Ok(None) };
        let name = format!("dinie_compare_{}_{}", std::process::id(), self.made.len());
        let mut url = beside.clone();
        url.set_path(&name);
        self.made.push(name.clone());
        let (access, beside) = (Arc::clone(&self.access), beside.to_string());
        spawn_blocking(move || access.make_database(&beside, &name)).await??;
        Ok(Some(url.to_string()))
    }

    /// Drops the databases that were made.
    pub(super) async fn drop_all(self) -> anyhow::Result<()> {
        let Some(beside) = self.beside else { return Ok(()) };
        for name in self.made {
            let (access, beside) = (Arc::clone(&self.access), beside.to_string());
            spawn_blocking(move || access.drop_database(&beside, &name)).await??;
        }
        Ok(())
    }
}
