#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::Arc;

use daybook_kernel::caller::CallerKind;
use daybook_kernel::{Caller, DataClass, Faults, Origin, Role, SessionFacts};
use jiff::Timestamp;

use super::model::{Asked, Class, Rule};

fn person(address: &str, second_factor: bool) -> Caller {
    Caller {
        kind: CallerKind::Person,
        role: Some(Role::Member),
        session: Some(SessionFacts {
            id: "s".to_owned(),
            owes_second_factor: false,
            second_factor,
            fresh_until_ms: 0,
            shown_at_ms: 0,
            longest_pause_ms: 0,
        }),
        origin: Some(Arc::new(Origin {
            device: None,
            address: address.to_owned(),
            agent: String::new(),
        })),
        ..Caller::visitor()
    }
}

fn bars(rule: &Rule, caller: &Caller, class: DataClass, now: Timestamp) -> bool {
    rule.bars(&Asked {
        caller,
        class,
        now,
        known_device: false,
    })
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn an_address_is_in_its_network_and_in_no_other() {
    let rule = Rule::Addresses {
        networks: vec!["192.0.2.0/24".to_owned(), "2001:db8::7".to_owned()],
    };
    for (address, barred) in [
        ("192.0.2.1", false),
        ("::ffff:192.0.2.1", false),
        ("192.0.3.1", true),
        ("2001:db8::7", false),
        ("2001:db8::8", true),
        ("unknown", true),
        ("", true),
    ] {
        let caller = person(address, false);
        let bars = bars(
            &rule,
            &caller,
            DataClass::Internal,
            at("2026-11-21T10:00:00Z"),
        );
        assert_eq!(bars, barred, "{address}");
    }
}

#[test]
fn hours_are_those_of_their_zone_and_end_before_their_end() {
    let rule = Rule::Hours {
        zone: "Europe/Berlin".to_owned(),
        weekdays: vec![1, 2, 3, 4, 5],
        from: "08:00".to_owned(),
        until: "18:00".to_owned(),
    };
    for (now, barred) in [
        // A Friday in November, an hour ahead of UTC.
        ("2026-11-20T06:59:59Z", true),
        ("2026-11-20T07:00:00Z", false),
        ("2026-11-20T16:59:59Z", false),
        ("2026-11-20T17:00:00Z", true),
        // A Saturday.
        ("2026-11-21T10:00:00Z", true),
        // Summer time begins: two hours ahead.
        ("2026-07-03T06:00:00Z", false),
        ("2026-07-03T05:59:59Z", true),
    ] {
        let bars = bars(
            &rule,
            &person("192.0.2.1", false),
            DataClass::Internal,
            at(now),
        );
        assert_eq!(bars, barred, "{now}");
    }
}

#[test]
fn a_second_factor_is_asked_of_people_and_not_of_tokens() {
    let now = at("2026-11-20T10:00:00Z");
    let rule = Rule::SecondFactor {};
    assert!(bars(
        &rule,
        &person("192.0.2.1", false),
        DataClass::Internal,
        now
    ));
    assert!(!bars(
        &rule,
        &person("192.0.2.1", true),
        DataClass::Internal,
        now
    ));
    let mut token = person("192.0.2.1", false);
    token.kind = CallerKind::Token { id: "t".to_owned() };
    token.session = None;
    assert!(!bars(&rule, &token, DataClass::Internal, now));
}

#[test]
fn a_ceiling_bars_what_is_above_it() {
    let now = at("2026-11-20T10:00:00Z");
    let caller = person("192.0.2.1", false);
    for (ceiling, class, barred) in [
        (Class::Internal, DataClass::Internal, false),
        (Class::Internal, DataClass::Confidential, true),
        (Class::Confidential, DataClass::Confidential, false),
        (Class::Confidential, DataClass::Restricted, true),
    ] {
        let rule = Rule::ClassCeiling { class: ceiling };
        assert_eq!(
            bars(&rule, &caller, class, now),
            barred,
            "{ceiling:?} {class:?}"
        );
    }
}

#[test]
fn a_rule_that_nobody_could_meet_is_a_fault() {
    let hours = |zone: &str, weekdays: &[i8], from: &str, until: &str| Rule::Hours {
        zone: zone.to_owned(),
        weekdays: weekdays.to_vec(),
        from: from.to_owned(),
        until: until.to_owned(),
    };
    for (rule, field) in [
        (
            Rule::Addresses {
                networks: Vec::new(),
            },
            "rule.networks",
        ),
        (
            Rule::Addresses {
                networks: vec!["192.0.2.0/33".to_owned()],
            },
            "rule.networks[0]",
        ),
        (
            hours("Europe/Atlantis", &[1], "08:00", "18:00"),
            "rule.zone",
        ),
        (
            hours("Europe/Berlin", &[0], "08:00", "18:00"),
            "rule.weekdays",
        ),
        (
            hours("Europe/Berlin", &[], "08:00", "18:00"),
            "rule.weekdays",
        ),
        (hours("Europe/Berlin", &[1], "18:00", "08:00"), "rule.until"),
        (hours("Europe/Berlin", &[1], "8", "18:00"), "rule.from"),
    ] {
        let mut faults = Faults::default();
        rule.check(&mut faults);
        let fields: Vec<&str> = faults.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(fields, [field], "{rule:?}");
    }
}
