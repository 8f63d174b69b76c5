//! An engine on a fresh folder, in this process, with its Owner.

use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Duration;

use daybook::features::{DIRECTORY, FEATURES};
use daybook_engine::keys::{SystemClock, SystemEntropy};
use daybook_engine::limits::Allowances;
use daybook_engine::{Call, Credential, Doors, Engine};
use daybook_kernel::operation::{Given, Operation, Wanted};
use daybook_kernel::ports::Nobody;
use daybook_kernel::{Error, Origin};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::instance::{OWNER, PASSWORD};
use crate::settings;
use crate::stopwatch::now;
use crate::{Result, tell};

pub struct House {
    pub engine: Engine,
    _folder: TempDir,
}

impl House {
    pub fn open() -> Result<Self> {
        let folder = settings::scratch()?;
        let engine = daybook_engine::Settings {
            data: folder.path().to_owned(),
            database: None,
            site: String::new(),
            password_scheme: daybook_kernel::PasswordScheme::Argon2id,
            allowances: Allowances {
                requests_per_second: 10_000_000.try_into()?,
                ..Allowances::default()
            },
            open_workspaces_max: 16,
            bytes_max: None,
        };
        let doors = Doors {
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
            outside: Arc::new(Nobody),
        };
        let engine = Engine::open(engine, &FEATURES, DIRECTORY, doors);
        let house = Self {
            engine: engine.map_err(plain)?,
            _folder: folder,
        };
        let person = json!({"email": OWNER, "password": PASSWORD});
        house.act(
            "identity.create_person",
            None,
            person,
            Credential::Local(None),
        )?;
        Ok(house)
    }

    /// Makes a workspace of the Owner's and answers its slug.
    pub fn workspace(&self, name: &str) -> Result<String> {
        let create = "identity.create_workspace";
        let owner = Credential::Local(Some(OWNER.to_owned()));
        let made = self.act(create, None, json!({"name": name}), owner)?;
        Ok(made["slug"].as_str().unwrap_or_default().to_owned())
    }

    pub fn act(
        &self,
        operation: &str,
        workspace: Option<&str>,
        input: Value,
        credential: Credential,
    ) -> Result<Value> {
        let (sender, receiver) = channel();
        let call = self.call(operation, workspace, &input, credential)?;
        // The receiver waits below for as long as this lives.
        let answer = move |done| drop(sender.send(done));
        self.engine.command(call, Box::new(answer));
        Ok(serde_json::from_slice(&receiver.recv()?.map_err(plain)?)?)
    }

    pub fn call(
        &self,
        operation: &str,
        workspace: Option<&str>,
        input: &Value,
        credential: Credential,
    ) -> Result<Call> {
        Ok(Call {
            workspace: workspace.map(str::to_owned),
            operation: self.operation(operation)?,
            input: serde_json::to_vec(input)?,
            credential,
            origin: Arc::new(Origin::local()),
            request: self.engine.new_request().map_err(plain)?,
        })
    }

    /// How long a query takes from its call to its answer as JSON.
    pub fn timed(&self, call: Call) -> Result<Duration> {
        let (sender, receiver) = channel();
        let start = now();
        self.engine.query(call, Wanted::Json, move |given| {
            // The receiver waits below for as long as this lives.
            let _ = sender.send(given);
        });
        let given = receiver.recv()?;
        let took = start.elapsed();
        match given.map_err(plain)? {
            Given::Json(_) => Ok(took),
            _ => Err("an answer came as no JSON".into()),
        }
    }

    fn operation(&self, name: &str) -> Result<&'static Operation> {
        let found = self.engine.registry().operation(name);
        Ok(found.ok_or_else(|| format!("there is no operation {name}"))?)
    }
}

/// An error in all its words: whoever measures may see the cause.
pub fn plain(error: Error) -> String {
    match error {
        Error::Ours(cause) | Error::Damaged(cause) => cause,
        other => other.to_string(),
    }
}

/// How many postings were made in what time.
pub fn posted(entries: u64, took: Duration) {
    let seconds = took.as_secs_f64();
    tell(&format!(
        "  {entries} entries were posted in {seconds:.1} s"
    ));
}
