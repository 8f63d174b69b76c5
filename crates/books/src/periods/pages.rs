//! The lock on the page.

use daybook_kernel::page::{After, Undo};
use daybook_kernel::road::Visit;
use daybook_kernel::{Error, PageRequest, PageView};
use daybook_ui::{Act, Field, Tone, lede, section, status};
use maud::html;

use super::show_lock::ShowLock;

pub(crate) fn periods(request: &PageRequest, visit: &mut Visit<'_>) -> Result<PageView, Error> {
    let lock = visit.ask(ShowLock {})?;
    let before = lock.locked_through.as_deref().unwrap_or_default();
    let locked = After::says("The books are locked through {locked_through}.");
    let back = Undo::by(
        "books.unlock_period",
        &[("through", before)],
        "The lock is as it was before.",
    );
    let act = Act::new(request, "books.lock_period")
        .then("books/periods")
        .after(locked.undone_by(back.asking("reason")));
    let back = Undo::by(
        "books.lock_period",
        &[("through", before)],
        "The books are locked through {locked_through} again.",
    );
    let undo = Act::new(request, "books.unlock_period")
        .then("books/periods")
        .after(After::says("The books are unlocked.").undone_by(back.asking("reason")));
    let why = || Field::text("reason", "Why").required().length_max(500);
    let body = html! {
        (lede("Nothing is posted on or before the locked day. Whoever is late posts in the next open month."))
        p {
            @match &lock.locked_through {
                Some(day) => { (status(Tone::Good, "Locked")) " through " (crate::wording::day_in_words(day)) }
                None => (status(Tone::Neutral, "Nothing is locked")),
            }
        }
        @if visit.may("books.lock_period") {
            (section("lock", "Lock", act.form("Lock", &html! {
                (act.field("through", Field::date("through", "Through").required()))
                (act.field("reason", why()))
            })))
        }
        @if visit.may("books.unlock_period") && lock.locked_through.is_some() {
            (section("unlock", "Unlock", undo.form("Unlock", &html! {
                (undo.field("through", Field::date("through", "Locked only through").hint("Left out: nothing stays locked.")))
                (undo.field("reason", why()))
            })))
        }
    };
    Ok(PageView {
        title: "Locked periods".into(),
        body: body.into_string(),
        primary: None,
        refresh: false,
    })
}
