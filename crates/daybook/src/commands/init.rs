//! `daybook init`: the folder, the root key, the first person, the first
//! workspace. Nothing is made twice: an instance that is there is left alone.

use std::io::{ErrorKind, Read as _};
use std::path::Path;

use daybook_engine::keys::SystemEntropy;
use daybook_kernel::Entropy as _;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::{print, tell};
use crate::cli::Init;
use crate::failure::Failure;
use crate::reach::{Ask, Reach};
use crate::settings;

pub fn run(args: Init) -> Result<(), Failure> {
    if args.data.join("root.key").exists() {
        return Err(Failure::refused(format!(
            "There is an instance in {} already. Choose another folder.",
            args.data.display()
        )));
    }
    let password = if args.password_stdin {
        typed_password()?
    } else {
        made_password()?
    };
    let mut settings = settings::read(&args.data, &[])?;
    if let Some(database) = &args.database {
        if settings.database.as_ref().is_some_and(|it| it != database) {
            return Err(Failure::usage(
                "--database: daybook.toml names another. Leave out one of them.",
            ));
        }
        settings.database = Some(database.clone());
    }
    let reach = Reach::open(&args.data, &settings)?;
    if let Some(database) = &args.database {
        note(&args.data, database)?;
    }
    let workspace = set_up(&reach, &args.owner, &password, &args.workspace)?;
    if !args.password_stdin {
        tell(&format!("The password of {} is: {}", args.owner, *password));
        tell("It is shown this once. Change it after signing in.");
    }
    tell(&format!(
        "Serve it with: daybook serve --data {}",
        args.data.display()
    ));
    print(&workspace.to_string())
}

/// Writes the database before what the settings say already.
fn note(data: &Path, database: &str) -> Result<(), Failure> {
    if settings::read(data, &[])?.database.is_some() {
        return Ok(());
    }
    let file = data.join("daybook.toml");
    let said = match std::fs::read_to_string(&file) {
        Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
        said => said?,
    };
    let name = toml::Value::String(database.to_owned());
    Ok(std::fs::write(file, format!("database = {name}\n{said}"))?)
}

/// Makes a person and a workspace of theirs.
pub fn set_up(reach: &Reach, owner: &str, password: &str, name: &str) -> Result<Value, Failure> {
    reach.ask(Ask {
        operation: "identity.create_person",
        workspace: None,
        person: None,
        input: json!({"email": owner, "password": password}),
        format: "json",
    })?;
    let workspace = reach.ask(Ask {
        operation: "identity.create_workspace",
        workspace: None,
        person: Some(owner),
        input: json!({"name": name}),
        format: "json",
    })?;
    // The first look founds it.
    reach.ask(Ask {
        operation: "team.list_members",
        workspace: workspace["slug"].as_str(),
        person: Some(owner),
        input: json!({}),
        format: "json",
    })?;
    Ok(workspace)
}

fn typed_password() -> Result<Zeroizing<String>, Failure> {
    let mut text = Zeroizing::new(String::new());
    std::io::stdin().read_to_string(&mut text)?;
    Ok(Zeroizing::new(
        text.trim_end_matches(['\r', '\n']).to_owned(),
    ))
}

/// Five groups of four letters and digits that are not mistaken for others:
/// about 98 bits.
pub fn made_password() -> Result<Zeroizing<String>, Failure> {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut bytes = Zeroizing::new([0_u8; 20]);
    SystemEntropy.fill(&mut *bytes)?;
    let mut password = Zeroizing::new(String::new());
    for (index, byte) in bytes.iter().enumerate() {
        if index > 0 && index % 4 == 0 {
            password.push('-');
        }
        password.push(char::from(LETTERS[usize::from(byte % 32)]));
    }
    Ok(password)
}
