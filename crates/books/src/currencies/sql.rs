//! Currencies in the store. The scale of a commodity is the workspace's own where it settled
//! one, else that of ISO 4217.

use std::collections::HashMap;

use daybook_kernel::{Currency, Error, Read, Row, Write};

const SCALE: &str = "SELECT scale FROM commodities WHERE code = $1";

const SCALES: &str = "SELECT code, scale FROM commodities";

const BASE: &str = "SELECT base_currency, base_scale FROM books_settings WHERE id = 1";

const SET_BASE: &str = "UPDATE books_settings SET base_currency = $1, base_scale = $2 WHERE id = 1";

const SETTLE: &str = "INSERT INTO commodities (code, scale) VALUES ($1, $2)";

/// The currency of that code, if the workspace knows it.
pub(crate) fn currency(tx: &mut Read<'_>, code: &str) -> Result<Option<Currency>, Error> {
    let settled = tx.first(SCALE, &[code.into()], |row| row.int(0))?;
    Ok(match settled {
        Some(scale) => u8::try_from(scale)
            .ok()
            .and_then(|scale| Currency::new(code, scale)),
        None => Currency::iso(code),
    })
}

/// The base currency, once it is chosen.
pub(crate) fn base(tx: &mut Read<'_>) -> Result<Option<Currency>, Error> {
    Ok(tx.first(BASE, &[], |row| base_of(row, 0))?.flatten())
}

/// Reads code and scale of the base currency from two columns.
pub(crate) fn base_of(row: &dyn Row, column: usize) -> Result<Option<Currency>, Error> {
    let scale = row
        .maybe_int(column + 1)?
        .and_then(|scale| u8::try_from(scale).ok());
    Ok(row
        .maybe_text(column)?
        .zip(scale)
        .and_then(|(code, scale)| Currency::new(code, scale)))
}

pub(crate) fn set_base(tx: &mut Write<'_>, base: Currency) -> Result<(), Error> {
    tx.run(
        SET_BASE,
        &[base.code().into(), i64::from(base.scale()).into()],
    )?;
    Ok(())
}

/// Keeps how many decimals amounts of a commodity have.
pub(crate) fn settle(tx: &mut Write<'_>, commodity: Currency) -> Result<(), Error> {
    tx.run(
        SETTLE,
        &[commodity.code().into(), i64::from(commodity.scale()).into()],
    )?;
    Ok(())
}

/// The scales that the workspace settled, for reading many amounts at once.
#[derive(Debug, Default)]
pub(crate) struct Scales(HashMap<String, u8>);

impl Scales {
    pub fn load(tx: &mut Read<'_>) -> Result<Self, Error> {
        let mut scales = HashMap::new();
        tx.each(SCALES, &[], |row| {
            let scale = u8::try_from(row.int(1)?).map_err(Error::ours)?;
            scales.insert(row.text(0)?.to_owned(), scale);
            Ok(())
        })?;
        Ok(Self(scales))
    }

    pub fn currency(&self, code: &str) -> Option<Currency> {
        match self.0.get(code) {
            Some(&scale) => Currency::new(code, scale),
            None => Currency::iso(code),
        }
    }

    pub fn settled(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// An amount of the store as text.
    pub fn decimal(&self, code: &str, minor: i64) -> String {
        let scale = self.currency(code).map_or(0, |currency| currency.scale());
        daybook_kernel::money::decimal(minor, scale)
    }
}

const USED: &str = "SELECT DISTINCT currency FROM account_balances";

const HAS_ENTRIES: &str = "SELECT next_entry FROM books_settings WHERE id = 1";

/// The currencies that lines were ever posted in.
pub(crate) fn used(tx: &mut Read<'_>) -> Result<Vec<String>, Error> {
    tx.all(USED, &[], |row| Ok(row.text(0)?.to_owned()))
}

pub(crate) fn has_entries(tx: &mut Read<'_>) -> Result<bool, Error> {
    Ok(tx
        .first(HAS_ENTRIES, &[], |row| row.int(0))?
        .is_some_and(|next| next > 1))
}
