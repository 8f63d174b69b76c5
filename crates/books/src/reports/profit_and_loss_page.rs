//! Profit and loss on the page: a chart of the periods, and below it the figures.

use daybook_kernel::road::Visit;
use daybook_kernel::{Error, PageRequest, PageView};
use daybook_ui::money::is_zero;
use daybook_ui::{
    Column, Columns, Html, Row, Series, Table, figure, filters, money, money_or_dash, table,
};
use maud::html;

use super::pages::{by_field, nothing, span_fields, view};
use super::periods::By;
use super::profit_and_loss::{ProfitAndLoss, ProfitAndLossReport, ReportRow, ReportSection};
use crate::dates;
use crate::drawing::{downloads, register};
use crate::wording::{leaf, span_in_words, span_shown};

pub(crate) fn page(request: &PageRequest, visit: &mut Visit<'_>) -> Result<PageView, Error> {
    let mut asked = request.query::<ProfitAndLoss>(&["from", "to", "by"])?;
    (asked.from, asked.to) = span_shown(request);
    let report = visit.ask(asked)?;
    let by = request.get("by").unwrap_or_default();
    let values = [
        ("from", report.from.as_str()),
        ("to", report.to.as_str()),
        ("by", by),
    ];
    let body = html! {
        (filters(
            &request.link("books/reports/profit-and-loss"),
            html! { (span_fields(&report.from, &report.to)) (by_field(request)) },
        ))
        @if report.periods.len() > 1 { (chart("by-period", &report, running(&report).as_deref())) }
        @if report.income.rows.is_empty() && report.expenses.rows.is_empty() {
            (nothing(request, visit)?)
        } @else {
            (table(&figures(request, &report)))
            p.muted {
                "Before is " (span_in_words(&report.previous.from, &report.previous.to)) "."
            }
        }
        (downloads(request, "books.profit_and_loss", &values))
    };
    Ok(view(
        format!(
            "Profit and loss, {}",
            span_in_words(&report.from, &report.to)
        ),
        body,
    ))
}

/// Income and expenses side by side, with what came of it as the title.
/// `unfinished` is the label of a last period that still runs: it is drawn, but not judged.
pub(crate) fn chart(id: &str, report: &ProfitAndLossReport, unfinished: Option<&str>) -> Html {
    let whole = report.net.len() - usize::from(unfinished.is_some());
    let losses = report.net[..whole]
        .iter()
        .filter(|net| net.starts_with('-'))
        .count();
    // A month before the books began says nothing of the business.
    let (income, expenses) = (&report.income.totals, &report.expenses.totals);
    let judged = income
        .iter()
        .zip(expenses)
        .take(whole)
        .filter(|(income, expenses)| moved(income) || moved(expenses))
        .count();
    let unit = match (report.by, unfinished) {
        (By::Month, Some(_)) => "complete months",
        (By::Month, None) => "months",
        _ => "periods",
    };
    let title = match losses {
        // Of a part there is nothing to be concluded.
        _ if judged == 0 => "Nothing earned and nothing spent yet".to_owned(),
        _ if report.assigned_only => "Income and expenses, as far as assigned".to_owned(),
        0 => format!("Income covered expenses in all {judged} {unit}"),
        losses => format!("Expenses passed income in {losses} of {judged} {unit}"),
    };
    let mut labels: Vec<String> = report
        .periods
        .iter()
        .map(|period| period.label.clone())
        .collect();
    if let (Some(last), Some(label)) = (labels.last_mut(), unfinished) {
        label.clone_into(last);
    }
    let series = |section: &ReportSection| Series {
        name: section.heading.clone(),
        values: section.totals.clone(),
    };
    let columns = Columns {
        id: id.to_owned(),
        title,
        description: format!("Income and expenses, {}", report.currency),
        labels,
        series: vec![series(&report.income), series(&report.expenses)],
    };
    columns.html()
}

fn moved(total: &str) -> bool {
    total.bytes().any(|byte| (b'1'..=b'9').contains(&byte))
}

fn figures(request: &PageRequest, report: &ProfitAndLossReport) -> Table {
    let mut columns = vec![Column::head("Account")];
    let whole = report.periods.len() == 1;
    columns.extend(report.periods.iter().map(|period| {
        let label = if whole {
            "This span"
        } else {
            period.label.as_str()
        };
        // A year of months says its currency once, at the total.
        if report.periods.len() > 6 {
            Column::amount(label)
        } else {
            Column::amount(label).unit(report.currency.clone())
        }
    }));
    if !whole {
        columns.push(Column::amount("Total").unit(report.currency.clone()));
    }
    columns.push(Column::amount("Before").unit(report.currency.clone()));
    let mut rows = Vec::new();
    for section in [&report.income, &report.expenses] {
        rows.push(Row::group(&section.heading));
        rows.extend(
            section
                .rows
                .iter()
                .map(|row| account_row(request, report, row, whole)),
        );
        let mut cells = vec![html! { (section.heading) " together" }];
        cells.extend(section.totals.iter().map(|total| money(total)));
        if !whole {
            cells.push(money(&section.total));
        }
        cells.push(money(&section.previous));
        rows.push(Row::subtotal(cells));
    }
    let mut net = vec![html! { (net_label(report)) }];
    net.extend(report.net.iter().map(|amount| money(amount)));
    if !whole {
        net.push(money(&report.net_total));
    }
    net.push(money(&report.net_previous));
    rows.push(Row::total(net));
    Table {
        caption: "Profit and loss".into(),
        columns,
        rows,
    }
}

/// Over some of the accounts it is a difference, and no profit.
pub(crate) const fn net_label(report: &ProfitAndLossReport) -> &'static str {
    if report.assigned_only {
        "Income less expenses"
    } else {
        "Profit"
    }
}

/// The label of a last month that the span does not hold to its end.
fn running(report: &ProfitAndLossReport) -> Option<String> {
    let last = report.periods.last().filter(|_| report.by == By::Month)?;
    let end = dates::read("to", &last.to).ok()?;
    (end < dates::last_of_month(end)).then(|| dates::civil(end).strftime("%b so far").to_string())
}

/// A figure that opens its lines, or a dash where there are none.
fn opened(href: &str, decimal: &str) -> Html {
    if is_zero(decimal) {
        money_or_dash(decimal)
    } else {
        figure(href, decimal)
    }
}

fn account_row(
    request: &PageRequest,
    report: &ProfitAndLossReport,
    row: &ReportRow,
    whole: bool,
) -> Row {
    let href = |from: &str, to: &str| register(request, &row.account, from, to);
    let mut cells = vec![leaf(&row.account, &row.name)];
    for (period, amount) in report.periods.iter().zip(&row.amounts) {
        cells.push(opened(&href(&period.from, &period.to), amount));
    }
    if !whole {
        cells.push(figure(&href(&report.from, &report.to), &row.total));
    }
    cells.push(opened(
        &href(&report.previous.from, &report.previous.to),
        &row.previous,
    ));
    Row::new(cells)
        .opens(href(&report.from, &report.to))
        .depth(1)
}
