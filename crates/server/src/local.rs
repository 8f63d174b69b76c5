//! The local door: a socket in the data folder, for whoever holds that folder.
//! One line of JSON asks, one line answers. The socket's mode is 0600; there is
//! no other proof, as whoever reads the folder holds the root key anyway.

use std::sync::Arc;

use daybook_engine::{Call, Credential, Reader};
use daybook_kernel::operation::{Given, Wanted};
use daybook_kernel::{Error, Origin};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::sync::oneshot;

use crate::answer::{note, problem_json, status};
use crate::cookies::take_session;
use crate::progress::{PROGRESS, of_workspace};
use crate::site::{App, Chore};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LocalRequest {
    pub operation: String,
    pub workspace: Option<String>,
    /// The person to act as; the first Owner where none is named.
    pub r#as: Option<String>,
    pub input: Value,
    /// `json`, `csv` or `text`.
    pub format: String,
}

#[derive(Serialize, Deserialize)]
pub struct LocalAnswer {
    /// The status that the API would have given.
    pub status: u16,
    /// The answer: JSON, or the text of a table.
    pub body: Value,
}

pub async fn converse(app: Arc<App>, stream: UnixStream) -> std::io::Result<()> {
    let (reader, mut writer) = stream.into_split();
    let mut lines = BufReader::new(reader).lines();
    while let Some(line) = lines.next_line().await? {
        let answer = match serde_json::from_str(&line) {
            Ok(request) => answer(&app, request).await,
            Err(error) => failed(&Error::fault("request", error.to_string())),
        };
        let mut line = serde_json::to_vec(&answer)?;
        line.push(b'\n');
        writer.write_all(&line).await?;
    }
    Ok(())
}

/// Answers one request of whoever holds the data folder.
pub async fn answer(app: &Arc<App>, request: LocalRequest) -> LocalAnswer {
    match run(app, request).await {
        Ok(body) => LocalAnswer { status: 200, body },
        Err(error) => failed(&error),
    }
}

async fn run(app: &Arc<App>, request: LocalRequest) -> Result<Value, Error> {
    let mut chores = app.site.chores.iter();
    if let Some(chore) = chores.find(|chore| chore.name == request.operation) {
        return do_chore(app, chore, request.input).await;
    }
    if request.operation == PROGRESS {
        let reader = Reader {
            workspace: request.workspace,
            credential: Credential::Local(request.r#as),
            origin: Arc::new(Origin::local()),
            request: app.engine.new_request()?,
        };
        return of_workspace(app, reader).await;
    }
    let operation = app
        .engine
        .registry()
        .operation(&request.operation)
        .ok_or_else(|| {
            let message = format!(
                "There is no operation {}. `daybook do --list` names them.",
                request.operation
            );
            Error::fault("operation", message)
        })?;
    let wanted = if request.format == "json" {
        Wanted::Json
    } else {
        Wanted::Table
    };
    let call = Call {
        workspace: request.workspace,
        operation,
        input: serde_json::to_vec(&request.input).map_err(Error::ours)?,
        credential: Credential::Local(request.r#as),
        origin: Arc::new(Origin::local()),
        request: app.engine.new_request()?,
    };
    let id = call.request;
    let given = app
        .run(call, wanted)
        .await
        .inspect_err(|error| note(error, id))?;
    Ok(match given {
        // A session opened here belongs to no browser; nobody gets its token.
        Given::Json(json) => {
            let (json, _) = take_session(operation, json)?;
            serde_json::from_slice(&json).map_err(Error::ours)?
        }
        Given::Table(table) if request.format == "csv" => Value::String(table.csv()),
        Given::Table(table) => Value::String(table.text()),
        Given::File(file) => Value::String(file.text),
    })
}

/// It takes as long as it takes; nobody else waits for it.
async fn do_chore(app: &Arc<App>, chore: &'static Chore, input: Value) -> Result<Value, Error> {
    let (sender, receiver) = oneshot::channel();
    let (app, id) = (Arc::clone(app), app.engine.new_request()?);
    let thread = std::thread::Builder::new().name(chore.name.to_owned());
    let started = thread.spawn(move || {
        daybook_engine::stand_back();
        // Whoever asked may have gone away.
        let _ = sender.send((chore.run)(&app, input));
    });
    started.map_err(|error| Error::ours(format!("starting a thread: {error}")))?;
    let ended = receiver.await;
    let done = ended.unwrap_or_else(|_| Err(Error::ours("the work ended without an answer")));
    done.inspect_err(|error| note(error, id))
}

fn failed(error: &Error) -> LocalAnswer {
    LocalAnswer {
        status: status(error).as_u16(),
        body: problem_json(error),
    }
}
