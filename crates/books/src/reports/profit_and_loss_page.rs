//! Profit and loss on the page: a chart of the periods, and below it the figures.

use daybook_kernel::road::Visit;
use daybook_kernel::{Error, PageRequest, PageView};
use daybook_ui::{Column, Columns, Html, Row, Series, Table, figure, filters, money, table};
use maud::html;

use super::pages::{by_field, span_fields, view};
use super::profit_and_loss::{ProfitAndLoss, ProfitAndLossReport, ReportRow, ReportSection};
use crate::drawing::{downloads, register};

pub(crate) fn page(request: &PageRequest, visit: &mut Visit<'_>) -> Result<PageView, Error> {
    let report = visit.ask(request.query::<ProfitAndLoss>(&["from", "to", "by"])?)?;
    let by = request.get("by").unwrap_or_default();
    let values = [
        ("from", report.from.as_str()),
        ("to", report.to.as_str()),
        ("by", by),
    ];
    let body = html! {
        (filters(
            &request.link("books/reports/profit-and-loss"),
            html! { (span_fields(request)) (by_field(request)) },
        ))
        @if report.periods.len() > 1 { (chart("by-period", &report)) }
        (table(&figures(request, &report)))
        (downloads(request, "books.profit_and_loss", &values))
    };
    Ok(view(
        format!("Profit and loss, {} to {}", report.from, report.to),
        body,
    ))
}

/// Income and expenses side by side, with what came of it as the title.
pub(crate) fn chart(id: &str, report: &ProfitAndLossReport) -> Html {
    let gains = report
        .net
        .iter()
        .filter(|net| !net.starts_with('-'))
        .count();
    let title = match report.periods.len() - gains {
        0 => "Income covered expenses throughout".to_owned(),
        short => format!(
            "Expenses passed income in {short} of {} periods",
            report.periods.len()
        ),
    };
    let series = |section: &ReportSection| Series {
        name: section.heading.clone(),
        values: section.totals.clone(),
    };
    let columns = Columns {
        id: id.to_owned(),
        title,
        description: format!("Income and expenses, {}", report.currency),
        labels: report
            .periods
            .iter()
            .map(|period| period.label.clone())
            .collect(),
        series: vec![series(&report.income), series(&report.expenses)],
    };
    columns.html()
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
        Column::amount(label).unit(report.currency.clone())
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
    let mut net = vec![html! { "Profit" }];
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

fn account_row(
    request: &PageRequest,
    report: &ProfitAndLossReport,
    row: &ReportRow,
    whole: bool,
) -> Row {
    let href = |from: &str, to: &str| register(request, &row.account, from, to);
    let mut cells = vec![html! { (row.account) " " (row.name) }];
    for (period, amount) in report.periods.iter().zip(&row.amounts) {
        cells.push(figure(&href(&period.from, &period.to), amount));
    }
    if !whole {
        cells.push(figure(&href(&report.from, &report.to), &row.total));
    }
    cells.push(figure(
        &href(&report.previous.from, &report.previous.to),
        &row.previous,
    ));
    Row::new(cells)
        .opens(href(&report.from, &report.to))
        .depth(1)
}
