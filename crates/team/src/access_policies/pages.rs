//! Policies as a page: what holds, and a new one in two steps. The first asks
//! what it shall say; the second shows who gains and who loses, and sets it.

use daybook_kernel::page::{After, Undo, literally};
use daybook_kernel::road::Visit;
use daybook_kernel::{Error, PageRequest, PageView, Role};
use daybook_ui::{
    Act, Choice, Column, Fault, Field, Html, Row, Table, Tone, Weight, button, button_link, email,
    empty_state, fault_summary, hidden, lede, section, status, table,
};
use maud::html;

use super::list_policies::ListPolicies;
use super::model::{Class, Policy, Rule, day_name};
use super::preview_policy::{Effect, PolicyPreview, PreviewPolicy};

const KINDS: [(&str, &str); 6] = [
    ("addresses", "Only from certain addresses"),
    ("hours", "Only at certain hours"),
    ("second_factor", "Only with a second factor"),
    ("device", "Only from a known device"),
    ("session", "Only while a factor is recent"),
    ("class_ceiling", "Nothing above a class of data"),
];

pub(super) fn policies(request: &PageRequest, visit: &mut Visit<'_>) -> Result<PageView, Error> {
    let policies = visit.ask(ListPolicies {})?.policies;
    let kind = request.get("kind").unwrap_or_default();
    let step = step(request, visit)?;
    let may_set = visit.may("team.set_policy");
    let body = html! {
        (lede("A role says what somebody may do. A policy asks more of them: where they come from, when, with what. It can only take away."))
        @if !policies.is_empty() {
            (list(request, visit, &policies))
        } @else if kind.is_empty() {
            (empty_state(
                "No policy holds here: every member does what the role allows, from anywhere, at any hour.",
                "“From the office”: Members and Viewers, only from 192.0.2.0/24",
                if may_set { "Make a policy" } else { "Changes of access" },
                &request.link(if may_set { "team/policies?kind=addresses#new" } else { "team/access-changes" }),
            ))
        }
        @match &step {
            Step::Preview(wanted, preview) => (section("preview", "Who gains and who loses", confirm(request, wanted, preview))),
            Step::Form(faults) if may_set => (section("new", "New policy", new(request, kind, faults))),
            Step::Form(_) => {},
        }
    };
    Ok(PageView {
        title: "Policies".to_owned(),
        body: body.into_string(),
        ..PageView::default()
    })
}

fn list(request: &PageRequest, visit: &Visit<'_>, policies: &[Policy]) -> Html {
    let rows = policies.iter().map(|policy| {
        let said = format!("Policy {} is removed.", literally(&policy.name));
        let remove = Act::new(request, "team.remove_policy")
            .then("team/policies")
            .after(After::says(said));
        Row::new(vec![
            html! { (policy.name) },
            html! { (names(&policy.roles)) },
            html! { (policy.means) },
            html! {
                @if visit.may("team.remove_policy") {
                    (remove.button("Remove", Weight::Danger, "id", &policy.id))
                }
            },
        ])
    });
    table(&Table {
        caption: "Policies".to_owned(),
        columns: vec![
            Column::head("Name"),
            Column::text("Holds for"),
            Column::text("Means"),
            Column::short("Remove"),
        ],
        rows: rows.collect(),
    })
}

/// What was asked for by the first step, as the address carries it.
struct Wanted {
    name: String,
    roles: Vec<Role>,
    rule: Rule,
}

/// Where the making of a policy stands.
enum Step {
    /// It is to be written, or mended.
    Form(Vec<Fault>),
    Preview(Wanted, PolicyPreview),
}

fn step(request: &PageRequest, visit: &mut Visit<'_>) -> Result<Step, Error> {
    let Some(name) = request.get("name") else {
        return Ok(Step::Form(Vec::new()));
    };
    let wanted = Wanted {
        name: name.to_owned(),
        roles: roles(request),
        rule: rule(request),
    };
    let preview = visit.ask(PreviewPolicy {
        id: None,
        roles: wanted.roles.clone(),
        rule: wanted.rule.clone(),
    });
    match preview {
        Ok(preview) => Ok(Step::Preview(wanted, preview)),
        // What was written comes back with what is wrong with it.
        Err(Error::Faults(faults)) => {
            let said = faults.iter().map(|it| Fault::new("", it.message.clone()));
            Ok(Step::Form(said.collect()))
        }
        Err(other) => Err(other),
    }
}

fn roles(request: &PageRequest) -> Vec<Role> {
    let ticked = |role: &Role| request.get(&format!("role_{role}")).is_some();
    Role::ALL.into_iter().filter(ticked).collect()
}

