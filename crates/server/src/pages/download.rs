//! A file that a page offers, by a link: the answer of a query, taken away. Where
//! a fresh factor is missing it is asked for in place, and the same address with
//! all that it says gives the file then.

use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use daybook_engine::Call;
use daybook_kernel::operation::{File, Given, Wanted};
use daybook_kernel::{Error, RequestId};
use daybook_ui::{Weight, button_link};
use maud::html;
use serde_json::Value;

use super::frame::{self, Frame};
use super::proof;
use crate::site::App;
use crate::{answer, forms};

pub async fn download(
    State(app): State<Arc<App>>,
    Path((workspace, operation)): Path<(String, String)>,
    request: Request,
) -> Response {
    let frame = Frame::of(&app, &request);
    let id = match app.engine.new_request() {
        Ok(id) => id,
        Err(error) => return frame.problem(&error, RequestId::from_bytes([0; 16])),
    };
    let headers = request.headers().clone();
    let query = request.uri().query().unwrap_or_default().to_owned();
    drop(request);
    if let Err(error) = super::signed_in(&app, &headers).await {
        return proof::refused(&app, &frame, &error, id).await;
    }
    match file(&app, &frame, (workspace, &operation), &query, id).await {
        Ok(file) => answer::file(file),
        Err(error) => proof::refused(&app, &frame, &error, id).await,
    }
}

async fn file(
    app: &Arc<App>,
    frame: &Frame,
    (workspace, name): (String, &str),
    query: &str,
    id: RequestId,
) -> Result<File, Error> {
    let operation = app.operation(name);
    let operation = operation
        .ok()
        .filter(|it| !it.is_command() && it.in_workspace());
    let Some(operation) = operation else {
        return Err(Error::not_found());
    };
    let schema = app.schemas.get(name).unwrap_or(&Value::Null);
    let input = forms::input(forms::texts(forms::pairs(query)), schema);
    let call = Call {
        workspace: Some(workspace),
        operation,
        input: serde_json::to_vec(&input).map_err(Error::ours)?,
        credential: frame.credential(),
        origin: Arc::clone(&frame.origin),
        request: id,
    };
    match app.run(call, Wanted::File).await? {
        Given::File(file) => Ok(file),
        Given::Json(_) | Given::Table(_) => {
            Err(Error::ours("no file came where one was asked for"))
        }
    }
}

/// Whether an address of ours gives a file.
fn gives_a_file(address: &str) -> bool {
    let mut parts = address.trim_start_matches('/').split('/');
    parts.next() == Some("w") && parts.nth(1) == Some("download")
}

/// Where a browser goes on that has shown its factor. A file leaves the page on
/// which it was asked for, so that page must be one that is still good.
pub fn go_on(frame: &Frame, address: &str) -> Response {
    if !gives_a_file(address) {
        return frame::see(address);
    }
    let workspace = address.split("/download/").next().unwrap_or("/");
    let page = html! {
        p { "It is you. The file comes by itself; if it does not, take it here." }
        p {
            (button_link("Take the file", address, Weight::Primary))
            " "
            (button_link("Back to the workspace", workspace, Weight::Plain))
        }
    };
    let mut response = frame::html(StatusCode::OK, frame.bare("Your file", page));
    if let Ok(value) = HeaderValue::from_str(&format!("0;url={address}")) {
        response.headers_mut().insert("refresh", value);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_files_are_known() {
        for (address, is) in [
            ("/w/acme/download/books.journal?from=2026-01-01", true),
            ("/w/acme/books/reports", false),
            ("/w/download/books", false),
            ("/", false),
        ] {
            assert_eq!(gives_a_file(address), is, "{address}");
        }
    }
}
