//! Members see what is assigned to them: in lists, search, totals, exports and by guessing ids,
//! on every operation and page that the registry knows.

use std::collections::BTreeSet;

use daybook_kernel::operation::Operation;
use daybook_kernel::{Role, Scope, Shows};
use daybook_testkit::{Answer, Caller, Instance, On, Request, for_both_stores};
use serde_json::{Value, json};

use crate::scene::{assign, entry, instance, last_record, product, trial_balance, with_books};

/// What is in the names, descriptions, notes, references and tags of what is not assigned.
const CANARY: &str = "Quillfeather";
/// Amounts that occur nowhere else, in the ways in which answers write them.
const AMOUNTS: [&str; 6] = [
    "48123.77",
    "48,123.77",
    "4812377",
    "59871.31",
    "59,871.31",
    "5987131",
];

/// The books of `acme`, in which everything about the account 7700 is secret. The entry 1 is
/// Sales to Bank; 2 is secret, 3 has one line on the Bank and one secret.
fn with_secrets(on: On) -> Instance {
    let instance = with_books(on);
    let owner = instance.owner();
    let name = |what: &str| format!("{CANARY} {what}");
    let account = json!({"code": "7700", "name": name("payroll"), "kind": "expense"});
    owner.ok("books.open_account", account);
    let below = json!({"code": "7710", "name": name("bonus"), "parent": "7700"});
    owner.ok("books.open_account", below);
    let post = |input: Value| owner.ok("books.post_entry", input);
    post(entry("2026-03-01", "Sale", "1200", "4000", "100.00"));
    let mut secret = entry("2026-03-02", &name("wages"), "7700", "2000", "48123.77");
    secret["note"] = json!(name("note"));
    secret["reference"] = json!(name("reference"));
    secret["tags"] = json!([name("tag")]);
    secret["lines"][0]["note"] = json!(name("line"));
    secret["journal"] = json!("PUR");
    post(secret);
    let mut half = entry("2026-03-03", "Paid from the bank", "7710", "1200", "30.00");
    half["lines"][0]["note"] = json!(name("half"));
    post(half);
    let template = |entry: i64, what: &str| {
        let input = json!({"name": name(what), "description": name("standing"), "entry": entry});
        owner.ok("books.save_entry_template", input);
    };
    template(2, "template");
    let text = format!(
        "2026-04-02 {CANARY} brought\n    Expenses:{CANARY}    59871.31 EUR\n    Equity:{CANARY} fund\n"
    );
    let file = json!({"name": format!("{CANARY}.journal"), "text": text});
    owner.ok("books.import_journal", json!({"files": [file]}));
    // Who else is assigned it is published, and its name to those who see it.
    instance.make_person("second@example.com");
    owner.ok(
        "team.add_member",
        json!({"email": "second@example.com", "role": "Member"}),
    );
    let second = json!({"person": "second@example.com", "account": "7700"});
    owner.ok("books.assign_account", second);
    instance
}

fn tells(answer: &Answer) -> bool {
    let text = answer.text();
    text.contains(CANARY) || AMOUNTS.iter().any(|amount| text.contains(amount))
}

/// What somebody would try who knows how ids look: the example, and each slot with each guess.
fn guesses(operation: &Operation) -> Vec<Value> {
    let example = (operation.example)();
    let ids = ["7700", "7710", "50001", "1200", "2", "1", "6", "PUR"];
    let numbers = [1, 2, 3, 4, 6, 7];
    let mut inputs = vec![example.clone(), json!({})];
    for field in example.as_object().into_iter().flat_map(|it| it.keys()) {
        let texts = ids.iter().map(|id| json!(id));
        for guess in texts.chain(numbers.iter().map(|number| json!(number))) {
            let mut input = example.clone();
            input[field] = guess;
            inputs.push(input);
        }
    }
    // What the example leaves out.
    for (field, guess) in [
        ("account", json!("7700")),
        ("amount", json!("48123.77")),
        ("journal", json!("PUR")),
        ("text", json!("a")),
        ("with", json!("counts")),
        ("by", json!("month")),
        ("on", json!("2026-12-31")),
        ("cursor", json!("6-20260101-0-0")),
        ("cursor", json!("20260101-0-0")),
        ("from", json!("2026-01-01")),
    ] {
        inputs.push(json!({field: guess}));
    }
    inputs
}

