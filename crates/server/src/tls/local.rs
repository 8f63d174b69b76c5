//! The local certificate: an authority of this instance alone, which may vouch
//! for this instance's names and for nothing else, and a certificate of three
//! months under it. Whoever trusts `local-ca.pem` once trusts every renewal.

use std::net::IpAddr;
use std::path::Path;

use jiff::{Span, Timestamp, tz::TimeZone};
use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DnType, ExtendedKeyUsagePurpose,
    GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose, NameConstraints,
};

use super::pair::Pair;
use super::{TlsError, files};

/// What a person adds to the authorities that their browser trusts.
pub const AUTHORITY_FILE: &str = "local-ca.pem";
const AUTHORITY_KEY: &str = "local-ca.key";
/// The certificate and its key in one file, so that they change in one step.
const PAIR: &str = "local.pem";
/// For which names the authority was made.
const NAMES: &str = "local-names.txt";

const AUTHORITY_DAYS: i64 = 10 * 365;
const CERTIFICATE_DAYS: i64 = 88;
const ALWAYS: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// The certificate for these names: the one that is there, or a new one where it
/// is missing, for other names, or past two thirds of its life.
pub fn ready(folder: &Path, names: &[String], now: Timestamp) -> Result<Pair, TlsError> {
    let names = wanted(names);
    let listed = names.join("\n");
    let known = std::fs::read_to_string(folder.join(NAMES)).unwrap_or_default();
    let authority = files::read_secret(&folder.join(AUTHORITY_KEY))?;
    if let Some(text) = files::read_secret(&folder.join(PAIR))?
        && known == listed
        && authority.is_some()
    {
        let pair = Pair::of(&text, &text)?;
        if !pair.is_due(now) {
            return Ok(pair);
        }
    }
    let (authority, key) = match authority {
        Some(key) if known == listed => {
            let pem = std::fs::read_to_string(folder.join(AUTHORITY_FILE))
                .map_err(|error| files::failed(&folder.join(AUTHORITY_FILE), &error))?;
            (pem, KeyPair::from_pem(&key).map_err(failed)?)
        }
        _ => make_authority(folder, &names, now)?,
    };
    let issuer = Issuer::from_ca_cert_pem(&authority, key).map_err(failed)?;
    let pair = make_certificate(folder, &names, &issuer, now)?;
    files::write(&folder.join(NAMES), &listed, 0o644)?;
    Ok(pair)
}

/// The loopback names and the configured ones, each once.
fn wanted(names: &[String]) -> Vec<String> {
    let mut all: Vec<String> = ALWAYS.iter().map(|name| (*name).to_owned()).collect();
    for name in names {
        let name = name.to_ascii_lowercase();
        if !all.contains(&name) {
            all.push(name);
        }
    }
    all
}

fn make_authority(
    folder: &Path,
    names: &[String],
    now: Timestamp,
) -> Result<(String, KeyPair), TlsError> {
    let key = KeyPair::generate().map_err(failed)?;
    let mut wanted = named(
        "Daybook's local authority",
        now,
        AUTHORITY_DAYS,
        AUTHORITY_DAYS,
    )?;
    wanted.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    wanted.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    // Who steals this key can pretend to be this instance, and no other site.
    wanted.name_constraints = Some(NameConstraints {
        permitted_subtrees: names.iter().map(|name| subtree(name)).collect(),
        excluded_subtrees: Vec::new(),
    });
    let made = wanted.self_signed(&key).map_err(failed)?;
    files::write(&folder.join(AUTHORITY_KEY), &key.serialize_pem(), 0o600)?;
    files::write(&folder.join(AUTHORITY_FILE), &made.pem(), 0o644)?;
    Ok((made.pem(), key))
}

fn make_certificate(
    folder: &Path,
    names: &[String],
    issuer: &Issuer<'_, KeyPair>,
    now: Timestamp,
) -> Result<Pair, TlsError> {
    let key = KeyPair::generate().map_err(failed)?;
    let mut wanted = CertificateParams::new(names.to_vec()).map_err(failed)?;
    let usual = named("Daybook", now, 1, CERTIFICATE_DAYS)?;
    wanted.distinguished_name = usual.distinguished_name;
    wanted.not_before = usual.not_before;
    wanted.not_after = usual.not_after;
    wanted.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    wanted.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    wanted.use_authority_key_identifier_extension = true;
    let made = wanted.signed_by(&key, issuer).map_err(failed)?;
    // Whoever trusts the authority has it: it need not be sent.
    let text = format!("{}{}", made.pem(), key.serialize_pem());
    let pair = Pair::of(&text, &text)?;
    files::write(&folder.join(PAIR), &text, 0o600)?;
    Ok(pair)
}

/// Good for so many days to come and, for whoever's clock is behind, `before`.
fn named(
    name: &str,
    now: Timestamp,
    before: i64,
    days: i64,
) -> Result<CertificateParams, TlsError> {
    let day = |span: Span| {
        let date = now.to_zoned(TimeZone::UTC).date().checked_add(span);
        let date = date.map_err(|error| TlsError(format!("the clock: {error}")))?;
        let (month, day) = (date.month().unsigned_abs(), date.day().unsigned_abs());
        Ok(rcgen::date_time_ymd(i32::from(date.year()), month, day))
    };
    let mut wanted = CertificateParams::default();
    wanted.not_before = day(Span::new().days(-before))?;
    wanted.not_after = day(Span::new().days(days))?;
    wanted.distinguished_name = rcgen::DistinguishedName::new();
    wanted.distinguished_name.push(DnType::CommonName, name);
    Ok(wanted)
}

fn subtree(name: &str) -> GeneralSubtree {
    match name.parse::<IpAddr>() {
        Ok(address @ IpAddr::V4(_)) => {
            GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(address, 32))
        }
        Ok(address @ IpAddr::V6(_)) => {
            GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(address, 128))
        }
        Err(_) => GeneralSubtree::DnsName(name.to_owned()),
    }
}

fn failed(error: rcgen::Error) -> TlsError {
    TlsError(format!("the local certificate could not be made: {error}"))
}
