//! Who is who: the questions that the road asks of the people and the members.
//! The binary joins the domains that answer them.

use std::sync::Arc;

use jiff::Timestamp;

use crate::caller::{Caller, CallerKind, Origin, Role, SessionFacts};
use crate::ending::Ending;
use crate::error::{Demand, Error, Refusal};
use crate::grant::{Given, GrantScope, Guest, Received, Vouched};
use crate::id::{PersonId, WorkspaceId};
use crate::operation::Change;
use crate::post::Post;
use crate::sight::Sight;
use crate::spec::Spec;
use crate::standing::Lives;
use crate::transaction::{Read, Write};

/// What a request claims, as far as the instance could vouch for it.
#[derive(Clone)]
pub enum Claim {
    Nobody,
    /// A session that the instance found to be good for this request.
    Session(LiveSession),
    /// The keyed hash of an API token; the workspace judges it.
    Token([u8; 32]),
    /// A member of a practice, who comes to a company by a grant.
    Granted(Box<Vouched>),
    /// Whoever holds the data folder. Without an address: the first Owner.
    Local(Option<SignedIn>),
}

#[derive(Debug, Clone)]
pub struct SignedIn {
    pub person: PersonId,
    pub email: String,
}

/// A session that is good, and what it has shown so far.
#[derive(Debug, Clone)]
pub struct LiveSession {
    pub who: SignedIn,
    pub facts: SessionFacts,
    /// Whether the browser is to be given its cookie anew.
    pub cookie_is_due: bool,
    /// Whether what the person may do has changed: the token changes too.
    pub rotation_is_due: bool,
    /// The workspace whose pages were looked at last.
    pub place: Option<String>,
}

/// What ended by itself, for the log.
pub struct Swept {
    /// The name of the event, written as an operation's.
    pub operation: &'static str,
    pub whose: Option<SignedIn>,
    /// Where it was used from.
    pub origin: Option<Arc<Origin>>,
    pub change: Change,
}

#[derive(Debug, Clone)]
pub struct Membership {
    pub role: Role,
    pub suspended: bool,
    /// Whether the workspace has policies of its own.
    pub guarded: bool,
}

/// What an API token stands for, once found by its hash.
#[derive(Debug, Clone)]
pub struct TokenGrant {
    pub id: String,
    pub owner: SignedIn,
    /// What its owner may do here, found with it.
    pub membership: Membership,
    pub scopes: Vec<String>,
    pub usable: bool,
}

