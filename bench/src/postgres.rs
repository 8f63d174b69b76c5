//! The same posting on PostgreSQL, beside a program that does one transaction a request on the same
//! server.

use crate::Result;
use crate::cluster::Cluster;
use crate::posting::{self, Beside};
use crate::report::Figure;
use crate::settings::{Bare, Settings};

pub fn run(settings: &Settings) -> Result<Vec<Figure>> {
    let cluster = Cluster::start()?;
    // An instance has a database of its own.
    let database = |workspaces| {
        let name = format!("daybook_{workspaces}");
        cluster.create_database(&name)?;
        Ok(Some(cluster.url(&name)))
    };
    let beside = Beside {
        bench: "postgres",
        what: "a transaction a request",
        goal: "at least 3",
        bare: Bare {
            postgres: Some(cluster.url("postgres")),
            pool: settings.pool,
            ..Bare::default()
        },
        database: &database,
    };
    posting::against(settings, &beside)
}
