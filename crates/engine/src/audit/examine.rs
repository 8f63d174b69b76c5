//! The examination of a log, record after record: pure, the same for a database
//! and for an export. Three trees grow side by side: from the leaves that the
//! records carry, from those that the records' skeletons give, and from the tiles
//! where there are any. Whichever meets a signed root is what was signed, and the
//! others are held against it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::checkpoint::Checkpoint;
use super::record::{Skeleton, content_hash};
use super::tree::{Frontier, Hash};
use super::verdict::{Damage, Finding, Place, Verdict};

/// How far past a record we look for the number that it was logged under, and
/// how far at most: each number costs a hash.
const SEARCH_AHEAD: i64 = 10_000;
const SEARCH_MAX: i64 = 1_000_000;

/// A record as it was found, not yet believed; also a line of an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Line {
    pub seq: i64,
    pub at_ms: i64,
    pub operation: String,
    pub outcome: String,
    pub actor: Option<String>,
    pub target_kind: String,
    pub content_hash: Bytes,
    pub salt: Option<Bytes>,
    pub content: Option<String>,
    pub leaf: Bytes,
}

/// Bytes that are base64 in JSON.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Bytes(pub Vec<u8>);

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        BASE64
            .decode(text.as_bytes())
            .map(Self)
            .map_err(serde::de::Error::custom)
    }
}

impl Line {
    pub(super) fn skeleton(&self) -> Skeleton<'_> {
        Skeleton {
            seq: self.seq,
            at_ms: self.at_ms,
            operation: &self.operation,
            outcome: &self.outcome,
            actor: self.actor.as_deref(),
            target_kind: &self.target_kind,
            content_hash: &self.content_hash.0,
        }
    }

    /// What the record shows by itself to be wrong.
    fn damage(&self) -> Option<Damage> {
        let content_agrees = match (&self.salt, &self.content) {
            (None, None) => true,
            (Some(salt), Some(content)) => {
                content_hash(&salt.0, content)[..] == self.content_hash.0[..]
            }
            _ => false,
        };
        if !content_agrees {
            return Some(Damage::Edited);
        }
        let skeleton = self.skeleton();
        if skeleton.leaf()[..] == self.leaf.0[..] {
            return None;
        }
        let until = self.seq.saturating_add(SEARCH_AHEAD).min(SEARCH_MAX);
        let logged_as = (1..=until).find(|&seq| skeleton.leaf_as(seq)[..] == self.leaf.0[..]);
        Some(logged_as.map_or(Damage::Edited, |logged_as| Damage::OutOfOrder { logged_as }))
    }

    /// What it is if it agrees with itself and not with its tile.
    fn damage_against(&self, tile: &Tile<'_>) -> Damage {
        let skeleton = self.skeleton();
        let numbers = tile.first..;
        let found = numbers
            .zip(tile.hashes)
            .find(|(seq, hash)| skeleton.leaf_as(*seq) == **hash);
        found.map_or(Damage::Edited, |(logged_as, _)| Damage::OutOfOrder {
            logged_as,
        })
    }
}

/// A tile of leaves, or none.
#[derive(Clone, Copy)]
pub(super) struct Tile<'t> {
    /// The number of the record that its first hash is of.
    pub first: i64,
    pub hashes: &'t [Hash],
}

impl Tile<'_> {
    pub(super) const NONE: Tile<'static> = Tile {
        first: 1,
        hashes: &[],
    };

    fn hash(&self, seq: i64) -> Option<Hash> {
        let place = usize::try_from(seq - self.first).ok()?;
        self.hashes.get(place).copied()
    }
}

/// One of the three trees, for as long as it is complete.
#[derive(Default)]
struct Tree {
    frontier: Frontier,
    lacks: bool,
    disagreed: bool,
}

impl Tree {
    fn push(&mut self, leaf: Option<Hash>) {
        match leaf {
            Some(leaf) if !self.lacks => self.frontier.push(leaf),
            _ => self.lacks = true,
        }
    }

    fn meets(&mut self, anchor: &Checkpoint) -> bool {
        self.disagreed |= self.lacks || self.frontier.root() != *anchor.root();
        !self.disagreed
    }

    const fn is_sound(&self) -> bool {
        !self.lacks && !self.disagreed
    }
}

