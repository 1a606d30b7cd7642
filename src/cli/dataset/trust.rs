//! Whether manifests may be used at a pipeline's door.
//!
//! Decides that before a row is judged: signed, if that is asked for, in date, for the purposes that are asked for, and not
//! made under lists that are older than those of manifests seen before.

use std::path::PathBuf;

use withhold::exit::Exit;
use withhold::manifest::ListRef;
use withhold::manifest::keys::Keys;
use withhold::policy::Purposes;

use super::super::seen::Memory;
use super::super::sources::{at, now};
use super::super::{Context, Failure};
use super::Asked;

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

    /// Whether the manifests may be used: signed, if that is asked for, in date, for the purposes asked for, and not made
    /// under lists that are older than those of manifests seen before.
    pub(super) fn trusted(&self, context: &Context, keys: &Keys) -> Result<Vec<Option<String>>, Failure> {
        let now = now()?;
        let mut signed_with = Vec::new();
        let mut lists: Vec<ListRef> = Vec::new();
        for source in keys.sources() {
            let (path, header) = (source.path.display(), &source.header);
            signed_with.push(self.signers.required(context, &source.path, source.digest)?);
            if header.not_before.is_some_and(|from| now < from) {
                return Err(Failure::new(Exit::Incomplete, format_args!("{path} is not to be used yet")));
            }
            if header.not_after.is_some_and(|until| now > until) {
                let failure = Failure::new(Exit::Incomplete, format_args!("{path} has expired"));
                return Err(failure.hint("make a new one: withhold scan"));
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
            lists.extend(header.lists.iter().cloned());
        }
        self.not_older(context, &lists)?;
        Ok(signed_with)
    }

    fn not_older(&self, context: &Context, lists: &[ListRef]) -> Result<(), Failure> {
        let mut memory =
            Memory::open(context, self.cache_folder(context).map(|folder| folder.join("lists")))?;
        if let Some(old) = memory.seen.given.hold(lists, "this machine").into_iter().next() {
            return Err(Failure::new(Exit::Incomplete, &old.message).hint(old.rule.help()));
        }
        memory.seen.given.learn(lists);
        memory.keep().map_err(|why| {
            Failure::new(Exit::Incomplete, why).hint("name a folder: --cache DIR; or --no-cache")
        })
    }
}