/// Every operation of a workspace that this role may do and that ends nothing.
fn open_to_members(instance: &Instance) -> Vec<&'static Operation> {
    let engine = instance.engine();
    let operations = engine
        .registry()
        .operations()
        .filter(|it| it.in_workspace());
    operations
        .filter(|it| it.spec.name != "team.leave_workspace")
        .filter(|it| {
            let roles =
                daybook_kernel::Authorizer::roles_allowed(engine.authorizer(), it.spec.name);
            roles.contains(&Role::Member)
        })
        .collect()
}

/// The addresses of all pages of a workspace, with their parts filled by what is secret.
fn pages(instance: &Instance) -> Vec<String> {
    let mut paths = Vec::new();
    for page in instance.engine().registry().pages_of(Scope::Workspace) {
        for code in ["7700", "7710", "1200", "PUR", "2", "3"] {
            let path = ["{code}", "{number}", "{seq}"]
                .iter()
                .fold(page.path.to_owned(), |path, part| path.replace(part, code));
            assert!(!path.contains('{'), "what stands in {path}?");
            paths.push(format!("/w/acme/{path}"));
        }
    }
    for more in [
        "books/entries/new?template=1",
        "books/entries?text=a",
        "books/entries?account=7700",
        "books/entries?journal=PUR",
        "books/assignments?person=second@example.com",
        "books/reports/profit-and-loss?from=2026-01-01&to=2026-12-31&by=month",
        "books/reports/balance-sheet?on=2026-12-31",
        "books/reports/trial-balance?on=2026-12-31",
    ] {
        paths.push(format!("/w/acme/{more}"));
    }
    paths.sort();
    paths.dedup();
    paths
}

/// Asks every operation, file and page; answers with what told a secret.
fn leaks(instance: &Instance, session: &Caller<'_>) -> BTreeSet<String> {
    let mut leaks = BTreeSet::new();
    for operation in open_to_members(instance) {
        let name = operation.spec.name;
        for input in guesses(operation) {
            let answer = session.call(name, input.clone());
            assert_ne!(answer.status, 500, "{name} {input}: {}", answer.text());
            if tells(&answer) {
                leaks.insert(name.to_owned());
            }
            if !operation.is_command() {
                let (mut request, _) = session.request(name, &input);
                request.path = request.path.replace("/api/v1/acme", "/w/acme/download");
                let file = session.send(request);
                assert_ne!(file.status, 500, "{name} {input}: {}", file.text());
                if tells(&file) {
                    leaks.insert(format!("{name} as a file"));
                }
            }
        }
    }
    for path in pages(instance) {
        let answer = session.send(Request::new("GET", &path));
        assert_ne!(answer.status, 500, "{path}: {}", answer.text());
        if tells(&answer) {
            leaks.insert(path);
        }
    }
    leaks
}

#[test]
fn no_operation_and_no_page_shows_a_member_what_is_not_assigned() {
    for_both_stores(|on| {
        let instance = with_secrets(on);
        // Whoever sees all finds the secrets by most of these questions: they ask for something.
        let manager = instance.member(Role::Manager);
        let seen = leaks(&instance, &manager);
        for told in [
            "books.list_accounts",
            "books.list_accounts as a file",
            "books.list_entries",
            "books.account_register",
            "books.show_entry",
            "books.show_entry_template",
            "books.list_entry_templates",
            "books.list_imports",
            "books.list_assignments",
            "books.export_journal",
            "books.export_journal as a file",
            "books.trial_balance",
            "books.profit_and_loss",
            "books.balance_sheet",
            "books.general_ledger",
            "books.journal",
            "team.list_access_changes",
            "/w/acme/",
            "/w/acme/books/entries",
            "/w/acme/books/entries/new",
            "/w/acme/books/imports",
            "/w/acme/team/access-changes",
        ] {
            assert!(
                seen.contains(told),
                "{told} tells a Manager nothing: {seen:?}"
            );
        }
        // Nothing assigned, and then something else.
        for accounts in [&[] as &[&str], &["1200", "4000"]] {
            assign(&instance, accounts);
            let member = instance.member(Role::Member);
            let told = leaks(&instance, &member);
            assert_eq!(told, BTreeSet::new(), "with {accounts:?}");
        }
    });
}

