//! How far the long commands of a workspace have come, for whoever may run them.

use daybook_engine::{Reader, UnderWay};
use daybook_kernel::Error;
use serde_json::{Value, json};

use crate::site::App;

/// The operation's name at the local door, and the last part of its address in the API. It has no
/// dot, so no operation of the registry is named so.
pub const PROGRESS: &str = "progress";

/// What is under way in a workspace, as far as the caller could have begun it: the caller is found
/// by the road, and whoever is no member gets what every other address would give them.
pub async fn of_workspace(app: &App, reader: Reader) -> Result<Value, Error> {
    if reader.workspace.is_none() {
        return Err(Error::not_found());
    }
    let (sender, receiver) = tokio::sync::oneshot::channel();
    let board = app.engine.progress().clone();
    app.engine.visit(
        reader,
        move |entry, visit| {
            let all = entry.map(|entry| board.of_workspace(entry.id));
            let mut seen = all.unwrap_or_default();
            seen.retain(|work| visit.may(work.operation));
            Ok(seen)
        },
        move |result| {
            // Whoever asked may have gone.
            let _ = sender.send(result);
        },
    );
    let seen = receiver
        .await
        .map_err(|_| Error::ours("the visit ended without an answer"))??;
    Ok(seen.iter().map(told).collect())
}

fn told(work: &UnderWay) -> Value {
    json!({
        "operation": work.operation,
        "done": work.done,
        "total": (work.total > 0).then_some(work.total),
        "started_at": work.started_at.to_string(),
    })
}

/// Its place in the API's description.
pub fn described() -> Value {
    json!({"get": {
        "operationId": PROGRESS,
        "summary": "Tells how far the long commands of the workspace that the caller may run have come.",
        "tags": [PROGRESS],
        "parameters": [{
            "name": "workspace", "in": "path", "required": true,
            "description": "The workspace's name in addresses, or its id.",
            "schema": {"type": "string"},
        }],
        "responses": {
            "200": {
                "description": "What is under way, the longest first.",
                "content": {"application/json": {"schema": {"type": "array", "items": {
                    "type": "object",
                    "required": ["operation", "done", "started_at"],
                    "properties": {
                        "operation": {"type": "string"},
                        "done": {"type": "integer"},
                        "total": {"type": ["integer", "null"], "description": "Null while it is not known."},
                        "started_at": {"type": "string", "format": "date-time"},
                    },
                }}}},
            },
            "401": {"description": "Nobody is signed in."},
            "404": {"description": "There is no such workspace for this caller."},
        },
    }})
}
