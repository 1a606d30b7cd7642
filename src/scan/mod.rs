//! One repository, from list to manifest.
//!
//! Decides in which order the layers below do their work, and what of a revision is looked at: every file,
//! commit and annotated tag, and the notes. Must not print, and reads no clock.

pub mod added;
mod alone;
pub mod cache;
pub mod explain;
pub mod files;
pub mod ground;
pub mod known;
pub mod lfs;
pub mod objects;
mod paths;
pub mod people;
mod reuse;
pub mod rows;
pub mod saved;
pub mod summary;
pub mod through;
mod together;

use std::collections::{HashMap, HashSet};

use crate::attribution::{Engine, Progress};
use crate::exit::Exit;
use crate::identity::{Found, Key, Mailmap, MatcherError};
use crate::manifest::{
    CoverageRow, Digest, Hashes, HeaderParts, ListOrigin, ListRef, Manifest, ManifestError, Profile,
    RefCoverage, Tool, path,
};
use crate::policy::{Layers, List, Purposes, Timestamp};
use crate::repo::{Commit, EntryKind, Ident, Kind, ObjectId, Objects, RepoError, Repository, Tip};
use crate::verdict::{Judge, Verdict};
use files::{FileFindings, Look};
use ground::Ground;
use paths::Elsewhere;
use reuse::Reuse;
use rows::{Place, Rows};
use saved::{Before, New, SavedScan};
use summary::Summary;

/// Where a repository keeps its own list; it is always added.
pub const OWN_LIST: &[u8] = b".withhold/optout.toml";
const OWN_FOLDER: &[u8] = b".withhold";
const MAILMAP: &[u8] = b".mailmap";

/// What is to be scanned, and how.
pub struct Request<'a> {
    /// The repository.
    pub repository: &'a Repository,
    /// The revisions; there is at least one.
    pub tips: Vec<Tip>,
    /// Whether every version of every file that can be reached from them is looked at, too.
    pub history: bool,
    /// The repository's name in lists and manifests.
    pub name: &'a str,
    /// The lists, the repository's own among them ([`own_lists`]).
    pub layers: &'a Layers,
    /// The key of keyed hashes and pseudonyms.
    pub key: Option<&'a Key>,
    /// How much the manifest tells.
    pub profile: Profile,
    /// When the manifest says it was made; by default the newest committer's date among the tips.
    pub at: Option<Timestamp>,
    /// The manifest that this one follows.
    pub previous: Option<Digest>,
    /// How many threads, at least one.
    pub threads: usize,
    /// Whether to keep this one for the next.
    pub keep: bool,
}

/// A version of a file, judged.
struct FoundFile<'v> {
    path: Vec<u8>,
    findings: FileFindings<'v>,
    /// Notes have no place among the folders.
    in_summary: bool,
}

/// What stands at a ref.
#[derive(Debug, Clone, Copy, Default)]
struct RefCounts {
    files: u64,
    lines: u64,
    submodules: u64,
}

/// The files that were looked at.
struct Looked<'v> {
    found: Vec<FoundFile<'v>>,
    /// Of each tip.
    refs: Vec<RefCounts>,
    /// Where links and submodules stood.
    elsewhere: Elsewhere,
    /// What to keep of them for the next scan.
    new: New,
}

/// What a scan found.
pub struct Scan<'l> {
    /// The manifest.
    pub manifest: Manifest,
    /// Counts for people to read.
    pub summary: Summary,
    /// Identities of the lists that nobody in the history has: the index of the layer, and which.
    pub unmatched: Vec<(u32, Found)>,
    /// What to keep for the next scan, if that is more than was kept of the one before.
    pub saved: Option<SavedScan>,
    /// What it was found out with: to take that apart takes a while, which whoever ends anyway can spare.
    pub ground: Ground<'l>,
}

