//! Birch & Lake Joinery: five people who build kitchens and stairs, and now
//! and then ship a table to America. This file has what it owns, what it sells
//! and what waits to be found; [`costs`](super::costs) has what it spends.

use jiff::civil::Date;

use super::calendar::{self, Calendar, after, on};
use super::costs;
use super::dice::Dice;
use super::entry::{Entry, at_rate, tax};
use super::people::Person::{Manager, Member};

pub const NAME: &str = "Birch & Lake Joinery";
pub const SLUG: &str = "birch-lake";

/// Accounts beside those of the template: code, name, and the one above.
pub const ACCOUNTS: &[(&str, &str, &str)] = &[
    ("1210", "Bank USD", "1000"),
    ("1310", "Receivables USD", "1000"),
    ("1590", "Accumulated depreciation", "1000"),
    ("2410", "Payroll tax payable", "2000"),
    ("4110", "Sales abroad", "4000"),
    ("5110", "Timber and materials", "5000"),
    ("5120", "Subcontractors", "5000"),
    ("5210", "Social security", "5000"),
    ("5450", "Telephone", "5000"),
    ("5550", "Vans", "5000"),
    ("5910", "Loan interest", "5000"),
    ("5990", "Exchange differences", "5000"),
];

/// What stood on the accounts when the books were opened, in cents.
pub const OPENING: &[(&str, i64)] = &[
    ("1100", 42_000),
    ("1200", 4_640_000),
    ("1250", 1_500_000),
    ("1300", 1_856_400),
    ("1400", 980_000),
    ("1500", 6_200_000),
    ("1590", -1_850_000),
    ("1600", 245_100),
    ("2100", -618_800),
    ("2200", -31_020),
    ("2300", -682_300),
    ("2410", -572_000),
    ("2500", -costs::LOAN),
];

/// Sales of a month against the usual, in hundredths: joiners rest at Christmas.
const SEASON: [i64; 12] = [88, 92, 98, 104, 108, 110, 100, 90, 106, 112, 104, 92];

const CUSTOMERS: &[(&str, &str)] = &[
    ("Lindqvist Architects", "oak staircase"),
    ("Familie Brandt", "fitted kitchen"),
    ("Harbour Street Café", "counter and benches"),
    ("Hotel Seeblick", "room doors"),
    ("Meridian Dental", "reception desk"),
    ("Osterberg Homes", "window frames"),
    ("Marta Keller", "wardrobe, larch"),
    ("Parish of St Anne", "pew repairs"),
    ("Nordlicht Books", "shelving"),
    ("Studio Vale", "exhibition plinths"),
];

pub fn entries(calendar: Calendar) -> Vec<Entry> {
    let mut books = Books {
        calendar,
        dice: Dice::new(0x00B1_2C41),
        entries: Vec::new(),
        invoice: 117,
    };
    books.carried_over();
    for month in calendar.months() {
        books.sales(month);
        books.abroad(month);
        costs::month(&mut books.dice, &mut books.entries, month);
    }
    books.mistakes();
    costs::settle(&mut books.entries, calendar);
    let mut entries = books.entries;
    entries.retain(|entry| entry.date <= calendar.today);
    entries.sort_by_key(|entry| entry.date);
    entries
}

struct Books {
    calendar: Calendar,
    dice: Dice,
    entries: Vec<Entry>,
    invoice: i64,
}

impl Books {
    /// What was owed either way when the year began.
    fn carried_over(&mut self) {
        let month = calendar::next_month(self.calendar.opening());
        let opened = [
            (on(month, 6), "Osterberg Homes", "INV-0112", 1_118_600),
            (on(month, 15), "Hotel Seeblick", "INV-0116", 737_800),
        ];
        for (date, customer, reference, gross) in opened {
            self.entries.push(receipt(date, customer, reference, gross));
        }
        self.entries.push(costs::payment(
            on(month, 9),
            "Norrland Timber",
            "NT-40871",
            618_800,
        ));
    }

