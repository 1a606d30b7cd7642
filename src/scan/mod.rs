//! One repository, from list to manifest.
//!
//! Decides in which order the layers below do their work, and what of a revision is looked at: every file,
//! commit and annotated tag, and the notes. Must not print, and reads no clock.

pub mod cache;
pub mod explain;
pub mod files;
pub mod ground;
pub mod known;
pub mod lfs;
pub mod objects;
pub mod people;
pub mod rows;
pub mod saved;
pub mod summary;
pub mod through;

use std::collections::HashMap;

use crate::attribution::{Engine, Options, Progress, TipFile};
use crate::exit::Exit;
use crate::identity::{Found, Key, Mailmap, MatcherError};
use crate::manifest::{
    CoverageRow, Digest, Hashes, HeaderParts, ListRef, Manifest, ManifestError, Profile, RefCoverage, Tool,
    path,
};
use crate::policy::{Layers, Purposes, Timestamp};
use crate::repo::{Commit, EntryKind, Ident, Kind, ObjectId, Objects, RepoError, Repository, Tip};
use crate::verdict::{Judge, Verdict};
use files::{FileFindings, Look};
use ground::Ground;
use known::Known;
use rows::{Place, Rows};
use saved::{Before, FileColumns, SavedFiles, SavedScan};
use summary::Summary;

/// Where a repository keeps its own list; it is always added.
pub const OWN_LIST: &[u8] = b".withhold/optout.toml";
const OWN_FOLDER: &[u8] = b".withhold";
const MAILMAP: &[u8] = b".mailmap";

/// What is to be scanned, and how.
pub struct Request<'a> {
    /// The repository.
    pub repository: &'a Repository,
    /// The revision.
    pub tip: Tip,
    /// The repository's name in lists and manifests.
    pub name: &'a str,
    /// The lists, the repository's own among them ([`own_list`]).
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

