#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

const SHOP: &str = include_str!("examples/shop.journal");
const PRICES: &str = include_str!("examples/prices.journal");
const FUND: &str = include_str!("examples/fund.ledger");
const TRUST: &str = include_str!("examples/trust.beancount");

fn journal(syntax: Syntax, text: &str) -> Journal {
    let mut sources = |path: &str| match path {
        "main" => Some(text.to_owned()),
        "prices.journal" => Some(PRICES.to_owned()),
        "self" => Some("include self\n".to_owned()),
        _ => None,
    };
    read("main", syntax, &mut sources)
}

fn clean(syntax: Syntax, text: &str) -> Journal {
    let journal = journal(syntax, text);
    let faults: Vec<String> = journal.faults.iter().map(ToString::to_string).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    journal
}

fn balances(journal: &Journal) -> BTreeMap<(String, String), Quantity> {
    let mut totals: BTreeMap<_, Quantity> = BTreeMap::new();
    for posting in journal
        .transactions
        .iter()
        .flat_map(|entry| &entry.postings)
    {
        let key = (
            posting.account.to_string(),
            posting.amount.commodity.to_string(),
        );
        let total = totals.entry(key).or_default();
        *total = total.plus(posting.amount.quantity).unwrap();
    }
    totals.retain(|_, total| !total.is_zero());
    totals
}

fn listed(journal: &Journal) -> String {
    let lines = balances(journal).into_iter();
    let lines = lines.map(|((account, commodity), total)| {
        format!("{account} {} {commodity}", total.normalised())
    });
    lines.collect::<Vec<_>>().join("; ")
}

#[test]
fn a_shop_in_hledger_s_syntax_adds_up() {
    let journal = clean(Syntax::Hledger, SHOP);
    assert_eq!(
        listed(&journal),
        "Assets:Bank 900 EUR; Assets:Dollars 99 $; Equity:Opening -1000 EUR; \
         Expenses:Fees 10 EUR; Shop:Income:Sales -50 EUR; Shop:Till 50 EUR"
    );
    let opening = &journal.transactions[0];
    assert_eq!(
        (opening.code.as_str(), opening.payee.as_str()),
        ("1", "Opening")
    );
    assert_eq!(opening.secondary_date.unwrap().to_string(), "2024-01-02");
    assert_eq!(journal.prices.len(), 1);
    assert_eq!(journal.accounts[1].kind, Some(AccountKind::Asset));
    let cost = journal.transactions[2].postings[0].cost.as_ref().unwrap();
    assert_eq!(cost.written, CostWritten::Inferred);
    assert_eq!(cost.weight.to_string(), "-10.00 EUR");
    assert!(
        journal
            .ignored
            .iter()
            .any(|ignored| ignored.directive == "~")
    );
}

#[test]
fn a_fund_in_ledger_s_syntax_adds_up() {
    let journal = clean(Syntax::Ledger, FUND);
    assert_eq!(
        listed(&journal),
        "Assets:Cash 878.5 $; Assets:Shares 6 ACME; Equity:Opening -1000 $; \
         Expenses:Food 21.5 $; Income:Gains -20 $"
    );
    let tags: Vec<&str> = journal.transactions[1]
        .tags
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(tags, ["fund", "shares", "long", "Broker"]);
}

#[test]
fn a_trust_in_beancount_s_syntax_adds_up() {
    let journal = clean(Syntax::Beancount, TRUST);
    assert_eq!(
        listed(&journal),
        "Assets:Bank 1000 EUR; Assets:Broker 5 ACME; Equity:Opening -1000 EUR; \
         Income:Gains -125 EUR"
    );
    let buy = &journal.transactions[0];
    assert_eq!(buy.description, "Buy\nin two lines");
    assert_eq!(buy.links, ["order"]);
    assert!(
        buy.tags
            .contains(&("number".to_owned(), "7; really".to_owned()))
    );
    assert_eq!(
        journal.transactions[2].postings.len(),
        4,
        "two lots are taken"
    );
}

