//! The export on the page: a format is chosen, and the file is taken away.

use daybook_kernel::road::Visit;
use daybook_kernel::{Error, PageRequest, PageView, Role};
use daybook_ui::{Choice, Field, Weight, button, lede};
use maud::html;

pub(super) fn exports(request: &PageRequest, visit: &mut Visit<'_>) -> Result<PageView, Error> {
    let about = if visit.role().is_some_and(Role::sees_assigned_only) {
        "Every account that is assigned to you and every entry with a line on one, in one text file that other programs read. What an entry has on other accounts is one line, on Equity:Not assigned. It asks once more that it is you, and the log notes that it left."
    } else {
        "Every account and every entry in one text file, which other programs read to the same balances. It asks once more that it is you, and the log notes that it left."
    };
    let formats = vec![
        Choice::new("hledger", "hledger, which ledger reads too"),
        Choice::new("beancount", "beancount"),
    ];
    let body = html! {
        (lede(about))
        form.form method="get" action=(request.link("download/books.export_journal")) {
            (Field::select("format", "Format", formats).value("hledger"))
            div.buttons { (button("Take the journal", Weight::Primary)) }
        }
        p { a href=(request.link("books/reports")) { "Take a single report instead" } }
    };
    Ok(PageView {
        title: "Export".to_owned(),
        body: body.into_string(),
        ..PageView::default()
    })
}
