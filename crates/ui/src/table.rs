//! Tables of data: figures aligned on the decimal, a double rule under totals, a head that stays.

use crate::Html;
use maud::html;

/// Which way a column is sorted now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    #[default]
    Unsorted,
    Ascending,
    Descending,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Text,
    /// Names the row; stays in view when a phone scrolls the table sideways.
    Head,
    Amount,
    Short,
}

/// One column. The currency of amounts stands once, here: `Column::amount("Debit").unit("EUR")`.
#[derive(Clone, Debug)]
pub struct Column {
    label: String,
    kind: Kind,
    spare: bool,
    unit: Option<String>,
    sort: Option<(String, Direction)>,
}

impl Column {
    fn new(label: impl Into<String>, kind: Kind) -> Self {
        Self {
            label: label.into(),
            kind,
            spare: false,
            unit: None,
            sort: None,
        }
    }

    /// Prose, which may wrap.
    pub fn text(label: impl Into<String>) -> Self {
        Self::new(label, Kind::Text)
    }

    /// What names the row; at most one a table.
    pub fn head(label: impl Into<String>) -> Self {
        Self::new(label, Kind::Head)
    }

    /// Figures, aligned right.
    pub fn amount(label: impl Into<String>) -> Self {
        Self::new(label, Kind::Amount)
    }

    /// Dates, numbers and states, which never wrap.
    pub fn short(label: impl Into<String>) -> Self {
        Self::new(label, Kind::Short)
    }

    #[must_use]
    pub fn unit(mut self, unit: impl Into<String>) -> Self {
        self.unit = Some(unit.into());
        self
    }

    /// Left out on a phone, where the figures matter more.
    #[must_use]
    pub fn spare(mut self) -> Self {
        self.spare = true;
        self
    }

    /// Makes the head a link that sorts; `direction` is how it is sorted now.
    #[must_use]
    pub fn sorted(mut self, href: impl Into<String>, direction: Direction) -> Self {
        self.sort = Some((href.into(), direction));
        self
    }

    fn class(&self) -> Option<&'static str> {
        match (self.kind, self.spare) {
            (Kind::Text, false) => None,
            (Kind::Text, true) => Some("spare"),
            (Kind::Head, _) => Some("head"),
            (Kind::Amount, false) => Some("amount"),
            (Kind::Amount, true) => Some("amount spare"),
            (Kind::Short, false) => Some("short"),
            (Kind::Short, true) => Some("short spare"),
        }
    }
}

/// What a row is to the reader.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RowKind {
    #[default]
    Plain,
    /// The name of the rows that follow.
    Group,
    Subtotal,
    /// Closed by a double rule.
    Total,
}

/// One row; its cells are as many as the columns, or fewer when the last are empty.
#[derive(Clone, Debug, Default)]
pub struct Row {
    pub cells: Vec<Html>,
    pub kind: RowKind,
    /// What the row opens; the first cell becomes the link.
    pub href: Option<String>,
    /// Whether the script may open it beside the table, so that the place in it is kept.
    pub beside: bool,
    /// Steps of indentation of the first cell, at most four.
    pub depth: u8,
}

impl Row {
    pub fn new(cells: Vec<Html>) -> Self {
        Self {
            cells,
            ..Self::default()
        }
    }

    pub fn group(label: &str) -> Self {
        Self {
            cells: vec![html! { (label) }],
            kind: RowKind::Group,
            ..Self::default()
        }
    }

    pub fn subtotal(cells: Vec<Html>) -> Self {
        Self {
            cells,
            kind: RowKind::Subtotal,
            ..Self::default()
        }
    }

    pub fn total(cells: Vec<Html>) -> Self {
        Self {
            cells,
            kind: RowKind::Total,
            ..Self::default()
        }
    }

    #[must_use]
    pub fn opens(mut self, href: impl Into<String>) -> Self {
        self.href = Some(href.into());
        self
    }

    #[must_use]
    pub fn beside(mut self, href: impl Into<String>) -> Self {
        self.beside = true;
        self.opens(href)
    }

    #[must_use]
    pub fn depth(mut self, depth: u8) -> Self {
        self.depth = depth.min(4);
        self
    }
}

/// A table with its caption, which a reader hears and which stays unseen where a heading says it.
#[derive(Clone, Debug, Default)]
pub struct Table {
    pub caption: String,
    pub columns: Vec<Column>,
    pub rows: Vec<Row>,
}

