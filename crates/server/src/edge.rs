//! What the edge is told of the network around it: the names it answers to, the
//! pages elsewhere that may ask, the proxies whose word counts.

use std::net::{IpAddr, Ipv6Addr};

use axum::http::HeaderMap;
use ipnet::IpNet;

use crate::hosts::{Hosts, LOOPBACK};

/// As the settings have it, not yet judged.
#[derive(Clone, Default)]
pub struct EdgeSettings {
    /// The addresses at which people reach this instance, such as `https://books.example`.
    pub origins: Vec<String>,
    pub cors: Vec<String>,
    /// Networks of the proxies before this instance, such as `10.0.0.0/8`.
    pub proxies: Vec<String>,
}

/// Judged, and looked at by every request.
#[derive(Debug, PartialEq, Eq)]
pub struct Edge {
    pub hosts: Hosts,
    pub cors: Vec<String>,
    proxies: Vec<IpNet>,
}

impl Edge {
    /// A fault is a sentence with the setting and the entry at fault.
    pub fn new(settings: &EdgeSettings, names: &[String], port: u16) -> Result<Self, String> {
        origins("origin", &settings.origins)?;
        origins("cors.origins", &settings.cors)?;
        let all = || settings.origins.iter().chain(&settings.cors);
        // What the public reaches must not be asked by pages of somebody's own machine.
        if let Some(public) = all().find(|origin| !is_loopback(origin))
            && let Some(local) = all().find(|origin| is_loopback(origin))
        {
            return Err(format!(
                "origin and cors.origins: {local} stands beside {public}; an instance that others \
                 reach takes no local addresses."
            ));
        }
        let proxies = settings.proxies.iter().map(|text| network(text));
        Ok(Self {
            hosts: Hosts::new(names, port, &settings.origins),
            cors: settings.cors.clone(),
            proxies: proxies.collect::<Result<_, _>>()?,
        })
    }

    /// Whose request it is: the peer's or, where the peer is a proxy of ours,
    /// whom the nearest proxy that is not ours says. What a client writes into
    /// the header itself stands left of that and is not read.
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let peer = peer.to_canonical();
        if !self.is_proxy(peer) {
            return peer;
        }
        let mut nearest = peer;
        for hop in forwarded(headers).iter().rev() {
            // A hop that cannot be read ends what can be believed.
            let Some(address) = address(hop) else { break };
            nearest = address;
            if !self.is_proxy(address) {
                break;
            }
        }
        nearest
    }

    pub fn is_proxy(&self, address: IpAddr) -> bool {
        self.proxies
            .iter()
            .any(|network| network.contains(&address))
    }
}

/// Each must be an https origin and nothing more.
fn origins(setting: &str, list: &[String]) -> Result<(), String> {
    for origin in list {
        let host = origin.strip_prefix("https://").unwrap_or_default();
        let uri: Option<axum::http::Uri> = origin.parse().ok();
        let is_plain = uri.is_some_and(|uri| {
            uri.authority()
                .is_some_and(|authority| authority.as_str() == host)
        });
        let is_written = !host.contains(['*', '@', '/', '?', '#']) && !host.ends_with(":443");
        if host.is_empty() || !is_plain || !is_written || *host != host.to_ascii_lowercase() {
            return Err(format!(
                "{setting}: {origin:?} is no origin. Write https://HOST or https://HOST:PORT in \
                 small letters, each in full: no http, no *, no null, no path."
            ));
        }
    }
    Ok(())
}

/// The host of an origin, without port and brackets.
pub fn host_of(origin: &str) -> &str {
    let host = origin.strip_prefix("https://").unwrap_or(origin);
    match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    }
}

fn is_loopback(origin: &str) -> bool {
    let host = host_of(origin);
    LOOPBACK.contains(&host)
        || host.ends_with(".localhost")
        || host
            .parse::<IpAddr>()
            .is_ok_and(|it| it.to_canonical().is_loopback())
}

fn network(text: &str) -> Result<IpNet, String> {
    let one = || text.parse::<IpAddr>().map(IpNet::from);
    text.parse::<IpNet>().or_else(|_| one()).map_err(|_| {
        format!("proxy.trusted: {text:?} is no network. Write it as 10.0.0.0/8 or fd00::/8.")
    })
}

/// The hops that the proxies wrote down, the nearest last. `Forwarded` (RFC 7239)
/// is read where it is there; a request with both is believed in neither order.
fn forwarded(headers: &HeaderMap) -> Vec<String> {
    let list = |name: &str| -> Vec<String> {
        headers
            .get_all(name)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .map(|hop| hop.trim().to_owned())
            .collect()
    };
    let (old, new) = (list("x-forwarded-for"), list("forwarded"));
    if new.is_empty() {
        return old;
    }
    if !old.is_empty() {
        return Vec::new();
    }
    new.iter().map(|hop| for_of(hop).to_owned()).collect()
}

