//! A measured figure beside its reference, as a table and as JSON.

use std::io::Write as _;

use serde::Serialize;

use crate::Result;

#[derive(Debug, Serialize)]
pub struct Figure {
    pub bench: &'static str,
    /// What was measured, with its size.
    pub what: String,
    pub unit: &'static str,
    pub value: f64,
    /// The reference of the same run, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<Reference>,
    /// What `docs/performance.md` asks for, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub goal: Option<&'static str>,
}

#[derive(Debug, Serialize)]
pub struct Reference {
    pub what: &'static str,
    pub value: f64,
    /// Daybook's value by the reference's: the median over the rounds, where there were several.
    pub ratio: f64,
}

impl Figure {
    pub fn new(
        bench: &'static str,
        what: impl Into<String>,
        unit: &'static str,
        value: f64,
    ) -> Self {
        Self {
            bench,
            what: what.into(),
            unit,
            value,
            reference: None,
            goal: None,
        }
    }

    pub fn beside(mut self, what: &'static str, value: f64, ratio: f64) -> Self {
        self.reference = Some(Reference { what, value, ratio });
        self
    }

    pub fn goal(mut self, goal: &'static str) -> Self {
        self.goal = Some(goal);
        self
    }
}

pub fn print_json(figures: &[Figure]) -> Result<()> {
    let text = serde_json::to_string_pretty(figures)?;
    Ok(writeln!(std::io::stdout(), "{text}")?)
}

pub fn print_table(figures: &[Figure]) -> Result<()> {
    const HEAD: [&str; 8] = [
        "bench",
        "what",
        "value",
        "unit",
        "reference",
        "its value",
        "ratio",
        "goal",
    ];
    let mut rows = vec![HEAD.map(str::to_owned)];
    rows.extend(figures.iter().map(cells));
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.max().unwrap_or_default()
    };
    let widths: [usize; 8] = std::array::from_fn(width);
    let mut out = std::io::stdout().lock();
    for row in &rows {
        let cells = row.iter().zip(widths).enumerate();
        let cells = cells.map(|(column, (cell, width))| match column {
            2 | 5 | 6 => format!("{cell:>width$}"),
            _ => format!("{cell:<width$}"),
        });
        let line = cells.collect::<Vec<_>>().join("  ");
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

fn cells(figure: &Figure) -> [String; 8] {
    let reference = figure.reference.as_ref();
    let told = |value: Option<String>| value.unwrap_or_default();
    [
        figure.bench.to_owned(),
        figure.what.clone(),
        number(figure.value),
        figure.unit.to_owned(),
        told(reference.map(|it| it.what.to_owned())),
        told(reference.map(|it| number(it.value))),
        told(reference.map(|it| format!("{:.3}", it.ratio))),
        told(figure.goal.map(str::to_owned)),
    ]
}

/// Three digits that say something, and no more.
fn number(value: f64) -> String {
    if value >= 100.0 {
        format!("{value:.0}")
    } else {
        format!("{value:.2}")
    }
}
