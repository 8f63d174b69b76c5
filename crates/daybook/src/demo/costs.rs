//! What the joinery spends: timber and people, the rooms, the vans, the loan,
//! and the tax that is settled in the month after.

use jiff::civil::Date;

use super::calendar::{Calendar, after, on};
use super::dice::Dice;
use super::entry::{Entry, tax};
use super::people::Person::{Manager, Member, Owner};

/// What the bank was owed when the books were opened, and each month's part.
pub const LOAN: i64 = 4_500_000;
const LOAN_PART: i64 = 90_000;
/// A year's interest in thousandths.
const LOAN_INTEREST: i64 = 48;

const SUPPLIERS: &[(&str, &str, &str)] = &[
    ("Norrland Timber", "oak and larch boards", "NT"),
    ("Hartmann Hardware", "hinges and runners", "HH"),
    ("Veneer & Co", "birch plywood", "VN"),
    ("Kjeller Coatings", "oil and lacquer", "KC"),
];

/// The costs that come with each month.
pub fn month(dice: &mut Dice, entries: &mut Vec<Entry>, month: Date) {
    for &(supplier, goods, letters) in SUPPLIERS {
        let net = dice.amount(110_000, 255_000);
        let date = on(month, dice.between(3, 25));
        let reference = format!("{letters}-{}", 40_000 + dice.between(900, 9_900));
        let gross = net + tax(net);
        entries.push(bill(date, supplier, goods, &reference, net));
        let paid = after(date, dice.between(12, 24));
        entries.push(payment(paid, supplier, &reference, gross));
    }
    let helped = dice.amount(120_000, 210_000);
    entries.push(
        Entry::new(on(month, 22), Manager, "Fitting help: Aalto & Son")
            .line("5120", helped)
            .line("1600", tax(helped))
            .line("1200", -helped - tax(helped)),
    );
    people(entries, month);
    rooms(dice, entries, month);
    vans_and_desk(dice, entries, month);
    bank(dice, entries, month);
}

fn people(entries: &mut Vec<Entry>, month: Date) {
    // The month before Christmas pays a little more.
    let wages: i64 = if month.month() == 11 {
        1_515_000
    } else {
        1_365_000
    };
    let social = wages * 21 / 100;
    let withheld = wages * 27 / 100;
    let paid_out = wages - withheld;
    let name = month.strftime("%B");
    entries.extend([
        Entry::new(on(month, 27), Manager, format!("Payroll {name}"))
            .note("Five people.")
            .tags(&["payroll"])
            .line("5200", wages)
            .line("5210", social)
            .line("2400", -paid_out)
            .line("2410", -withheld - social),
        Entry::new(on(month, 28), Manager, format!("Wages paid {name}"))
            .tags(&["payroll"])
            .line("2400", paid_out)
            .line("1200", -paid_out),
    ]);
}

fn rooms(dice: &mut Dice, entries: &mut Vec<Entry>, month: Date) {
    let paid = |day: i64, what: &str, account: &'static str, net: i64| {
        Entry::new(on(month, day), Manager, what)
            .line(account, net)
            .line("1600", tax(net))
            .line("1200", -net - tax(net))
    };
    entries.push(paid(1, "Rent: workshop, Mill Lane 4", "5300", 240_000));
    let cold = matches!(month.month(), 1..=3 | 11 | 12);
    let energy = dice.amount(31_000, 44_000) + if cold { 18_000 } else { 0 };
    entries.push(paid(15, "Electricity: Fjord Energy", "5400", energy));
    entries.push(paid(18, "Telephone and internet", "5450", 7_490));
    if month.month() % 3 == 1 {
        // Insurance carries no value added tax.
        entries.push(
            Entry::new(on(month, 5), Owner, "Insurance: liability and workshop")
                .reference("P-88-2071")
                .line("5700", 114_500)
                .line("1200", -114_500),
        );
    }
    if month.month() % 2 == 0 {
        let advertising = dice.amount(22_000, 48_000);
        entries.push(paid(
            10,
            "Advertisement: Lakeside Gazette",
            "5800",
            advertising,
        ));
    }
}

