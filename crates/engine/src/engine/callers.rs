//! Who calls: what a credential amounts to, and the name that limits count by.

use std::sync::Arc;

use daybook_kernel::road::{Claim, LiveSession};
use daybook_kernel::{Error, Rate, Refusal};

use super::{Call, Credential, SESSION_PURPOSE, Shared, TOKEN_PURPOSE};
use crate::desk::Desk;
use crate::store::lock;

impl Shared {
    pub(super) fn bucket(&self, call: &Call) -> String {
        if call.operation.spec.rate == Rate::Guess {
            return call.origin.address.clone();
        }
        self.bucket_of(&call.credential, &call.origin.address)
    }

    /// One name per caller; the secret itself is not kept as a key.
    pub(super) fn bucket_of(&self, credential: &Credential, address: &str) -> String {
        let secret = match credential {
            Credential::Session(secret) | Credential::Token(secret) => secret,
            Credential::Nobody => return address.to_owned(),
            Credential::Local(_) => return "local".to_owned(),
        };
        let vault = &self.instance.database.opening.vault;
        daybook_kernel::id::hex(&vault.keyed_hash("limits.caller", secret.as_bytes())[..12])
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
            let note = self.directory.note_token_use;
            self.later(&desk, Box::new(move |tx| note(tx, &grant.id).map(|_| None)));
            desk.remember_token(hash, today);
        }
        Ok((Some(desk), Claim::Token(hash)))
    }

    /// The person of a live session. Its use is noted once a day, which keeps
    /// it alive.
    pub(super) fn session(self: &Arc<Self>, token: &str) -> Result<Option<LiveSession>, Error> {
        /// Sessions noted today; a full set is forgotten, and noted again.
        const NOTED_MAX: usize = 10_000;
        let vault = &self.instance.database.opening.vault;
        let hash = vault.keyed_hash(SESSION_PURPOSE, token.as_bytes());
        let found = self.in_instance(|tx| (self.directory.session)(tx, &hash))?;
        if found.is_some() {
            let mut noted = lock(&self.noted_sessions);
            let today = self.today();
            if noted.len() >= NOTED_MAX {
                noted.clear();
            }
            if noted.insert(hash, today) != Some(today) {
                let refresh = self.directory.refresh_session;
                self.later(
                    &self.instance,
                    Box::new(move |tx| refresh(tx, &hash).map(|_| None)),
                );
            }
        }
        Ok(found)
    }
}
