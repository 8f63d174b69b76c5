//! Letters: what they say, how they travel, and that none is lost or sent twice.

use daybook_kernel::Role;
use daybook_testkit::{
    Instance, On, Opening, Relayed, SITE_ORIGIN, files_holding, for_both_stores, link_in,
};
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::scene::instance;

const GRACE: &str = "grace@example.com";

fn invite(instance: &Instance, email: &str) -> Value {
    let input = json!({"email": email, "role": "Viewer"});
    let made = instance.owner().ok("team.invite_member", input);
    instance.letters_to(email, 1);
    made
}

#[test]
fn letters_are_sent_as_text_and_html_over_tls() {
    for_both_stores(|on| {
        let opening = match on {
            On::Embedded => Opening::Wrapped,
            On::Postgres => Opening::StartTls,
        };
        let relay = Relayed::start(opening);
        let instance = instance(on);
        invite(&instance, GRACE);
        let link = instance.link(GRACE, 1);
        assert_eq!(relay.mailer().carry_due(instance.engine()).unwrap(), 1);
        let mails = relay.mails();
        let [mail] = mails.as_slice() else {
            panic!("{mails:?}: {:?}", instance.letters());
        };
        assert_eq!(
            (mail.to.as_str(), mail.noted["tls"].as_bool()),
            (GRACE, Some(true))
        );
        assert_eq!(mail.noted["user"], "books@relay.example");
        assert_eq!(mail.noted["headers"]["Auto-Submitted"], "auto-generated");
        assert_eq!(mail.subject, "Invitation to the books of acme");
        assert_eq!(link_in(&mail.text), link);
        let address = format!("{SITE_ORIGIN}/invitation/{link}");
        for body in [&mail.text, &mail.html] {
            assert!(body.contains("owner@example.com invites you"), "{body}");
            assert!(body.contains(&address), "{body}");
        }
        // Nothing in it is loaded from anywhere, so that reading it tells nobody.
        for loading in ["<img", "<link", "<script", "src=", "url("] {
            assert!(!mail.html.contains(loading), "{}", mail.html);
        }
        assert_eq!(
            mail.noted["parts"],
            json!(["multipart/alternative", "text/plain", "text/html"])
        );
        // What was sent is known, what it said is not any more.
        let sent = &instance.letters()[0];
        assert_eq!(
            (&sent["state"], &sent["tries"]),
            (&json!("sent"), &json!(1))
        );
        instance
            .operator()
            .refused("identity.print_mail", json!({"id": sent["id"]}), 404);
        assert_eq!(relay.mailer().carry_due(instance.engine()).unwrap(), 0);
        assert_eq!(
            files_holding(instance.folder(), &[&link]),
            Vec::<String>::new()
        );
    });
}

#[test]
fn a_letter_is_tried_again_and_given_up_after_a_day() {
    for_both_stores(|on| {
        let relay = Relayed::start(Opening::Wrapped);
        let instance = instance(on);
        invite(&instance, GRACE);
        let mailer = relay.mailer();
        relay.answer(Some("451 later"));
        let begun = instance.engine().now();
        let mut waits = Vec::new();
        for minute in 0..(30 * 60) {
            if mailer.carry_due(instance.engine()).unwrap() > 0 {
                waits.push(minute);
            }
            instance.clock.advance(SignedDuration::from_mins(1));
        }
        // Each wait is longer than the one before, until four hours.
        assert_eq!(waits, [0, 1, 6, 21, 81, 201, 441, 681, 921, 1161, 1401]);
        assert!(instance.engine().now() > begun + SignedDuration::from_hours(24));
        let given_up = &instance.letters()[0];
        assert_eq!(given_up["state"], "failed");
        assert!(
            given_up["trouble"].as_str().unwrap().contains("later"),
            "{given_up}"
        );
        assert_eq!(instance.engine().letter_counts().unwrap(), (0, 1));
        assert!(relay.mails().is_empty());

        // A letter that waited gets through once the relay is well again.
        relay.answer(Some("421 away"));
        invite(&instance, "hedy@example.com");
        mailer.carry_due(instance.engine()).unwrap();
        relay.answer(None);
        assert_eq!(mailer.carry_due(instance.engine()).unwrap(), 0);
        instance.clock.advance(SignedDuration::from_mins(2));
        assert_eq!(mailer.carry_due(instance.engine()).unwrap(), 1);
        assert_eq!(relay.mails().len(), 1);

        // An address that the relay will never take is not tried again.
        relay.answer(Some("550 no such mailbox"));
        invite(&instance, "nobody@example.com");
        mailer.carry_due(instance.engine()).unwrap();
        let refused = &instance.letters_to("nobody@example.com", 1)[0];
        assert_eq!(refused["state"], "failed");
        assert!(
            refused["trouble"]
                .as_str()
                .unwrap()
                .contains("no such mailbox"),
            "{refused}"
        );
    });
}