fn vans_and_desk(dice: &mut Dice, entries: &mut Vec<Entry>, month: Date) {
    let card = |day: i64, what: &str, account: &'static str, net: i64| {
        Entry::new(on(month, day), Member, what)
            .line(account, net)
            .line("1600", tax(net))
            .line("2200", -net - tax(net))
    };
    for day in [8, 21] {
        let fuel = dice.between(6_400, 11_200);
        entries.push(card(day, "Diesel, van", "5550", fuel));
    }
    entries.push(card(3, "Drawing software, 3 seats", "5600", 13_350));
    if month.month() % 2 == 1 {
        let trip = dice.between(9_000, 24_000);
        entries.push(card(16, "Train and hotel, site visit", "5500", trip));
    }
    if month.month() == 3 {
        let saw = 389_000;
        entries.push(
            Entry::new(on(month, 14), Owner, "Panel saw: Holzmann")
                .reference("HM-5521")
                .line("1500", saw)
                .line("1600", tax(saw))
                .line("1200", -saw - tax(saw)),
        );
    }
}

fn bank(dice: &mut Dice, entries: &mut Vec<Entry>, month: Date) {
    entries.extend([
        Entry::new(on(month, 30), Member, "Account fees")
            .line("5900", 1_890)
            .line("1200", -1_890),
        Entry::new(on(month, 25), Owner, "Owner's drawings")
            .line("3200", 280_000)
            .line("1200", -280_000),
        Entry::new(on(month, 31), Manager, "Depreciation of machines")
            .line("5950", 105_000)
            .line("1590", -105_000),
    ]);
    if month.month() % 3 == 0 {
        let counted = dice.amount(-60_000, 60_000);
        entries.extend([
            Entry::new(on(month, 31), Manager, "Stock counted")
                .line("1400", counted)
                .line("5110", -counted),
            Entry::new(on(month, 31), Manager, "Interest on savings")
                .line("1250", 7_500)
                .line("4900", -7_500),
        ]);
    }
}

/// What follows from the months before: the loan, the card, payroll tax and
/// the tax return. Each settles what the entries before it left.
pub fn settle(entries: &mut Vec<Entry>, calendar: Calendar) {
    let opening = |code: &str| {
        let opened = super::joinery::OPENING.iter();
        opened
            .filter(|(account, _)| *account == code)
            .map(|(_, amount)| amount)
            .sum::<i64>()
    };
    let mut left = [
        opening("2200"),
        opening("2410"),
        opening("2300"),
        opening("1600"),
        opening("1100"),
    ];
    let mut loan = LOAN;
    let mut settled = Vec::new();
    for month in calendar.months() {
        let [card, payroll, output, input, cash] = left;
        let interest = loan * LOAN_INTEREST / 12_000;
        loan -= LOAN_PART;
        let banked = (cash - 25_000).max(0) / 5_000 * 5_000;
        settled.extend([
            Entry::new(on(month, 2), Owner, "Loan: Lakeside Savings Bank")
                .reference("L-30077")
                .line("2500", LOAN_PART)
                .line("5910", interest)
                .line("1200", -LOAN_PART - interest),
            Entry::new(on(month, 5), Member, "Card statement paid")
                .line("2200", -card)
                .line("1200", card),
            Entry::new(on(month, 10), Manager, "Payroll tax and social security")
                .tags(&["payroll"])
                .line("2410", -payroll)
                .line("1200", payroll),
            Entry::new(
                on(month, 11),
                Manager,
                "Value added tax of the month before",
            )
            .tags(&["tax"])
            .line("2300", -output)
            .line("1600", -input)
            .line("1200", output + input),
        ]);
        if banked > 0 {
            settled.push(
                Entry::new(on(month, 9), Member, "Cash taken to the bank")
                    .line("1200", banked)
                    .line("1100", -banked),
            );
        }
        let in_month = |account: &str| -> i64 {
            let of_month = entries
                .iter()
                .filter(|it| it.date.first_of_month() == month && it.mistake.is_none());
            of_month.map(|entry| entry.effect(account)).sum()
        };
        left = [
            in_month("2200"),
            in_month("2410"),
            in_month("2300"),
            in_month("1600"),
            cash - banked + in_month("1100"),
        ];
    }
    entries.extend(settled);
}

pub fn bill(date: Date, supplier: &str, goods: &str, reference: &str, net: i64) -> Entry {
    Entry::new(date, Manager, format!("Bill: {supplier}, {goods}"))
        .reference(reference)
        .line("5110", net)
        .line("1600", tax(net))
        .line("2100", -net - tax(net))
}

pub fn payment(date: Date, supplier: &str, reference: &str, gross: i64) -> Entry {
    Entry::new(date, Manager, format!("Paid: {supplier}"))
        .reference(reference)
        .line("2100", gross)
        .line("1200", -gross)
}
