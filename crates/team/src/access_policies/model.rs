//! What a policy says, and whether it bars somebody.

use std::net::IpAddr;

use daybook_kernel::caller::CallerKind;
use daybook_kernel::{Caller, DataClass, Demand, Faults, Role};
use ipnet::IpNet;
use jiff::Timestamp;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Offices, home and the way between: more networks are a firewall's matter.
const NETWORKS_MAX: usize = 50;
/// Of a session there is no more than 30 days, and 7 days without use.
const HOURS_MAX: i64 = 30 * 24;
const IDLE_MAX: i64 = 7 * 24 * 60;
/// Use is noted once a minute; less than a few would ask of whoever reads a page.
const IDLE_MIN: i64 = 5;
const MINUTE_MS: i64 = 60 * 1_000;
pub(super) const NAME_CHARACTERS_MAX: usize = 80;

/// A policy as it is listed.
#[derive(Clone, Serialize, JsonSchema)]
pub(crate) struct Policy {
    pub id: String,
    pub name: String,
    /// The roles that it holds for.
    pub roles: Vec<Role>,
    pub rule: Rule,
    /// The rule as a sentence.
    pub means: String,
    pub set_at: String,
}

/// What the policy asks of whoever it holds for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Rule {
    /// To come from one of these networks.
    Addresses {
        /// In CIDR notation (RFC 4632), such as `192.0.2.0/24` or `2001:db8::/32`.
        networks: Vec<String>,
    },
    /// To come at these hours.
    Hours {
        /// An IANA time zone, such as `Europe/Berlin`.
        zone: String,
        /// 1 is Monday, 7 is Sunday.
        weekdays: Vec<i8>,
        /// `HH:MM`, the first minute.
        from: String,
        /// `HH:MM`, the first minute after.
        until: String,
    },
    /// To have shown a second factor or a passkey in this session.
    SecondFactor {},
    /// To come from a device that was let in.
    Device {},
    /// To have shown a factor not too long ago, and not to have left the session
    /// alone since: stricter than the 30 days and 7 days that hold for everybody.
    Session {
        /// Hours since a factor was shown.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        hours: Option<i64>,
        /// Minutes without use.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        idle_minutes: Option<i64>,
    },
    /// To ask for nothing more sensitive than this.
    ClassCeiling { class: Class },
}

/// Who asks for what, when, and from where.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub caller: &'a Caller,
    /// The class of what is asked for.
    pub class: DataClass,
    pub now: Timestamp,
    /// Whether the caller comes from a device that was let in.
    pub known_device: bool,
}

/// The classes of data, as operations declare them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Class {
    Internal,
    Confidential,
}

impl Class {
    const fn ceiling(self) -> DataClass {
        match self {
            Self::Internal => DataClass::Internal,
            Self::Confidential => DataClass::Confidential,
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Internal => "internal",
            Self::Confidential => "confidential",
        }
    }
}

impl Rule {
    /// What is wrong with a rule that somebody wrote.
    pub(super) fn check(&self, faults: &mut Faults) {
        match self {
            Self::Addresses { networks } => check_networks(faults, networks),
            Self::Hours {
                zone,
                weekdays,
                from,
                until,
            } => check_hours(faults, zone, weekdays, from, until),
            Self::Session {
                hours,
                idle_minutes,
            } => check_session(faults, *hours, *idle_minutes),
            Self::SecondFactor {} | Self::Device {} | Self::ClassCeiling { .. } => {}
        }
    }

    /// Whether it bars this caller from something of this class, now. What
    /// cannot be read bars.
    pub(super) fn bars(&self, asked: &Asked<'_>) -> bool {
        let Asked {
            caller,
            class,
            now,
            known_device,
        } = *asked;
        match self {
            Self::Addresses { networks } => !from_within(caller, networks),
            Self::Hours {
                zone,
                weekdays,
                from,
                until,
            } => !within_hours(now, zone, weekdays, from, until).unwrap_or(false),
            // A token was made behind a fresh factor and is bound to its scopes.
            Self::SecondFactor {} => {
                is_a_person(caller)
                    && !caller
                        .session
                        .as_ref()
                        .is_some_and(|session| session.second_factor)
            }
            // A token comes from no browser that could be known.
            Self::Device {} => !known_device,
            Self::Session {
                hours,
                idle_minutes,
            } => is_a_person(caller) && !is_awake(caller, now, *hours, *idle_minutes),
            Self::ClassCeiling { class: ceiling } => class > ceiling.ceiling(),
        }
    }

    /// What would lift it, where whoever is barred can bring that.
    pub(super) const fn demand(&self) -> Option<Demand> {
        match self {
            Self::SecondFactor {} => Some(Demand::SecondFactor),
            Self::Device {} => Some(Demand::Device),
            Self::Session { .. } => Some(Demand::Proof),
            Self::Addresses { .. } | Self::Hours { .. } | Self::ClassCeiling { .. } => None,
        }
    }

    /// The rule as a person reads it.
    pub(super) fn means(&self) -> String {
        match self {
            Self::Addresses { networks } => format!("Only from {}", networks.join(", ")),
            Self::Hours {
                zone,
                weekdays,
                from,
                until,
            } => {
                let days: Vec<&str> = weekdays.iter().filter_map(|day| day_name(*day)).collect();
                format!("Only {}, {from} to {until}, {zone}", days.join(", "))
            }
            Self::SecondFactor {} => "Only with a second factor or a passkey".to_owned(),
            Self::Device {} => "Only from a known device".to_owned(),
            Self::Session {
                hours,
                idle_minutes,
            } => {
                let hours =
                    hours.map(|it| format!("within {} of showing a factor", counted(it, "hour")));
                let idle = idle_minutes
                    .map(|it| format!("without a break of more than {}", counted(it, "minute")));
                let limits: Vec<String> = hours.into_iter().chain(idle).collect();
                format!("Only {}", limits.join(", and "))
            }
            Self::ClassCeiling { class } => {
                format!("Nothing more sensitive than {} data", class.word())
            }
        }
    }
}

