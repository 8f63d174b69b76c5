//! Who calls: what a credential amounts to, and whose requests limits count
//! together.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, RwLock};

use daybook_kernel::road::{Claim, LiveSession};
use daybook_kernel::{Error, Origin, PersonId, Rate, Refusal};
use zeroize::Zeroizing;

use super::{Call, Credential, SESSION_PURPOSE, Shared, TOKEN_PURPOSE};
use crate::desk::Desk;
use crate::limits::Bucket;
use crate::store::lock;

/// A note of use may be this old: the store's truth is as near as that.
const NOTED_FOR_MS: i64 = 60_000;
/// Sessions and secrets remembered at once; a full set is forgotten, not grown.
const KNOWN_MAX: usize = 10_000;

/// What is remembered of sessions in use. Whether one is good is never among
/// it: that is asked of the store at each request.
#[derive(Default)]
pub struct Sessions {
    /// When the use was noted last, in Unix milliseconds.
    noted: Mutex<HashMap<[u8; 32], i64>>,
    /// Those whose browser is to be given the cookie anew.
    cookies_due: Mutex<HashSet<[u8; 32]>>,
}

/// The person behind a secret that was good a moment ago, for limits alone.
#[derive(Default)]
pub struct Owners(RwLock<HashMap<[u8; 32], PersonId>>);

impl Owners {
    fn of(&self, secret: &[u8; 32]) -> Option<PersonId> {
        self.0.read().ok()?.get(secret).copied()
    }

    fn remember(&self, secret: [u8; 32], person: PersonId) {
        if self.of(&secret) == Some(person) {
            return;
        }
        if let Ok(mut known) = self.0.write() {
            if known.len() >= KNOWN_MAX {
                known.clear();
            }
            known.insert(secret, person);
        }
    }
}

impl Shared {
    /// Counts a call, or says how long to wait.
    pub(super) fn count(&self, call: &Call) -> Result<(), Error> {
        let rate = call.operation.spec.rate;
        let bucket = match (rate, &call.credential) {
            (Rate::Guess, Credential::Local(_)) => Bucket::Local,
            // Whoever guesses may show any secret: only where they are counts.
            (Rate::Guess, _) => Bucket::Network(call.origin.network()),
            _ => self.bucket_of(&call.credential, &call.origin),
        };
        self.limits.count(rate, &bucket, call.workspace.as_deref())
    }

    /// A person has one bucket, whatever they show and from wherever. Secrets
    /// that are not known to be good count for the network: somebody could make
    /// up a new one for each request.
    pub(super) fn bucket_of(&self, credential: &Credential, origin: &Origin) -> Bucket {
        let secret = match credential {
            Credential::Session(secret) | Credential::Token(secret) => secret,
            Credential::Nobody => return Bucket::Network(origin.network()),
            Credential::Local(_) => return Bucket::Local,
        };
        match self.owners.of(&self.secret_name(secret)) {
            Some(person) => Bucket::Person(person),
            None => Bucket::Network(origin.network()),
        }
    }

    /// The secret itself is not kept as a key.
    fn secret_name(&self, secret: &str) -> [u8; 32] {
        let vault = &self.instance.database.opening.vault;
        vault.keyed_hash("limits.caller", secret.as_bytes())
    }

    /// The hot path: a token that was good a moment ago, in an open workspace.
    /// It is judged again inside the transaction.
    pub(super) fn known_token(&self, call: &Call) -> Option<(Arc<Desk>, [u8; 32])> {
        let (Credential::Token(token), Some(slug)) = (&call.credential, &call.workspace) else {
            return None;
        };
        if !call.operation.in_workspace() {
            return None;
        }
        let desk = self.workspaces.get(slug)?.desk;
        let hash = desk
            .database
            .opening
            .vault
            .keyed_hash(TOKEN_PURPOSE, token.as_bytes());
        desk.knows_token(&hash, self.today())
            .then_some((desk, hash))
    }

    /// What the credential amounts to. A token is the workspace's to judge, so
    /// its desk comes along.
    pub(super) fn claim(
        self: &Arc<Self>,
        credential: &Credential,
        place: Option<&str>,
    ) -> Result<(Option<Arc<Desk>>, Claim), Error> {
        match credential {
            Credential::Nobody => Ok((None, Claim::Nobody)),
            Credential::Local(None) => Ok((None, Claim::Local(None))),
            Credential::Local(Some(email)) => {
                let person = self.in_instance(|tx| (self.directory.person)(tx, email))?;
                let Some(person) = person else {
                    let message = format!("Nobody here has the address {email}.");
                    return Err(Error::fault("as", message));
                };
                Ok((None, Claim::Local(Some(person))))
            }
            Credential::Session(token) => {
                let claim = self.session(token)?.map_or(Claim::Nobody, Claim::Session);
                Ok((None, claim))
            }
            Credential::Token(token) => self.token(token, place),
        }
    }

