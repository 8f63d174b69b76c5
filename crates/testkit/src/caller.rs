//! A caller: what somebody shows of themselves, and the one workspace that they
//! turn to. They go through the HTTP API, or through the local door.

use daybook_kernel::Scope;
use daybook_server::{LocalRequest, answer_local};
use serde_json::Value;

use crate::{Instance, Request, Response};

#[derive(Clone)]
pub(crate) enum Proof {
    Nobody,
    Session(String),
    Token(String),
    /// Whoever holds the data folder, as this person.
    Local(Option<String>),
}

#[derive(Clone)]
pub struct Caller<'i> {
    instance: &'i Instance,
    proof: Proof,
    workspace: String,
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl<'i> Caller<'i> {
    pub(crate) fn new(instance: &'i Instance, proof: Proof, workspace: &str) -> Self {
        Self {
            instance,
            proof,
            workspace: workspace.to_owned(),
        }
    }

    /// The same person, turning to another workspace.
    #[must_use]
    pub fn at(&self, workspace: &str) -> Self {
        Self {
            workspace: workspace.to_owned(),
            ..self.clone()
        }
    }

    /// The same person, with a new API token of these scopes.
    pub fn token(&self, scopes: &[&str]) -> Caller<'i> {
        let input = serde_json::json!({"name": "test", "scopes": scopes});
        let made = self.ok("team.create_api_token", input);
        let token = made["token"].as_str().expect("a token");
        self.instance.bearer(token, &self.workspace)
    }

    /// Calls an operation as the registry says that it is called.
    pub fn call(&self, operation: &str, input: Value) -> Answer {
        if let Proof::Local(person) = &self.proof {
            return self.call_locally(operation, person.clone(), input);
        }
        let (request, _) = self.request(operation, &input);
        self.send(request)
    }

    /// Calls an operation that must succeed.
    #[track_caller]
    pub fn ok(&self, operation: &str, input: Value) -> Value {
        let said = input.to_string();
        let answer = self.call(operation, input);
        assert_eq!(answer.status, 200, "{operation} {said}: {}", answer.text());
        answer.json()
    }

    /// Calls an operation that must be refused with this status; answers with
    /// the whole body as text.
    #[track_caller]
    pub fn refused(&self, operation: &str, input: Value, status: u16) -> String {
        let said = input.to_string();
        let answer = self.call(operation, input);
        assert_eq!(
            answer.status,
            status,
            "{operation} {said}: {}",
            answer.text()
        );
        answer.text()
    }

    /// The HTTP request of a call, not yet sent; and whether it is a command.
    pub fn request(&self, operation: &str, input: &Value) -> (Request, bool) {
        let registered = self.instance.engine().registry().operation(operation);
        let registered = registered.unwrap_or_else(|| panic!("there is no operation {operation}"));
        let path = match registered.spec.scope {
            Scope::Workspace => format!("/api/v1/{}/{operation}", self.workspace),
            Scope::Instance => format!("/api/v1/{operation}"),
        };
        if registered.is_command() {
            (
                Request::new("POST", &path).json(input.to_string().as_bytes()),
                true,
            )
        } else {
            (
                Request::new("GET", &format!("{path}{}", query(input))),
                false,
            )
        }
    }

    /// Sends any request with what this caller shows of themselves.
    pub fn send(&self, request: Request) -> Answer {
        let request = match &self.proof {
            Proof::Nobody => request,
            Proof::Local(_) => panic!("the local door takes no HTTP"),
            Proof::Token(token) => request.header("authorization", &format!("Bearer {token}")),
            Proof::Session(token) => request
                .header("cookie", &self.cookies(token))
                .header("sec-fetch-site", "same-origin")
                .header("x-daybook-csrf", &self.form_token(token)),
        };
        request.send(self.instance.address()).into()
    }

    /// The secret that this caller shows, if it is one.
    pub fn secret(&self) -> &str {
        match &self.proof {
            Proof::Session(secret) | Proof::Token(secret) => secret,
            Proof::Nobody | Proof::Local(_) => "",
        }
    }

    /// The hidden field of the forms of this session.
    pub fn form_token(&self, session: &str) -> String {
        daybook_server::form_token(self.instance.engine(), session)
    }

    /// The cookies of a browser with this session and an open page.
    pub fn cookies(&self, session: &str) -> String {
        let token = self.form_token(session);
        format!("__Host-daybook={session}; __Host-daybook-csrf={token}")
    }

    fn call_locally(&self, operation: &str, person: Option<String>, input: Value) -> Answer {
        let registered = self.instance.engine().registry().operation(operation);
        let registered = registered.unwrap_or_else(|| panic!("there is no operation {operation}"));
        let request = LocalRequest {
            operation: operation.to_owned(),
            workspace: registered.in_workspace().then(|| self.workspace.clone()),
            r#as: person,
            input,
            format: "json".to_owned(),
        };
        let answer = answer_local(self.instance.app(), request);
        let answer = self.instance.runtime().block_on(answer);
        Answer {
            status: answer.status,
            headers: Vec::new(),
            body: answer.body.to_string().into_bytes(),
        }
    }
}

impl Answer {
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// What it says. Where a long word may break is no part of it: what must not
    /// be told is not hidden by a place to break.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).replace("<wbr>", "")
    }

    /// The session that the answer gives to the browser; empty if it ends it.
    pub fn session(&self) -> Option<String> {
        let cookie = self.session_cookie()?;
        let value = cookie.strip_prefix("__Host-daybook=")?;
        value.split(';').next().map(str::to_owned)
    }

    /// The whole header that sets the session's cookie.
    pub fn session_cookie(&self) -> Option<&str> {
        let set = self.headers.iter().filter(|(name, _)| name == "set-cookie");
        set.map(|(_, value)| value.as_str())
            .find(|value| value.starts_with("__Host-daybook="))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(own, _)| own.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

impl From<Response> for Answer {
    fn from(response: Response) -> Self {
        Self {
            status: response.status,
            headers: response.headers,
            body: response.body,
        }
    }
}

/// The fields of an input as a query string: `?on=2026-01-31`.
fn query(input: &Value) -> String {
    let mut pairs = Vec::new();
    flatten("", input, &mut pairs);
    if pairs.is_empty() {
        return String::new();
    }
    let mut query = form_urlencoded::Serializer::new(String::new());
    format!("?{}", query.extend_pairs(pairs).finish())
}

fn flatten(name: &str, value: &Value, pairs: &mut Vec<(String, String)>) {
    match value {
        Value::Null => {}
        Value::Object(fields) => {
            for (field, value) in fields {
                let name = if name.is_empty() {
                    field.clone()
                } else {
                    format!("{name}.{field}")
                };
                flatten(&name, value, pairs);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                flatten(&format!("{name}[{index}]"), item, pairs);
            }
        }
        Value::String(text) => pairs.push((name.to_owned(), text.clone())),
        other => pairs.push((name.to_owned(), other.to_string())),
    }
}