fn rule(request: &PageRequest) -> Rule {
    let text = |name| request.get(name).unwrap_or_default().to_owned();
    match request.get("kind") {
        Some("hours") => Rule::Hours {
            zone: text("zone"),
            weekdays: (1..=7)
                .filter(|day| request.get(&format!("day_{day}")).is_some())
                .collect(),
            from: text("from"),
            until: text("until"),
        },
        Some("second_factor") => Rule::SecondFactor {},
        Some("device") => Rule::Device {},
        Some("session") => Rule::Session {
            hours: count(request, "hours"),
            idle_minutes: count(request, "idle_minutes"),
        },
        Some("class_ceiling") => Rule::ClassCeiling {
            class: match request.get("class") {
                Some("internal") => Class::Internal,
                _ => Class::Confidential,
            },
        },
        _ => Rule::Addresses {
            networks: text("networks")
                .split([',', ' ', '\n', '\r'])
                .map(str::trim)
                .filter(|network| !network.is_empty())
                .map(str::to_owned)
                .collect(),
        },
    }
}

/// A count that was typed; what is no count is none that could hold.
fn count(request: &PageRequest, name: &str) -> Option<i64> {
    let typed = request
        .get(name)
        .map(str::trim)
        .filter(|it| !it.is_empty())?;
    Some(typed.parse().unwrap_or(0))
}

/// The first step asks by links and a form of the kind at hand: nothing is set yet.
fn new(request: &PageRequest, kind: &str, faults: &[Fault]) -> Html {
    let kept = |name: &str, field: Field| match request.get(name) {
        Some(typed) => field.value(typed),
        None => field,
    };
    let name = Field::text("name", "Name")
        .required()
        .length_max(80)
        .hint("Whoever it bars is told this name, such as From the office.");
    let roles = Role::ALL.map(|role| {
        let field = format!("role_{role}");
        let ticked = request.get(&field).unwrap_or_default().to_owned();
        Field::checkbox(field, role.name()).value(ticked)
    });
    html! {
        @if KINDS.iter().any(|(known, _)| *known == kind) {
            form.form method="get" action=(request.link("team/policies")) {
                (fault_summary(faults))
                (hidden("kind", kind))
                (kept("name", name))
                (fields_of(request, kind))
                fieldset {
                    legend { "Holds for" }
                    @for role in roles { (role) }
                }
                div.buttons {
                    (button("See who gains and who loses", Weight::Primary))
                    (button_link("Another kind", &request.link("team/policies"), Weight::Quiet))
                }
            }
        } @else {
            div.buttons {
                @for (kind, label) in KINDS {
                    (button_link(label, &request.link(&format!("team/policies?kind={kind}#new")), Weight::Plain))
                }
            }
        }
    }
}

fn fields_of(request: &PageRequest, kind: &str) -> Html {
    let kept = |name: &str, label: &str, usual: &str| {
        let typed = request.get(name).unwrap_or(usual);
        Field::text(name, label).value(typed).required()
    };
    match kind {
        "addresses" => html! {
            (kept("networks", "Networks", "")
                .hint("In CIDR notation, several with commas between: 192.0.2.0/24, 2001:db8::/32."))
        },
        "hours" => html! {
            fieldset {
                legend { "Days" }
                @for day in 1..=7 { (day_field(request, day)) }
            }
            (kept("from", "From", "08:00"))
            (kept("until", "Until", "18:00"))
            (kept("zone", "Time zone", "Europe/Berlin").hint("By its IANA name."))
        },
        "class_ceiling" => html! {
            (Field::select("class", "At most", vec![
                Choice::new("confidential", "Confidential: no secrets"),
                Choice::new("internal", "Internal: no names, no amounts, no secrets"),
            ]).value(request.get("class").unwrap_or_default()))
        },
        "session" => html! {
            (left(request, "hours", "Hours since a factor was shown", "12")
                .hint("A factor is a password, a passkey or a code. Signed in, one stays for 30 days at most."))
            (left(request, "idle_minutes", "Minutes without use", "60")
                .hint("Then a factor is asked for on the spot, and nothing that was typed is lost. Leave either empty if it is not to count. API tokens are not asked."))
        },
        "device" => html! {
            p.muted {
                "Members bring a browser along, and an Owner or Admin lets it in, on the page of "
                a href=(request.link("team/devices")) { "devices" }
                ". API tokens come from no browser: such a policy bars those of the roles that it holds for."
            }
        },
        _ => html! {
            p.muted { "A passkey counts. Tokens are not asked: they were made behind a fresh factor." }
        },
    }
}

