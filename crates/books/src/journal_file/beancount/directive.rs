//! Directives other than transactions.

use jiff::civil::Date;

use super::super::cursor::{Cursor, Lines};
use super::super::model::{Name, Place, Price};
use super::amount::{ended, number, string};
use super::{Entry, Problem, Reader, What, body_line, options};

const NO_AMOUNTS: &str = "it describes and moves no amount";

impl Reader<'_> {
    /// A line that begins with a directive's name.
    pub(super) fn undated(
        &mut self,
        line: &str,
        lines: &mut Lines<'_>,
        place: &Place,
    ) -> Result<(), Problem> {
        let mut cursor = Cursor::new(line);
        let word = cursor.take_while(|byte| byte.is_ascii_lowercase());
        cursor.skip_blanks();
        let mut text = || {
            cursor.skip_blanks();
            string(&mut cursor).ok_or(Problem(format!(
                "\"{word}\" is followed by text in quotation marks; write it so."
            )))
        };
        match word {
            "option" => {
                let (key, value) = (text()?, text()?);
                self.option(&key, &value, place)
            }
            "plugin" => {
                let name = text()?;
                self.plugin(&name, place)
            }
            "include" => {
                let path = text()?;
                self.include(&path, place)
            }
            "pushtag" => {
                let tag = cursor.rest().trim().trim_start_matches('#');
                self.tags.push(tag.to_owned());
                Ok(())
            }
            "poptag" => {
                let tag = cursor.rest().trim().trim_start_matches('#');
                match self.tags.iter().rposition(|pushed| pushed == tag) {
                    Some(at) => drop(self.tags.remove(at)),
                    None => {
                        return Err(Problem(format!(
                            "poptag closes #{tag}, which was not pushed; remove it."
                        )));
                    }
                }
                Ok(())
            }
            "pushmeta" => {
                let (key, value) = cursor.rest().split_once(':').unwrap_or((cursor.rest(), ""));
                self.metas.push((key.trim().to_owned(), unquoted(value)));
                Ok(())
            }
            "popmeta" => {
                let key = cursor.rest().trim().trim_end_matches(':');
                match self.metas.iter().rposition(|(pushed, _)| pushed == key) {
                    Some(at) => drop(self.metas.remove(at)),
                    None => {
                        return Err(Problem(format!(
                            "popmeta closes {key}, which was not pushed; remove it."
                        )));
                    }
                }
                Ok(())
            }
            _ => Err(Problem(format!(
                "\"{word}\" is not a directive of beancount; correct it or put a semicolon before it."
            ))),
        }?;
        while body_line(lines).is_some() {}
        Ok(())
    }

    /// A line that begins with a date.
    pub(super) fn dated(
        &mut self,
        line: &str,
        lines: &mut Lines<'_>,
        place: &Place,
    ) -> Result<(), Problem> {
        let mut cursor = Cursor::new(line);
        let date = date(&mut cursor)?;
        cursor.skip_blanks();
        let flag = cursor.peek().is_some_and(|first| {
            b"*!&#?%PSTCURM".contains(&first)
                && matches!(cursor.peek_after(1), None | Some(b' ' | b'\t'))
        });
        if flag || cursor.rest().starts_with("txn") {
            return self.transaction(date, cursor, lines, place);
        }
        let word = cursor.take_while(|byte| byte.is_ascii_lowercase());
        cursor.skip_blanks();
        let what = match word {
            "open" => Some(self.open_account(&mut cursor)?),
            "close" => Some(What::Close {
                account: self.account_word(&mut cursor)?,
            }),
            "pad" => Some(What::Pad {
                account: self.account_word(&mut cursor)?,
                source: self.account_word(&mut cursor)?,
            }),
            "balance" => Some(self.balance_line(&mut cursor)?),
            "price" => {
                let Some(commodity) = self.currency(&mut cursor) else {
                    return Err(
                        "A price names no currency; write it like: price EUR 1.10 USD.".into(),
                    );
                };
                let price = self.amount(&mut cursor)?;
                let place = place.clone();
                self.journal.prices.push(Price {
                    date,
                    commodity,
                    price,
                    place,
                });
                None
            }
            "commodity" | "note" | "document" | "event" | "query" | "custom" => {
                self.journal.ignore(place.clone(), word, NO_AMOUNTS);
                while body_line(lines).is_some() {}
                return Ok(());
            }
            _ => {
                return Err(Problem(format!(
                    "\"{}\" after the date is not a directive of beancount; correct it.",
                    cursor.since(0).trim().to_owned() + cursor.rest()
                )));
            }
        };
        ended(&mut cursor)?;
        if let Some(what) = what {
            let place = place.clone();
            self.entries.push(Entry { date, place, what });
        }
        while body_line(lines).is_some() {}
        Ok(())
    }

    fn open_account(&mut self, cursor: &mut Cursor<'_>) -> Result<What, Problem> {
        let account = self.account_word(cursor)?;
        let mut commodities = Vec::new();
        while let Some(commodity) = self.currency(cursor) {
            commodities.push(commodity);
            cursor.skip_blanks();
            if !cursor.eat(",") {
                break;
            }
        }
        cursor.skip_blanks();
        let booking = match string(cursor) {
            Some(name) => Some(options::booking(&name)?),
            None => None,
        };
        Ok(What::Open {
            account,
            commodities,
            booking,
        })
    }

    fn balance_line(&mut self, cursor: &mut Cursor<'_>) -> Result<What, Problem> {
        let account = self.account_word(cursor)?;
        cursor.skip_blanks();
        let quantity = number(cursor)?;
        cursor.skip_blanks();
        let tolerance = if cursor.eat("~") {
            Some(number(cursor)?)
        } else {
            None
        };
        let Some(commodity) = self.currency(cursor) else {
            return Err(
                "A balance has no currency; write it like: balance Assets:Cash 10.00 EUR.".into(),
            );
        };
        Ok(What::Balance {
            account,
            amount: super::Amount::new(quantity, commodity),
            tolerance,
        })
    }

    pub(super) fn account_word(&mut self, cursor: &mut Cursor<'_>) -> Result<Name, Problem> {
        cursor.skip_blanks();
        let word = cursor.take_while(|byte| !matches!(byte, b' ' | b'\t' | b';' | b'{' | b'"'));
        self.account(word)
    }
}

/// Takes a date of four, two and two digits.
pub(super) fn date(cursor: &mut Cursor<'_>) -> Result<Date, Problem> {
    let text = cursor.take_while(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'/'));
    let mut parts = text.split(['-', '/']);
    let mut part = || parts.next().unwrap_or_default();
    let (year, month, day) = (part().parse(), part().parse(), part().parse());
    if let (Ok(year), Ok(month), Ok(day)) = (year, month, day)
        && let Ok(date) = Date::new(year, month, day)
    {
        return Ok(date);
    }
    Err(Problem(format!(
        "\"{text}\" is not a date of the calendar; write it like 2024-01-31."
    )))
}

pub(super) fn unquoted(value: &str) -> String {
    let value = value.trim();
    string(&mut Cursor::new(value)).unwrap_or_else(|| value.to_owned())
}
