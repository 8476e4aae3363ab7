//! The engines that tests run on: SQLite, and PostgreSQL on a machine that has it.

use store::db::DatabaseUrl;
use store::test_support::Throwaway;

use crate::support::{Setup, TestApp};

impl TestApp {
    /// An app on each engine.
    pub(crate) async fn on_each_engine() -> Vec<Self> {
        Self::on_each_engine_with(Setup::default()).await
    }

    /// An app with these settings on each engine.
    pub(crate) async fn on_each_engine_with(setup: Setup) -> Vec<Self> {
        let apps = [Some(Self::with(setup.clone()).await), Self::on_postgres_with(setup).await];
        apps.into_iter().flatten().collect()
    }

    /// An app on PostgreSQL, if it is available.
    pub(crate) async fn on_postgres() -> Option<Self> {
        Self::on_postgres_with(Setup::default()).await
    }

    /// An app on PostgreSQL with these settings, if it is available.
    pub(crate) async fn on_postgres_with(setup: Setup) -> Option<Self> {
        let database = Self::postgres_database().await?;
        Some(Self::with(Setup { database: Some(database), ..setup }).await)
    }

    /// A new database on PostgreSQL, if it is available.
    pub(crate) async fn postgres_database() -> Option<DatabaseUrl> {
        tokio::task::spawn_blocking(store::test_support::postgres_database).await.unwrap()
    }

    /// A new database on the Citus cluster that a proof names, if any.
    pub(crate) async fn distributed_database() -> Option<Throwaway> {
        tokio::task::spawn_blocking(store::test_support::distributed_database).await.unwrap()
    }
}

/// Makes one test for each engine from a function that takes the app: `FUNCTION: NAME_ON_SQLITE, NAME_ON_POSTGRESQL`.
macro_rules! on_both_engines {
    ($test:ident: $on_sqlite:ident, $on_postgresql:ident) => {
        on_both_engines!($test: $on_sqlite, $on_postgresql, $crate::support::Setup::default());
    };
    ($test:ident: $on_sqlite:ident, $on_postgresql:ident, $setup:expr) => {
        #[tokio::test(flavor = "multi_thread")]
        async fn $on_sqlite() {
            $test(&$crate::support::TestApp::with($setup).await).await;
        }

        #[tokio::test(flavor = "multi_thread")]
        async fn $on_postgresql() {
            if let Some(app) = $crate::support::TestApp::on_postgres_with($setup).await {
                $test(&app).await;
            }
        }
    };
}

pub(crate) use on_both_engines;
