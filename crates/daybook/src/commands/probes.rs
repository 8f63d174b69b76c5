//! Looks at a running instance: what a promise says of it is tried, now.

use std::io::Read as _;
use std::sync::Arc;

use daybook::exported::asking;
use daybook_engine::keys::SystemClock;
use daybook_kernel::{Authorizer as _, Clock as _, Exposure, Role};
use jiff::Timestamp;
use serde_json::json;

use super::look::Look;
use crate::confinement;
use crate::failure::Failure;
use crate::reach::{Ask, Reach};

/// SDLC-10's own figure.
const ADVISORY_DAYS_MAX: i64 = 7;

type Probe = fn(&Look) -> Result<(), String>;

/// A row, what is tried for it, and how.
const PROBES: &[(&str, &str, Probe)] = &[
    ("API-08", "security_headers", security_headers),
    ("AUTH-01", "strangers_are_refused", strangers_are_refused),
    (
        "AUTH-02",
        "passwords_are_sealed_argon2id",
        passwords_are_sealed,
    ),
    (
        "RBAC-01",
        "every_operation_names_its_roles",
        every_operation_names_its_roles,
    ),
    (
        "RBAC-03",
        "readers_have_no_command",
        readers_have_no_command,
    ),
    ("RBAC-05", "the_server_is_confined", the_server_is_confined),
    ("AUDIT-15", "every_log_is_whole", every_log_is_whole),
    (
        "CRYPT-05",
        "databases_are_not_plain",
        databases_are_not_plain,
    ),
    (
        "TENANT-02",
        "each_workspace_has_its_database",
        each_workspace_has_its_database,
    ),
    (
        "TENANT-04",
        "no_key_opens_another_workspace",
        no_key_opens_another,
    ),
    (
        "SDLC-10",
        "nothing_is_known_against_the_parts",
        nothing_is_known_against_the_parts,
    ),
];

impl Look {
    /// Looks at what a row promises, if it can be seen: the probe's name and what
    /// it found.
    pub fn at(&self, row: &str) -> Option<(&'static str, Result<(), String>)> {
        let (_, name, probe) = PROBES.iter().find(|probe| probe.0 == row)?;
        Some((name, probe(self)))
    }
}

fn the_server_is_confined(look: &Look) -> Result<(), String> {
    match look.reach {
        Reach::Server(_) => confinement::look(&look.data),
        Reach::Here { .. } => {
            Err("no server has the folder open: start it, and look again".to_owned())
        }
    }
}

fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or_default()
}

fn security_headers(look: &Look) -> Result<(), String> {
    const NEEDED: [&str; 6] = [
        "content-security-policy: default-src 'none'",
        "strict-transport-security: max-age=",
        "x-frame-options: deny",
        "x-content-type-options: nosniff",
        "referrer-policy: ",
        "cross-origin-opener-policy: same-origin",
    ];
    for path in [
        "/",
        "/sign-in",
        "/healthz",
        "/api/v1/nothing",
        "/w/nobody",
        "/assets/nothing",
    ] {
        let answer = look.get("GET", path)?.to_lowercase();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        if let Some(missing) = NEEDED.iter().find(|needed| !head.contains(**needed)) {
            return Err(format!("{path} is answered without {missing}"));
        }
        if head.contains("unsafe-") {
            return Err(format!("{path} allows what is unsafe"));
        }
        if body.contains(" style=\"") || body.contains("<script>") || body.contains(" onclick=") {
            return Err(format!("{path} holds inline code"));
        }
    }
    Ok(())
}

fn strangers_are_refused(look: &Look) -> Result<(), String> {
    let slug = look.slugs()?.into_iter().next().unwrap_or_default();
    for operation in look.app.engine.registry().operations() {
        if operation.spec.exposure == Exposure::Public {
            continue;
        }
        let name = operation.spec.name;
        let path = if operation.in_workspace() {
            format!("/api/v1/{slug}/{name}")
        } else {
            format!("/api/v1/{name}")
        };
        let method = if operation.is_command() {
            "POST"
        } else {
            "GET"
        };
        let answer = look.get(method, &path)?;
        if status(&answer) != "401" {
            return Err(format!(
                "{method} {path} answers a stranger with {}",
                status(&answer)
            ));
        }
    }
    Ok(())
}