#[test]
fn no_letter_leaves_without_tls_or_to_somebody_elses_relay() {
    let relay = Relayed::start(Opening::Wrapped);
    let instance = instance(On::Embedded);
    invite(&instance, GRACE);
    // The certificate is nobody's that this machine trusts.
    let mut unknown = relay.relay();
    unknown.authority = None;
    // The relay speaks TLS from the first byte, and is asked in the clear.
    let mut clear = relay.relay();
    clear.address = clear.address.replace("smtps:", "smtp:");
    let mut wrong = relay.relay();
    wrong.password = Some("guessed".to_owned().into());
    for relayed in [unknown, clear, wrong] {
        let mailer = daybook_server::Mailer::new(&relayed, SITE_ORIGIN).unwrap();
        assert_eq!(mailer.carry_due(instance.engine()).unwrap(), 1);
        let letter = &instance.letters()[0];
        assert_eq!(letter["state"], "waiting", "{letter}");
        assert!(!letter["trouble"].as_str().unwrap().is_empty());
        instance.clock.advance(SignedDuration::from_hours(5));
    }
    assert!(relay.mails().is_empty());
}

#[test]
fn two_processes_send_each_letter_once() {
    for_both_stores(|on| {
        let relay = Relayed::start(Opening::Wrapped);
        let instance = instance(on);
        let count = 20;
        for number in 0..count {
            invite(&instance, &format!("person{number}@example.com"));
        }
        let other = (on == On::Postgres).then(|| instance.another_process());
        let engines = [
            instance.engine(),
            other.as_ref().unwrap_or(instance.engine()),
        ];
        std::thread::scope(|scope| {
            for engine in engines {
                let relay = &relay;
                scope.spawn(move || relay.mailer().carry_due(engine).unwrap());
            }
        });
        let mut to: Vec<String> = relay.mails().into_iter().map(|mail| mail.to).collect();
        to.sort();
        let all = to.len();
        to.dedup();
        assert_eq!((all, to.len()), (count, count), "{to:?}");
    });
}

#[test]
fn an_instance_without_a_relay_still_invites_by_its_operator() {
    for_both_stores(|on| {
        let instance = instance(on);
        invite(&instance, GRACE);
        let waiting = &instance.letters()[0];
        assert_eq!(
            (&waiting["to"], &waiting["state"]),
            (&json!(GRACE), &json!("waiting"))
        );
        let letter = instance.letter(GRACE, 1);
        assert!(
            letter.contains(&format!("{SITE_ORIGIN}/invitation/")),
            "{letter}"
        );
        // Nobody else reads it, whatever their role.
        let owner = instance.member(Role::Owner);
        for operation in ["identity.list_mails", "identity.print_mail"] {
            let said = owner.refused(operation, json!({"id": waiting["id"]}), 403);
            assert!(said.contains("own command line"), "{said}");
        }
    });
}
