//! The directives that may have indented lines of their own: accounts and commodities.

use super::super::AccountKind;
use super::super::cursor::Cursor;
use super::super::cursor::Lines;
use super::super::model::Place;
use super::directive::without_comment;
use super::{Problem, Reader, comment};

impl Reader<'_> {
    pub(super) fn default_commodity(&mut self, rest: &str) -> Result<(), Problem> {
        let before = self.styles.clone();
        let sample = self.set_style(without_comment(rest))?;
        if self.hledger() {
            // A commodity directive has the last word on how its commodity is written.
            if let Some(style) = before.get(&sample.commodity).filter(|style| style.declared) {
                self.styles.insert(sample.commodity.clone(), *style);
            }
            self.scope.default_commodity = Some(sample.commodity);
        } else if let Some(style) = self.styles.get_mut(&sample.commodity) {
            style.declared = false;
        }
        Ok(())
    }

    pub(super) fn account_directive(
        &mut self,
        rest: &str,
        lines: &mut Lines<'_>,
        place: &Place,
    ) -> Result<(), Problem> {
        let end = rest
            .find("  ")
            .or_else(|| rest.find('\t'))
            .unwrap_or(rest.len());
        let (written, comment) = rest.split_at(end);
        let written = match written.split_once(" ;") {
            Some((name, _)) if self.hledger() => name.trim(),
            _ => written.trim(),
        };
        let name = self.account(written)?;
        let index = self.declare(name.clone(), place.clone());
        let comment = comment.trim().trim_start_matches(';').trim();
        self.account_type(index, comment)?;
        while let Some(line) = lines.take_indented() {
            let text = line.trim();
            let (word, rest) = text.split_once([' ', '\t']).unwrap_or((text, ""));
            if let Some(comment) = text.strip_prefix(';') {
                self.account_type(index, comment)?;
                continue;
            }
            let place = self.place(lines.number());
            if self.hledger() {
                self.journal.ignore(
                    place,
                    "account block",
                    "hledger passes over ledger's lines below an account",
                );
                continue;
            }
            match word {
                "alias" => {
                    let pair = (rest.trim().to_owned(), name.to_string());
                    self.account_aliases.push(pair);
                }
                "default" => self.scope.bucket = Some(name.clone()),
                "payee" => self.payee_rules = true,
                "note" | "assert" | "check" | "eval" | "value" => self.journal.ignore(
                    place,
                    "account block",
                    "it describes or checks the account and moves no amount",
                ),
                _ => self.journal.fault(
                    place,
                    format!("\"{word}\" below an account is not understood; remove the line."),
                ),
            }
        }
        Ok(())
    }

    /// `type: Asset` in the comment of an account, by name or by letter.
    fn account_type(&mut self, index: usize, comment: &str) -> Result<(), Problem> {
        let said = comment::read(comment, self.syntax, None)?;
        let Some((_, kind)) = said.tags.into_iter().find(|(name, _)| name == "type") else {
            return Ok(());
        };
        let kind = match kind.to_lowercase().as_str() {
            "a" | "asset" | "c" | "cash" => AccountKind::Asset,
            "l" | "liability" => AccountKind::Liability,
            "e" | "equity" | "v" | "conversion" => AccountKind::Equity,
            "r" | "revenue" | "i" | "income" | "g" | "gain" => AccountKind::Income,
            "x" | "expense" => AccountKind::Expense,
            _ => {
                return Err(Problem(format!(
                    "\"{kind}\" is not a type of account; write Asset, Liability, Equity, Revenue or Expense."
                )));
            }
        };
        if let Some(account) = self.journal.accounts.get_mut(index) {
            account.kind = Some(kind);
        }
        Ok(())
    }

    pub(super) fn commodity_directive(
        &mut self,
        rest: &str,
        lines: &mut Lines<'_>,
        place: &Place,
    ) -> Result<(), Problem> {
        let rest = without_comment(rest);
        let mut cursor = Cursor::new(rest);
        let symbol = self.symbol(&mut cursor)?;
        cursor.skip_blanks();
        let name = match symbol {
            Some(symbol) if cursor.at_end() || cursor.peek() == Some(b';') => {
                self.names.get(symbol)
            }
            _ if self.hledger() => self.set_style(rest)?.commodity,
            // ledger takes the whole argument as the symbol.
            _ => self.names.get(rest.trim_matches('"')),
        };
        if name.is_empty() && !self.hledger() {
            return Err("A commodity directive names no commodity; write its symbol.".into());
        }
        while let Some(line) = lines.take_indented() {
            let text = line.trim();
            let (word, argument) = text.split_once([' ', '\t']).unwrap_or((text, ""));
            let place = self.place(lines.number());
            match word {
                _ if text.starts_with(';') => {}
                "format" => {
                    let sample = self.set_style(without_comment(argument))?;
                    if sample.commodity != name {
                        self.journal.fault(
                            place,
                            format!(
                                "The format is for {}, not for {name}; write the same symbol.",
                                sample.commodity
                            ),
                        );
                    }
                }
                "alias" => {
                    let alias = argument.trim().trim_matches('"').to_owned();
                    self.commodity_aliases.insert(alias, name.clone());
                }
                "default" if !self.hledger() => {}
                "note" | "nomarket" | "value" => self.journal.ignore(
                    place,
                    "commodity block",
                    "it describes the commodity or its valuation in reports",
                ),
                _ => self.journal.fault(
                    place,
                    format!("\"{word}\" below a commodity is not understood; remove the line."),
                ),
            }
        }
        self.journal.ignore(
            place.clone(),
            "commodity",
            "it sets how amounts are written and moves none",
        );
        Ok(())
    }
}
