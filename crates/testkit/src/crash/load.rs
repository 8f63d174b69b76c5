//! Clients that post entries until their server is killed, and note what they
//! sent and which of it was acknowledged.

use std::sync::mpsc;
use std::time::Duration;

use serde_json::{Value, json};

use super::Told;
use super::books::{Books, date_of, entry_of};
use super::server::Server;
use super::wire::Wire;

/// Entries of one client and round at most: more would be a longer check, and
/// no other kill.
const ENTRIES_MAX: usize = 400;

#[derive(Debug, Default)]
pub struct Posted {
    /// References that were sent.
    pub sent: Vec<String>,
    /// References with the number that the server gave them.
    pub acknowledged: Vec<(String, i64)>,
}

/// Posts to all books at once, kills the server after its lifetime, and answers
/// with what was posted to each.
pub fn until_the_end(
    server: &mut Server,
    all: &[Books],
    round: usize,
    clients: usize,
    lifetime: Duration,
) -> Told<Vec<Posted>> {
    std::thread::scope(|scope| {
        let (ended, ends) = mpsc::channel::<()>();
        let mut threads = Vec::new();
        for books in all {
            for client in 0..clients {
                let (address, ended) = (server.address, ended.clone());
                let name = format!("{}-r{round}-c{client}", books.slug);
                threads.push(scope.spawn(move || {
                    let _ended = ended;
                    let wire = Wire::connect(address, &books.token);
                    wire.map_or_else(
                        |_| Ok(Posted::default()),
                        |wire| post(wire, books, round, &name),
                    )
                }));
            }
        }
        drop(ended);
        // Nobody says anything: this ends with the lifetime, or when all clients have.
        let _ = ends.recv_timeout(lifetime);
        let killed = server.kill();
        let mut posted: Vec<Posted> = all.iter().map(|_| Posted::default()).collect();
        for (index, thread) in threads.into_iter().enumerate() {
            let one = thread
                .join()
                .map_err(|_| "a client panicked".to_owned())??;
            let of = &mut posted[index / clients];
            of.sent.extend(one.sent);
            of.acknowledged.extend(one.acknowledged);
        }
        killed.map(|()| posted)
    })
}

fn post(mut wire: Wire, books: &Books, round: usize, name: &str) -> Told<Posted> {
    let mut posted = Posted::default();
    let path = format!("/api/v1/{}/books.post_entry", books.slug);
    for number in 0..ENTRIES_MAX {
        let reference = format!("{name}-{number}");
        posted.sent.push(reference.clone());
        match wire.command(&path, &input(&reference, round)) {
            Ok((200, body)) => match body["number"].as_i64() {
                Some(number) => posted.acknowledged.push((reference, number)),
                None => return Err(format!("{reference}: {body}")),
            },
            Ok((status, body)) => return Err(format!("{reference}: {status} {body}")),
            // The server is dead, and nobody knows whether it had posted this.
            Err(_) => break,
        }
    }
    Ok(posted)
}

fn input(reference: &str, round: usize) -> Value {
    let entry = entry_of(reference);
    json!({
        "date": date_of(round), "description": "Posted until the end", "reference": reference,
        "lines": [
            {"account": entry.debit, "debit": entry.amount()},
            {"account": entry.credit, "credit": entry.amount()},
        ],
    })
}
