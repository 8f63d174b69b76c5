//! Lines that are not transactions: what they set, and what they leave alone.

use super::super::cursor::{Cursor, Lines};
use super::super::model::{Place, Price};
use super::amount::Role;
use super::{Applied, Problem, Reader, date};

const NO_AMOUNTS: &str = "it names or describes and moves no amount";
const NOT_EVALUATED: &str =
    "it only matters to value expressions, which are refused where an amount depends on them";

impl Reader<'_> {
    pub(super) fn directive(&mut self, line: &str, lines: &mut Lines<'_>) {
        let place = self.place(lines.number());
        let (word, rest) = line.split_at(line.find([' ', '\t']).unwrap_or(line.len()));
        let rest = rest.trim();
        if let Err(Problem(reason)) = self.known_directive(word, rest, lines, &place) {
            self.journal.fault(place, reason);
            while lines.take_indented().is_some() {}
        }
    }

    fn known_directive(
        &mut self,
        word: &str,
        rest: &str,
        lines: &mut Lines<'_>,
        place: &Place,
    ) -> Result<(), Problem> {
        match word {
            "include" => self.include_directive(rest, place)?,
            "account" => self.account_directive(rest, lines, place)?,
            "commodity" => self.commodity_directive(rest, lines, place)?,
            "P" => self.price(rest, place)?,
            "alias" => self.alias(rest)?,
            "apply" => self.apply(rest)?,
            "end" => self.end(rest)?,
            "comment" => skip_to_end(lines, "comment"),
            "test" if !self.hledger() => {
                self.journal
                    .ignore(place.clone(), word, "a test block holds no entries");
                skip_to_end(lines, "test");
            }
            "decimal-mark" if self.hledger() => {
                self.scope.decimal_mark = match rest.as_bytes().first() {
                    Some(mark @ (b'.' | b',')) => Some(*mark),
                    _ => return Err("A decimal mark is a dot or a comma; write one.".into()),
                };
            }
            "D" => self.default_commodity(rest)?,
            "Y" | "year" => self.scope.year = Some(year(rest)?),
            "payee" | "tag" => {
                self.journal.ignore(place.clone(), word, NO_AMOUNTS);
                while lines.take_indented().is_some() {}
            }
            "N" => self.journal.ignore(
                place.clone(),
                word,
                "it only keeps a commodity out of price reports",
            ),
            _ => return self.rarer_directive(word, rest, lines, place),
        }
        Ok(())
    }

    fn rarer_directive(
        &mut self,
        word: &str,
        rest: &str,
        lines: &mut Lines<'_>,
        place: &Place,
    ) -> Result<(), Problem> {
        let year_alone = word.strip_prefix('Y').filter(|digits| !digits.is_empty());
        match word {
            "bucket" | "A" if !self.hledger() => self.scope.bucket = Some(self.account(rest)?),
            "define" | "def" | "assert" | "check" | "expr" | "eval" if !self.hledger() => {
                self.journal.ignore(place.clone(), word, NOT_EVALUATED);
                while lines.take_indented().is_some() {}
            }
            "value" if !self.hledger() => self.journal.ignore(
                place.clone(),
                word,
                "it only sets how holdings are valued in reports",
            ),
            "fixed" if !self.hledger() => self.fix(rest)?,
            "endfixed" if !self.hledger() => {
                self.scope.fixed.pop();
            }
            _ if word.starts_with("--") && !self.hledger() => {
                self.journal
                    .ignore(place.clone(), word, "an option sets how reports look");
            }
            "i" | "o" | "b" | "h" | "I" | "O" => {
                return Err(
                    "This is a time clock entry, not a booking; import it as times or remove it."
                        .into(),
                );
            }
            "C" => {
                return Err("Conversion of units (C) would change amounts and is not followed; write the amounts in one unit.".into());
            }
            "python" | "import" | "capture" => {
                return Err(Problem(format!(
                    "\"{word}\" can change transactions and is not followed; remove it, and write out what it would change."
                )));
            }
            _ => match year_alone.map(year) {
                Some(Ok(value)) => self.scope.year = Some(value),
                _ => {
                    return Err(Problem(format!(
                        "\"{word}\" is not understood here; a line begins with a date or a directive of the {} syntax.",
                        if self.hledger() { "hledger" } else { "ledger" }
                    )));
                }
            },
        }
        Ok(())
    }

    fn include_directive(&mut self, rest: &str, place: &Place) -> Result<(), Problem> {
        let path = without_comment(rest).trim_matches('"');
        let format = path.split_once(':').map(|(format, _)| format);
        if let Some(format @ ("timedot" | "timeclock" | "csv" | "ssv" | "tsv" | "rules")) = format {
            return Err(Problem(format!(
                "A file in the format {format} is included; import it on its own."
            )));
        }
        let kind = path.rsplit('.').next().unwrap_or_default();
        if matches!(
            kind,
            "timedot" | "timeclock" | "csv" | "ssv" | "tsv" | "rules"
        ) {
            return Err(Problem(format!(
                "The included file {path} is not a journal; import it on its own."
            )));
        }
        let known = ["journal:", "hledger:", "ledger:", "j:"];
        let path = known
            .iter()
            .find_map(|prefix| path.strip_prefix(prefix))
            .unwrap_or(path);
        if path.is_empty() {
            return Err("An include names no file; write its path.".into());
        }
        self.include(path, place.clone());
        Ok(())
    }

    fn price(&mut self, rest: &str, place: &Place) -> Result<(), Problem> {
        let mut cursor = Cursor::new(rest);
        let date = date::take(&mut cursor, self.scope.year)?;
        cursor.skip_blanks();
        let clock = |byte: u8| byte.is_ascii_digit() || byte == b':';
        let mut ahead = cursor.clone();
        // ledger may write the time of day, which prices here do not keep.
        if ahead.take_while(clock).contains(':') {
            cursor = ahead;
            cursor.skip_blanks();
        }
        let symbol = if self.hledger() {
            self.symbol(&mut cursor)?
        } else {
            match cursor.peek() {
                Some(b'"') => self.symbol(&mut cursor)?,
                // ledger takes one word, digits and all.
                _ => Some(cursor.take_while(|byte| !matches!(byte, b' ' | b'\t'))),
            }
        };
        let Some(symbol) = symbol.filter(|symbol| !symbol.is_empty()) else {
            return Err("A price names no commodity; write it like P 2024-01-31 EUR $1.10.".into());
        };
        let commodity = self.names.get(symbol);
        let price = self.amount(&mut cursor, Role::Price)?;
        cursor.skip_blanks();
        if !matches!(cursor.peek(), None | Some(b';' | b'#')) {
            return Err(Problem(format!(
                "\"{}\" after the price is not understood; remove it.",
                cursor.rest()
            )));
        }
        self.journal.prices.push(Price {
            date,
            commodity,
            price,
            place: place.clone(),
        });
        Ok(())
    }

    fn alias(&mut self, rest: &str) -> Result<(), Problem> {
        if rest.starts_with('/') {
            return Err("An alias by pattern is not followed; write plain aliases, or rename the accounts in the file.".into());
        }
        let Some((from, to)) = rest.split_once('=') else {
            return Err("An alias is written old=new; write both names.".into());
        };
        let pair = (from.trim().to_owned(), to.trim().to_owned());
        if pair.0 == pair.1 {
            return Err("An alias names itself; remove it.".into());
        }
        self.scope.aliases.push(pair);
        Ok(())
    }

    fn apply(&mut self, rest: &str) -> Result<(), Problem> {
        let (what, argument) = rest.split_once([' ', '\t']).unwrap_or((rest, ""));
        let argument = without_comment(argument.trim());
        match what {
            "account" => {
                self.scope.parents.push(argument.to_owned());
                self.scope.applied.push(Applied::Account);
            }
            "tag" if !self.hledger() => {
                let (name, value) = argument.split_once(':').unwrap_or((argument, ""));
                let tag = (name.trim().to_owned(), value.trim().to_owned());
                self.scope.tags.push(tag);
                self.scope.applied.push(Applied::Tag);
            }
            "year" => {
                self.scope.years.push(self.scope.year);
                self.scope.year = Some(year(argument)?);
                self.scope.applied.push(Applied::Year);
            }
            "fixed" | "rate" if !self.hledger() => self.fix(argument)?,
            _ => {
                return Err(Problem(format!(
                    "\"apply {what}\" is not understood; known are account, year, and in ledger tag and fixed."
                )));
            }
        }
        Ok(())
    }

    fn fix(&mut self, argument: &str) -> Result<(), Problem> {
        let mut cursor = Cursor::new(argument);
        let Some(symbol) = self.symbol(&mut cursor)? else {
            return Err(
                "A fixed rate names no commodity; write it like: apply fixed EUR $1.10.".into(),
            );
        };
        let commodity = self.names.get(symbol);
        let price = self.amount(&mut cursor, Role::Price)?;
        self.scope.fixed.push((commodity, price));
        self.scope.applied.push(Applied::Fixed);
        Ok(())
    }

    fn end(&mut self, rest: &str) -> Result<(), Problem> {
        let rest = without_comment(rest);
        let what = rest.strip_prefix("apply").map_or(rest, str::trim);
        let wanted = match what {
            "aliases" => {
                self.scope.aliases.clear();
                return Ok(());
            }
            "comment" | "test" => return Ok(()),
            "account" => Some(Applied::Account),
            "tag" => Some(Applied::Tag),
            "year" => Some(Applied::Year),
            "fixed" | "rate" => Some(Applied::Fixed),
            "" => None,
            _ => {
                return Err(Problem(format!(
                    "\"end {rest}\" is not understood; write what was applied, such as end apply account."
                )));
            }
        };
        let last = self.scope.applied.pop();
        match last {
            Some(applied) if wanted.is_none_or(|wanted| wanted == applied) => {
                match applied {
                    Applied::Account => drop(self.scope.parents.pop()),
                    Applied::Tag => drop(self.scope.tags.pop()),
                    Applied::Year => self.scope.year = self.scope.years.pop().flatten(),
                    Applied::Fixed => drop(self.scope.fixed.pop()),
                }
                Ok(())
            }
            _ => {
                Err("This end closes something that was not opened last; move or remove it.".into())
            }
        }
    }
}

fn year(text: &str) -> Result<i16, Problem> {
    let digits = text.split(['/', '-', '.', ' ']).next().unwrap_or_default();
    match digits.parse() {
        Ok(year) if (1..=9999).contains(&year) => Ok(year),
        _ => Err(Problem(format!(
            "\"{text}\" is not a year; write it like 2024."
        ))),
    }
}

pub(super) fn without_comment(text: &str) -> &str {
    let end = text.find(" ;").or_else(|| text.find("\t;"));
    let end = end.unwrap_or(text.len());
    text[..end].trim()
}

fn skip_to_end(lines: &mut Lines<'_>, what: &str) {
    while let Some(line) = lines.take() {
        let end = line.strip_prefix("end").map(str::trim);
        if end == Some(what) {
            return;
        }
    }
}