/// Why a scan gave no manifest.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// The repository gave no answer.
    #[error(transparent)]
    Repo(#[from] RepoError),
    /// A list cannot be matched.
    #[error(transparent)]
    Matcher(#[from] MatcherError),
    /// The rows make no manifest.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// The audit profile names whom it excludes by keyed pseudonyms.
    #[error("profile 'audit' needs a key for its pseudonyms")]
    NoKey,
    /// The newest commit has no date that could stand for the time of the scan.
    #[error("the tips have no date that can be read, so the manifest has no time")]
    NoTime,
}

impl ScanError {
    /// How the process ends because of it.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::Repo(error) => error.exit(),
            Self::Matcher(_) | Self::NoKey => Exit::List,
            Self::Manifest(_) => Exit::Bug,
            Self::NoTime => Exit::Incomplete,
        }
    }

    /// What to do about it, where there is something to do.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Repo(error) => error.hint(),
            Self::Matcher(MatcherError::NoKey { .. }) | Self::NoKey => {
                Some("give the key with --key-file FILE, or in WITHHOLD_KEY".into())
            }
            Self::NoTime => Some("give the time with --at, or in SOURCE_DATE_EPOCH".into()),
            Self::Matcher(_) | Self::Manifest(_) => None,
        }
    }
}

/// A list that a scanned revision carries.
pub struct OwnList {
    /// The revision, and the path.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Whether it is the first revision's.
    pub of_first: bool,
}

/// The lists that the scanned revisions carry, each once, in the order of the revisions.
///
/// # Errors
/// One is there but is no regular file, or cannot be read: then nobody knows what it says.
pub fn own_lists(objects: &Objects, tips: &[Tip]) -> Result<Vec<OwnList>, RepoError> {
    let mut seen = HashSet::new();
    let mut lists = Vec::new();
    for (at, tip) in tips.iter().enumerate() {
        // A folder that is a link or a submodule has a list that cannot be seen from here.
        if let Some(folder) = objects::leaf_at(objects, tip.commit, OWN_FOLDER)?
            && folder.kind != EntryKind::Tree
        {
            let what = format!("{}:{}", tip.name, String::from_utf8_lossy(OWN_FOLDER));
            return Err(RepoError::Corrupt {
                what,
                why: "it is no folder, so no list can be read from it".into(),
            });
        }
        let blob = objects::file_at(objects, tip.commit, OWN_LIST, true)?;
        if let Some(blob) = blob.filter(|blob| seen.insert(*blob)) {
            let name = format!("{}:{}", tip.name, String::from_utf8_lossy(OWN_LIST));
            let bytes = objects.read(blob, Kind::Blob)?.to_vec();
            lists.push(OwnList { name, bytes, of_first: at == 0 });
        }
    }
    Ok(lists)
}

/// Whether a file, link or submodule stands at `path` in a revision.
///
/// # Errors
/// A tree cannot be read.
pub fn stands_at(objects: &Objects, tip: &Tip, path: &[u8]) -> Result<bool, RepoError> {
    Ok(objects::leaf_at(objects, tip.commit, path)?.is_some_and(|leaf| leaf.kind != EntryKind::Tree))
}

/// The mailmap that a revision carries; an empty one if it carries none.
///
/// # Errors
/// It cannot be read.
pub fn mailmap(objects: &Objects, tip: &Tip) -> Result<Mailmap, RepoError> {
    Ok(mailmaps(objects, std::slice::from_ref(tip))?.pop().unwrap_or_default())
}

/// The mailmaps that the scanned revisions carry, each once.
///
/// # Errors
/// One cannot be read.
pub fn mailmaps(objects: &Objects, tips: &[Tip]) -> Result<Vec<Mailmap>, RepoError> {
    let mut seen = HashSet::new();
    let mut mailmaps = Vec::new();
    for tip in tips {
        let blob = objects::file_at(objects, tip.commit, MAILMAP, false)?;
        if let Some(blob) = blob.filter(|blob| seen.insert(*blob)) {
            mailmaps.push(Mailmap::parse(&objects.read(blob, Kind::Blob)?));
        }
    }
    Ok(mailmaps)
}