/// Reads the kept passwords as the store has them.
fn passwords_are_sealed(look: &Look) -> Result<(), String> {
    let desk = look
        .app
        .engine
        .desk(None)
        .map_err(|error| format!("{error:?}"))?;
    let vault = Arc::clone(&desk.database.opening.vault);
    let mut bad = None;
    let read = desk.database.read(|store| {
        store.each("SELECT id, password_sealed FROM people", &[], &mut |row| {
            let kept = row.bytes(1)?;
            let opened = vault.open("people.password", kept)?;
            let plain = kept.windows(7).any(|part| part == b"$argon2");
            let strong = opened.starts_with(b"$argon2id$v=19$m=65536,t=3,");
            if plain || !strong {
                bad = Some(row.text(0)?.to_owned());
            }
            Ok(())
        })
    });
    read.map_err(|error| format!("a password is not kept sealed: {error:?}"))?;
    bad.map_or(Ok(()), |person| {
        Err(format!(
            "the password of {person} is not a sealed Argon2id hash of 64 MiB and t=3"
        ))
    })
}

fn every_operation_names_its_roles(look: &Look) -> Result<(), String> {
    let authorizer = look.app.engine.authorizer();
    for operation in look.app.engine.registry().operations() {
        let name = operation.spec.name;
        // Whoever is invited has no role yet; a member is invited no more.
        let for_members = operation.in_workspace() && operation.spec.exposure != Exposure::Invited;
        let roles = authorizer.roles_allowed(name);
        if for_members == roles.is_empty() && operation.in_workspace() {
            return Err(format!("{name} is allowed to {} roles", roles.len()));
        }
    }
    let managers = |role: &&Role| !matches!(role, Role::Owner | Role::Admin);
    for name in [
        "team.invite_member",
        "team.change_role",
        "team.remove_member",
    ] {
        if let Some(role) = authorizer.roles_allowed(name).iter().find(managers) {
            return Err(format!("{role} may do {name}"));
        }
    }
    Ok(())
}

/// Commands about nobody but oneself.
const EVERYBODYS: [&str; 2] = ["team.leave_workspace", "team.register_known_device"];

fn readers_have_no_command(look: &Look) -> Result<(), String> {
    let authorizer = look.app.engine.authorizer();
    let commands = look.app.engine.registry().operations();
    for command in commands.filter(|it| it.is_command() && it.in_workspace()) {
        let name = command.spec.name;
        // A token is its owner's own and gives no more than the owner may; everybody
        // may leave, or bring a browser along, which somebody else approves.
        if name.ends_with("_api_token") || EVERYBODYS.contains(&name) {
            continue;
        }
        let readers = |role: &&Role| matches!(role, Role::Viewer | Role::Auditor);
        if let Some(role) = authorizer.roles_allowed(name).iter().find(readers) {
            return Err(format!("{role} may do {name}"));
        }
    }
    Ok(())
}

fn every_log_is_whole(look: &Look) -> Result<(), String> {
    let mut names: Vec<Option<String>> = look.slugs()?.into_iter().map(Some).collect();
    names.push(None);
    for name in names {
        let verify = || look.app.engine.desk(name.as_deref())?.verify();
        let verdict = verify().map_err(|error| format!("{error:?}"))?;
        if !verdict.is_whole() {
            let name = name.as_deref().unwrap_or("the instance");
            return Err(format!("{name}: {verdict}"));
        }
    }
    Ok(())
}

fn databases_are_not_plain(look: &Look) -> Result<(), String> {
    use std::os::unix::fs::PermissionsExt as _;
    let key = look.data.join("root.key");
    let mode = std::fs::metadata(&key).map_err(|error| error.to_string())?;
    let mode = mode.permissions().mode() & 0o777;
    if mode != 0o600 {
        return Err(format!("root.key has mode {mode:04o}"));
    }
    for name in look.slugs()? {
        let desk = look
            .app
            .engine
            .desk(Some(&name))
            .map_err(|error| format!("{error:?}"))?;
        match look.app.engine.store().file(desk.database.opening.place) {
            Some(file) => {
                let mut head = [0_u8; 16];
                let read = std::fs::File::open(&file).and_then(|mut it| it.read_exact(&mut head));
                read.map_err(|error| format!("{}: {error}", file.display()))?;
                if &head == b"SQLite format 3\0" {
                    return Err(format!("{name} is a plain file"));
                }
            }
            // Of a shared store the texts that are sealed can be seen, not the disk.
            None => sealed_members(&desk, &name)?,
        }
    }
    Ok(())
}

