//! An answer as rows: what CSV and aligned text are made from.

/// Rows for CSV and text. Cells are already words; `numeric` columns align right.
pub struct Table {
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<String>>,
}

pub struct Column {
    pub name: &'static str,
    pub numeric: bool,
}

impl Table {
    pub fn new(columns: &[(&'static str, bool)]) -> Self {
        let columns = columns
            .iter()
            .map(|&(name, numeric)| Column { name, numeric })
            .collect();
        Self {
            columns,
            rows: Vec::new(),
        }
    }

    /// Comma-separated values (RFC 4180). A cell that a spreadsheet would take
    /// for a formula is led by an apostrophe; amounts stay numbers.
    pub fn csv(&self) -> String {
        let names: Vec<String> = self.columns.iter().map(|it| it.name.to_owned()).collect();
        let mut text = String::new();
        for row in std::iter::once(&names).chain(&self.rows) {
            let cells = row.iter().zip(&self.columns);
            let cells: Vec<String> = cells.map(|(cell, it)| csv_cell(cell, it.numeric)).collect();
            text.push_str(&cells.join(","));
            text.push_str("\r\n");
        }
        text
    }

    /// Columns aligned for reading, numbers to the right.
    pub fn text(&self) -> String {
        let width = |index: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(index));
            let widest = cells
                .map(|cell| cell.chars().count())
                .max()
                .unwrap_or_default();
            widest.max(self.columns[index].name.chars().count())
        };
        let widths: Vec<usize> = (0..self.columns.len()).map(width).collect();
        let names: Vec<String> = self.columns.iter().map(|it| it.name.to_owned()).collect();
        let mut text = String::new();
        for row in std::iter::once(&names).chain(&self.rows) {
            let cells = row.iter().zip(&self.columns).zip(&widths);
            let cells = cells.map(|((cell, column), &width)| {
                if column.numeric {
                    format!("{cell:>width$}")
                } else {
                    format!("{cell:<width$}")
                }
            });
            text.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
            text.push('\n');
        }
        text
    }
}

fn csv_cell(cell: &str, numeric: bool) -> String {
    let formula = !numeric && cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let guarded = if formula {
        format!("'{cell}")
    } else {
        cell.to_owned()
    };
    if guarded.contains([',', '"', '\n', '\r']) {
        return format!("\"{}\"", guarded.replace('"', "\"\""));
    }
    guarded
}
