//! What keeps a secret, reads it, replaces it or ends it leaves an event in the
//! log, and never the value.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;

use daybook::features::{DIRECTORY, FEATURES};
use daybook_engine::keys::{SystemClock, SystemEntropy};
use daybook_engine::limits::Allowances;
use daybook_engine::{Doors, Engine, Settings, audit};
use daybook_kernel::{PasswordScheme, Role};
use daybook_server::{Egress, EgressSettings};
use daybook_testkit::{Instance, PASSWORD, files_holding, for_both_stores};
use serde_json::{Value, json};

use crate::factors::{add_passkey, by_password, code, going_on, set_up_app};
use crate::logs::{Server, init};
use crate::scene::instance;

const OWNER: &str = "owner@example.com";
const CANARIES: [&str; 3] = ["canary-oidc-4801", "canary-oidc-4802", "canary-relay-4803"];

/// A log as its operator exports it.
fn exported(engine: &Engine, workspace: Option<&str>) -> String {
    let desk = engine.desk(workspace).unwrap();
    let mut out = Vec::new();
    desk.database
        .read(|store| audit::export(store, &mut out).map(|_| ()))
        .unwrap();
    String::from_utf8(out).unwrap()
}

/// The records of a log: the operation, and what the content says was made.
fn events(log: &str) -> Vec<(String, Value)> {
    let lines = log
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let records = lines.filter(|line| line["content"].is_string());
    records
        .map(|record| {
            let content: Value = serde_json::from_str(record["content"].as_str().unwrap()).unwrap();
            let operation = record["operation"].as_str().unwrap().to_owned();
            (operation, content["after"].clone())
        })
        .collect()
}

/// The folder of a process that has ended, as the next one opens it.
fn opened(data: &Path) -> Engine {
    let settings = Settings {
        data: data.to_owned(),
        database: None,
        site: "https://localhost:8443".to_owned(),
        password_scheme: PasswordScheme::Argon2id,
        allowances: Allowances::default(),
        open_workspaces_max: 4,
        bytes_max: None,
    };
    let clock = Arc::new(SystemClock);
    let egress = Egress::new(EgressSettings::default(), clock.clone());
    let doors = Doors {
        clock,
        entropy: Arc::new(SystemEntropy),
        outside: Arc::new(egress.unwrap()),
    };
    Engine::open(settings, &FEATURES, DIRECTORY, doors).unwrap()
}

#[test]
fn the_servers_own_secrets_are_stored_read_rotated_and_revoked_in_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    init(&data);
    let kept = |name: &str, value: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, value).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        path.display().to_string()
    };
    let relay = kept("relay", CANARIES[2]);
    let mail = [
        "mail.smtp=smtps://books@relay.invalid".to_owned(),
        "mail.from=books@example.com".to_owned(),
        format!("mail.password_file={relay}"),
    ];
    let provider = |secret: &str| {
        let file = kept(secret, secret);
        let mut settings = mail.to_vec();
        settings.push("oidc.google.client_id=daybook".to_owned());
        settings.push(format!("oidc.google.client_secret_file={file}"));
        settings
    };
    let starts = [
        provider(CANARIES[0]),
        provider(CANARIES[0]),
        provider(CANARIES[1]),
        mail.to_vec(),
    ];
    let said: String = starts
        .iter()
        .map(|settings| Server::start(&data, settings).stop())
        .collect();
    let engine = opened(&data);
    let log = exported(&engine, None);
    let told = |name: &str| -> Vec<String> {
        let events = events(&log).into_iter();
        let own = events.filter(|(_, after)| after["name"] == name);
        own.map(|(operation, after)| {
            assert_eq!(operation, "trust.record_secret");
            after["event"].as_str().unwrap().to_owned()
        })
        .collect()
    };
    assert_eq!(
        told("oidc.google.client_secret"),
        ["stored", "read", "rotated", "revoked"]
    );
    for name in ["mail.password", "root.key"] {
        assert_eq!(told(name), ["stored", "read", "read", "read"], "{name}");
    }
    for canary in CANARIES {
        assert!(!said.contains(canary), "{canary} is in the log:\n{said}");
        assert!(
            !log.contains(canary),
            "{canary} is in the audit log:\n{log}"
        );
    }
    drop(engine);
    assert_eq!(files_holding(&data, &CANARIES), Vec::<String>::new());
}