fn sealed_members(desk: &daybook_engine::Desk, name: &str) -> Result<(), String> {
    let mut plain = false;
    let read = desk.database.read(|store| {
        store.each("SELECT email FROM members", &[], &mut |row| {
            plain |= row.bytes(0)?.contains(&b'@') && std::str::from_utf8(row.bytes(0)?).is_ok();
            row.sealed(0, "members.email").map(|_| ())
        })
    });
    read.map_err(|error| format!("{name}: {error:?}"))?;
    if plain {
        return Err(format!("{name}: an address is kept in the clear"));
    }
    Ok(())
}

fn each_workspace_has_its_database(look: &Look) -> Result<(), String> {
    let mut places = Vec::new();
    for name in look.slugs()? {
        let desk = look
            .app
            .engine
            .desk(Some(&name))
            .map_err(|error| format!("{error:?}"))?;
        let place = desk.database.opening.place;
        if places.contains(&place) {
            return Err(format!("{name} shares its database"));
        }
        places.push(place);
    }
    Ok(())
}

/// What is sealed with the key of one opens with that of no other.
fn no_key_opens_another(look: &Look) -> Result<(), String> {
    const PURPOSE: &str = "check.probe";
    let mut names: Vec<Option<String>> = look.slugs()?.into_iter().map(Some).collect();
    names.push(None);
    let mut vaults = Vec::new();
    for name in names {
        let desk = look
            .app
            .engine
            .desk(name.as_deref())
            .map_err(|error| format!("{error:?}"))?;
        let vault = Arc::clone(&desk.database.opening.vault);
        let sealed = vault
            .seal(PURPOSE, b"probe")
            .map_err(|error| format!("{error:?}"))?;
        vaults.push((
            name.unwrap_or_else(|| "the instance".to_owned()),
            vault,
            sealed,
        ));
    }
    for (name, _, sealed) in &vaults {
        for (other, vault, _) in vaults.iter().filter(|(other, ..)| other != name) {
            if vault.open(PURPOSE, sealed).is_ok() {
                return Err(format!("the key of {other} opens what {name} sealed"));
            }
        }
    }
    Ok(())
}

/// The last scan was of this very program, with advisories of this week, and found nothing.
fn nothing_is_known_against_the_parts(look: &Look) -> Result<(), String> {
    const HINT: &str = "`daybook advisories` looks now, and a server looks once a day";
    let asked = look.reach.ask(Ask {
        operation: "trust.list_vulnerability_cases",
        workspace: None,
        person: None,
        input: json!({}),
        format: "json",
    });
    let known = asked.map_err(|failure| failure.message)?;
    let scan = &known["scan"];
    let Some(data_at) = scan["data_at"].as_str() else {
        return Err(format!("nobody has looked yet; {HINT}"));
    };
    if scan["parts_digest"] != json!(daybook_supply_chain::digest()) {
        return Err(format!("the last scan was of another version; {HINT}"));
    }
    let data_at: Timestamp = data_at.parse().map_err(|_| "no instant".to_owned())?;
    let days = (SystemClock.now().as_second() - data_at.as_second()) / 86_400;
    if days > ADVISORY_DAYS_MAX {
        return Err(format!(
            "the advisories are {days} days old, {ADVISORY_DAYS_MAX} are allowed; {HINT}"
        ));
    }
    let cases = known["cases"].as_array().into_iter().flatten();
    let open = cases.filter(|case| case["closed_at"].is_null());
    let open: Vec<String> = open
        .map(|case| format!("{} of {}", case["advisory"], case["package"]))
        .collect();
    if open.is_empty() {
        return Ok(());
    }
    Err(format!("open: {}", open.join(", ").replace('"', "")))
}

/// Rebuilds every workspace's balances; no row of the catalogue names it, and yet
/// an instance whose books are wrong is not well.
pub fn books_check(look: &Look) -> Result<(), String> {
    for slug in look.slugs()? {
        let checked = asking(&look.app, &slug)
            .and_then(|ask| ask("books.check_balances", &json!({}), "json"))
            .map_err(|error| format!("{slug}: {}", Failure::from(error).message))?;
        if checked["good"] != json!(true) {
            return Err(format!("{slug}: {}", checked["difference"]));
        }
    }
    Ok(())
}
