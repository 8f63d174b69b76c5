//! Who sees what was done.

use daybook_kernel::Role;
use daybook_testkit::{Request, for_both_stores};
use serde_json::json;

use crate::scene::{entry, with_books};

#[test]
fn activity_is_shown_to_those_who_may_see_it() {
    for_both_stores(|on| {
        let instance = with_books(on);
        instance.owner().ok(
            "books.post_entry",
            entry("2026-03-01", "Sale", "1000", "4000", "5.00"),
        );
        for (role, sees_all, may) in [
            (Role::Owner, true, true),
            (Role::Admin, true, true),
            (Role::Auditor, true, true),
            (Role::Manager, false, true),
            (Role::Member, false, true),
            (Role::Viewer, false, false),
        ] {
            let member = instance.member_by_token(role);
            let answer = member.call(
                "trust.list_activity",
                json!({"operation": "books.post_entry"}),
            );
            assert_eq!(answer.status, if may { 200 } else { 403 }, "{role}");
            assert_eq!(
                answer.text().contains("owner@example.com"),
                sees_all,
                "{role}: {}",
                answer.text()
            );
            // What is exported is what is listed.
            let path = "/api/v1/acme/trust.list_activity?format=csv&operation=books.post_entry";
            let table = member.send(Request::new("GET", path));
            assert_eq!(table.status, answer.status, "{role}");
            assert_eq!(
                table.text().contains("owner@example.com"),
                sees_all,
                "{role}"
            );
        }
    });
}

#[test]
fn the_page_shows_what_the_operation_answers() {
    for_both_stores(|on| {
        let instance = with_books(on);
        let auditor = instance.member(Role::Auditor);
        let pages: Vec<_> = instance
            .engine()
            .registry()
            .pages()
            .filter(|page| page.needs == "trust.list_activity")
            .collect();
        assert!(!pages.is_empty());
        for page in pages {
            let path = format!("/w/acme/{}", page.path);
            let shown = auditor.send(Request::new("GET", &path));
            assert_eq!(shown.status, 200, "{path}");
            let text = shown.text();
            assert!(text.contains("owner@example.com"), "{path}: {text}");
            let viewer = instance.member(Role::Viewer);
            assert_eq!(
                viewer.send(Request::new("GET", &path)).status,
                403,
                "{path}"
            );
        }
    });
}

#[test]
fn activity_can_be_narrowed() {
    for_both_stores(|on| {
        let instance = with_books(on);
        let owner = instance.owner();
        let count = |input| {
            owner.ok("trust.list_activity", input)["records"]
                .as_array()
                .unwrap()
                .len()
        };
        assert_eq!(count(json!({"operation": "books.open_account"})), 5);
        assert_eq!(count(json!({"operation": "books.*"})), 6);
        assert_eq!(count(json!({"operation": "books.*", "limit": 2})), 2);
        assert_eq!(count(json!({"outcome": "refused"})), 0);
        assert_eq!(count(json!({"actor": "nobody@example.com"})), 0);
        assert_eq!(count(json!({"from": "2026-06-16"})), 0);
        assert!(count(json!({"from": "2026-06-15", "to": "2026-06-15"})) >= 7);
    });
}