#[test]
fn what_is_not_understood_is_said() {
    use Syntax::{Beancount, Hledger, Ledger};
    let cases = [
        (Hledger, "2024-13-01 x\n a  1\n b\n", 1, "not a date"),
        (Hledger, "2024-01-01 x\n (a)  1\n", 2, "virtual posting"),
        (
            Hledger,
            "2024-01-01 x\n a  1\n b  2\n",
            1,
            "does not balance",
        ),
        (Hledger, "2024-01-01 x\n a\n b\n", 1, "no amount"),
        (
            Hledger,
            "2024-01-01 x\n a  1 = 2\n b\n",
            2,
            "should be 2 here but is 1",
        ),
        (
            Hledger,
            "2024-01-01 x\n a  1 EUR ??\n b\n",
            2,
            "not understood",
        ),
        (Hledger, "alias /a/=b\n", 1, "pattern"),
        (Hledger, "= a\n b  1\n", 1, "Automated"),
        (Hledger, "i 2024/01/01 09:00:00 x\n", 1, "time clock"),
        (Hledger, "include self\n", 1, "includes itself"),
        (Hledger, "include gone\n", 1, "not handed over"),
        (Hledger, "frobnicate\n", 1, "not understood"),
        (Hledger, "  stray\n", 1, "belongs to no transaction"),
        (Hledger, "end apply account\n", 1, "not opened"),
        (
            Hledger,
            "2024-01-01 x\n a  99999999999999999999999999999999999999999\n b\n",
            2,
            "37",
        ),
        (Ledger, "2024-01-01 x\n a  (foo(1))\n b\n", 2, "calculation"),
        (Ledger, "2024-01-01 x\n a  (1/0)\n b\n", 2, "calculation"),
        (Ledger, "python\n", 1, "can change transactions"),
        (Ledger, "C 1 h = 60 m\n", 1, "units"),
        (Beancount, "plugin \"my.own\"\n", 1, "plugin"),
        (
            Beancount,
            "2024-01-01 * \"x\"\n  Assets:A  1 EUR\n",
            1,
            "not open",
        ),
        (Beancount, "2024-01-01 frob\n", 1, "not a directive"),
        (Beancount, "2024-01-01 open Stuff:A\n", 1, "not an account"),
        (Beancount, "include \"gone\"\n", 1, "not handed over"),
        (
            Beancount,
            "2024-01-01 open Assets:A\n2024-01-02 balance Assets:A 1 EUR\n",
            2,
            "should be 1 EUR",
        ),
        (
            Beancount,
            "2024-01-01 open Assets:A\n2024-01-01 * \"s\"\n  Assets:A  -1 X {2 EUR}\n  Assets:A  3 EUR\n",
            2,
            "does not balance",
        ),
    ];
    for (syntax, text, line, reason) in cases {
        let faults = journal(syntax, text).faults;
        let first = faults.first().unwrap_or_else(|| panic!("no fault: {text}"));
        // In included files the line counts there.
        assert_eq!(first.place.line, line, "{text}\n{first}");
        assert!(first.reason.contains(reason), "{text}\n{first}");
    }
}

#[test]
fn the_syntax_shows_in_the_name_or_the_text() {
    let cases = [
        ("a.beancount", "", Syntax::Beancount),
        ("a.ledger", "", Syntax::Ledger),
        ("a.journal", "", Syntax::Hledger),
        ("a.dat", TRUST, Syntax::Beancount),
        ("a.txt", FUND, Syntax::Ledger),
        ("a.txt", SHOP, Syntax::Hledger),
    ];
    for (name, text, expected) in cases {
        assert_eq!(Syntax::detect(name, text), expected, "{name}");
    }
}