pub(super) struct Examiner<'a> {
    /// Signed sizes and roots that are still to come, the next one last.
    anchors: Vec<&'a Checkpoint>,
    by_records: Tree,
    by_skeletons: Tree,
    by_tiles: Tree,
    /// Up to here the leaves are what was signed.
    confirmed: u64,
    erased: u64,
    next: i64,
    /// The first record that disagrees with itself, and the first with its tile.
    in_itself: Option<(i64, Damage)>,
    with_tile: Option<(i64, Damage)>,
    /// What came where the first record was missing.
    instead: Option<i64>,
}

/// What the log says about itself, and what others saw of it.
pub(super) struct Claims<'a> {
    /// The checkpoint of the head, if its signature holds.
    pub signed: Option<&'a Checkpoint>,
    /// Whether the head is there and agrees with its checkpoint.
    pub head_agrees: bool,
    pub witnessed: Option<u64>,
}

impl<'a> Examiner<'a> {
    pub(super) fn new(anchors: impl Iterator<Item = &'a Checkpoint>) -> Self {
        let mut anchors: Vec<_> = anchors.filter(|anchor| anchor.size() > 0).collect();
        anchors.sort_by_key(|anchor| std::cmp::Reverse(anchor.size()));
        Self {
            anchors,
            by_records: Tree::default(),
            by_skeletons: Tree::default(),
            by_tiles: Tree::default(),
            confirmed: 0,
            erased: 0,
            next: 1,
            in_itself: None,
            with_tile: None,
            instead: None,
        }
    }

    /// The number that the next record must have.
    pub(super) const fn next(&self) -> i64 {
        self.next
    }

    /// Whether nothing that follows could change what the first finding is.
    pub(super) const fn is_lost(&self) -> bool {
        self.by_records.lacks && self.by_skeletons.lacks && self.by_tiles.lacks
    }

    /// Takes a record; those before it that did not come are missing.
    pub(super) fn take(&mut self, line: &Line, tile: Tile<'_>) {
        if self.next < line.seq && self.in_itself.is_none() {
            self.instead = Some(line.seq);
        }
        while self.next < line.seq && !self.is_lost() {
            self.miss(tile);
        }
        if line.seq < self.next {
            self.misplaced(line.seq);
            return;
        }
        self.next = line.seq;
        self.erased += u64::from(line.salt.is_none());
        if self.in_itself.is_none() {
            self.in_itself = line.damage().map(|damage| (line.seq, damage));
        }
        let leaf = Hash::try_from(&line.leaf.0[..]).ok();
        let tiled = tile.hash(line.seq);
        if self.with_tile.is_none() && tiled.is_some() && tiled != leaf {
            self.with_tile = Some((line.seq, line.damage_against(&tile)));
        }
        self.advance(leaf, Some(line.skeleton().leaf()), tiled);
    }

    /// A record is there and cannot be read, but perhaps for its leaf.
    pub(super) fn take_unreadable(&mut self, seq: i64, leaf: Option<Hash>, tile: Tile<'_>) {
        while self.next < seq && !self.is_lost() {
            self.miss(tile);
        }
        self.next = seq;
        self.note(seq, Damage::Edited);
        self.advance(leaf, None, tile.hash(seq));
    }

    /// The next record did not come.
    pub(super) fn miss(&mut self, tile: Tile<'_>) {
        self.note(self.next, Damage::Missing);
        self.advance(None, None, tile.hash(self.next));
    }

    /// A record came too late or twice; if it was thought to be the first that is
    /// missing, it is the first that is out of order.
    fn misplaced(&mut self, seq: i64) {
        match (&mut self.in_itself, self.instead) {
            (Some((first, damage)), Some(logged_as))
                if *first == seq && *damage == Damage::Missing =>
            {
                *damage = Damage::OutOfOrder { logged_as };
            }
            (Some(_), _) => {}
            (none, _) => *none = Some((self.next, Damage::OutOfOrder { logged_as: seq })),
        }
    }

    fn note(&mut self, seq: i64, damage: Damage) {
        if self.in_itself.is_none() {
            self.in_itself = Some((seq, damage));
        }
    }

