//! The journal grid: the form in which an entry is written, line by line.
//!
//! Without script it is rows of plain fields and a button for more rows. With script it is the
//! keyboard grid: accounts complete as one types, `=` balances, `+` repeats the cell above, amounts
//! compute, and the difference stands live at the foot.
//!
//! Fields are named `lines[0].account`, `.note`, `.debit`, `.credit` and `.currency`. An account
//! is sent as its code, alone or followed by a blank and its name; a reader takes the first word.

use crate::Html;
use crate::field::{Choice, Field, field_id};
use crate::form::{Fault, fault_named, fault_summary, hidden};
use crate::icons::{Icon, icon};
use maud::{Render as _, html};

/// How many more rows the button without script gives.
const ROWS_ADDED: usize = 6;

/// An account one may post to.
#[derive(Clone, Debug, Default)]
pub struct AccountChoice {
    pub code: String,
    pub name: String,
    /// "Asset", "Expense" and so on; helps telling two of one name apart.
    pub kind: String,
}

/// One line as it was typed.
#[derive(Clone, Debug, Default)]
pub struct GridLine {
    pub account: String,
    pub note: String,
    pub debit: String,
    pub credit: String,
    /// Empty means the currency of the grid.
    pub currency: String,
}

/// An entry being written.
#[derive(Clone, Debug)]
pub struct Grid {
    pub action: String,
    pub csrf: String,
    /// The lines to draw, blank ones among them; six are a good start.
    /// Hidden fields that the server asks back, such as where to go on.
    pub carried: Html,
    pub rows: Vec<GridLine>,
    pub accounts: Vec<AccountChoice>,
    /// ISO.
    pub date: String,
    /// Today in the workspace's zone, ISO: what `t` and `-1` are counted from.
    pub today: String,
    pub description: String,
    pub reference: String,
    pub note: String,
    /// The journals that the entry may go to; with none the field is left out.
    pub journals: Vec<Choice>,
    /// The code of the one that it goes to.
    pub journal: String,
    /// What a draft is kept under: what is typed into one kind of grid never fills another.
    pub draft: String,
    pub currency: String,
    /// Currencies a line may have; with one or none the column is left out.
    pub currencies: Vec<String>,
    /// How many decimals the currency has.
    pub scale: u8,
    pub faults: Vec<Fault>,
    /// Where saving it as a template posts to; none leaves the button out.
    pub template_action: Option<String>,
}

impl Default for Grid {
    /// An empty grid with two decimals; by hand, because a scale of nought
    /// would round cents away without a word.
    fn default() -> Self {
        Self {
            action: String::new(),
            csrf: String::new(),
            carried: Html::default(),
            rows: Vec::new(),
            accounts: Vec::new(),
            date: String::new(),
            today: String::new(),
            description: String::new(),
            reference: String::new(),
            note: String::new(),
            journals: Vec::new(),
            journal: String::new(),
            draft: "journal".to_owned(),
            currency: String::new(),
            currencies: Vec::new(),
            scale: 2,
            faults: Vec::new(),
            template_action: None,
        }
    }
}

/// The form of a journal entry.
pub fn journal_grid(grid: &Grid) -> Html {
    let fault = |name: &str| fault_named(&grid.faults, name).is_some();
    html! {
        form.form.journal method="post" action=(grid.action) data-journal data-draft=(grid.draft)
            data-currency=(grid.currency) data-scale=(grid.scale)
            data-today=(grid.today) autocomplete="off" {
            (hidden("csrf", &grid.csrf))
                (grid.carried)
            (hidden("currency", &grid.currency))
            (fault_summary(&grid.faults))
            (head_fields(grid))
            div.table-region role="group" tabindex="0" aria-label="Lines" {
                table.table.grid {
                    (grid_head(grid))
                    tbody {
                        @for (at, line) in grid.rows.iter().enumerate() {
                            (grid_row(grid, at, line, &fault))
                        }
                    }
                    (grid_foot(grid))
                }
            }
            (account_list(&grid.accounts))
            (grid_buttons(grid))
        }
    }
}

fn head_fields(grid: &Grid) -> Html {
    let field = |field: Field, value: &str| field.value(value).fault_of(&grid.faults).render();
    html! {
        div.journal-head.gathered[!grid.journals.is_empty()] {
            @if !grid.journals.is_empty() {
                (field(Field::select("journal", "Journal", grid.journals.clone()), &grid.journal))
            }
            (field(Field::date("date", "Date").required(), &grid.date))
            (field(Field::text("description", "Description").length_max(200), &grid.description))
            (field(Field::text("reference", "Reference").length_max(60), &grid.reference))
        }
    }
}

fn shows_currency(grid: &Grid) -> bool {
    grid.currencies.len() > 1
}

fn grid_head(grid: &Grid) -> Html {
    // With several currencies each line says its own.
    let unit = html! { @if !shows_currency(grid) { span.unit { " " (grid.currency) } } };
    html! {
        thead {
            tr {
                th.line-number scope="col" { span.unseen { "Line" } }
                th scope="col" { "Account" }
                th scope="col" { "Note" }
                th.amount scope="col" { "Debit" (unit) }
                th.amount scope="col" { "Credit" (unit) }
                @if shows_currency(grid) { th scope="col" { "Currency" } }
            }
        }
    }
}