    /// Invoices of a month, each paid some weeks later.
    fn sales(&mut self, month: Date) {
        let mut days: Vec<i64> = (0..6).map(|_| self.dice.between(2, 28)).collect();
        days.sort_unstable();
        let season = SEASON[usize::from(month.month().unsigned_abs() - 1) % SEASON.len()];
        for day in days {
            let Some(&(customer, work)) = self.dice.choose(CUSTOMERS) else {
                continue;
            };
            let net = self.dice.amount(280_000, 820_000) * season / 1000 * 10;
            let date = on(month, day);
            let reference = self.next_invoice();
            let invoice = invoice(date, customer, work, net).reference(&reference);
            self.entries.push(invoice);
            let paid = after(date, self.dice.between(9, 34));
            self.entries
                .push(receipt(paid, customer, &reference, net + tax(net)));
        }
        for _ in 0..2 {
            let gross = self.dice.amount(4_000, 26_000);
            let net = (gross * 100 + 60) / 119;
            let sold = Entry::new(on(month, self.dice.between(3, 26)), Member, "Workshop sale")
                .line("1100", gross)
                .line("4100", -net)
                .line("2300", net - gross);
            self.entries.push(sold);
        }
    }

    /// A table for an American hotel: invoiced and paid in dollars, changed to
    /// euros when the money is here.
    fn abroad(&mut self, month: Date) {
        const HOTEL: &str = "Cedar Point Hospitality";
        let dollars = self.dice.amount(280_000, 520_000);
        let sold_at = self.dice.between(9_080, 9_340);
        let paid_at = sold_at + self.dice.between(-90, 90);
        let reference = self.next_invoice();
        let date = on(month, 12);
        let invoice = Entry::new(date, Member, format!("Invoice: {HOTEL}, dining tables"))
            .reference(&reference)
            .note("Export, free of tax. Due in 30 days.")
            .tags(&["export"])
            .dollars("1310", dollars, sold_at)
            .dollars("4110", -dollars, sold_at);
        let (owed, got) = (at_rate(dollars, sold_at), at_rate(dollars, paid_at));
        let paid_on = after(date, self.dice.between(22, 33));
        let paid = Entry::new(paid_on, Member, format!("Payment received: {HOTEL}"))
            .reference(&reference)
            .tags(&["export"])
            .dollars_as("1210", dollars, got)
            .dollars_as("1310", -dollars, -owed)
            .line("5990", owed - got);
        // A fifth stays, for American hardware.
        let changed = dollars / 5 * 4;
        let changed_euros = got * 4 / 5;
        let credited = changed_euros - changed_euros / 160;
        let exchange = Entry::new(after(paid_on, 3), Manager, "Dollars changed to euros")
            .line("1200", credited)
            .line("5990", changed_euros - credited)
            .dollars_as("1210", -changed, -changed_euros);
        self.entries.extend([invoice, paid, exchange]);
    }

    /// What is there to be found: an invoice nobody paid, a bill paid twice,
    /// and an entry that was taken back.
    fn mistakes(&mut self) {
        let calendar = self.calendar;
        let unpaid = invoice(
            calendar.days_ago(76),
            "Kestrel Interiors",
            "panelling",
            684_000,
        )
        .reference("INV-K-031")
        .note("Due in 14 days. Reminded once, by e-mail.")
        .tags(&["reminded"]);
        self.entries.push(unpaid);

        let (net, bill) = (214_000, "VN-20944");
        self.entries.push(costs::bill(
            calendar.days_ago(34),
            "Veneer & Co",
            "walnut veneer",
            bill,
            net,
        ));
        let paid_on = calendar.days_ago(17);
        let again_on = calendar.days_ago(13);
        for date in [paid_on, again_on] {
            self.entries
                .push(costs::payment(date, "Veneer & Co", bill, net + tax(net)));
        }

        let energy = |net: i64| {
            Entry::new(calendar.days_ago(38), Manager, "Heating oil: Fjord Energy")
                .reference("FE-7718")
                .line("5400", net)
                .line("1600", tax(net))
                .line("1200", -net - tax(net))
        };
        let wrong = energy(142_600).taken_back("The bill says 1,246.00, not 1,426.00.");
        self.entries.extend([wrong, energy(124_600)]);
    }

    fn next_invoice(&mut self) -> String {
        self.invoice += 1;
        format!("INV-{:04}", self.invoice)
    }
}

fn invoice(date: Date, customer: &str, work: &str, net: i64) -> Entry {
    // The making is goods, the fitting is a service.
    let fitting = net / 5;
    Entry::new(date, Member, format!("Invoice: {customer}, {work}"))
        .line("1300", net + tax(net))
        .line("4100", fitting - net)
        .line("4200", -fitting)
        .line("2300", -tax(net))
}

fn receipt(date: Date, customer: &str, reference: &str, gross: i64) -> Entry {
    Entry::new(date, Member, format!("Payment received: {customer}"))
        .reference(reference)
        .line("1200", gross)
        .line("1300", -gross)
}