#[test]
fn a_secret_is_told_of_by_name_to_whoever_holds_the_server_alone() {
    for_both_stores(|on| {
        let instance = instance(on);
        let operator = instance.operator();
        let print = |digit: &str| digit.repeat(64);
        let record = |fingerprint: Option<String>| {
            let input = match fingerprint {
                Some(it) => json!({"name": "mail.password", "fingerprint": it}),
                None => json!({"name": "mail.password"}),
            };
            operator.ok("trust.record_secret", input)["event"].clone()
        };
        let told = [
            record(Some(print("a"))),
            record(Some(print("a"))),
            record(Some(print("b"))),
        ];
        assert_eq!(told, ["stored", "read", "rotated"]);
        let listed = operator.ok("trust.list_secrets", json!({}));
        assert_eq!(listed["secrets"][0]["name"], "mail.password");
        assert!(!listed.to_string().contains(&print("b")), "{listed}");
        assert_eq!(record(None), "revoked");
        let gone = json!({"name": "mail.password"});
        operator.refused("trust.record_secret", gone.clone(), 404);
        let wrong = json!({"name": "x", "fingerprint": "a value, perhaps"});
        operator.refused("trust.record_secret", wrong, 422);
        let admin = instance.member(Role::Admin);
        admin.refused("trust.list_secrets", json!({}), 403);
        admin.refused("trust.record_secret", gone, 403);
        assert!(!exported(instance.engine(), None).contains(&print("b")));
    });
}

#[test]
fn peoples_credentials_leave_events_and_no_values() {
    for_both_stores(|on| {
        let instance = instance(on);
        let values = live(&instance);
        let instance_log = exported(instance.engine(), None);
        let log = exported(instance.engine(), Some("acme"));
        let count = |log: &str, operation: &str| {
            let events = events(log);
            events.iter().filter(|(name, _)| name == operation).count()
        };
        for (operation, times) in [
            ("identity.start_totp", 1),
            ("identity.confirm_totp", 1),
            ("identity.make_recovery_codes", 2),
            ("identity.prove_second_factor", 1),
            ("identity.add_passkey", 1),
            ("identity.remove_passkey", 1),
            ("identity.remove_totp", 1),
            ("identity.change_password", 1),
        ] {
            assert_eq!(count(&instance_log, operation), times, "{operation}");
        }
        assert_eq!(count(&log, "team.create_api_token"), 2);
        assert_eq!(count(&log, "team.revoke_api_token"), 1);
        for value in values.iter().map(String::as_str).chain(["argon2id"]) {
            assert!(value.len() > 5, "{value}");
            for log in [&instance_log, &log] {
                assert!(!log.contains(value), "{value} is in the log:\n{log}");
            }
        }
    });
}

/// Keeps, shows, replaces and ends one credential of each kind; answers with the
/// values that they had.
fn live(instance: &Instance) -> Vec<String> {
    const NEW: &str = "plinth otter vague seven";
    let (secret, owner) = set_up_app(instance, &by_password(instance, OWNER));
    let mut values = vec![PASSWORD.to_owned(), NEW.to_owned(), secret.clone()];
    for _ in 0..2 {
        let made = owner.ok("identity.make_recovery_codes", json!({}));
        let codes = made["codes"].as_array().unwrap().iter();
        values.extend(codes.map(|it| it.as_str().unwrap().to_owned()));
    }
    let recovery = json!({"code": values.last()});
    let halfway = by_password(instance, OWNER);
    let owner = going_on(instance, &halfway, "identity.prove_second_factor", recovery);
    let (_, owner) = add_passkey(instance, &owner);
    let security = owner.ok("identity.show_security", json!({}));
    let passkey = security["passkeys"][0]["id"].clone();
    owner.ok("identity.remove_passkey", json!({"id": passkey}));
    for _ in 0..2 {
        values.push(owner.token(&["*"]).secret().to_owned());
    }
    let tokens = owner.ok("team.list_api_tokens", json!({}));
    let token = tokens["tokens"][0]["id"].clone();
    owner.ok("team.revoke_api_token", json!({"id": token}));
    let shown = code(instance, &secret);
    values.push(shown["code"].as_str().unwrap().to_owned());
    let owner = going_on(instance, &owner, "identity.step_up", shown);
    owner.ok("identity.remove_totp", json!({}));
    let input = json!({"current": PASSWORD, "new": NEW});
    values.push(owner.secret().to_owned());
    let owner = going_on(instance, &owner, "identity.change_password", input);
    values.push(owner.secret().to_owned());
    values
}
