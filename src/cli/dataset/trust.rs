//! Whether manifests may be used at a pipeline's door.
//!
//! Decides that before a row is judged: signed, if that is asked for, in date, for the purposes that are asked for, and not
//! made under lists that are older than those seen before, or than those of another manifest beside it.

use std::path::PathBuf;

use withhold::enforce::receipt::statement::CLOCKS;
use withhold::enforce::seen::SeenHere;
use withhold::exit::Exit;
use withhold::manifest::keys::Keys;
use withhold::manifest::{Header, rfc3339};
use withhold::policy::{Layers, Purposes, Timestamp};
use withhold::scan;

use super::super::seen::Memory;
use super::super::sources::{at, now};
use super::super::{Context, Failure};
use super::Asked;

const MAKE_ONE: &str = "make a new one: withhold scan";

impl Asked {
    /// Where keys, and which lists were seen, are kept.
    pub(super) fn cache_folder(&self, context: &Context) -> Option<PathBuf> {
        if self.no_cache {
            return None;
        }
        let var = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let given = self.cache.as_ref().map(|path| at(context, path));
        given.or_else(|| {
            let base = var("XDG_CACHE_HOME").or_else(|| Some(var("HOME")?.join(".cache")));
            base.filter(|base| base.is_absolute()).map(|base| base.join("withhold"))
        })
    }

    /// Whether the manifests may be used: signed, if that is asked for, in date, at the time of the receipt, too, and for the
    /// purposes asked for. Gives what each was signed with.
    pub(super) fn trusted(
        &self,
        context: &Context,
        keys: &Keys,
        receipt: Option<Timestamp>,
    ) -> Result<Vec<Option<String>>, Failure> {
        let now = now()?;
        let mut signed_with = Vec::new();
        for source in keys.sources() {
            let (path, header) = (source.path.display(), &source.header);
            signed_with.push(self.signers.required(context, &source.path, source.digest)?);
            if header.not_before.is_some_and(|from| now < from) {
                return Err(Failure::new(Exit::Incomplete, format_args!("{path} is not to be used yet")));
            }
            if header.not_after.is_some_and(|until| now > until) {
                let failure = Failure::new(Exit::Incomplete, format_args!("{path} has expired"));
                return Err(failure.hint(MAKE_ONE));
            }
            if let Some(at) = receipt {
                in_date_at(at, header, &path)?;
            }
            // Whoever names none means all.
            let asked = self.purposes().unwrap_or(Purposes::ALL);
            if let Some(purpose) = asked.without(header.purposes).iter().next() {
                let what = format_args!("{path} decides nothing for the purpose {}", purpose.as_str());
                let failure = Failure::new(Exit::Incomplete, what);
                let decided: Vec<_> =
                    header.purposes.iter().map(|purpose| format!("--purpose {}", purpose.as_str())).collect();
                return Err(failure.hint(format_args!("for what it decides alone: {}", decided.join(" "))));
            }
        }
        Ok(signed_with)
    }

    /// Whether the lists are the newest that are known: those of each manifest, and those that are given. Each is held by
    /// itself against what was seen before and against the others: a newer one beside it does not make up for what
    /// an older one lets through. If nothing is wrong, those that were given to scans and to this run are remembered. Those
    /// that revisions carry are not: any repository can carry one of any name, and would stop all others from then on.
    pub(super) fn newest(
        &self,
        context: &Context,
        keys: Option<&Keys>,
        layers: Option<&Layers>,
    ) -> Result<(), Failure> {
        let given = layers.map(scan::list_refs);
        let sources = keys.into_iter().flat_map(Keys::sources);
        let of_manifests = sources.map(|source| (Some(&source.path), &source.header.lists));
        let each: Vec<_> = of_manifests.chain(given.iter().map(|lists| (None, lists))).collect();
        let mut memory =
            Memory::open(context, self.cache_folder(context).map(|folder| folder.join("lists")))?;
        let this_run = SeenHere::of(each.iter().flat_map(|(_, lists)| *lists));
        for (seen, by) in [(&memory.seen, "this machine"), (&this_run, "another one of this run")] {
            for (path, lists) in &each {
                let Some(old) = seen.hold(lists, by).into_iter().next() else { continue };
                let whose = path.map_or("--list".into(), |path| path.to_string_lossy());
                let failure = Failure::new(old.rule.exit(), format_args!("{whose}: {}", old.message));
                let failure = failure.hint(old.rule.help());
                return Err(if path.is_some() { failure.hint(MAKE_ONE) } else { failure });
            }
        }
        memory.seen.learn_given(each.iter().flat_map(|(_, lists)| *lists));
        memory.keep().map_err(|why| {
            Failure::new(Exit::Incomplete, why).hint("name a folder: --cache DIR; or --no-cache")
        })
    }
}

/// Whether a manifest was to be used when a receipt is said to be of, and was there.
fn in_date_at(at: Timestamp, header: &Header, path: &std::path::Display<'_>) -> Result<(), Failure> {
    let time = encode(at);
    if header.not_before.is_some_and(|from| at < from) {
        return Err(out_of_date(format_args!(
            "{path} is not to be used yet at {time}, the time of the receipt"
        )));
    }
    if header.not_after.is_some_and(|until| at > until) {
        return Err(out_of_date(format_args!("{path} has expired by {time}, the time of the receipt")));
    }
    if at.saturating_add(CLOCKS) < header.created_at {
        let made = encode(header.created_at);
        let what = format_args!("{path} was made at {made}, after {time}, the time of the receipt");
        return Err(out_of_date(what).hint(
            "SOURCE_DATE_EPOCH may be that of something older: give the receipt a time of its own with --at; \
             or make the manifest again under the same one, or with a time of its own: withhold scan --at TIME",
        ));
    }
    Ok(())
}

/// Whether the lists that people are matched against were to be used when a receipt is said to be of.
pub(super) fn lists_in_date_at(at: Timestamp, layers: &Layers) -> Result<(), Failure> {
    match layers.lists.iter().find(|list| list.not_after.is_some_and(|until| at > until)) {
        Some(list) => Err(out_of_date(format_args!(
            "the list `{}` has expired by {}, the time of the receipt",
            list.name.escape_debug(),
            encode(at)
        ))),
        None => Ok(()),
    }
}

fn out_of_date(what: std::fmt::Arguments<'_>) -> Failure {
    Failure::new(Exit::Incomplete, what)
        .hint("give a time at which it holds: --at TIME, or SOURCE_DATE_EPOCH; without both it is now")
}

fn encode(time: Timestamp) -> String {
    rfc3339::encode(time).unwrap_or_default()
}
