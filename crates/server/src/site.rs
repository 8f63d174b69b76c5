//! What the edge is told of the product it serves.

use std::collections::HashMap;
use std::sync::Arc;

use daybook_engine::{Call, Credential, Engine};
use daybook_kernel::operation::{Given, Operation, Wanted};
use daybook_kernel::{Error, Origin, RequestId};
use serde_json::Value;
use tokio::sync::oneshot;

use crate::metrics::Watch;
use crate::pages::{Notices, Works};

/// The operations that the edge itself calls, by name: it names no domain.
#[derive(Clone, Copy)]
pub struct Site {
    pub sign_in: &'static str,
    pub sign_out: &'static str,
    /// Begin and end a sign-in by passkey, and ask for one as a factor.
    pub start_passkey_sign_in: &'static str,
    pub sign_in_with_passkey: &'static str,
    pub start_passkey_proof: &'static str,
    /// Begin a sign-in by an identity provider, a link with one or an account by one, and
    /// end any of them.
    pub start_provider: &'static str,
    pub start_provider_link: &'static str,
    pub start_provider_account: &'static str,
    pub finish_provider: &'static str,
    /// Which factors there are to be shown, and showing one.
    pub show_factors: &'static str,
    pub prove_second_factor: &'static str,
    pub step_up: &'static str,
    /// Ends every session and answers with the token of a new one.
    pub change_password: &'static str,
    /// What the links of messages lead to.
    pub show_invitation: &'static str,
    pub register: &'static str,
    pub accept_invitation: &'static str,
    pub request_reset: &'static str,
    pub reset_password: &'static str,
    pub list_workspaces: &'static str,
    pub create_workspace: &'static str,
    /// `CycloneDX`: what the program is made of, or why nobody can tell.
    pub bill_of_materials: fn() -> Result<&'static str, &'static str>,
    /// Marks every page as the demo's.
    pub demo: bool,
    /// What whoever holds the data folder may ask for besides operations.
    pub chores: &'static [Chore],
}

/// Work on the instance as a whole, on a thread of its own.
pub struct Chore {
    pub name: &'static str,
    pub run: fn(&Arc<App>, Value) -> Result<Value, Error>,
}

pub struct App {
    pub engine: Engine,
    pub site: Site,
    /// JSON Schemas of the inputs, for reading forms and query strings.
    pub schemas: HashMap<&'static str, Value>,
    pub openapi: String,
    /// What pages say once a form is done.
    pub notices: Notices,
    /// What forms began that takes long.
    pub works: Works,
}

impl App {
    pub fn new(engine: Engine, site: Site) -> Arc<Self> {
        let schemas = engine
            .registry()
            .operations()
            .map(|operation| (operation.spec.name, (operation.input)().to_value()))
            .collect();
        let openapi = crate::openapi::document(engine.registry()).to_string();
        Arc::new(Self {
            engine,
            site,
            schemas,
            openapi,
            notices: Notices::default(),
            works: Works::default(),
        })
    }

    pub fn operation(&self, name: &str) -> Result<&'static Operation, Error> {
        self.engine
            .registry()
            .operation(name)
            .ok_or_else(Error::not_found)
    }

    /// Runs any operation and waits for its answer.
    pub async fn run(&self, call: Call, wanted: Wanted) -> Result<Given, Error> {
        let (sender, receiver) = oneshot::channel();
        let watch = Watch::start(call.operation.spec.name);
        // A reader that went away needs no answer.
        if call.operation.is_command() {
            let answer = move |result: Result<Vec<u8>, Error>| {
                let _ = sender.send(result.map(Given::Json));
            };
            self.engine.command(call, Box::new(answer));
        } else {
            self.engine.query(call, wanted, move |result| {
                let _ = sender.send(result);
            });
        }
        let ended = receiver.await;
        let result = ended.unwrap_or_else(|_| Err(Error::ours("the work ended without an answer")));
        watch.stop(result.as_ref().err());
        result
    }

    /// Runs an operation of the instance that the edge needs, as JSON.
    pub async fn run_instance(
        &self,
        name: &str,
        input: &Value,
        credential: Credential,
        origin: Arc<Origin>,
        request: RequestId,
    ) -> Result<Value, Error> {
        let operation = self.operation(name)?;
        let input = serde_json::to_vec(input).map_err(Error::ours)?;
        let call = Call {
            workspace: None,
            operation,
            input,
            credential,
            origin,
            request,
        };
        match self.run(call, Wanted::Json).await? {
            Given::Json(json) => serde_json::from_slice(&json).map_err(Error::ours),
            Given::Table(_) | Given::File(_) => {
                Err(Error::ours("a file came where JSON was asked for"))
            }
        }
    }
}
