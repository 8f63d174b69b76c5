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
                matches!(caller.kind, CallerKind::Person | CallerKind::Guest(_))
                    && !caller
                        .session
                        .as_ref()
                        .is_some_and(|session| session.second_factor)
            }
            // A token comes from no browser that could be known.
            Self::Device {} => !known_device,
            Self::ClassCeiling { class: ceiling } => class > ceiling.ceiling(),
        }
    }

    /// What would lift it, where whoever is barred can bring that.
    pub(super) const fn demand(&self) -> Option<Demand> {
        match self {
            Self::SecondFactor {} => Some(Demand::SecondFactor),
            Self::Device {} => Some(Demand::Device),
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