/// Both answers with what was asked taken out.
fn alike(caller: &Caller<'_>, operation: &str, hidden: &Value, nothing: &Value, field: &str) {
    let ask = |guess: &Value| {
        let answer = caller.call(operation, json!({field: guess}));
        let asked = guess
            .as_str()
            .map_or_else(|| guess.to_string(), str::to_owned);
        (answer.status, answer.text().replace(&asked, "…"))
    };
    assert_eq!(ask(hidden), ask(nothing), "{operation} {field}");
}

#[test]
fn a_guess_is_answered_as_if_nothing_were_there() {
    for_both_stores(|on| {
        let instance = with_secrets(on);
        assign(&instance, &["1200"]);
        let member = instance.member_by_token(Role::Member);
        for (operation, hidden, nothing, field) in guesses_at_secrets() {
            alike(&member, operation, &hidden, &nothing, field);
        }
        guesses_in_commands(&member);
    });
}

/// The same for what is posted, and for what is saved to be posted.
fn guesses_in_commands(member: &Caller<'_>) {
    let tried = |account: &str| {
        let answer = member.call(
            "books.post_entry",
            entry("2026-03-04", "Try", account, "1200", "1.00"),
        );
        (answer.status, answer.text().replace(account, "…"))
    };
    assert_eq!(tried("7700"), tried("7799"));
    assert_eq!(tried("4000"), tried("4999"));
    let by_name = format!("{CANARY} payroll");
    assert_eq!(tried(&by_name), tried("Quillfeather payrolx"));
    let saved = |name: &str, number: i64| {
        let input = json!({"name": name, "entry": number});
        let answer = member.call("books.save_entry_template", input);
        (
            answer.status,
            answer.text().replace(&format!("entry {number}"), "…"),
        )
    };
    assert_eq!(saved("Mine", 2), saved("Mine", 9));
    // The name of a hidden template is no more taken than another.
    let named = |name: &str| saved(name, 1).0;
    assert_eq!(named(&format!("{CANARY} template")), 200);
    assert_eq!(named(&format!("{CANARY} template")), 422);
    assert_eq!(named("Another"), 200);
}

/// Questions about something that is hidden, and the same about nothing at all.
fn guesses_at_secrets() -> Vec<(&'static str, Value, Value, &'static str)> {
    vec![
        ("books.show_entry", json!(2), json!(9), "number"),
        ("books.show_entry_template", json!(1), json!(9), "id"),
        ("books.remove_entry_template", json!(1), json!(9), "id"),
        (
            "books.account_register",
            json!("7700"),
            json!("7799"),
            "account",
        ),
        (
            "books.account_register",
            json!("4000"),
            json!("4999"),
            "account",
        ),
        (
            "books.list_entries",
            json!("7700"),
            json!("7799"),
            "account",
        ),
        (
            "books.list_entries",
            json!("48123.77"),
            json!("48123.78"),
            "amount",
        ),
        (
            "books.list_entries",
            json!("Quillfeather wages"),
            json!("Quillfeather wager"),
            "text",
        ),
        (
            "books.list_entries",
            json!("Quillfeather tag"),
            json!("Quillfeather tap"),
            "tag",
        ),
        (
            "books.general_ledger",
            json!("7700"),
            json!("7799"),
            "account",
        ),
        (
            "books.general_ledger",
            json!("6-20260301-0-0"),
            json!("99-20260301-0-0"),
            "cursor",
        ),
        (
            "books.list_assignments",
            json!("7700"),
            json!("7799"),
            "account",
        ),
        (
            "books.list_assignments",
            json!("second@example.com"),
            json!("nobody@example.com"),
            "person",
        ),
    ]
}