/// Scans a repository. What was kept `before` of an earlier scan makes it faster, and changes nothing.
///
/// # Errors
/// See [`ScanError`]; nothing that could not be read is left out in silence.
pub fn scan<'l>(
    request: &Request<'l>,
    before: Before,
    progress: &dyn Progress,
) -> Result<Scan<'l>, ScanError> {
    if request.profile == Profile::Audit && request.key.is_none() {
        return Err(ScanError::NoKey);
    }
    let Before { index, kept } = before;
    let ground = Ground::prepare(request, index, &kept.people, progress)?;
    let Ground { objects, tips, tags, engine, judge, people, commits, .. } = &ground;
    let mut rows = Rows::new(request.layers, request.name, request.key, request.profile);
    let look = Look { engine, judge, people, commits, settings: &request.layers.settings };
    let reuse = Reuse::new(&ground, &look, &kept);
    let looked = if request.history || request.tips.len() > 1 {
        together::files(request, &ground, &reuse, progress)?
    } else {
        alone::files(&ground, &reuse, progress)?
    };
    if !looked.refs.iter().take(request.tips.len()).any(|counts| counts.files > 0 || counts.submodules > 0) {
        return Err(nothing(request).into());
    }
    let mut summary = Summary::new(request.tips.clone(), request.history);
    for (number, (tip, counts)) in tips.iter().zip(&looked.refs).enumerate() {
        summary.submodules += counts.submodules;
        rows.cover(CoverageRow::of_ref(RefCoverage {
            repo: Some(rows.repo()),
            name: Some(path::encode(tip.name.as_bytes())),
            tip: tip.commit,
            files: counts.files,
            lines: counts.lines,
            commits: engine.history().reachable(&[tip.commit]).iter().filter(|reached| **reached).count()
                as u64,
            tags: if number == 0 { tags.len() as u64 } else { 0 },
            submodules: counts.submodules,
            history: request.history,
            incomplete: None,
        }));
    }
    for file in looked.found.iter().filter(|file| file.in_summary) {
        summary.file(&file.path, &file.findings);
    }
    add_rules(&mut rows, judge, &looked.found);
    add_paths(&mut rows, &looked);
    add_files(&mut rows, engine, looked.found);
    // In the order of the manifest.
    let history = engine.history();
    let mut reached = history.by_id();
    reached.retain(|commit| engine.is_reached(*commit));
    rows.cover_all(reached.into_iter().map(|commit| CoverageRow::commit(history.id(commit))));
    let mut new = looked.new;
    for commit in engine.commits() {
        let (id, verdict) = (engine.history().id(commit), &commits[commit as usize]);
        summary.commit(verdict);
        if verdict.is_excluded() {
            if let Some(hashes) = kept.hashes(commit, id) {
                rows.commit(&hashes, verdict);
            } else {
                let hashes = hashes(objects, id, Kind::Commit)?;
                rows.commit(&hashes, verdict);
                new.hashes.push(commit, &hashes);
            }
        }
    }
    for id in tags {
        let verdict =
            people.tag(judge, *id).ok_or_else(|| RepoError::Bug(format!("tag {id} was not heard")))?;
        rows.cover(CoverageRow::tag(*id));
        summary.tag(&verdict);
        if verdict.is_excluded() {
            rows.tag(&hashes(objects, *id, Kind::Tag)?, &verdict);
        }
    }
    let created_at = match request.at {
        Some(at) => at,
        None => newest(objects, tips)?.ok_or(ScanError::NoTime)?,
    };
    let (entries, coverage) = rows.into_parts();
    let manifest =
        Manifest::build(header(request, created_at), entries, coverage, request.profile, request.threads)?;
    // All versions of a history would be far more than another scan could use.
    let keep = request.keep && !request.history;
    let people = |before: &_, commits, persons| people.save(before, commits, persons);
    let saved = if keep { kept.save(engine, people, new) } else { None };
    let unmatched = judge.unmatched();
    Ok(Scan { manifest, summary, unmatched, saved, ground })
}

