//! The demo: two companies with a year of books up to today. They are made by
//! the same operations that everyone uses, and are the same on every machine.

mod cafe;
mod calendar;
mod costs;
mod dice;
mod entry;
pub mod folder;
mod joinery;
pub mod people;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use indicatif::{ProgressBar, ProgressStyle};
use jiff::civil::Date;
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::reach::{Ask, Reach};
use calendar::Calendar;
use entry::{Entry, decimal};
use people::Person;

/// Makes both companies with their people, as of `today`.
pub fn make(reach: &Reach, password: &str, today: Date) -> Result<(), Failure> {
    let calendar = Calendar { today };
    let (joinery, cafe) = (joinery::entries(calendar), cafe::entries(calendar));
    let total = joinery.len() + cafe.len();
    let progress = progress(u64::try_from(total).unwrap_or_default());
    let maker = Maker { reach, progress };
    for person in Person::ALL {
        let input = json!({"email": person.email(), "password": password});
        maker.ask(None, None, "identity.create_person", input)?;
    }
    let books = Company {
        name: joinery::NAME,
        slug: joinery::SLUG,
        accounts: joinery::ACCOUNTS,
        opening: joinery::OPENING,
        people: &Person::ALL,
    };
    maker.company(&books, calendar, &joinery)?;
    let token = json!({"name": "Bank feed", "scopes": ["books.post_entry", "books.list_entries"]});
    maker.inside(&books, Person::Owner, "team.create_api_token", token)?;
    let lock = json!({
        "through": calendar.last_quarter_end().to_string(),
        "reason": "Tax return of the quarter filed",
    });
    maker.inside(&books, Person::Owner, "books.lock_period", lock)?;
    let client = Company {
        name: cafe::NAME,
        slug: cafe::SLUG,
        accounts: &[],
        opening: cafe::OPENING,
        people: &[Person::Owner, Person::Manager],
    };
    maker.company(&client, calendar, &cafe)?;
    maker.progress.finish_and_clear();
    Ok(())
}

struct Company {
    name: &'static str,
    slug: &'static str,
    accounts: &'static [(&'static str, &'static str, &'static str)],
    opening: &'static [(&'static str, i64)],
    people: &'static [Person],
}

struct Maker<'a> {
    reach: &'a Reach,
    progress: ProgressBar,
}

impl Maker<'_> {
    fn company(
        &self,
        company: &Company,
        calendar: Calendar,
        entries: &[Entry],
    ) -> Result<(), Failure> {
        let input = json!({"name": company.name, "slug": company.slug});
        let owner = Person::Owner;
        self.ask(None, Some(owner), "identity.create_workspace", input)?;
        for person in company.people.iter().filter(|person| **person != owner) {
            let input = json!({"email": person.email(), "role": person.role()});
            self.inside(company, owner, "team.add_member", input)?;
        }
        let currency = json!({"currency": "EUR"});
        self.inside(company, owner, "books.set_base_currency", currency)?;
        let template = json!({"template": "small_business"});
        self.inside(company, owner, "books.apply_chart_template", template)?;
        for (code, name, parent) in company.accounts {
            let input = json!({"code": code, "name": name, "parent": parent});
            self.inside(company, owner, "books.open_account", input)?;
        }
        if company.people.contains(&Person::Member) {
            self.assign(company, entries)?;
        }
        let balances = company.opening.iter();
        let balances: Vec<Value> = balances
            .map(|(account, amount)| json!({"account": account, "amount": decimal(*amount)}))
            .collect();
        let opening = json!({"on": calendar.opening().to_string(), "balances": balances});
        self.inside(company, owner, "books.post_opening_balances", opening)?;
        for entry in entries {
            self.post(company, entry)?;
            self.progress.inc(1);
        }
        Ok(())
    }

    /// The Member keeps what they post to, and sees no more.
    fn assign(&self, company: &Company, entries: &[Entry]) -> Result<(), Failure> {
        let own = entries.iter().filter(|it| it.by == Person::Member);
        let accounts = own.flat_map(|it| &it.lines).map(|line| line.account);
        for account in accounts.collect::<BTreeSet<_>>() {
            let input = json!({"person": Person::Member.email(), "account": account});
            self.inside(company, Person::Manager, "books.assign_account", input)?;
        }
        Ok(())
    }

    fn post(&self, company: &Company, entry: &Entry) -> Result<(), Failure> {
        let posted = self.inside(company, entry.by, "books.post_entry", entry.input())?;
        let Some(reason) = entry.mistake else {
            return Ok(());
        };
        let input = json!({"entry": posted["number"], "reason": reason});
        self.inside(company, Person::Manager, "books.reverse_entry", input)?;
        Ok(())
    }

    fn inside(
        &self,
        company: &Company,
        person: Person,
        operation: &str,
        input: Value,
    ) -> Result<Value, Failure> {
        self.ask(Some(company.slug), Some(person), operation, input)
    }

    fn ask(
        &self,
        workspace: Option<&str>,
        person: Option<Person>,
        operation: &str,
        input: Value,
    ) -> Result<Value, Failure> {
        self.reach.ask(Ask {
            operation,
            workspace,
            person: person.map(Person::email),
            input,
            format: "json",
        })
    }
}

/// A bar on standard error, where somebody watches.
fn progress(total: u64) -> ProgressBar {
    let bar = ProgressBar::new(total);
    let style = ProgressStyle::with_template("{msg}  {wide_bar}  {pos} of {len} entries");
    if let Ok(style) = style {
        bar.set_style(style);
    }
    bar.set_message("Making a year of books");
    bar
}