#[test]
fn lists_search_totals_and_exports_hold_what_is_assigned() {
    for_both_stores(|on| {
        let instance = with_secrets(on);
        assign(&instance, &["1200"]);
        let member = instance.member_by_token(Role::Member);
        let told = |operation: &str, input: Value| {
            let answer = member.ok(operation, input);
            assert_eq!(answer["assigned_only"], true, "{operation}");
            answer
        };
        let accounts = told("books.list_accounts", json!({}));
        assert_eq!(accounts["accounts"].as_array().unwrap().len(), 1);
        assert_eq!(accounts["accounts"][0]["balances"][0]["balance"], "70.00");
        let numbers = |input: Value| -> Vec<i64> {
            let list = told("books.list_entries", input);
            let entries = list["entries"].as_array().unwrap().iter();
            entries.map(|it| it["number"].as_i64().unwrap()).collect()
        };
        assert_eq!(numbers(json!({})), [3, 1]);
        assert!(numbers(json!({"text": CANARY})).is_empty());
        assert_eq!(numbers(json!({"text": "bank"})), [3]);
        // The amount of an entry is that of what is seen, on whichever side.
        let list = told("books.list_entries", json!({}));
        assert_eq!(list["entries"][0]["total"], "30.00");
        assert_eq!(
            trial_balance(&member, None),
            [("1200".to_owned(), "EUR".to_owned(), "70.00".to_owned())]
        );
        let report = told("books.trial_balance", json!({}));
        assert_eq!(
            (&report["total_debit"], &report["total_credit"]),
            (&json!("70.00"), &json!("0.00"))
        );
        let profit = told("books.profit_and_loss", json!({"from": "2026-01-01"}));
        assert_eq!(profit["net_total"], "0.00");
        let sheet = told("books.balance_sheet", json!({"on": "2026-12-31"}));
        assert_eq!(
            (&sheet["total_assets"], &sheet["current_earnings"]),
            (&json!("70.00"), &json!("0.00"))
        );
        counts_hold_what_is_assigned(&told);
        let whole = told("books.show_entry", json!({"number": 3}));
        let lines = whole["lines"].as_array().unwrap();
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0]["account"], "1200");
        let register = told("books.account_register", json!({"account": "1200"}));
        assert_eq!(register["closing"][0]["balance"], "70.00");
        assert_eq!(
            (
                &register["lines"][0]["first_other"],
                &register["lines"][0]["others"]
            ),
            (&Value::Null, &json!(0))
        );
        let checked = told("books.check_balances", json!({}));
        assert_eq!(
            (&checked["good"], &checked["entries"]),
            (&json!(true), &json!(2))
        );
        assert_eq!(told("books.list_imports", json!({}))["imports"], json!([]));
        exports_can_be_read_again(&instance, &instance.member(Role::Member));
    });
}

/// What is counted is what is seen.
fn counts_hold_what_is_assigned(told: &dyn Fn(&str, Value) -> Value) {
    let journals = told("books.list_journals", json!({"with": "counts"}));
    let counted: Vec<i64> = journals["journals"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["entries"].as_i64().unwrap())
        .collect();
    assert_eq!(counted, [2, 0, 0, 0, 0, 0]);
    let standing = told("books.show_standing", json!({}));
    assert_eq!(
        (&standing["entries"], &standing["last_entry"]["number"]),
        (&json!(2), &json!(3))
    );
}

