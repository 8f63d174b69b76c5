//! The server's own secrets, told to the log at each start: that they were read,
//! are new, are others or are gone, and never what they are.

use std::path::Path;
use std::sync::Arc;

use daybook_kernel::id::hex;
use daybook_server::{App, LocalRequest, answer_local};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::mail;
use crate::failure::{Failure, succeeded};
use crate::settings::Settings;

/// A secret by its name, and the keyed hash by which a change of it shows.
type Found = (String, String);

pub async fn tell(app: &Arc<App>, data: &Path, settings: &Settings) -> Result<(), Failure> {
    let found = found(app, data, settings)?;
    let listed = ask(app, "trust.list_secrets", json!({})).await?;
    let before = listed["secrets"].as_array().into_iter().flatten();
    let gone = before
        .filter_map(|row| row["name"].as_str())
        .filter(|name| !found.iter().any(|(own, _)| own == name));
    for name in gone {
        ask(app, "trust.record_secret", json!({"name": name})).await?;
    }
    for (name, fingerprint) in &found {
        let input = json!({"name": name, "fingerprint": fingerprint});
        ask(app, "trust.record_secret", input).await?;
    }
    Ok(())
}

fn found(app: &App, data: &Path, settings: &Settings) -> Result<Vec<Found>, Failure> {
    let fingerprint = |name: &str, value: &str| {
        let text = Zeroizing::new([name, "\0", value].concat());
        hex(&app
            .engine
            .instance_hash("secrets.fingerprint", text.as_bytes()))
    };
    // Whatever the instance hashes is made from its root key.
    let mut found = vec![("root.key".to_owned(), fingerprint("root.key", ""))];
    for provider in app.engine.providers() {
        if let Some(secret) = &provider.client_secret {
            let name = format!("oidc.{}.client_secret", provider.id);
            found.push((name.clone(), fingerprint(&name, secret)));
        }
    }
    if let Some(password) = mail::password(data, &settings.mail)? {
        let name = "mail.password".to_owned();
        found.push((name.clone(), fingerprint(&name, &password)));
    }
    Ok(found)
}

async fn ask(app: &Arc<App>, operation: &str, input: Value) -> Result<Value, Failure> {
    let request = LocalRequest {
        operation: operation.to_owned(),
        workspace: None,
        r#as: None,
        input,
        format: "json".to_owned(),
    };
    succeeded(answer_local(app, request).await)
}