/// Draws a table inside a region of its own, which scrolls sideways where the page is narrow.
pub fn table(table: &Table) -> Html {
    html! {
        div.table-region role="group" tabindex="0" aria-label=(table.caption) {
            table.table {
                caption.unseen { (table.caption) }
                thead {
                    tr { @for column in &table.columns { (column_head(column)) } }
                }
                tbody {
                    @for row in table.rows.iter().filter(|row| row.kind != RowKind::Total) {
                        (body_row(&table.columns, row))
                    }
                }
                // Totals stand in a body of their own, not in a foot: print repeats feet.
                tbody.totals {
                    @for row in table.rows.iter().filter(|row| row.kind == RowKind::Total) {
                        (body_row(&table.columns, row))
                    }
                }
            }
        }
    }
}

fn column_head(column: &Column) -> Html {
    let sorted = match column.sort.as_ref().map(|(_, direction)| direction) {
        Some(Direction::Ascending) => Some("ascending"),
        Some(Direction::Descending) => Some("descending"),
        _ => None,
    };
    html! {
        th scope="col" class=[column.class()] aria-sort=[sorted] {
            @match &column.sort {
                Some((href, _)) => a href=(href) { (column.label) },
                None => (column.label),
            }
            @if let Some(unit) = &column.unit { span.unit { " " (unit) } }
        }
    }
}

fn body_row(columns: &[Column], row: &Row) -> Html {
    let class = match row.kind {
        RowKind::Plain => None,
        RowKind::Group => Some("group"),
        RowKind::Subtotal => Some("subtotal"),
        RowKind::Total => Some("total"),
    };
    if row.kind == RowKind::Group {
        return html! {
            tr class=[class] {
                th scope="rowgroup" colspan=(columns.len()) {
                    @for cell in &row.cells { (cell) }
                }
            }
        };
    }
    html! {
        tr class=[class] data-row[row.href.is_some()] {
            @for (at, column) in columns.iter().enumerate() {
                (body_cell(column, row, at))
            }
        }
    }
}

fn body_cell(column: &Column, row: &Row, at: usize) -> Html {
    let depth = match row.depth {
        0 => "",
        1 => " in1",
        2 => " in2",
        3 => " in3",
        _ => " in4",
    };
    let depth = if at == 0 { depth } else { "" };
    let class = format!("{}{depth}", column.class().unwrap_or_default());
    let class = Some(class.trim_start()).filter(|class| !class.is_empty());
    let content = html! {
        @if let Some(cell) = row.cells.get(at) {
            @match &row.href {
                Some(href) if at == 0 => {
                    a.row-link href=(href) data-beside[row.beside] { (cell) }
                }
                _ => (cell),
            }
        }
    };
    html! {
        @if column.kind == Kind::Head { th scope="row" class=[class] { (content) } }
        @else { td class=[class] { (content) } }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::{audit, money};

    fn sample() -> Table {
        Table {
            caption: "Balances".into(),
            columns: vec![
                Column::head("Account").sorted("?sort=account", Direction::Ascending),
                Column::amount("Balance").unit("EUR"),
            ],
            rows: vec![
                Row::group("Assets"),
                Row::new(vec![html! { "Bank" }, money("12.00")])
                    .beside("/accounts/1200")
                    .depth(1),
                Row::total(vec![html! { "Total" }, money("12.00")]),
            ],
        }
    }

    #[test]
    fn head_sorts_and_names_its_unit() {
        let html = table(&sample()).into_string();
        assert!(
            html.contains(r#"aria-sort="ascending"><a href="?sort=account">"#),
            "{html}"
        );
        assert!(html.contains(r#"<span class="unit"> EUR</span>"#));
    }

    #[test]
    fn rows_link_group_and_close() {
        let html = table(&sample()).into_string();
        assert!(
            html.contains(r#"<th scope="rowgroup" colspan="2">Assets"#),
            "{html}"
        );
        assert!(html.contains(r#"href="/accounts/1200" data-beside"#));
        assert!(html.contains(r#"class="head in1""#));
        let totals = html.split("<tbody class=\"totals\">").nth(1).unwrap();
        assert!(totals.contains("class=\"total\""));
    }

    #[test]
    fn escapes() {
        let hostile = audit::HOSTILE;
        let drawn = table(&Table {
            caption: hostile.into(),
            columns: vec![
                Column::text(hostile)
                    .unit(hostile)
                    .sorted(hostile, Direction::Unsorted),
            ],
            rows: vec![
                Row::group(hostile),
                Row::new(vec![html! { (hostile) }]).opens(hostile),
            ],
        });
        audit::escapes(&drawn.into_string());
    }
}
