//! The page of devices: how the browser at hand stands, and which were brought.

use daybook_kernel::page::{After, literally};
use daybook_kernel::road::Visit;
use daybook_kernel::{Error, PageRequest, PageView};
use daybook_ui::{
    Act, Column, Field, Html, Row, Table, Tone, Weight, button_link, email, instant, lede, section,
    status, table,
};
use maud::html;

use super::list_known_devices::{KnownDevices, ListKnownDevices};
use super::store::KnownDevice;

pub(super) fn devices(request: &PageRequest, visit: &mut Visit<'_>) -> Result<PageView, Error> {
    let known = visit.ask(ListKnownDevices {})?;
    let is_here = known.devices.iter().any(|it| it.is_this_one);
    let body = html! {
        (lede("A policy can ask for a known device: a browser that a member brought along, and that an Owner or Admin let in."))
        (at_hand(&known, is_here))
        @if !is_here { (section("bring", "Bring this browser along", bring(request))) }
        @if !known.devices.is_empty() {
            (section("devices", "Devices", list(request, visit, &known.devices)))
        }
        @if visit.may("team.set_policy") {
            p { (button_link("Policies", &request.link("team/policies"), Weight::Plain)) }
        }
    };
    Ok(PageView {
        title: "Devices".to_owned(),
        body: body.into_string(),
        ..PageView::default()
    })
}

fn at_hand(known: &KnownDevices, is_here: bool) -> Html {
    let (tone, says) = match (known.this_one_is_known, is_here, known.asked_of_you) {
        (true, ..) => (Tone::Good, "This browser is a known device."),
        (_, true, true) => (
            Tone::Waiting,
            "This browser waits to be let in. Ask an Owner or Admin; until then the workspace stays closed to it.",
        ),
        (_, true, false) => (Tone::Waiting, "This browser waits to be let in."),
        (_, false, true) => (
            Tone::Wrong,
            "This browser is not known, and a policy asks for one that is. Bring it along here.",
        ),
        (_, false, false) => (
            Tone::Neutral,
            "This browser is not known. Nothing asks for that today.",
        ),
    };
    html! { p { (status(tone, if known.this_one_is_known { "Known" } else { "Not known" })) " " (says) } }
}

fn bring(request: &PageRequest) -> Html {
    let act = Act::new(request, "team.register_known_device")
        .then("team/devices")
        .after(After::says("{name} waits to be let in."));
    let name = Field::text("name", "Name")
        .required()
        .length_max(60)
        .hint("What whoever lets it in knows it by, such as Laptop at the front desk.");
    act.form("Bring it along", &html! { (act.field("name", name)) })
}

fn list(request: &PageRequest, visit: &Visit<'_>, devices: &[KnownDevice]) -> Html {
    let lets_in = visit.may("team.approve_known_device");
    let rows = devices.iter().map(|device| {
        let name = literally(&device.name);
        let act = |operation, said: &str| {
            Act::new(request, operation)
                .then("team/devices")
                .after(After::says(format!("{name} {said}.")))
        };
        let approve = act("team.approve_known_device", "is let in");
        let remove = act("team.remove_known_device", "is taken away");
        Row::new(vec![
            html! { (device.name) @if device.is_this_one { " (this one)" } },
            email(&device.email),
            standing(device),
            instant(&device.registered_at),
            html! {
                @if lets_in && device.approved_at.is_none() {
                    (approve.button("Let in", Weight::Primary, "id", &device.id))
                }
                (remove.button("Take away", Weight::Danger, "id", &device.id))
            },
        ])
    });
    table(&Table {
        caption: "Devices".to_owned(),
        columns: vec![
            Column::head("Device"),
            Column::text("Member"),
            Column::short("State"),
            Column::short("Brought").spare(),
            Column::short("Change"),
        ],
        rows: rows.collect(),
    })
}

fn standing(device: &KnownDevice) -> Html {
    match &device.approved_at {
        Some(_) => status(Tone::Good, "Let in"),
        None => status(Tone::Waiting, "Waits"),
    }
}
