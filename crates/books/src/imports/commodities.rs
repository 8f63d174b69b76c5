//! The commodities of a journal as currencies of the books: which code, how many decimals, and
//! which of them the books are kept in.

use std::collections::BTreeMap;

use daybook_kernel::money::SCALE_MAX;
use daybook_kernel::{Currency, Error, Faults, Read};

use crate::currencies::sql::{self as currencies, Scales};
use crate::journal_file::{Journal, Name, Quantity};

/// The currencies that a journal needs.
#[derive(Debug)]
pub(crate) struct Commodities {
    by_name: BTreeMap<Name, Currency>,
    pub base: Currency,
    /// Whether the books have no base currency yet and take this one.
    pub base_is_new: bool,
    /// Commodities whose decimals the workspace settles with this import.
    pub settled: Vec<Currency>,
}

#[derive(Debug, Default)]
struct Seen {
    decimals: u8,
    postings: usize,
}

impl Commodities {
    pub fn get(&self, name: &Name) -> Option<Currency> {
        self.by_name.get(name).copied()
    }

    pub fn codes(&self) -> Vec<String> {
        let mut codes: Vec<String> = self
            .by_name
            .values()
            .map(|one| one.code().to_owned())
            .collect();
        codes.dedup();
        codes
    }
}

/// Settles the commodities of a journal against those of the workspace.
pub(crate) fn settle(
    tx: &mut Read<'_>,
    journal: &Journal,
    faults: &mut Faults,
) -> Result<Commodities, Error> {
    let scales = Scales::load(tx)?;
    let known_base = currencies::base(tx)?;
    let used = currencies::used(tx)?;
    let seen = seen(journal);
    let most_used = seen
        .iter()
        .max_by_key(|(_, seen)| seen.postings)
        .map(|(name, _)| name.clone());
    let base_code = known_base.map(|base| base.code().to_owned());
    let bare = base_code.clone().unwrap_or_else(|| "EUR".to_owned());
    let mut by_name = BTreeMap::new();
    let mut by_code: BTreeMap<String, u8> = BTreeMap::new();
    for (name, seen) in &seen {
        let decimals = by_code.entry(code_of(name, &bare)).or_default();
        *decimals = (*decimals).max(seen.decimals);
    }
    let mut settled = Vec::new();
    for (code, decimals) in by_code {
        let known = scales.currency(&code);
        let is_used = used.contains(&code) || base_code.as_ref() == Some(&code);
        let wanted = known.map_or(decimals, |known| known.scale().max(decimals));
        let currency = match known {
            Some(known) if known.scale() >= decimals => Some(known),
            Some(known) if is_used || scales.settled().any(|one| one == code) => {
                let message = format!(
                    "{code} is kept with {} decimals here and has {decimals} in this file. Round the amounts in the file.",
                    known.scale()
                );
                faults.add("files", message);
                None
            }
            _ if wanted > SCALE_MAX => {
                let message = format!(
                    "{code} has amounts of {decimals} decimals; at most {SCALE_MAX} are kept. Round them."
                );
                faults.add("files", message);
                None
            }
            _ => Currency::new(&code, wanted).inspect(|new| settled.push(*new)),
        };
        let Some(currency) = currency else {
            faults.add(
                "files",
                format!("“{code}” cannot be the code of a commodity. Shorten it to 24 letters."),
            );
            continue;
        };
        for name in seen.keys().filter(|name| code_of(name, &bare) == code) {
            by_name.insert(name.clone(), currency);
        }
    }
    let chosen = most_used.and_then(|name| by_name.get(&name).copied());
    let base = known_base.or(chosen).or_else(|| Currency::iso("EUR"));
    let base = base.ok_or_else(|| Error::ours("there is no base currency"))?;
    Ok(Commodities {
        by_name,
        base,
        base_is_new: known_base.is_none(),
        settled,
    })
}

fn seen(journal: &Journal) -> BTreeMap<Name, Seen> {
    let mut all: BTreeMap<Name, Seen> = BTreeMap::new();
    for posting in journal
        .transactions
        .iter()
        .flat_map(|entry| &entry.postings)
    {
        let quantity = posting.amount.quantity;
        if let Some(seen) = all.get_mut(&posting.amount.commodity) {
            seen.postings += 1;
            if quantity.scale() > seen.decimals {
                seen.decimals = seen.decimals.max(quantity.normalised().scale());
            }
        } else {
            let seen = Seen {
                decimals: quantity.normalised().scale(),
                postings: 1,
            };
            all.insert(posting.amount.commodity.clone(), seen);
        }
    }
    all
}

/// The code of a commodity: a sign becomes its currency, blanks become dashes, and bare numbers
/// are of the base currency.
fn code_of(name: &str, bare: &str) -> String {
    match name {
        "" => bare.to_owned(),
        "$" | "US$" => "USD".to_owned(),
        "€" => "EUR".to_owned(),
        "£" => "GBP".to_owned(),
        "¥" => "JPY".to_owned(),
        other => other
            .chars()
            .filter(|c| *c != '"')
            .map(|c| if c.is_whitespace() { '-' } else { c })
            .collect(),
    }
}

/// A quantity in minor units; what is finer rounds half away from zero. `None` is out of range.
pub(crate) fn minor(quantity: Quantity, scale: u8) -> Option<i64> {
    let mantissa = quantity.mantissa();
    let value = if quantity.scale() <= scale {
        mantissa.checked_mul(10_i128.checked_pow(u32::from(scale - quantity.scale()))?)?
    } else {
        let divisor = 10_i128.checked_pow(u32::from(quantity.scale() - scale))?;
        let (whole, rest) = (mantissa / divisor, mantissa % divisor);
        whole
            + if rest.abs() >= divisor - rest.abs() {
                rest.signum()
            } else {
                0
            }
    };
    i64::try_from(value).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn quantities_become_minor_units() {
        for (text, scale, expected) in [
            ("12.5", 2, 1250),
            ("-0.005", 2, -1),
            ("0.0049", 2, 0),
            ("7", 0, 7),
            ("1.25", 1, 13),
        ] {
            assert_eq!(
                minor(Quantity::parse(text).unwrap(), scale),
                Some(expected),
                "{text}"
            );
        }
    }

    #[test]
    fn signs_become_codes() {
        assert_eq!(code_of("$", "EUR"), "USD");
        assert_eq!(code_of("", "EUR"), "EUR");
        assert_eq!(code_of("Chocolate Frogs", "EUR"), "Chocolate-Frogs");
    }
}
