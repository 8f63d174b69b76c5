//! Charts drawn by the server as SVG, each answering one question, with its table behind it.
//!
//! Positions along the width are percentages and heights are pixels, so that a chart fills whatever
//! room it has while its words keep their size. Values are drawn as floating numbers and written
//! as the decimals they came as: a picture may round, a figure may not.

mod scale;

use crate::Html;
use crate::money::{grouped, money};
use crate::table::{Column, Row, Table, table};
use maud::html;
use scale::{Scale, count};

/// The height of the drawing in pixels, and the strip for the labels below it.
const PLOT_HEIGHT: f64 = 200.0;
const LABEL_HEIGHT: f64 = 24.0;
/// Air above the topmost tick, so that its label is not cut.
const TOP: f64 = 8.0;
/// How many labels fit under a chart, and how many on a phone.
const LABELS_MAX: usize = 12;
const PHONE_LABELS_MAX: usize = 4;

/// Values by label, as plain decimals: `Series { name: "Income".into(), values: .. }`.
#[derive(Clone, Debug, Default)]
pub struct Series {
    pub name: String,
    pub values: Vec<String>,
}

/// Columns by month or by kind, of one series or two.
#[derive(Clone, Debug, Default)]
pub struct Columns {
    /// Unique on the page.
    pub id: String,
    /// The finding, in a sentence: "Income passed expenses in every month but two".
    pub title: String,
    /// What is drawn: "Income and expenses by month, EUR".
    pub description: String,
    pub labels: Vec<String>,
    pub series: Vec<Series>,
}

/// A line over time, such as a balance.
#[derive(Clone, Debug, Default)]
pub struct Line {
    pub id: String,
    pub title: String,
    pub description: String,
    pub labels: Vec<String>,
    pub series: Series,
}

impl Columns {
    pub fn html(&self) -> Html {
        let all = self.series.iter().flat_map(|one| one.values.iter());
        let scale = Scale::over(all.map(|value| drawn(value)));
        let marks = html! {
            @for (at, _) in self.labels.iter().enumerate() {
                @for (which, series) in self.series.iter().enumerate() {
                    (self.column(&scale, at, which, series))
                }
            }
        };
        let frame = Frame {
            id: &self.id,
            title: &self.title,
            description: &self.description,
            labels: &self.labels,
            series: &self.series,
            placing: Placing::Between,
        };
        frame.html(&scale, marks)
    }

    fn column(&self, scale: &Scale, at: usize, which: usize, series: &Series) -> Html {
        let Some(value) = series.values.get(at) else {
            return html! {};
        };
        let slot = 100.0 / count(self.labels.len().max(1));
        let width = slot * 0.64 / count(self.series.len().max(1));
        let left = slot * (count(at) + 0.18) + width * count(which);
        let (y, zero) = (scale.y(drawn(value)), scale.y(0.0));
        let (top, height) = (y.min(zero), (y - zero).abs());
        html! {
            rect class={ "mark s" (which) } x={ (round(left)) "%" } y=(round(top))
                width={ (round(width * 0.9)) "%" } height=(round(height.max(0.5))) {
                title { (series.name) ", " (self.labels[at]) ": " (grouped(value)) }
            }
        }
    }
}

impl Line {
    pub fn html(&self) -> Html {
        let scale = Scale::over(self.series.values.iter().map(|value| drawn(value)));
        let height = PLOT_HEIGHT + TOP;
        let marks = html! {
            svg x="0" y="0" width="100%" height=(height) viewBox={ "0 0 1000 " (height) }
                preserveAspectRatio="none" {
                path.area d=(area(&self.series.values, &scale)) {}
                polyline.line points=(points(&self.series.values, |value| scale.y(value))) {}
            }
        };
        let frame = Frame {
            id: &self.id,
            title: &self.title,
            description: &self.description,
            labels: &self.labels,
            series: std::slice::from_ref(&self.series),
            placing: Placing::Ends,
        };
        frame.html(&scale, marks)
    }
}

/// A line the size of a word, beside a figure. `description` says what it shows, in words.
pub fn sparkline(description: &str, values: &[String]) -> Html {
    let numbers = || values.iter().map(|value| drawn(value));
    let low = numbers().fold(f64::MAX, f64::min);
    let high = numbers().fold(f64::MIN, f64::max);
    let span = if high > low { high - low } else { 1.0 };
    let y = |value: f64| 18.0 - (value - low) / span * 16.0;
    html! {
        svg.sparkline role="img" aria-label=(description) width="80" height="20"
            viewBox="0 0 1000 20" preserveAspectRatio="none" {
            polyline.line points=(points(values, y)) {}
        }
    }
}

/// Whether labels stand between the edges, under columns, or at them, under the ends of a line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Placing {
    Between,
    Ends,
}

/// What every chart has around its marks.
struct Frame<'a> {
    id: &'a str,
    title: &'a str,
    description: &'a str,
    labels: &'a [String],
    series: &'a [Series],
    placing: Placing,
}