fn check_networks(faults: &mut Faults, networks: &[String]) {
    if networks.is_empty() {
        faults.add(
            "rule.networks",
            "No network is named, so nobody could come in. Name one, such as 192.0.2.0/24.",
        );
    }
    if networks.len() > NETWORKS_MAX {
        faults.add(
            "rule.networks",
            format!("A policy names at most {NETWORKS_MAX} networks."),
        );
    }
    for (index, network) in networks.iter().enumerate() {
        if read_network(network).is_none() {
            faults.add(
                format!("rule.networks[{index}]"),
                format!("{network} is no network. Write it as 192.0.2.0/24 or 2001:db8::/32."),
            );
        }
    }
}

fn check_hours(faults: &mut Faults, zone: &str, weekdays: &[i8], from: &str, until: &str) {
    if TimeZone::get(zone).is_err() {
        faults.add(
            "rule.zone",
            format!("{zone} is no time zone. Write it as Europe/Berlin."),
        );
    }
    if weekdays.is_empty() || weekdays.iter().any(|day| day_name(*day).is_none()) {
        faults.add(
            "rule.weekdays",
            "Choose at least one day of the week: 1 is Monday, 7 is Sunday.",
        );
    }
    match (read_time(from), read_time(until)) {
        (Some(from), Some(until)) if from < until => {}
        (Some(_), Some(_)) => faults.add(
            "rule.until",
            "The hours end before they begin. Make two policies for a night shift.",
        ),
        (None, _) => faults.add("rule.from", "Write the time as 08:00."),
        (_, None) => faults.add("rule.until", "Write the time as 18:00."),
    }
}

fn check_session(faults: &mut Faults, hours: Option<i64>, idle_minutes: Option<i64>) {
    if hours.is_none() && idle_minutes.is_none() {
        faults.add(
            "rule.hours",
            "Say after how many hours, or after how many minutes without use, a factor is asked for again.",
        );
    }
    if hours.is_some_and(|hours| !(1..=HOURS_MAX).contains(&hours)) {
        faults.add(
            "rule.hours",
            format!("A session lasts 30 days at most: choose 1 to {HOURS_MAX} hours."),
        );
    }
    if idle_minutes.is_some_and(|minutes| !(IDLE_MIN..=IDLE_MAX).contains(&minutes)) {
        faults.add(
            "rule.idle_minutes",
            format!("Without use a session lasts 7 days at most: choose {IDLE_MIN} to {IDLE_MAX} minutes."),
        );
    }
}

const fn is_a_person(caller: &Caller) -> bool {
    matches!(caller.kind, CallerKind::Person | CallerKind::Guest(_))
}

/// Whether a factor was shown recently enough, and the session used since. A
/// pause that is over still counts, so that opening another page ends nothing.
fn is_awake(
    caller: &Caller,
    now: Timestamp,
    hours: Option<i64>,
    idle_minutes: Option<i64>,
) -> bool {
    let Some(session) = &caller.session else {
        return false;
    };
    let shown_ms = now.as_millisecond() - session.shown_at_ms;
    hours.is_none_or(|hours| shown_ms <= hours * 60 * MINUTE_MS)
        && idle_minutes.is_none_or(|minutes| session.longest_pause_ms <= minutes * MINUTE_MS)
}

fn counted(count: i64, what: &str) -> String {
    let s = if count == 1 { "" } else { "s" };
    format!("{count} {what}{s}")
}

fn from_within(caller: &Caller, networks: &[String]) -> bool {
    let address: Option<IpAddr> = caller
        .origin
        .as_ref()
        .and_then(|origin| origin.address.parse().ok());
    // An IPv4 peer of an IPv6 listener is the same peer.
    let address = address.map(|address| address.to_canonical());
    address.is_some_and(|address| {
        networks
            .iter()
            .filter_map(|network| read_network(network))
            .any(|network| network.contains(&address))
    })
}

fn within_hours(
    now: Timestamp,
    zone: &str,
    weekdays: &[i8],
    from: &str,
    until: &str,
) -> Option<bool> {
    let here = now.to_zoned(TimeZone::get(zone).ok()?);
    let day = here.weekday().to_monday_one_offset();
    let (from, until) = (read_time(from)?, read_time(until)?);
    Some(weekdays.contains(&day) && (from..until).contains(&here.time()))
}

/// A network, or one address as the network of itself.
fn read_network(text: &str) -> Option<IpNet> {
    let text = text.trim();
    let alone = || text.parse::<IpAddr>().ok().map(IpNet::from);
    text.parse().ok().or_else(alone)
}

fn read_time(text: &str) -> Option<Time> {
    let (hour, minute) = text.trim().split_once(':')?;
    Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
}

pub(super) const fn day_name(day: i8) -> Option<&'static str> {
    match day {
        1 => Some("Monday"),
        2 => Some("Tuesday"),
        3 => Some("Wednesday"),
        4 => Some("Thursday"),
        5 => Some("Friday"),
        6 => Some("Saturday"),
        7 => Some("Sunday"),
        _ => None,
    }
}