    pub(super) fn token(
        self: &Arc<Self>,
        token: &str,
        place: Option<&str>,
    ) -> Result<(Option<Arc<Desk>>, Claim), Error> {
        let unknown = || Error::Refused(Refusal::Unauthenticated);
        let today = self.today();
        let desk = match self.desk(Some(place.ok_or_else(unknown)?)) {
            Err(Error::Refused(Refusal::NotFound)) => return Err(unknown()),
            other => other?,
        };
        let hash = desk
            .database
            .opening
            .vault
            .keyed_hash(TOKEN_PURPOSE, token.as_bytes());
        if !desk.knows_token(&hash, today) {
            let grant = self.in_desk(&desk, |tx| (self.directory.token)(tx, &hash))?;
            let grant = grant.filter(|grant| grant.usable).ok_or_else(unknown)?;
            self.owners
                .remember(self.secret_name(token), grant.owner.person);
            let note = self.directory.note_token_use;
            self.later(&desk, Box::new(move |tx| note(tx, &grant.id).map(|_| None)));
            desk.remember_token(hash, today);
        }
        Ok((Some(desk), Claim::Token(hash)))
    }

    /// What is told of a workspace whose database cannot be used. It cannot say who
    /// its members are: whoever has it in no list is told that nothing is there.
    pub(super) fn as_told(&self, error: Error, who: &Claim, workspace: Option<&str>) -> Error {
        let (Error::Damaged(_), Claim::Session(live), Some(name)) = (&error, who, workspace) else {
            return error;
        };
        let is_listed = self.in_instance(|tx| {
            let entry = (self.directory.workspace)(tx, name)?;
            entry.map_or(Ok(false), |entry| {
                (self.directory.is_listed)(tx, live.who.person, entry.id)
            })
        });
        match is_listed {
            Ok(false) => Error::not_found(),
            Ok(true) | Err(_) => error,
        }
    }

    /// The person of a live session, as the store knows it now. Its use is
    /// noted once a minute: from that its end is reckoned.
    pub(super) fn session(self: &Arc<Self>, token: &str) -> Result<Option<LiveSession>, Error> {
        let hash = self.session_hash(token);
        let found = self.in_instance(|tx| (self.directory.session)(tx, &hash))?;
        let Some(live) = &found else {
            return Ok(None);
        };
        self.owners
            .remember(self.secret_name(token), live.who.person);
        if live.cookie_is_due {
            let mut due = lock(&self.sessions.cookies_due);
            if due.len() >= KNOWN_MAX {
                due.clear();
            }
            due.insert(hash);
        }
        if live.cookie_is_due || self.is_use_due(hash) {
            // It was in use now, whenever the note is written.
            let (refresh, now) = (self.directory.refresh_session, self.clock.now());
            let note =
                move |tx: &mut daybook_kernel::Write<'_>| refresh(tx, &hash, now).map(|_| None);
            self.later(&self.instance, Box::new(note));
        }
        Ok(found)
    }

    fn session_hash(&self, token: &str) -> [u8; 32] {
        let vault = &self.instance.database.opening.vault;
        vault.keyed_hash(SESSION_PURPOSE, token.as_bytes())
    }

    /// Whether the use of a session is to be noted now; it is taken as noted.
    fn is_use_due(&self, hash: [u8; 32]) -> bool {
        let now = self.clock.now().as_millisecond();
        let mut noted = lock(&self.sessions.noted);
        if noted.get(&hash).is_some_and(|at| now - at < NOTED_FOR_MS) {
            return false;
        }
        if noted.len() >= KNOWN_MAX {
            noted.clear();
        }
        noted.insert(hash, now);
        true
    }

    pub(super) fn cookie_is_due(&self, token: &str) -> bool {
        // Nearly always there is none, and no hash is made.
        let mut due = lock(&self.sessions.cookies_due);
        !due.is_empty() && due.remove(&self.session_hash(token))
    }

    /// The new token of a session, if it must have one.
    pub(super) fn rotated(
        self: &Arc<Self>,
        token: &str,
        place: Option<&str>,
    ) -> Result<Option<Zeroizing<String>>, Error> {
        let hash = self.session_hash(token);
        let Some(live) = self.in_instance(|tx| (self.directory.session)(tx, &hash))? else {
            return Ok(None);
        };
        let moved = place.is_some() && live.place.as_deref() != place;
        if !moved && !live.rotation_is_due {
            return Ok(None);
        }
        let made = Arc::new(Mutex::new(None));
        let (inside, place) = (Arc::clone(&made), place.map(str::to_owned));
        let rotate = self.directory.rotate_session;
        self.now(
            &self.instance,
            Box::new(move |tx| {
                *lock(&inside) = rotate(tx, &hash, place.as_deref())?.map(Zeroizing::new);
                Ok(None)
            }),
        )?;
        Ok(lock(&made).take())
    }
}