    fn advance(&mut self, leaf: Option<Hash>, computed: Option<Hash>, tiled: Option<Hash>) {
        self.by_records.push(leaf);
        self.by_skeletons.push(computed);
        self.by_tiles.push(tiled.or(leaf));
        self.next = self.next.saturating_add(1);
        let size = self.records();
        while let Some(anchor) = self.anchors.pop_if(|anchor| anchor.size() <= size) {
            self.hold_against(anchor);
        }
    }

    /// Holds what came so far against a signed root of just that many records.
    pub(super) fn hold_against(&mut self, anchor: &Checkpoint) {
        if anchor.size() != self.records() {
            return;
        }
        let trees = [
            &mut self.by_records,
            &mut self.by_skeletons,
            &mut self.by_tiles,
        ];
        if trees.map(|tree| tree.meets(anchor)).contains(&true) {
            self.confirmed = anchor.size();
        }
    }

    /// How many records there should be up to here.
    fn records(&self) -> u64 {
        u64::try_from(self.next - 1).unwrap_or(0)
    }

    /// Whether the tiles disagree with records that proved to be the signed ones.
    pub(super) fn tiles_are_bad(&self) -> bool {
        let first = self
            .with_tile
            .as_ref()
            .and_then(|(seq, _)| u64::try_from(*seq).ok());
        self.by_records.is_sound() && first.is_some_and(|seq| seq <= self.confirmed)
    }

    pub(super) fn finish(self, claims: &Claims<'_>) -> Verdict {
        let records = self.records();
        let finding = self
            .first_bad(claims)
            .or_else(|| self.bad_as_a_whole(records, claims));
        Verdict {
            records,
            erased: self.erased,
            signed: claims.signed.map(Checkpoint::size),
            witnessed: claims.witnessed,
            finding,
        }
    }

    fn first_bad(&self, claims: &Claims<'_>) -> Option<Finding> {
        // Where the records' own leaves met every signed root, a tile that
        // disagrees is the tile's fault.
        let with_tile = if self.tiles_are_bad() {
            None
        } else {
            self.with_tile.clone()
        };
        let (seq, damage) = [self.in_itself.clone(), with_tile]
            .into_iter()
            .flatten()
            .min_by_key(|(seq, _)| *seq)?;
        let unsigned = claims.signed.filter(|head| {
            u64::try_from(seq).is_ok_and(|seq| seq > head.size() + 1)
                && claims.witnessed.is_none_or(|size| size <= head.size())
        });
        let (seq, damage) = match unsigned {
            Some(head) => (after(head.size()), Damage::Added),
            None => (seq, damage),
        };
        Some(self.in_record(seq, damage))
    }

    /// A finding about one record, with what must be doubted before it.
    fn in_record(&self, seq: i64, damage: Damage) -> Finding {
        let vouched = after(self.confirmed);
        let doubt_from = (vouched < seq).then_some(vouched);
        Finding {
            place: Place::Record(seq),
            damage,
            doubt_from,
        }
    }

    /// No record is bad by itself: is the log the one that was signed?
    fn bad_as_a_whole(&self, records: u64, claims: &Claims<'_>) -> Option<Finding> {
        let vouched = after(self.confirmed);
        if self.by_records.disagreed {
            return Some(at(Place::AtOrAfter(vouched), Damage::Rewritten));
        }
        let signed = claims.signed.map(Checkpoint::size);
        if let Some(signed) = signed.filter(|signed| *signed > records) {
            return Some(self.in_record(after(records), Damage::Truncated { signed }));
        }
        if let Some(witnessed) = claims.witnessed.filter(|size| *size > records) {
            return Some(self.in_record(after(records), Damage::RolledBack { witnessed }));
        }
        if let Some(signed) = signed.filter(|signed| *signed < records) {
            return Some(self.in_record(after(signed), Damage::Added));
        }
        if !claims.head_agrees {
            let place = if self.confirmed < records {
                Place::AtOrAfter(vouched)
            } else {
                Place::Log
            };
            return Some(at(place, Damage::Head));
        }
        None
    }
}

/// The number of the record that comes after so many.
fn after(size: u64) -> i64 {
    i64::try_from(size).map_or(i64::MAX, |size| size.saturating_add(1))
}

pub(super) const fn at(place: Place, damage: Damage) -> Finding {
    Finding {
        place,
        damage,
        doubt_from: None,
    }
}