/// A field that may be left empty; what is usual stands in it until the form was sent.
fn left(request: &PageRequest, name: &str, label: &str, usual: &str) -> Field {
    let usual = if request.get("name").is_none() {
        usual
    } else {
        ""
    };
    Field::text(name, label).value(request.get(name).unwrap_or(usual))
}

/// The days of work, until the form was sent with others.
fn day_field(request: &PageRequest, day: i8) -> Field {
    let field = format!("day_{day}");
    let is_new = request.get("name").is_none();
    let ticked = request.get(&field).is_some() || (is_new && day < 6);
    Field::checkbox(field, day_name(day).unwrap_or_default()).value(if ticked { "on" } else { "" })
}

fn confirm(request: &PageRequest, wanted: &Wanted, preview: &PolicyPreview) -> Html {
    let back = Undo::by(
        "team.remove_policy",
        &[("id", "{id}")],
        "The policy is removed again.",
    );
    let act = Act::new(request, "team.set_policy")
        .then("team/policies")
        .after(After::says("Policy {name} holds.").undone_by(back));
    html! {
        p { strong { (wanted.name) } ": " (names(&wanted.roles)) ". " (preview.means) "." }
        @if preview.members.is_empty() {
            p { "No member has such a role today; it will hold for whoever gets one." }
        } @else {
            (affected(preview))
        }
        @if preview.unaffected > 0 {
            p.muted {
                (preview.unaffected)
                @if preview.unaffected == 1 { " member notices nothing." } @else { " members notice nothing." }
            }
        }
        @if preview.bars_you {
            p { (status(Tone::Wrong, "It would bar you at once")) " You could not take it back. Leave your role out, or change the rule." }
        } @else {
            (act.form("Set this policy", &carried(wanted)))
        }
        (button_link("Do not set it", &request.link("team/policies"), Weight::Quiet))
    }
}

fn affected(preview: &PolicyPreview) -> Html {
    let rows = preview.members.iter().map(|member| {
        let effect = match member.effect {
            Effect::Loses if member.meets == Some(true) => {
                status(Tone::Good, "Is asked for it, and has it")
            }
            Effect::Loses if member.meets == Some(false) => status(
                Tone::Wrong,
                "Is asked for it, and has none: closed until then",
            ),
            Effect::Loses => status(Tone::Wrong, "Loses what the rule does not allow"),
            Effect::Gains => status(Tone::Good, "Is no longer asked for it"),
            Effect::Changes => status(Tone::Waiting, "Is asked for something else"),
        };
        Row::new(vec![email(&member.email), html! { (member.role) }, effect])
    });
    table(&Table {
        caption: "Who gains and who loses".to_owned(),
        columns: vec![
            Column::head("Member"),
            Column::short("Role"),
            Column::text("Effect"),
        ],
        rows: rows.collect(),
    })
}

/// The whole policy as hidden fields of the form that sets it.
fn carried(wanted: &Wanted) -> Html {
    html! {
        (hidden("name", &wanted.name))
        @for (index, role) in wanted.roles.iter().enumerate() {
            (hidden(&format!("roles[{index}]"), role.name()))
        }
        @match &wanted.rule {
            Rule::Addresses { networks } => {
                (hidden("rule.kind", "addresses"))
                @for (index, network) in networks.iter().enumerate() {
                    (hidden(&format!("rule.networks[{index}]"), network))
                }
            }
            Rule::Hours { zone, weekdays, from, until } => {
                (hidden("rule.kind", "hours"))
                (hidden("rule.zone", zone))
                @for (index, day) in weekdays.iter().enumerate() {
                    (hidden(&format!("rule.weekdays[{index}]"), &day.to_string()))
                }
                (hidden("rule.from", from))
                (hidden("rule.until", until))
            }
            Rule::SecondFactor {} => (hidden("rule.kind", "second_factor")),
            Rule::Device {} => (hidden("rule.kind", "device")),
            Rule::Session { hours, idle_minutes } => {
                (hidden("rule.kind", "session"))
                @if let Some(hours) = hours { (hidden("rule.hours", &hours.to_string())) }
                @if let Some(minutes) = idle_minutes { (hidden("rule.idle_minutes", &minutes.to_string())) }
            }
            Rule::ClassCeiling { class } => {
                (hidden("rule.kind", "class_ceiling"))
                (hidden("rule.class", if *class == Class::Internal { "internal" } else { "confidential" }))
            }
        }
    }
}

fn names(roles: &[Role]) -> String {
    let names: Vec<&str> = roles.iter().map(|role| role.name()).collect();
    names.join(", ")
}