/// What one workspace tells another by way of its outbox. It comes at least
/// once, so whoever takes it must not mind a second one, nor an old one.
#[derive(Clone, Copy)]
pub struct Letter {
    pub kind: &'static str,
    /// The workspace that it is for.
    pub to: fn(payload: &str) -> Result<WorkspaceId, Error>,
    /// Takes it there. Who sends it is the engine's word, not the letter's.
    pub take:
        fn(&mut Write<'_>, from: &WorkspaceEntry, payload: &str) -> Result<Option<Told>, Error>,
}

/// What a letter changed where it was taken, for the log.
pub struct Told {
    /// The name of the event, written as an operation's.
    pub operation: &'static str,
    /// Whoever did it in the other workspace.
    pub whose: Option<SignedIn>,
    pub change: Change,
}

/// A policy of the workspace's own that bars somebody.
#[derive(Debug, Clone)]
pub struct Barrier {
    pub policy: String,
    pub sentence: String,
    /// What would lift it, where whoever is barred can bring that.
    pub demand: Option<Demand>,
}

/// Who a workspace is founded for.
#[derive(Debug, Clone)]
pub struct Founder {
    pub person: PersonId,
    pub email: String,
    pub workspace_name: String,
}

/// A workspace as the instance's directory lists it.
#[derive(Debug, Clone)]
pub struct WorkspaceEntry {
    pub id: WorkspaceId,
    /// Its name in addresses.
    pub slug: String,
    pub name: String,
    /// One of the eight colours of the rail, 0 to 7.
    pub colour: u8,
    pub founder: Founder,
    /// The workspace's key, sealed under the instance's.
    pub wrapped_key: Vec<u8>,
}

/// The domains' answers, as functions over a transaction.
#[derive(Clone, Copy)]
pub struct Directory {
    /// In the instance: the person of a live session.
    pub session: fn(&mut Read<'_>, hash: &[u8; 32]) -> Result<Option<LiveSession>, Error>,
    /// In the instance: a person by address.
    pub person: fn(&mut Read<'_>, email: &str) -> Result<Option<SignedIn>, Error>,
    /// In the instance: a workspace by its id or its slug, and all of them.
    pub workspace: fn(&mut Read<'_>, slug_or_id: &str) -> Result<Option<WorkspaceEntry>, Error>,
    pub workspaces: fn(&mut Read<'_>) -> Result<Vec<WorkspaceEntry>, Error>,
    /// In the instance: how workspaces stand, where there is anything to say.
    pub lives: fn(&mut Read<'_>) -> Result<Lives, Error>,
    /// In the instance: how workspaces end.
    pub ending: Ending,
    /// Names that begin so are those of commands that a full workspace still takes.
    pub unmetered: &'static [&'static str],
    /// In the instance: whether somebody's list of workspaces has this one.
    pub is_listed: fn(&mut Read<'_>, PersonId, WorkspaceId) -> Result<bool, Error>,
    /// The one key of an address, however it is written.
    pub address_key: fn(&str) -> String,
    /// In the instance: the mail that waits.
    pub post: Post,
    /// In the instance: of each kind of alert, how many nobody has seen.
    pub alerts: fn(&mut Read<'_>) -> Result<Vec<(&'static str, i64)>, Error>,
    /// In a workspace.
    pub member: fn(&mut Read<'_>, PersonId) -> Result<Option<Membership>, Error>,
    /// In a workspace: whether this address, which its person has proved, is invited.
    pub invited: fn(&mut Read<'_>, email: &str) -> Result<bool, Error>,
    /// In a practice: how it reaches a company, if it knows of it at all.
    pub received: fn(&mut Read<'_>, company: WorkspaceId) -> Result<Option<Received>, Error>,
    /// In a company: a grant that it gave to this practice.
    pub given:
        fn(&mut Read<'_>, practice: WorkspaceId, grant: &str) -> Result<Option<Given>, Error>,
    /// The operation and the kind of record by which a practice judges who uses
    /// its grants, and under which its log tells of each use.
    pub visit_company: (&'static str, &'static str),
    /// What workspaces tell each other.
    pub letters: &'static [Letter],
    pub token: fn(&mut Read<'_>, hash: &[u8; 32]) -> Result<Option<TokenGrant>, Error>,
    /// The workspace's own policies, which only ever take away: the name of the
    /// one that bars this caller, with the sentence that is told.
    pub barrier: fn(&mut Read<'_>, &Caller, &Spec) -> Result<Option<Barrier>, Error>,
    /// What somebody who sees only what is assigned to them sees of each table of a workspace,
    /// as the domains say it.
    pub sights: &'static [&'static [Sight]],
    /// Notes that a session was in use at that instant. The engine asks at most
    /// once a minute.
    pub refresh_session: fn(&mut Write<'_>, hash: &[u8; 32], at: Timestamp) -> Result<bool, Error>,
    /// Notes at which workspace a session is. It gets a new token if that is
    /// another one than before, or if its person's rights have changed; the old
    /// token is good for nothing from then on.
    pub rotate_session:
        fn(&mut Write<'_>, hash: &[u8; 32], place: Option<&str>) -> Result<Option<String>, Error>,
    /// How many sessions have expired and are still there.
    pub expired: fn(&mut Read<'_>) -> Result<u64, Error>,
    /// Ends one of them.
    pub sweep: fn(&mut Write<'_>) -> Result<Option<Swept>, Error>,
    /// Notes, at most once a day, that a token is in use.
    pub note_token_use: fn(&mut Write<'_>, id: &str) -> Result<bool, Error>,
    pub first_owner: fn(&mut Read<'_>) -> Result<Option<SignedIn>, Error>,
    /// Makes the first Owner of a new workspace.
    pub found: fn(&mut Write<'_>, &Founder) -> Result<Change, Error>,
}

impl Directory {
    /// The caller behind a claim, in the transaction at hand.
    pub fn caller(&self, tx: &mut Read<'_>, claim: &Claim) -> Result<Caller, Error> {
        match claim {
            Claim::Nobody => Err(Refusal::Unauthenticated.into()),
            Claim::Session(session) => self.session_caller(tx, session),
            Claim::Local(Some(who)) => self.person_caller(tx, who, CallerKind::Local),
            Claim::Local(None) if tx.workspace().is_none() => Ok(Caller {
                kind: CallerKind::Local,
                ..Caller::visitor()
            }),
            Claim::Local(None) => {
                let owner = (self.first_owner)(tx)?.ok_or_else(Error::not_found)?;
                self.person_caller(tx, &owner, CallerKind::Local)
            }
            Claim::Token(hash) => self.token_caller(tx, hash),
            Claim::Granted(vouched) => self.guest_caller(tx, vouched),
        }
    }

    pub fn letter(&self, kind: &str) -> Option<&'static Letter> {
        self.letters.iter().find(|letter| letter.kind == kind)
    }

    /// Whoever comes by a grant is judged by it alone, member or not. A grant
    /// that the company does not know is one that has ended.
    fn guest_caller(&self, tx: &mut Read<'_>, vouched: &Vouched) -> Result<Caller, Error> {
        let given = (self.given)(tx, vouched.practice, &vouched.grant)?;
        let expires_at_ms = given.as_ref().map_or(0, |it| it.expires_at_ms);
        let scope = given.as_ref().map_or(GrantScope::BooksRead, |it| it.scope);
        let guest = Guest {
            grant: vouched.grant.clone(),
            practice: vouched.practice_name.clone(),
            scope,
            ended: given.as_ref().is_none_or(|it| it.ended),
            expired: expires_at_ms <= tx.now().as_millisecond(),
            expires_at_ms,
            at_the_server: vouched.at_the_server,
        };
        let mut caller = caller(CallerKind::Guest(guest), &vouched.who, None);
        caller.guarded = given.is_some_and(|it| it.guarded);
        caller.scopes = Some(vec![scope.domain().to_owned()]);
        caller.session.clone_from(&vouched.session);
        Ok(caller)
    }

    /// Whoever owes the second factor is no member of anything yet.
    fn session_caller(&self, tx: &mut Read<'_>, session: &LiveSession) -> Result<Caller, Error> {
        let mut caller = if session.facts.owes_second_factor {
            Caller {
                kind: CallerKind::Halfway,
                person: Some(session.who.person),
                email: session.who.email.clone(),
                ..Caller::visitor()
            }
        } else {
            self.person_caller(tx, &session.who, CallerKind::Person)?
        };
        caller.session = Some(session.facts.clone());
        Ok(caller)
    }

    fn person_caller(
        &self,
        tx: &mut Read<'_>,
        who: &SignedIn,
        kind: CallerKind,
    ) -> Result<Caller, Error> {
        let membership = match tx.workspace() {
            Some(_) => (self.member)(tx, who.person)?,
            None => return Ok(caller(kind, who, None)),
        };
        if membership.is_none() && (self.invited)(tx, &who.email)? {
            return Ok(caller(CallerKind::Invited, who, None));
        }
        Ok(caller(kind, who, membership))
    }

    fn token_caller(&self, tx: &mut Read<'_>, hash: &[u8; 32]) -> Result<Caller, Error> {
        if tx.workspace().is_none() {
            return Err(Refusal::Unauthenticated.into());
        }
        let grant = (self.token)(tx, hash)?
            .filter(|grant| grant.usable)
            .ok_or(Error::Refused(Refusal::Unauthenticated))?;
        let kind = CallerKind::Token { id: grant.id };
        let mut caller = caller(kind, &grant.owner, Some(grant.membership));
        caller.scopes = Some(grant.scopes);
        Ok(caller)
    }
}

fn caller(kind: CallerKind, who: &SignedIn, membership: Option<Membership>) -> Caller {
    Caller {
        kind,
        person: Some(who.person),
        email: who.email.clone(),
        role: membership.as_ref().map(|member| member.role),
        suspended: membership.as_ref().is_some_and(|member| member.suspended),
        guarded: membership.is_some_and(|member| member.guarded),
        scopes: None,
        session: None,
        origin: None,
    }
}