#[test]
fn what_is_written_reads_back_to_the_same_balances() {
    let sources = [
        (Syntax::Hledger, SHOP),
        (Syntax::Ledger, FUND),
        (Syntax::Beancount, TRUST),
    ];
    for (syntax, text) in sources {
        let first = clean(syntax, text);
        let ledger = write::Ledger::from(&first);
        let plain = write::hledger(&ledger);
        assert_eq!(balances(&clean(Syntax::Hledger, &plain)), balances(&first));
        assert_eq!(balances(&clean(Syntax::Ledger, &plain)), balances(&first));
        let kept = clean(Syntax::Beancount, &write::beancount(&ledger).unwrap());
        let totals = |journal: &Journal| {
            let mut totals: Vec<Quantity> = balances(journal).into_values().collect();
            totals.sort();
            totals
        };
        assert_eq!(totals(&kept), totals(&first));
    }
}

fn books() -> impl Strategy<Value = write::Ledger> {
    let line = (0usize..4, -1_000_000i128..1_000_000, 0u8..4, 0usize..4);
    let words = "[ -~äß€\n]{0,12}";
    let entry = (
        1i8..28,
        words,
        words,
        words,
        prop::collection::vec(line, 1..4),
    );
    prop::collection::vec(entry, 1..6).prop_map(|entries| {
        let accounts = [
            "assets:a b",
            "Income:x;y",
            "expenses:(z)",
            "Liabilities:ü:[q]",
        ];
        let commodities = ["$", "USD", "EUR", "A1 b"];
        let mut ledger = write::Ledger::default();
        for (day, number, description, note, drawn) in entries {
            let mut lines = Vec::new();
            for (account, mantissa, scale, commodity) in drawn {
                let quantity = Quantity::new(mantissa, scale).unwrap();
                for quantity in [quantity, quantity.negated()] {
                    lines.push(write::Line {
                        account: accounts[(account + lines.len()) % 4].to_owned(),
                        amount: Amount::new(quantity, Name::from(commodities[commodity])),
                        total_cost: None,
                        note: note.clone(),
                    });
                }
            }
            ledger.entries.push(write::Entry {
                date: jiff::civil::date(2024, 2, day),
                number: number.clone(),
                description,
                note,
                tags: vec![("date".to_owned(), number)],
                lines,
            });
        }
        ledger
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_books_are_written_so_that_they_read_back(ledger in books()) {
        let plain = write::hledger(&ledger);
        let by_hledger = journal(Syntax::Hledger, &plain);
        prop_assert!(by_hledger.faults.is_empty(), "{:?}\n{}", by_hledger.faults, plain);
        let by_ledger = journal(Syntax::Ledger, &plain);
        prop_assert!(by_ledger.faults.is_empty(), "{:?}\n{}", by_ledger.faults, plain);
        prop_assert_eq!(balances(&by_hledger), balances(&by_ledger));
        let text = write::beancount(&ledger).unwrap();
        let by_beancount = journal(Syntax::Beancount, &text);
        prop_assert!(by_beancount.faults.is_empty(), "{:?}\n{}", by_beancount.faults, text);
        let lines: usize = ledger.entries.iter().map(|entry| entry.lines.len()).sum();
        for read in [&by_hledger, &by_ledger, &by_beancount] {
            let found: usize = read.transactions.iter().map(|entry| entry.postings.len()).sum();
            prop_assert_eq!(found, lines);
        }
    }

    #[test]
    fn hostile_text_is_read_to_an_end(
        text in "([ \t]{0,3}[-0-9a-zA-Z:@{}()\\[\\]=*!;#$€\"'.,/+~ äß]{0,30}\n){0,12}",
    ) {
        for syntax in [Syntax::Hledger, Syntax::Ledger, Syntax::Beancount] {
            let dated = format!("2024-01-01 x\n a  1\n b\n{text}");
            let _ = journal(syntax, &text);
            let _ = journal(syntax, &dated);
        }
    }
}
