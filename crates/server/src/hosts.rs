//! By which names this instance is asked. A request for another host is none of
//! ours (421): a name that somebody points at this machine opens nothing, and no
//! address that we write is ever made from what a request claims.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::HOST;
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::Response;

use crate::answer::problem_answer;
use crate::edge::Edge;

/// Names that reach the machine itself.
pub const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// The hosts that are answered, each with its port where it has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hosts(Vec<String>);

impl Hosts {
    /// The loopback names and those of the certificate at this port, and the
    /// hosts of the configured origins.
    pub fn new(names: &[String], port: u16, origins: &[String]) -> Self {
        let loopback = LOOPBACK.iter().map(|name| (*name).to_owned());
        let named = names.iter().map(|name| {
            let is_v6 = name.parse::<std::net::Ipv6Addr>().is_ok();
            if is_v6 {
                format!("[{name}]")
            } else {
                name.clone()
            }
        });
        let mut hosts: Vec<String> = loopback
            .chain(named)
            // A wildcard certificate says nothing of which hosts there are.
            .filter(|name| !name.contains('*'))
            .map(|name| match port {
                443 => name,
                _ => format!("{name}:{port}"),
            })
            .collect();
        hosts.extend(
            origins
                .iter()
                .filter_map(|it| it.strip_prefix("https://").map(str::to_owned)),
        );
        Self(hosts)
    }

    pub fn holds(&self, host: &str) -> bool {
        let host = host.to_ascii_lowercase();
        let host = host.strip_suffix(":443").unwrap_or(&host);
        self.0.iter().any(|own| own == host)
    }

    /// Whether this is the origin of one of our own pages.
    pub fn is_own_origin(&self, origin: &str) -> bool {
        origin
            .strip_prefix("https://")
            .is_some_and(|host| self.holds(host))
    }
}

/// The one `Host` of a request; two of them are none.
pub fn host(headers: &HeaderMap) -> Option<&str> {
    let mut all = headers.get_all(HOST).iter();
    let first = all.next()?.to_str().ok()?;
    all.next().is_none().then_some(first)
}

pub async fn check(State(edge): State<Arc<Edge>>, request: Request, next: Next) -> Response {
    let named = request
        .uri()
        .authority()
        .map(axum::http::uri::Authority::as_str);
    let host = host(request.headers());
    // An absolute address and the header must not name two hosts.
    let is_ours =
        host.is_some_and(|host| edge.hosts.holds(host) && named.is_none_or(|it| it == host));
    if is_ours {
        return next.run(request).await;
    }
    let why = "This server does not answer for that host. Its operator names the hosts in the \
               setting `origin` of daybook.toml.";
    problem_answer(StatusCode::MISDIRECTED_REQUEST, why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_configured_hosts_are_ours() {
        let names = ["localhost", "::1", "*.example", "books.example"].map(str::to_owned);
        let hosts = Hosts::new(&names, 8443, &["https://books.example".to_owned()]);
        for own in [
            "localhost:8443",
            "127.0.0.1:8443",
            "[::1]:8443",
            "books.example:8443",
            "books.example",
            "BOOKS.example",
            "books.example:443",
        ] {
            assert!(hosts.holds(own), "{own}");
        }
        for other in [
            "localhost",
            "localhost:8444",
            "evil.example",
            "books.example.evil.example",
            "evilbooks.example",
            "a.example:8443",
            "",
            "books.example:8443@evil.example",
        ] {
            assert!(!hosts.holds(other), "{other}");
        }
        assert!(hosts.is_own_origin("https://books.example"));
        for other in ["http://books.example", "null", "https://", "books.example"] {
            assert!(!hosts.is_own_origin(other), "{other}");
        }
    }
}
