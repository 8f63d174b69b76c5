//! What is said once a form is done, kept here between the form and the page that follows it. An
//! address names a notice and cannot hold one, so no link makes a page say or offer anything.

use std::collections::HashMap;
use std::sync::Mutex;

use daybook_kernel::page::{After, Undo};
use daybook_kernel::road::Visit;
use daybook_kernel::{PersonId, RequestId};
use daybook_ui::{Notice, Tone, UndoForm, Weight, date};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::frame::{Frame, fill};

/// The page that follows is asked for at once; it may be reloaded for a while.
const KEPT_FOR: SignedDuration = SignedDuration::from_mins(10);
/// Notices at once; when there are more, the older half of the time is forgotten.
const NOTICES_MAX: usize = 4_096;

#[derive(Default)]
pub struct Notices(Mutex<HashMap<String, Kept>>);

struct Kept {
    person: Option<PersonId>,
    until: Timestamp,
    told: Told,
}

/// What happened, and what takes it back.
#[derive(Clone)]
struct Told {
    said: String,
    /// With the address that it is sent to.
    undo: Option<(String, Undo)>,
    /// Label and address of what may be done about it, where nothing was done yet.
    hint: Option<(&'static str, &'static str)>,
}

impl Notices {
    /// Keeps what is said after a form; answers with its name for the address of the next page.
    pub fn keep(
        &self,
        person: Option<PersonId>,
        workspace: Option<&str>,
        after: &After,
        answer: &Value,
        (request, now): (RequestId, Timestamp),
    ) -> String {
        let told = Told {
            said: if after.said.is_empty() {
                "Done.".to_owned()
            } else {
                fill(&after.said, answer, date::in_words)
            },
            undo: after.undo.as_ref().and_then(|undo| {
                let action = format!("/w/{}/do/{}", workspace?, undo.operation);
                Some((action, filled(undo, answer)?))
            }),
            hint: None,
        };
        self.insert(person, told, (request, now))
    }

    /// Keeps a word of advice with a link to where it is followed.
    pub fn hint(
        &self,
        person: PersonId,
        said: &str,
        link: (&'static str, &'static str),
        told_at: (RequestId, Timestamp),
    ) -> String {
        let told = Told {
            said: said.to_owned(),
            undo: None,
            hint: Some(link),
        };
        self.insert(Some(person), told, told_at)
    }

    fn insert(
        &self,
        person: Option<PersonId>,
        told: Told,
        (request, now): (RequestId, Timestamp),
    ) -> String {
        let name = request.to_string();
        let mut all = crate::lock(&self.0);
        if all.len() >= NOTICES_MAX {
            let soon = now + KEPT_FOR / 2;
            all.retain(|_, kept| kept.until > soon);
        }
        let kept = Kept {
            person,
            until: now + KEPT_FOR,
            told,
        };
        all.insert(name.clone(), kept);
        name
    }

    /// The notice of this name, if it is this person's and of late.
    pub fn of(
        &self,
        name: &str,
        frame: &Frame,
        visit: &Visit<'_>,
        now: Timestamp,
    ) -> Option<Notice> {
        let told = {
            let all = crate::lock(&self.0);
            let kept = all.get(name)?;
            let is_own = kept.person.is_some() && kept.person == visit.who().person;
            (is_own && kept.until > now).then(|| kept.told.clone())?
        };
        let undo = told.undo.filter(|(_, undo)| visit.may(&undo.operation));
        if let Some((label, href)) = told.hint {
            return Some(Notice {
                kind: Tone::Waiting,
                text: told.said,
                action: Some(daybook_ui::button_link(label, href, Weight::Quiet)),
            });
        }
        Some(Notice {
            kind: Tone::Good,
            text: told.said,
            action: undo.map(|(action, undo)| daybook_ui::undo(&form(action, undo, frame))),
        })
    }
}

fn form(action: String, undo: Undo, frame: &Frame) -> UndoForm {
    let here = without_done(&frame.here);
    let next = if undo.next.is_empty() {
        here.clone()
    } else {
        undo.next
    };
    let after = After::says(undo.said);
    let mut carried = vec![
        ("page".to_owned(), here),
        ("next".to_owned(), next),
        (After::FIELD.to_owned(), after.to_field()),
        ("undoing".to_owned(), "yes".to_owned()),
    ];
    carried.extend(undo.input);
    UndoForm {
        action,
        csrf: frame.csrf.clone().unwrap_or_default(),
        carried,
        reason: undo.reason,
    }
}

/// The address without the name of a notice, which is shown once.
pub fn without_done(address: &str) -> String {
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let kept: Vec<&str> = query
        .split('&')
        .filter(|pair| !pair.is_empty() && !pair.starts_with("done="))
        .collect();
    if kept.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{}", kept.join("&"))
    }
}

/// With the answer's values in its input; nothing if one of them is missing, as there is nothing
/// to take back then.
fn filled(undo: &Undo, answer: &Value) -> Option<Undo> {
    let input = undo.input.iter().map(|(name, value)| {
        let value = fill(value, answer, str::to_owned);
        (!value.is_empty()).then(|| (name.clone(), value))
    });
    Some(Undo {
        input: input.collect::<Option<_>>()?,
        ..undo.clone()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use daybook_kernel::page::literally;
    use serde_json::json;

    #[test]
    fn texts_are_filled_from_the_answer() {
        let answer = json!({"number": 7, "name": "a b", "import": null});
        assert_eq!(
            fill("Entry {number}: {name}{import}.", &answer, str::to_owned),
            "Entry 7: a b."
        );
        assert_eq!(fill("odd {", &answer, str::to_owned), "odd ");
        let named = format!("{} is closed.", literally("{number} {"));
        assert_eq!(
            fill(&named, &answer, str::to_owned),
            "{number} { is closed."
        );
        let undo = Undo::by("books.undo_import", &[("import", "{import}")], "");
        assert_eq!(filled(&undo, &answer), None);
        let undo = Undo::by("books.reverse_entry", &[("entry", "{number}")], "");
        let input = filled(&undo, &answer).map(|undo| undo.input);
        assert_eq!(input, Some([("entry".to_owned(), "7".to_owned())].into()));
    }

    #[test]
    fn an_address_loses_its_notice_alone() {
        for (address, kept) in [
            ("/w/a?done=1", "/w/a"),
            ("/w/a?x=1&done=1&y=2", "/w/a?x=1&y=2"),
            ("/w/a?undone=1", "/w/a?undone=1"),
        ] {
            assert_eq!(without_done(address), kept);
        }
    }
}