/// An export in part balances, and brings the same balances elsewhere.
fn exports_can_be_read_again(instance: &Instance, member: &Caller<'_>) {
    instance.make_workspace("elsewhere", "owner@example.com");
    let elsewhere = instance.local("elsewhere");
    for (format, name) in [("hledger", "a.journal"), ("beancount", "a.beancount")] {
        let export = member.ok("books.export_journal", json!({"format": format}));
        assert_eq!(
            (&export["entries"], &export["assigned_only"]),
            (&json!(2), &json!(true))
        );
        let file = json!({"name": name, "text": export["text"]});
        let found = elsewhere.ok("books.preview_import", json!({"files": [file.clone()]}));
        assert_eq!(found["entries"], 2, "{found} {}", export["text"]);
        if format == "hledger" {
            elsewhere.ok("books.import_journal", json!({"files": [file]}));
            let balances: Vec<(String, String)> = trial_balance(&elsewhere, None)
                .into_iter()
                .map(|(account, _, balance)| (account, balance))
                .collect();
            let expected = [("10001", "70.00"), ("30001", "-70.00")];
            assert_eq!(
                balances,
                expected.map(|(code, sum)| (code.to_owned(), sum.to_owned()))
            );
        }
    }
}

#[test]
fn a_member_posts_to_what_is_assigned_alone() {
    for_both_stores(|on| {
        let instance = with_books(on);
        assign(&instance, &["1200", "6000"]);
        let member = instance.member(Role::Member);
        let posted = member.ok(
            "books.post_entry",
            entry("2026-03-01", "Paper", "6000", "1200", "5.00"),
        );
        assert_eq!(posted["number"], 1);
        let said = member.refused(
            "books.post_entry",
            entry("2026-03-01", "Sale", "1200", "4000", "5.00"),
            422,
        );
        assert!(
            said.contains("no account") && !said.contains("Sales"),
            "{said}"
        );
        // The line that rounding leaves is Daybook's own, and needs no assignment, twice.
        for _ in 0..2 {
            let line = |account: &str, amount: &str, rate: Value| json!({"account": account, "amount": amount, "currency": "USD", "rate": rate});
            let lines = json!([
                line("6000", "0.05", json!("0.9")),
                line("6000", "0.05", json!("0.9")),
                {"account": "1200", "amount": "-0.09"},
            ]);
            let input = json!({"date": "2026-03-02", "description": "Rounded", "lines": lines});
            member.ok("books.post_entry", input);
        }
        let owner = instance.owner();
        let whole = owner.ok("books.show_entry", json!({"number": 3}));
        assert_eq!(whole["lines"].as_array().unwrap().len(), 4, "{whole}");
        assert_eq!(owner.ok("books.check_balances", json!({}))["good"], true);
    });
}

#[test]
fn an_account_comes_with_what_stands_below_it() {
    for_both_stores(|on| {
        let instance = with_books(on);
        let owner = instance.owner();
        let open = |code: &str, name: &str, parent: &str| {
            let input = json!({"code": code, "name": name, "parent": parent});
            owner.ok("books.open_account", input);
        };
        open("6100", "Travel", "6000");
        open("6110", "Trains", "6100");
        assign(&instance, &["6100"]);
        let member = instance.member(Role::Member);
        let names = || -> Vec<String> {
            let list = member.ok("books.list_accounts", json!({}));
            let accounts = list["accounts"].as_array().unwrap().iter();
            accounts
                .map(|it| {
                    format!(
                        "{} {}",
                        it["code"].as_str().unwrap(),
                        it["name"].as_str().unwrap()
                    )
                })
                .collect()
        };
        // The account above it is not theirs, and so is not part of the name.
        assert_eq!(names(), ["6100 Travel", "6110 Travel:Trains"]);
        open("6120", "Planes", "6110");
        assert_eq!(names().len(), 3);
        // By the name that they see, and not by the one that they do not.
        member.ok(
            "books.account_register",
            json!({"account": "Travel:Trains"}),
        );
        member.refused(
            "books.account_register",
            json!({"account": "Costs:Travel"}),
            422,
        );
        let line = |account: &str, amount: &str| json!({"account": account, "amount": amount});
        let input = json!({"date": "2026-03-01", "description": "Tickets",
            "lines": [line("Travel:Trains", "5.00"), line("6120", "-5.00")]});
        member.ok("books.post_entry", input);
        let mut wrong = json!({"date": "2026-03-01", "description": "Tickets",
            "lines": [line("Costs:Travel:Trains", "5.00"), line("6120", "-5.00")]});
        member.refused("books.post_entry", wrong.clone(), 422);
        wrong["lines"][0]["account"] = json!("Costs");
        member.refused("books.post_entry", wrong, 422);
    });
}