fn nothing(request: &Request<'_>) -> RepoError {
    RepoError::Nothing {
        path: request.repository.path().to_path_buf(),
        why: match request.tips.as_slice() {
            [tip] => format!("{} holds no file", tip.name),
            _ => "no branch or tag holds a file".into(),
        },
    }
}

/// A content that is excluded anywhere is excluded at every path at which it was seen.
fn add_files(rows: &mut Rows<'_>, engine: &Engine, found: Vec<FoundFile<'_>>) {
    let mut contents: HashMap<ObjectId, Verdict> = HashMap::new();
    for FoundFile { findings, .. } in &found {
        if findings.whole.is_excluded() {
            contents.entry(findings.hashes.git_sha1).or_default().extend(&findings.whole);
        }
    }
    let none = Verdict::default();
    // What was found in a file goes as its rows come: both can be much.
    for FoundFile { path, findings, .. } in found {
        let whole = contents.get(&findings.hashes.git_sha1).unwrap_or(&none);
        let place = Place { path: &path, commit: engine.history().id(findings.introduced) };
        rows.file(&place, &findings, whole, engine);
    }
}

/// Where files were looked at.
fn add_paths(rows: &mut Rows<'_>, looked: &Looked<'_>) {
    // All versions at a path come one after the other.
    let mut paths: Vec<&[u8]> = looked.found.iter().map(|file| &file.path[..]).collect();
    paths.dedup();
    for path in paths.into_iter().filter(|path| !looked.elsewhere.holds(path)) {
        rows.cover_path(path);
    }
    for (path, why) in looked.elsewhere.each() {
        rows.cover_not(path, why);
    }
}

/// What rules exclude is excluded in any version.
fn add_rules(rows: &mut Rows<'_>, judge: &Judge<'_>, found: &[FoundFile<'_>]) {
    rows.repository(&judge.repository());
    if judge.has_path_rules() {
        for FoundFile { path, .. } in found {
            rows.path(path, &judge.path_rules(path));
        }
    }
}

fn newest(objects: &Objects, tips: &[Tip]) -> Result<Option<Timestamp>, RepoError> {
    let mut newest = None;
    for tip in tips {
        let time = objects.with(tip.commit, Kind::Commit, |bytes| {
            let commit = Commit::parse(tip.commit, bytes)?;
            Ok::<_, RepoError>(commit.committer.and_then(Ident::parse).and_then(|ident| ident.time))
        })??;
        newest = newest.max(time);
    }
    Ok(newest)
}

/// The lists as a manifest's header names them.
#[must_use]
pub fn list_refs(layers: &Layers) -> Vec<ListRef> {
    let list = |(at, list): (usize, &List)| ListRef {
        name: list.name.clone(),
        serial: list.serial,
        digest: Digest::from_bytes(list.digest),
        origin: if at < layers.given { ListOrigin::Given } else { ListOrigin::Revision },
    };
    layers.lists.iter().enumerate().map(list).collect()
}

fn header(request: &Request<'_>, created_at: Timestamp) -> HeaderParts {
    let lists = &request.layers.lists;
    HeaderParts {
        tool: Tool { name: env!("CARGO_PKG_NAME").into(), version: env!("CARGO_PKG_VERSION").into() },
        created_at,
        not_before: None,
        not_after: lists.iter().filter_map(|list| list.not_after).min(),
        lists: list_refs(request.layers),
        policy_digest: Digest::from_bytes(request.layers.settings.digest()),
        purposes: Purposes::ALL,
        previous: request.previous,
        merged_from: Vec::new(),
    }
}

fn hashes(objects: &Objects, id: ObjectId, kind: Kind) -> Result<Hashes, RepoError> {
    objects.with(id, kind, |bytes| objects::hashes(id, kind, bytes))?
}
