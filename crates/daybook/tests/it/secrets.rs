//! What lies on the disk, for whoever has the disk and no key.

use daybook_testkit::{Caller, Cluster, Instance, On, PASSWORD, files_holding, for_both_stores};
use serde_json::{Value, json};

use crate::factors::{add_passkey, token_of};
use crate::scene::{instance, open_books};

#[test]
fn a_stored_password_is_a_sealed_argon2id_hash() {
    for_both_stores(|on| {
        let instance = instance(on);
        let desk = instance.engine().desk(None).unwrap();
        let sealed = sealed_password(&instance);
        assert!(
            !daybook_testkit::holds(&sealed, "argon2"),
            "the hash lies open"
        );
        let kept = desk
            .database
            .opening
            .vault
            .open("people.password", &sealed)
            .unwrap();
        let kept = String::from_utf8(kept).unwrap();
        assert!(
            kept.starts_with("$argon2id$v=19$m=65536,t=3,p=1$"),
            "{kept}"
        );
        // A salt of 16 bytes and a hash of 32, in base64 without padding.
        let parts: Vec<&str> = kept.split('$').collect();
        assert_eq!((parts[4].len(), parts[5].len()), (22, 43));
    });
}

/// The column as it is stored.
fn sealed_password(instance: &Instance) -> Vec<u8> {
    match instance.database() {
        None => {
            let file = instance.embedded(None);
            file.query_row("SELECT password_sealed FROM people", [], |row| row.get(0))
                .unwrap()
        }
        Some(database) => {
            let mut client = Cluster::shared().client(database);
            client
                .query_one("SELECT password_sealed FROM daybook_instance.people", &[])
                .unwrap()
                .get(0)
        }
    }
}

#[test]
fn a_password_is_found_nowhere_on_disk() {
    for_both_stores(|on| {
        let instance = instance(on);
        let owner = instance.sign_in("owner@example.com", "acme");
        let wrong = "wrong horse battery staple";
        let input = json!({"email": "owner@example.com", "password": wrong});
        instance.anonymous().refused("identity.sign_in", input, 403);
        let token = instance.owner().token(&["*"]);
        let hashes = ["$argon2id$"];
        let texts = [
            &[PASSWORD, wrong, owner.secret(), token.secret()][..],
            &hashes,
        ]
        .concat();
        assert_eq!(
            files_holding(instance.folder(), &texts),
            Vec::<String>::new()
        );
        if on == On::Postgres {
            write_out(&instance);
            assert_eq!(
                files_holding(Cluster::shared().folder(), &texts),
                Vec::<String>::new()
            );
        }
    });
}

/// Has PostgreSQL write what it holds in memory into its files.
fn write_out(instance: &Instance) {
    let mut client = Cluster::shared().client(instance.database().unwrap());
    client.batch_execute("CHECKPOINT").unwrap();
}

/// In every text that somebody types.
const CANARY: &str = "ZEBRACANARY9";

#[test]
fn no_plaintext_reaches_the_disk() {
    for_both_stores(|on| {
        let instance = instance(on);
        let owner = instance.owner();
        open_books(&owner);
        let email = format!("{CANARY}@example.com");
        instance.make_person(&email);
        owner.ok("team.add_member", json!({"email": email, "role": "Member"}));
        owner.ok(
            "team.create_api_token",
            json!({"name": format!("{CANARY} token"), "scopes": ["*"]}),
        );
        owner.ok(
            "books.open_account",
            json!({"code": "7000", "name": format!("{CANARY} account"), "kind": "expense"}),
        );
        owner.ok(
            "books.rename_account",
            json!({"account": "7000", "name": format!("{CANARY} renamed")}),
        );
        owner.ok("books.post_entry", everywhere());
        owner.ok(
            "books.reverse_entry",
            json!({"entry": 1, "reason": format!("{CANARY} reason")}),
        );
        owner.ok(
            "books.lock_period",
            json!({"through": "2026-01-31", "reason": format!("{CANARY} lock")}),
        );
        instance.local_as("owner@example.com", "acme").ok(
            "identity.create_workspace",
            json!({"name": format!("{CANARY} workspace"), "slug": "second"}),
        );
        more_books(&owner);
        people_and_their_letters(&instance);
        // It is there, for whoever has the key.
        assert!(
            owner
                .ok("books.journal", json!({}))
                .to_string()
                .contains(CANARY)
        );
        // What is found in clear would be found in either case of letters.
        let texts = [CANARY, &CANARY.to_lowercase(), "10.77.66.0"];
        assert_eq!(
            files_holding(instance.folder(), &texts),
            Vec::<String>::new()
        );
        if on == On::Postgres {
            write_out(&instance);
            assert_eq!(
                files_holding(Cluster::shared().folder(), &texts),
                Vec::<String>::new()
            );
        } else {
            whole_files_look_random(&instance);
        }
    });
}