impl Frame<'_> {
    fn html(&self, scale: &Scale, marks: Html) -> Html {
        let height = PLOT_HEIGHT + TOP + LABEL_HEIGHT;
        let (title, description) = (format!("{}-title", self.id), format!("{}-desc", self.id));
        html! {
            figure.chart id=(self.id) {
                figcaption {
                    p.chart-title { (self.title) }
                    p.muted { (self.description) (self.names()) }
                }
                div.drawing {
                    svg.axis width="56" height=(height) aria-hidden="true" {
                        @for tick in &scale.ticks {
                            text x="48" y=(round(scale.y(tick.value) + 4.0)) { (tick.label) }
                        }
                    }
                    svg.plot width="100%" height=(height) role="img"
                        aria-labelledby={ (title) " " (description) } {
                        title id=(title) { (self.title) }
                        desc id=(description) { (self.description) }
                        @for tick in &scale.ticks { (grid_line(scale, tick.value)) }
                        (marks)
                        (self.labels_below(height))
                    }
                }
                details.behind {
                    summary { "Table behind this chart" }
                    (table(&self.table()))
                }
            }
        }
    }

    /// Names stand beside a sample of the mark only when there is more than one to tell apart.
    fn names(&self) -> Html {
        html! {
            @if self.series.len() > 1 {
                span.names {
                    @for (which, series) in self.series.iter().enumerate() {
                        span.name {
                            svg width="10" height="10" aria-hidden="true" {
                                rect class={ "mark s" (which) } x="1" y="1" width="8" height="8" {}
                            }
                            (series.name)
                        }
                    }
                }
            }
        }
    }

    fn labels_below(&self, height: f64) -> Html {
        let last = self.labels.len().saturating_sub(1);
        let step = self.labels.len().div_ceil(LABELS_MAX).max(1);
        let phone_step = step * self.labels.len().div_ceil(step * PHONE_LABELS_MAX).max(1);
        html! {
            @for (at, label) in self.labels.iter().enumerate().filter(|(at, _)| at % step == 0) {
                @let (x, anchor) = match self.placing {
                    Placing::Between => ((count(at) + 0.5) / count(last + 1), "middle"),
                    Placing::Ends if at == 0 => (0.0, "start"),
                    Placing::Ends if at == last => (1.0, "end"),
                    Placing::Ends => (count(at) / count(last), "middle"),
                };
                text x={ (round(x * 100.0)) "%" } y=(height - 6.0) text-anchor=(anchor)
                    .thin[at % phone_step != 0] { (label) }
            }
        }
    }

    fn table(&self) -> Table {
        let mut columns = vec![Column::head("")];
        columns.extend(
            self.series
                .iter()
                .map(|series| Column::amount(series.name.as_str())),
        );
        let row = |(at, label): (usize, &String)| {
            let mut cells = vec![html! { (label) }];
            let values = self.series.iter().map(|series| series.values.get(at));
            cells.extend(values.map(|value| value.map_or_else(|| html! {}, |value| money(value))));
            Row::new(cells)
        };
        Table {
            caption: self.description.to_owned(),
            columns,
            rows: self.labels.iter().enumerate().map(row).collect(),
        }
    }
}

fn grid_line(scale: &Scale, value: f64) -> Html {
    let y = round(scale.y(value));
    let class = if value == 0.0 { "grid zero" } else { "grid" };
    html! { line class=(class) x1="0" x2="100%" y1=(y) y2=(y) {} }
}

fn points(values: &[String], y: impl Fn(f64) -> f64) -> String {
    let step = 1000.0 / count(values.len().saturating_sub(1).max(1));
    let point = |(at, value): (usize, &String)| {
        format!("{},{}", round(count(at) * step), round(y(drawn(value))))
    };
    values
        .iter()
        .enumerate()
        .map(point)
        .collect::<Vec<_>>()
        .join(" ")
}

fn area(values: &[String], scale: &Scale) -> String {
    if values.is_empty() {
        return String::new();
    }
    let zero = round(scale.y(0.0));
    format!(
        "M0,{zero} L{} L1000,{zero} Z",
        points(values, |value| scale.y(value))
    )
}

/// The value as a floating number, for drawing only; what is no number is drawn as nought.
fn drawn(decimal: &str) -> f64 {
    decimal
        .parse::<f64>()
        .ok()
        .filter(|value| value.is_finite())
        .unwrap_or(0.0)
}

/// To a hundredth: finer than a screen shows, and short in the page.
fn round(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::audit;

    fn columns() -> Columns {
        Columns {
            id: "c".into(),
            title: "Income fell".into(),
            description: "By month".into(),
            labels: vec!["Jan".into(), "Feb".into()],
            series: vec![
                Series {
                    name: "Income".into(),
                    values: vec!["1200.50".into(), "-300".into()],
                },
                Series {
                    name: "Expenses".into(),
                    values: vec!["800".into()],
                },
            ],
        }
    }

    #[test]
    fn is_an_image_with_words_and_a_table() {
        let html = columns().html().into_string();
        assert!(
            html.contains(r#"role="img" aria-labelledby="c-title c-desc""#),
            "{html}"
        );
        assert!(html.contains("<details") && html.contains("1\u{202f}200.50"));
        assert_eq!(html.matches("class=\"mark s0\"").count(), 3);
        audit::keeps_policy(&html);
    }

    #[test]
    fn negative_columns_hang_from_nought() {
        let columns = columns();
        let scale = Scale::over([1200.5, -300.0, 800.0].into_iter());
        let zero = round(scale.y(0.0)).to_string();
        let html = columns
            .column(&scale, 1, 0, &columns.series[0])
            .into_string();
        assert!(html.contains(&format!("y=\"{zero}\"")), "{html}");
    }

    #[test]
    fn nothing_to_draw_draws_nothing_wrong() {
        let html = Columns::default().html().into_string();
        assert!(!html.contains("NaN") && !html.contains("inf"));
        let html = Line::default().html().into_string();
        assert!(!html.contains("NaN") && !html.contains("inf"));
        assert!(!sparkline("", &[]).into_string().contains("NaN"));
    }

    #[test]
    fn escapes() {
        let x = || audit::HOSTILE.to_owned();
        let series = Series {
            name: x(),
            values: vec![x()],
        };
        let chart = Columns {
            id: x(),
            title: x(),
            description: x(),
            labels: vec![x()],
            series: vec![series],
        };
        audit::escapes(&chart.html().into_string());
        audit::escapes(&sparkline(audit::HOSTILE, &[x()]).into_string());
    }
}