#[test]
fn assignments_are_given_by_who_may_published_and_remembered() {
    for_both_stores(|on| {
        let instance = with_books(on);
        let person = instance.colleague(Role::Member);
        let member = instance.member(Role::Member);
        let token = instance.member_by_token(Role::Member);
        let bank = json!({"person": person, "account": "1200"});
        for role in [Role::Member, Role::Viewer, Role::Auditor] {
            let other = instance.member(role);
            for operation in ["books.assign_account", "books.unassign_account"] {
                let said = other.refused(operation, bank.clone(), 403);
                assert!(said.contains("Owner, Admin or Manager"), "{said}");
            }
        }
        for role in [Role::Owner, Role::Admin, Role::Manager] {
            let giver = instance.member(role);
            let seen = |caller: &Caller<'_>| {
                let list = caller.ok("books.list_accounts", json!({}));
                list["accounts"].as_array().unwrap().len()
            };
            assert_eq!((seen(&member), seen(&token)), (0, 0));
            let given = giver.ok("books.assign_account", bank.clone());
            assert_eq!(
                (&given["account"], &given["email"]),
                (&json!("1200"), &json!(person))
            );
            let record = last_record(&instance);
            assert_eq!(record["target_kind"], "Assignment");
            assert_eq!(record["after"]["name"], "Bank");
            // On their very next request, in a browser and by token.
            assert_eq!((seen(&member), seen(&token)), (1, 1));
            giver.refused("books.assign_account", bank.clone(), 422);
            published(&giver, &["", "1200 Bank"]);
            published(&member, &["", "1200 Bank"]);
            giver.ok("books.unassign_account", bank.clone());
            giver.refused("books.unassign_account", bank.clone(), 422);
            published(&giver, &["1200 Bank", ""]);
            published(&member, &["", ""]);
        }
        let owner = instance.owner();
        for (field, value, words) in [
            ("person", "nobody@example.com", "no member here"),
            ("account", "1201", "Did you mean 1200"),
            ("account", "", "empty"),
        ] {
            let mut wrong = bank.clone();
            wrong[field] = json!(value);
            let said = owner.refused("books.assign_account", wrong, 422);
            assert!(said.contains(words), "{said}");
        }
    });
}

/// The last published change, before and after.
fn published(caller: &Caller<'_>, expected: &[&str; 2]) {
    let list = caller.ok("team.list_access_changes", json!({}));
    let last = &list["changes"][0];
    assert_eq!(
        (&last["kind"], &last["subject"]),
        (&json!("assignment"), &json!("member@example.com"))
    );
    assert_eq!(json!([last["old"], last["new"]]), json!(expected));
}

#[test]
fn another_role_sees_all_and_keeps_its_assignments() {
    for_both_stores(|on| {
        let instance = with_books(on);
        assign(&instance, &["1200"]);
        let person = instance.colleague(Role::Member);
        let owner = instance.member(Role::Owner);
        let id = owner.ok("books.list_assignments", json!({"person": person}));
        let id = id["members"][0]["person"].as_str().unwrap().to_owned();
        let state = || {
            let list = owner.ok("books.list_assignments", json!({"person": id}));
            let one = &list["members"][0];
            (
                one["in_effect"].clone(),
                one["accounts"].as_array().map_or(0, Vec::len),
            )
        };
        let token = instance.member_by_token(Role::Member);
        let seen = || {
            let list = token.ok("books.list_accounts", json!({}));
            (
                list["accounts"].as_array().unwrap().len(),
                list["assigned_only"].clone(),
            )
        };
        assert_eq!((state(), seen()), ((json!(true), 1), (1, json!(true))));
        owner.ok("team.change_role", json!({"person": id, "role": "Viewer"}));
        assert_eq!((state(), seen()), ((json!(false), 1), (5, json!(false))));
        owner.ok("team.change_role", json!({"person": id, "role": "Member"}));
        assert_eq!((state(), seen()), ((json!(true), 1), (1, json!(true))));
        // Whoever leaves and comes again begins with nothing.
        owner.ok("team.remove_member", json!({"person": id}));
        instance.colleague(Role::Member);
        assert_eq!(state(), (json!(true), 0));
    });
}