fn grid_row(grid: &Grid, at: usize, line: &GridLine, fault: &dyn Fn(&str) -> bool) -> Html {
    let number = at + 1;
    let cell = |column: &str, word: &str, value: &str| {
        let name = format!("lines[{at}].{column}");
        let amount = matches!(column, "debit" | "credit");
        html! {
            input id=(field_id(&name)) name=(name) value=(value) data-column=(column)
                aria-label={ (word) ", line " (number) } placeholder=(word) data-amount[amount]
                inputmode=[amount.then_some("decimal")] autocomplete="off"
                list=[(column == "account").then_some("accounts")]
                aria-invalid=[fault(&name).then_some("true")];
        }
    };
    html! {
        tr data-line {
            td.line-number { (number) }
            td.account { (cell("account", "Account", &line.account)) }
            td.note { (cell("note", "Note", &line.note)) }
            td.amount { (cell("debit", "Debit", &line.debit)) }
            td.amount { (cell("credit", "Credit", &line.credit)) }
            @if shows_currency(grid) {
                td.currency { (currency_select(grid, at, line)) }
            }
        }
    }
}

fn currency_select(grid: &Grid, at: usize, line: &GridLine) -> Html {
    let name = format!("lines[{at}].currency");
    let chosen = if line.currency.is_empty() {
        &grid.currency
    } else {
        &line.currency
    };
    html! {
        select id=(field_id(&name)) name=(name) data-column="currency"
            aria-label={ "Currency, line " (at + 1) } {
            @for currency in &grid.currencies {
                option value=(currency) selected[currency == chosen] { (currency) }
            }
        }
    }
}

/// The sums are drawn by the script; without it the server says after sending whether it balances.
fn grid_foot(grid: &Grid) -> Html {
    html! {
        tfoot.needs-script {
            tr.total {
                td {}
                th scope="row" colspan="2" {
                    output.difference data-difference aria-live="polite" {}
                }
                td.amount data-sum="debit" {}
                td.amount data-sum="credit" {}
                @if shows_currency(grid) { td {} }
            }
        }
    }
}

fn account_list(accounts: &[AccountChoice]) -> Html {
    html! {
        datalist id="accounts" {
            @for account in accounts {
                option value={ (account.code) " " (account.name) } label=(account.kind) {}
            }
        }
    }
}

fn grid_buttons(grid: &Grid) -> Html {
    html! {
        (Field::area("note", "Note on the entry", 2).value(grid.note.as_str()).render())
        div.buttons {
            button.button.primary type="submit" data-chord="Ctrl Enter" {
                "Post entry" kbd { "Ctrl ↵" }
            }
            button.button.plain.without-script type="submit" name="add_rows" value=(ROWS_ADDED)
                formnovalidate { (icon(Icon::Plus)) "Add " (ROWS_ADDED) " rows" }
            @if let Some(action) = &grid.template_action {
                button.button.quiet type="submit" formaction=(action) formnovalidate {
                    "Save as template"
                }
            }
        }
        p.hint.needs-script {
            "In a cell: " kbd { "=" } " balances, " kbd { "+" } " repeats the cell above, "
            kbd { "1200/1.19" } " computes. Dates take " kbd { "t" } ", " kbd { "-1" } ", "
            kbd { "15" } ", " kbd { "31.1." } ". Rows can be pasted from a spreadsheet."
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::audit;

    fn grid() -> Grid {
        Grid {
            rows: vec![
                GridLine {
                    debit: "12,x".into(),
                    ..GridLine::default()
                };
                2
            ],
            accounts: vec![AccountChoice {
                code: "1200".into(),
                name: "Bank".into(),
                kind: "Asset".into(),
            }],
            currency: "EUR".into(),
            faults: vec![Fault::new("lines[1].debit", "Line 2: 12,x is no amount.")],
            ..Grid::default()
        }
    }

    #[test]
    fn works_as_plain_fields() {
        let html = journal_grid(&grid()).into_string();
        for column in ["account", "note", "debit", "credit"] {
            assert!(
                html.contains(&format!("name=\"lines[1].{column}\"")),
                "{column} in {html}"
            );
        }
        assert!(html.contains("name=\"add_rows\""));
        assert!(html.contains(r#"<option value="1200 Bank" label="Asset">"#));
        assert!(!html.contains("].currency"), "one currency needs no column");
    }

    #[test]
    fn keeps_what_was_typed_and_marks_the_fault() {
        let html = journal_grid(&grid()).into_string();
        assert!(html.contains(r#"value="12,x""#));
        assert!(html.contains(r##"href="#f-lines-1--debit""##));
        assert_eq!(html.matches("aria-invalid").count(), 1);
    }

    #[test]
    fn lines_may_differ_in_currency() {
        let mut grid = grid();
        grid.currencies = vec!["EUR".into(), "USD".into()];
        grid.rows[0].currency = "USD".into();
        let html = journal_grid(&grid).into_string();
        assert!(html.contains(r#"name="lines[0].currency""#));
        assert_eq!(html.matches("<option value=\"USD\" selected>").count(), 1);
    }

    #[test]
    fn escapes() {
        let x = || audit::HOSTILE.to_owned();
        let line = GridLine {
            account: x(),
            note: x(),
            debit: x(),
            credit: x(),
            currency: x(),
        };
        let drawn = journal_grid(&Grid {
            action: x(),
            csrf: x(),
            rows: vec![line],
            accounts: vec![AccountChoice {
                code: x(),
                name: x(),
                kind: x(),
            }],
            date: x(),
            description: x(),
            currency: x(),
            currencies: vec![x(), x()],
            faults: vec![Fault::new("date", x())],
            template_action: Some(x()),
            ..Grid::default()
        });
        audit::escapes(&drawn.into_string());
    }
}
