//! Passwords: how they are kept, which are taken, and what a sign-in mends.

use daybook_kernel::PasswordScheme;
use daybook_testkit::{Cluster, Instance, On, Options, PASSWORD, files_holding, for_both_stores};
use serde_json::json;

use crate::scene::{instance, product};

const OWNER: &str = "owner@example.com";
const NEW: &str = "plinth otter vague seven";

fn with_scheme(on: On, scheme: PasswordScheme) -> Instance {
    let mut options = Options::on(on);
    options.password_scheme = scheme;
    Instance::start(product(), options)
}

fn sign_in(instance: &Instance, email: &str, password: &str) -> u16 {
    let input = json!({"email": email, "password": password});
    instance.anonymous().call("identity.sign_in", input).status
}

/// The column as it is stored, and what it holds for whoever has the key.
fn kept(instance: &Instance) -> (Vec<u8>, String) {
    const SQL: &str = "SELECT password_sealed FROM people ORDER BY created_at_ms, id LIMIT 1";
    let sealed: Vec<u8> = match instance.database() {
        None => instance
            .embedded(None)
            .query_row(SQL, [], |row| row.get(0))
            .unwrap(),
        Some(database) => {
            let mut client = Cluster::shared().client(database);
            client
                .batch_execute("SET search_path = daybook_instance")
                .unwrap();
            client.query_one(SQL, &[]).unwrap().get(0)
        }
    };
    let desk = instance.engine().desk(None).unwrap();
    let vault = &desk.database.opening.vault;
    let opened = vault.open("people.password", &sealed).unwrap();
    (sealed, String::from_utf8(opened).unwrap())
}

#[test]
fn either_scheme_is_kept_sealed() {
    for_both_stores(|on| {
        for (scheme, begins) in [
            (PasswordScheme::Argon2id, "$argon2id$v=19$m=65536,t=3,p=1$"),
            (PasswordScheme::Bcrypt, "$2b$12$"),
        ] {
            let instance = with_scheme(on, scheme);
            let (sealed, opened) = kept(&instance);
            assert!(opened.starts_with(begins), "{opened}");
            assert!(!daybook_testkit::holds(&sealed, "$argon2"));
            assert!(!daybook_testkit::holds(&sealed, "$2b$"));
            assert_eq!(sign_in(&instance, OWNER, PASSWORD), 200);
            assert_eq!(sign_in(&instance, OWNER, NEW), 403);
            let texts = [PASSWORD, NEW, begins];
            let found = files_holding(instance.folder(), &texts);
            assert_eq!(found, Vec::<String>::new());
        }
    });
}

#[test]
fn a_sign_in_keeps_the_password_as_the_instance_has_it_now() {
    for_both_stores(|on| {
        let mut instance = with_scheme(on, PasswordScheme::Bcrypt);
        assert!(kept(&instance).1.starts_with("$2b$12$"));
        instance.options_mut().password_scheme = PasswordScheme::Argon2id;
        instance.restart();
        // A wrong one mends nothing.
        assert_eq!(sign_in(&instance, OWNER, NEW), 403);
        assert!(kept(&instance).1.starts_with("$2b$12$"));
        assert_eq!(sign_in(&instance, OWNER, PASSWORD), 200);
        let (_, mended) = kept(&instance);
        assert!(mended.starts_with("$argon2id$"), "{mended}");
        assert_eq!(sign_in(&instance, OWNER, PASSWORD), 200);
        assert_eq!(kept(&instance).1, mended, "it is kept anew once");
    });
}

#[test]
fn long_passwords_are_told_apart_under_either_scheme() {
    for scheme in [PasswordScheme::Argon2id, PasswordScheme::Bcrypt] {
        let instance = with_scheme(On::Embedded, scheme);
        let words =
            "plinth otter vague seven marble lantern copper thistle window harbour saddle basalt";
        let (first, rest) = words.split_at(72);
        let short = format!("{first}{}", &rest[..8]);
        let long = format!("{first}{}", "x7 quilt ember ".repeat(4).split_at(56).0);
        assert_eq!((short.len(), long.len()), (80, 128));
        for (email, password, other) in [
            ("short@example.com", &short, &long),
            ("long@example.com", &long, &short),
        ] {
            let input = json!({"email": email, "password": password});
            instance.operator().ok("identity.create_person", input);
            assert_eq!(sign_in(&instance, email, password), 200);
            assert_eq!(sign_in(&instance, email, other), 403);
        }
    }
}

#[test]
fn passwords_that_are_guessed_first_are_not_taken() {
    for_both_stores(|on| {
        let instance = instance(on);
        let operator = instance.operator();
        let refused = |email: &str, password: &str| {
            let input = json!({"email": email, "password": password});
            operator.refused("identity.create_person", input, 422)
        };
        for (password, said) in [
            ("short one", "9 characters"),
            ("fourteen chars", "Without a second factor"),
            ("Password12345678", "attackers try first"),
            ("aaaaaaaaaaaaaaaaaaaa", "guessed soon"),
            ("ada.lovelace@example.com", "guessed soon"),
        ] {
            let told = refused("ada.lovelace@example.com", password);
            assert!(told.contains(said), "{password}: {told}");
            assert!(!told.contains(password), "{told}");
        }
        // No rules of composition.
        let input = json!({"email": "ada.lovelace@example.com", "password": NEW});
        operator.ok("identity.create_person", input);
        // The operator's own list takes the place of the one that is built in.
        let list = instance.folder().join("breached.txt");
        std::fs::write(list, "marble lantern copper thistle\n").unwrap();
        let told = refused("grace@example.com", "marble lantern copper thistle");
        assert!(told.contains("attackers try first"), "{told}");
        let caller = instance.sign_in(OWNER, "acme");
        let input = json!({"current": PASSWORD, "new": "marble lantern copper thistle"});
        let told = caller.refused("identity.change_password", input, 422);
        assert!(told.contains("attackers try first"), "{told}");
        assert_eq!(sign_in(&instance, OWNER, PASSWORD), 200);
    });
}

#[test]
fn changing_a_password_takes_the_old_one() {
    for_both_stores(|on| {
        let instance = instance(on);
        let caller = instance.sign_in(OWNER, "acme");
        let change = |current: &str| json!({"current": current, "new": NEW});
        let told = caller.refused("identity.change_password", change("not it at all"), 422);
        assert!(told.contains("not your password"), "{told}");
        caller.ok("identity.change_password", change(PASSWORD));
        assert_eq!(sign_in(&instance, OWNER, PASSWORD), 403);
        assert_eq!(sign_in(&instance, OWNER, NEW), 200);
    });
}