#[test]
fn pages_say_what_is_shown_and_who_can_give_more() {
    for_both_stores(|on| {
        let instance = with_books(on);
        let member = instance.member(Role::Member);
        let page = |caller: &Caller<'_>, path: &str| {
            let answer = caller.send(Request::new("GET", &format!("/w/acme/{path}")));
            assert_eq!(answer.status, 200, "{path}");
            answer.text()
        };
        let shown = [
            "",
            "books/accounts",
            "books/entries",
            "books/entries/new",
            "books/assignments",
            "books/reports/trial-balance",
            "books/reports/profit-and-loss",
            "books/reports/balance-sheet",
            "books/reports/general-ledger",
            "books/reports/journal",
        ];
        for path in shown {
            let text = page(&member, path);
            assert!(
                text.contains("Ask an Owner, Admin or Manager to assign"),
                "{path}"
            );
            assert!(text.contains("You see what is assigned to you"), "{path}");
        }
        assign(&instance, &["1200"]);
        for path in shown {
            let text = page(&member, path);
            assert!(!text.contains("Ask an Owner, Admin or Manager"), "{path}");
            assert!(text.contains("You see what is assigned to you"), "{path}");
            let owner = page(&instance.member(Role::Owner), path);
            assert!(!owner.contains("You see what is assigned to you"), "{path}");
        }
        let owner = instance.member(Role::Owner);
        for path in ["books/assignments", "books/accounts/1200"] {
            let text = page(&owner, path);
            assert!(text.contains("/do/books.unassign_account"), "{path}");
            assert!(!page(&member, path).contains("assign_account"), "{path}");
        }
        for path in ["books/assignments", "books/accounts/1000"] {
            let text = page(&owner, path);
            assert!(text.contains("/do/books.assign_account"), "{path}");
        }
    });
}

/// A table that nobody thought of would be shown whole.
#[test]
fn every_table_says_what_a_member_sees_of_it() {
    let sights: Vec<_> = product()
        .directory
        .sights
        .iter()
        .copied()
        .flatten()
        .collect();
    let told: BTreeSet<&str> = sights.iter().map(|it| it.table).collect();
    assert_eq!(told.len(), sights.len(), "a table says it twice");
    let mut kept = BTreeSet::new();
    for feature in product()
        .features
        .iter()
        .filter(|it| it.scope == Scope::Workspace)
    {
        for migration in feature.migrations {
            let words: Vec<&str> = migration.sql.split([' ', '\n', ';', '(']).collect();
            for words in words.windows(3) {
                match words {
                    ["CREATE", "TABLE", name] => kept.insert(*name),
                    ["DROP", "TABLE", name] => kept.remove(name),
                    _ => false,
                };
            }
        }
    }
    assert_eq!(
        told, kept,
        "say in the slice's list of sights what a Member sees of each table"
    );
    // What is shown whole names no account: the texts of the migrations are the witness.
    let whole = sights
        .iter()
        .filter(|it| matches!(it.shows, Shows::Everything(_)));
    for sight in whole {
        let begins = format!("CREATE TABLE {} (", sight.table);
        let table = product()
            .features
            .iter()
            .flat_map(|feature| feature.migrations)
            .find_map(|migration| Some(migration.sql.split_once(&begins)?.1.split_once(");")?.0))
            .unwrap();
        assert!(!table.contains("account"), "{}: {table}", sight.table);
    }
}

#[test]
fn who_sees_all_asks_as_before() {
    let instance = instance(On::Embedded);
    for role in Role::ALL {
        let caller = instance.member(role);
        let list = caller.ok("books.list_accounts", json!({}));
        assert_eq!(list["assigned_only"], role == Role::Member, "{role}");
    }
}