/// What a scan found.
pub struct Scan {
    /// The manifest.
    pub manifest: Manifest,
    /// Counts for people to read.
    pub summary: Summary,
    /// Identities of the lists that nobody in the history has: the index of the layer, and which.
    pub unmatched: Vec<(u32, Found)>,
    /// What to keep for the next scan, if that is more than was kept of the one before.
    pub saved: Option<SavedScan>,
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

/// The bytes of the list that the scanned revision carries, if it carries one.
///
/// # Errors
/// It is there but is no regular file, or cannot be read: then nobody knows what it says.
pub fn own_list(objects: &Objects, tip: &Tip) -> Result<Option<Vec<u8>>, RepoError> {
    // A folder that is a link or a submodule has a list that cannot be seen from here.
    if let Some(folder) = objects::leaf_at(objects, tip.commit, OWN_FOLDER)?
        && folder.kind != EntryKind::Tree
    {
        let what = String::from_utf8_lossy(OWN_FOLDER).into_owned();
        return Err(RepoError::Corrupt {
            what,
            why: "it is no folder, so no list can be read from it".into(),
        });
    }
    objects::file_at(objects, tip.commit, OWN_LIST, true)
}

/// Whether a file, link or submodule stands at `path` in a revision.
///
/// # Errors
/// A tree cannot be read.
pub fn stands_at(objects: &Objects, tip: &Tip, path: &[u8]) -> Result<bool, RepoError> {
    Ok(objects::leaf_at(objects, tip.commit, path)?.is_some_and(|leaf| leaf.kind != EntryKind::Tree))
}

/// The mailmap that the scanned revision carries; an empty one if it carries none.
///
/// # Errors
/// It cannot be read.
pub fn mailmap(objects: &Objects, tip: &Tip) -> Result<Mailmap, RepoError> {
    let bytes = objects::file_at(objects, tip.commit, MAILMAP, false)?;
    Ok(bytes.map_or_else(Mailmap::default, |bytes| Mailmap::parse(&bytes)))
}

/// Scans a repository. What was kept `before` of an earlier scan makes it faster, and changes nothing.
///
/// # Errors
/// See [`ScanError`]; nothing that could not be read is left out in silence.
pub fn scan(request: &Request<'_>, before: Before, progress: &dyn Progress) -> Result<Scan, ScanError> {
    if request.profile == Profile::Audit && request.key.is_none() {
        return Err(ScanError::NoKey);
    }
    let commits_before = before.index.commits();
    let ground = Ground::prepare(request, before.index, &before.people, progress)?;
    let Ground { objects, tips, tags, engine, judge, people, commits, .. } = &ground;
    let mut rows = Rows::new(request.layers, request.name, request.key, request.profile);
    let mut summary = Summary::new(request.tip.clone());
    let look = Look { engine, judge, people, commits, settings: &request.layers.settings };
    let mut found = Vec::new();
    let mut known_files = Vec::new();
    // Neither the number of threads nor what is remembered changes an answer.
    let options = format!("{:?}", Options { threads: 1, remember: false, ..ground.options });
    let looked_through = engine.looked_through();
    let kept = SavedFiles::new(&before.files, &options, &looked_through, commits_before);
    for (number, tip) in tips.iter().enumerate() {
        let files = engine.files(tip.commit)?;
        if number == 0 && files.is_empty() {
            return Err(nothing(request).into());
        }
        let reuse = |file: &TipFile, introduced, first: &[_]| {
            let path = engine.path_number(&file.path)?;
            let known = kept.find(path, introduced, first)?;
            let findings = look.judge(&file.path, &known);
            Some(Some((known, findings)))
        };
        let findings = engine.attribute(tip.commit, &files, progress, reuse, |file, found, content| {
            let known = Known::new(file, found, content)?;
            Ok(known.map(|known| {
                let findings = look.judge(&file.path, &known);
                (known, findings)
            }))
        })?;
        let mut coverage = RefCoverage {
            repo: Some(rows.repo().to_owned()),
            name: Some(path::encode(tip.name.as_bytes())),
            tip: tip.commit,
            files: 0,
            lines: 0,
            commits: engine.history().reachable(&[tip.commit]).iter().filter(|reached| **reached).count()
                as u64,
            tags: if number == 0 { tags.len() as u64 } else { 0 },
            submodules: 0,
            incomplete: None,
        };
        for (file, findings) in files.into_iter().zip(findings) {
            let Some((known, findings)) = findings else {
                coverage.submodules += 1;
                continue;
            };
            coverage.files += 1;
            coverage.lines += findings.lines;
            // Notes have no place among the folders.
            if number == 0 {
                summary.file(&file.path, &findings);
            }
            known_files.extend(engine.path_number(&file.path).map(|path| (path, known)));
            found.push((file.path, findings));
        }
        summary.submodules += coverage.submodules;
        rows.cover(CoverageRow::Ref(coverage));
    }
    add_files(&mut rows, engine, &found);
    add_rules(&mut rows, judge, &found);
    for commit in engine.commits() {
        let (id, verdict) = (engine.history().id(commit), &commits[commit as usize]);
        rows.cover(CoverageRow::commit(id));
        summary.commit(verdict);
        if verdict.is_excluded() {
            rows.commit(&hashes(objects, id, Kind::Commit)?, verdict);
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
    let manifest = Manifest::build(header(request, created_at), entries, coverage, request.profile)?;
    let old = engine.history().len() == commits_before && kept.served(known_files.len());
    let saved = (request.keep && !old).then(|| SavedScan {
        index: engine.save(),
        people: people.save(),
        files: FileColumns::of(
            options,
            looked_through,
            known_files.iter().map(|(path, known)| (*path, known)),
        ),
    });
    Ok(Scan { manifest, summary, unmatched: judge.unmatched(), saved })
}

fn nothing(request: &Request<'_>) -> RepoError {
    RepoError::Nothing {
        path: request.repository.path().to_path_buf(),
        why: format!("{} holds no file", request.tip.name),
    }
}

/// A content that is excluded anywhere is excluded at every path at which it was seen.
fn add_files(rows: &mut Rows<'_>, engine: &Engine, found: &[(Vec<u8>, FileFindings)]) {
    let mut contents: HashMap<ObjectId, Verdict> = HashMap::new();
    for (_, findings) in found {
        if findings.whole.is_excluded() {
            contents.entry(findings.hashes.git_sha1).or_default().extend(&findings.whole);
        }
    }
    let none = Verdict::default();
    for (path, findings) in found {
        let whole = contents.get(&findings.hashes.git_sha1).unwrap_or(&none);
        rows.file(&Place { path, commit: engine.history().id(findings.introduced) }, findings, whole, engine);
    }
}

/// What rules exclude is excluded in any version.
fn add_rules(rows: &mut Rows<'_>, judge: &Judge<'_>, found: &[(Vec<u8>, FileFindings)]) {
    rows.repository(&judge.repository());
    if judge.has_path_rules() {
        for (path, _) in found {
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

fn header(request: &Request<'_>, created_at: Timestamp) -> HeaderParts {
    let lists = &request.layers.lists;
    HeaderParts {
        tool: Tool { name: env!("CARGO_PKG_NAME").into(), version: env!("CARGO_PKG_VERSION").into() },
        created_at,
        not_before: None,
        not_after: lists.iter().filter_map(|list| list.not_after).min(),
        lists: lists
            .iter()
            .map(|list| ListRef {
                name: list.name.clone(),
                serial: list.serial,
                digest: Digest::from_bytes(list.digest),
            })
            .collect(),
        policy_digest: Digest::from_bytes(request.layers.settings.digest()),
        purposes: Purposes::ALL,
        previous: request.previous,
        merged_from: Vec::new(),
    }
}

fn hashes(objects: &Objects, id: ObjectId, kind: Kind) -> Result<Hashes, RepoError> {
    objects.with(id, kind, |bytes| objects::hashes(id, kind, bytes))?
}