/// `203.0.113.7` of `proto=https;for="203.0.113.7:4711"`.
fn for_of(hop: &str) -> &str {
    let pair = hop.split(';').find_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        name.eq_ignore_ascii_case("for").then_some(value)
    });
    pair.unwrap_or_default().trim_matches('"')
}

/// An address, with or without a port, normalised.
fn address(hop: &str) -> Option<IpAddr> {
    let bare = || match hop.strip_prefix('[') {
        Some(rest) => rest
            .split(']')
            .next()?
            .parse::<Ipv6Addr>()
            .ok()
            .map(IpAddr::from),
        None => hop.split(':').next()?.parse::<IpAddr>().ok(),
    };
    let found = hop.parse::<IpAddr>().ok().or_else(bare)?;
    Some(found.to_canonical())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn edge(proxies: &[&str]) -> Edge {
        let settings = EdgeSettings {
            proxies: proxies.iter().map(ToString::to_string).collect(),
            ..EdgeSettings::default()
        };
        Edge::new(&settings, &[], 8443).unwrap()
    }

    fn seen(edge: &Edge, peer: &str, headers: &[(&'static str, &'static str)]) -> String {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        edge.client(peer.parse().unwrap(), &map).to_string()
    }

    #[test]
    fn proxy_headers_count_only_from_configured_proxies() {
        const XFF: &str = "x-forwarded-for";
        let edge = edge(&["10.0.0.0/8", "fd00::1"]);
        for (peer, headers, expected) in [
            ("198.51.100.1", vec![(XFF, "203.0.113.7")], "198.51.100.1"),
            ("10.0.0.1", vec![], "10.0.0.1"),
            ("10.0.0.1", vec![(XFF, "203.0.113.7")], "203.0.113.7"),
            // What the client claimed stands left of what the proxy saw.
            (
                "10.0.0.1",
                vec![(XFF, "1.2.3.4, 203.0.113.7")],
                "203.0.113.7",
            ),
            (
                "10.0.0.1",
                vec![(XFF, "1.2.3.4"), (XFF, "203.0.113.7")],
                "203.0.113.7",
            ),
            (
                "10.0.0.1",
                vec![(XFF, "203.0.113.7, 10.2.2.2")],
                "203.0.113.7",
            ),
            ("10.0.0.1", vec![(XFF, "203.0.113.7, nonsense")], "10.0.0.1"),
            (
                "::ffff:10.0.0.1",
                vec![(XFF, "2001:DB8:0:0::1")],
                "2001:db8::1",
            ),
            (
                "fd00::1",
                vec![("forwarded", "for=\"[2001:db8::2]:99\";proto=https")],
                "2001:db8::2",
            ),
            (
                "fd00::1",
                vec![("forwarded", "for=1.2.3.4, for=203.0.113.9")],
                "203.0.113.9",
            ),
            (
                "fd00::1",
                vec![("forwarded", "for=1.2.3.4"), (XFF, "5.6.7.8")],
                "fd00::1",
            ),
            ("fd00::2", vec![("forwarded", "for=1.2.3.4")], "fd00::2"),
        ] {
            assert_eq!(seen(&edge, peer, &headers), expected, "{peer} {headers:?}");
        }
    }

    #[test]
    fn origins_are_exact_and_https() {
        let judge = |origins: &[&str], cors: &[&str]| {
            let list = |of: &[&str]| of.iter().map(ToString::to_string).collect();
            let settings = EdgeSettings {
                origins: list(origins),
                cors: list(cors),
                proxies: Vec::new(),
            };
            Edge::new(&settings, &[], 443).map(|_| ())
        };
        assert_eq!(
            judge(&["https://a.example"], &["https://b.example:8443"]),
            Ok(())
        );
        assert_eq!(judge(&[], &["https://localhost:5173"]), Ok(()));
        for bad in [
            "*",
            "null",
            "http://a.example",
            "http://localhost:5173",
            "https://*.a.example",
            "https://a.example/",
            "https://a.example/x",
            "a.example",
            "https://",
            "https://A.example",
            "https://u@a.example",
            "https://a.example:443",
            "",
        ] {
            assert!(judge(&[bad], &[]).is_err(), "{bad}");
            assert!(judge(&[], &[bad]).is_err(), "{bad}");
        }
        for local in [
            "https://localhost:5173",
            "https://127.0.0.2",
            "https://[::1]:1",
        ] {
            assert!(judge(&["https://a.example"], &[local]).is_err(), "{local}");
            assert!(judge(&[local], &["https://a.example"]).is_err(), "{local}");
        }
    }
}
