//! Harbour Street Café: a client whose books the joinery's owner keeps, so
//! that there are two workspaces to change between.

use super::calendar::{Calendar, on};
use super::dice::Dice;
use super::entry::{Entry, tax};
use super::people::Person::{Manager, Owner};

pub const NAME: &str = "Harbour Street Café";
pub const SLUG: &str = "harbour-street";

pub const OPENING: &[(&str, i64)] = &[("1100", 31_500), ("1200", 612_000), ("1400", 84_000)];

pub fn entries(calendar: Calendar) -> Vec<Entry> {
    let mut dice = Dice::new(0x00CA_FE11);
    let mut entries = Vec::new();
    for month in calendar.months() {
        let owner = |day: i64, what: &str| Entry::new(on(month, day), Owner, what);
        for day in [7, 14, 21, 28] {
            let gross = dice.amount(210_000, 290_000);
            let net = (gross * 100 + 60) / 119;
            entries.push(
                Entry::new(on(month, day), Manager, "Takings of the week")
                    .line("1200", gross)
                    .line("4100", -net)
                    .line("2300", net - gross),
            );
        }
        let beans = dice.amount(150_000, 230_000);
        let owed = dice.amount(95_000, 120_000);
        let wages = 365_000;
        entries.extend([
            owner(1, "Rent: Harbour Street 12")
                .line("5300", 145_000)
                .line("1200", -145_000),
            owner(9, "Beans, milk and flour")
                .line("5100", beans)
                .line("1600", tax(beans))
                .line("1200", -beans - tax(beans)),
            owner(11, "Value added tax")
                .line("2300", owed)
                .line("1200", -owed),
            owner(27, "Wages").line("5200", wages).line("1200", -wages),
            owner(30, "Account fees")
                .line("5900", 990)
                .line("1200", -990),
        ]);
    }
    entries.retain(|entry| entry.date <= calendar.today);
    entries.sort_by_key(|entry| entry.date);
    entries
}