/// Whatever else of the books has a name, some of it removed again.
fn more_books(owner: &Caller<'_>) {
    let text = |what: &str| format!("{CANARY} {what}");
    owner.ok(
        "books.open_journal",
        json!({"code": "BNK9", "name": text("journal"), "kind": "bank"}),
    );
    owner.ok(
        "books.rename_journal",
        json!({"journal": "BNK9", "name": text("renamed journal")}),
    );
    let lines = json!([{"account": "1000", "amount": "-850"}, {"account": "4000"}]);
    for name in ["template", "template to remove"] {
        owner.ok(
            "books.save_entry_template",
            json!({"name": text(name), "description": text("of a template"), "lines": lines}),
        );
    }
    owner.ok("books.remove_entry_template", json!({"id": 2}));
    let file = format!("2026-03-02 {CANARY} imported\n    Cash  1.00 EUR\n    Sales\n");
    owner.ok(
        "books.import_journal",
        json!({"files": [{"name": format!("{CANARY}.journal"), "text": file}]}),
    );
    let only_here = json!({"kind": "addresses", "networks": ["10.77.66.0/24"]});
    for name in ["policy", "policy to remove"] {
        owner.ok(
            "team.set_policy",
            json!({"name": text(name), "roles": ["Auditor"], "rule": only_here}),
        );
    }
    let policies = owner.ok("team.list_policies", json!({}));
    owner.ok(
        "team.remove_policy",
        json!({"id": policies["policies"][0]["id"]}),
    );
    // It is found again by what it says.
    let found = owner.ok("books.list_entries", json!({"text": "imported"}));
    assert!(found.to_string().contains(CANARY), "{found}");
}

/// Somebody who is invited, comes by the letter, signs in with a browser that
/// has a name, and adds a key.
fn people_and_their_letters(instance: &Instance) {
    let email = format!("{CANARY}-guest@example.com");
    let owner = instance.owner();
    owner.ok(
        "team.invite_member",
        json!({"email": email, "role": "Viewer"}),
    );
    let link = instance.link(&email, 1);
    let password = "seven quiet herons by the mill";
    let input = json!({"token": link, "password": password, "name": format!("{CANARY} Guest")});
    instance.anonymous().ok("identity.register", input);
    let visitor = instance.anonymous();
    let input = json!({"email": email, "password": password});
    let (request, _) = visitor.request("identity.sign_in", &input);
    let signed_in = visitor.send(request.header("user-agent", CANARY));
    let guest = instance.cookie(&token_of(&signed_in), "acme");
    guest.ok("team.accept_invitation", json!({}));
    let (_, guest) = add_passkey(instance, &guest);
    let keys = guest.ok("identity.show_security", json!({}));
    let name = json!({"id": keys["passkeys"][0]["id"], "name": format!("{CANARY} key")});
    guest.ok("identity.rename_passkey", name);
}

/// What is looked up without being read says nothing to whoever has no key: the
/// same address gives another index in each workspace.
#[test]
fn the_same_word_has_another_index_next_door() {
    for_both_stores(|on| {
        let instance = instance(on);
        instance.make_workspace("second", "owner@example.com");
        let index = |workspace: &str| -> Vec<u8> {
            let input = json!({"email": "grace@example.com", "role": "Viewer"});
            instance.local(workspace).ok("team.invite_member", input);
            match instance.database() {
                None => {
                    let file = instance.embedded(Some(workspace));
                    let sql = "SELECT email_index FROM invitations";
                    file.query_row(sql, [], |row| row.get(0)).unwrap()
                }
                Some(database) => {
                    let schema = instance.schema(Some(workspace));
                    let sql = format!("SELECT email_index FROM {schema}.invitations");
                    let mut client = Cluster::shared().client(database);
                    client.query_one(&sql, &[]).unwrap().get(0)
                }
            }
        };
        let (here, there) = (index("acme"), index("second"));
        assert_eq!((here.len(), there.len()), (32, 32));
        assert_ne!(here, there);
    });
}

/// An entry with the canary in every text that it has.
fn everywhere() -> Value {
    let text = |what: &str| format!("{CANARY} {what}");
    json!({
        "date": "2026-03-01",
        "description": text("description"),
        "reference": text("reference"),
        "note": text("note"),
        "tags": [text("tag")],
        "lines": [
            {"account": "1000", "debit": "5.00", "note": text("line")},
            {"account": "4000", "credit": "5.00"},
        ],
    })
}

/// Not even the header of the format, or the name of a table, is readable.
fn whole_files_look_random(instance: &Instance) {
    let databases = instance.folder().join("databases");
    let texts = [
        "SQLite format 3",
        "CREATE TABLE",
        "audit_records",
        "example.com",
    ];
    assert_eq!(files_holding(&databases, &texts), Vec::<String>::new());
}
