#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use super::*;
use crate::audit;
use crate::field::{Choice, Field};
use maud::Render as _;

#[test]
fn fault_and_hint_describe_the_control() {
    let field = Field::text("name", "Name")
        .hint("As on the letterhead.")
        .fault("Give a name.");
    let html = field.render().into_string();
    assert!(
        html.contains(r#"aria-describedby="f-name-fault f-name-hint""#),
        "{html}"
    );
    assert!(html.contains(r#"aria-invalid="true""#));
    assert!(html.contains(r#"id="f-name-fault""#) && html.contains(r#"id="f-name-hint""#));
    let clean = Field::text("name", "Name").render().into_string();
    assert!(!clean.contains("aria-describedby") && !clean.contains("aria-invalid"));
}

#[test]
fn keeps_what_was_typed_but_never_a_secret() {
    let kept = Field::amount("total", "Total", "EUR")
        .value("12,5x")
        .render()
        .into_string();
    assert!(kept.contains(r#"value="12,5x""#));
    let secret = Field::password("password", "Password")
        .value("hunter2")
        .render()
        .into_string();
    assert!(!secret.contains("hunter2"));
}

#[test]
fn select_marks_the_chosen() {
    let choices = vec![
        Choice::new("EUR", "Euro"),
        Choice::new("CHF", "Swiss franc"),
    ];
    let html = Field::select("currency", "Currency", choices)
        .value("CHF")
        .render()
        .into_string();
    assert!(html.contains(r#"<option value="CHF" selected>"#), "{html}");
    assert!(html.contains(r#"<option value="EUR">"#));
}

#[test]
fn summary_links_to_fields() {
    let faults = [
        Fault::new("lines[0].debit", "Not a number."),
        Fault::new("", "Unbalanced."),
    ];
    let html = fault_summary(&faults).into_string();
    assert!(html.contains(r##"href="#f-lines-0--debit""##), "{html}");
    assert!(html.contains("2 things to mend"));
    assert_eq!(fault_summary(&[]).into_string(), "");
}

#[test]
fn form_posts_with_its_token() {
    let frame = Form {
        action: "/save".into(),
        csrf: "t0k".into(),
        ..Form::default()
    };
    let html = form(&frame, html! {}).into_string();
    assert!(html.contains(r#"method="post" action="/save""#), "{html}");
    assert!(html.contains(r#"name="csrf" value="t0k""#));
    assert!(!html.contains("enctype"));
    let files = Form {
        encoding: Encoding::Files,
        ..frame
    };
    assert!(
        form(&files, html! {})
            .into_string()
            .contains("multipart/form-data")
    );
}

#[test]
fn escapes() {
    let hostile = audit::HOSTILE;
    let all = [
        Field::text(hostile, hostile)
            .value(hostile)
            .hint(hostile)
            .fault(hostile),
        Field::area(hostile, hostile, 3).value(hostile),
        Field::amount(hostile, hostile, hostile).value(hostile),
        Field::file(hostile, hostile, hostile),
        Field::select(hostile, hostile, vec![Choice::new(hostile, hostile)]),
    ];
    for field in all {
        audit::escapes(&field.render().into_string());
    }
    audit::escapes(&fault_summary(&[Fault::new(hostile, hostile)]).into_string());
    audit::escapes(&post_button(hostile, hostile, hostile, Weight::Danger).into_string());
}
