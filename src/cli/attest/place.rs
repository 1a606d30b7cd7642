//! Where a receipt may be written.
//!
//! Decides, before anything is judged or written, that it takes the place of nothing that the run reads or writes, nor of
//! anything that is no regular file. An older receipt may go. Must not write.

use std::path::{Path, PathBuf};

use withhold::dataset::output::replaceable;
use withhold::dataset::shards::{self, Shards};
use withhold::enforce::rows::run::Place;
use withhold::exit::Exit;

use super::super::dataset::Asked;
use super::super::sources::at;
use super::super::{Context, Failure};
use super::Attest;

impl Attest {
    /// Whether the receipt, if there is to be one, may stand where it is to.
    ///
    /// # Errors
    /// Something else stands there, or will.
    pub(crate) fn has_its_own_place(
        &self,
        context: &Context,
        asked: &Asked,
        shards: &Shards,
        place: &Place,
    ) -> Result<(), Failure> {
        let Some(file) = &self.receipt else { return Ok(()) };
        let file = at(context, file);
        let refused = |why: String| {
            let failure = Failure::new(Exit::Usage, format_args!("--receipt {}: {why}", file.display()));
            failure.hint("give it a place of its own, beside the data set: --receipt receipt.json")
        };
        replaceable(&file).map_err(|error| refused(error.to_string()))?;
        let receipt = shards::real(&file)?;
        // What a folder holds now or later is the folder's.
        let is_in = |path: &Path| Ok::<_, Failure>(receipt.starts_with(shards::real(path)?));
        for (what, path) in self.others(context, asked, shards)? {
            if is_in(&path)? {
                return Err(refused(format!("that is where {what} is")));
            }
        }
        let mut folders = shards.folders.clone();
        match place {
            Place::None | Place::Stream => {}
            Place::File(out) => {
                if is_in(out)? {
                    return Err(refused("that is where the output goes".to_owned()));
                }
            }
            Place::Folder(out) => {
                let targets = shards.targets(out)?;
                // An output that is not there yet may be to lie below.
                if targets
                    .each
                    .iter()
                    .any(|target| receipt.starts_with(target) || target.starts_with(&receipt))
                {
                    return Err(refused("that is where the output goes".to_owned()));
                }
                folders.push(targets.folder);
            }
        }
        if shards::may_be_shard(&receipt)
            && let Some(folder) = folders.iter().find(|folder| receipt.starts_with(folder))
        {
            return Err(refused(format!("in `{}` it would pass for a shard", folder.display())));
        }
        Ok(())
    }

    /// What else is read, and where that is.
    fn others(
        &self,
        context: &Context,
        asked: &Asked,
        shards: &Shards,
    ) -> Result<Vec<(&'static str, PathBuf)>, Failure> {
        let mut others = asked.read(context)?;
        others.extend(shards.shards.iter().filter_map(|shard| Some(("an input", shard.path.clone()?))));
        if let Some(key) = &self.sign {
            let key = at(context, key);
            // Both halves lie side by side, and either may be named.
            let other = if key.extension().is_some_and(|end| end == "pub") {
                key.with_extension("")
            } else {
                let mut other = key.clone().into_os_string();
                other.push(".pub");
                other.into()
            };
            others.extend([("a key", key), ("a key", other)]);
        }
        Ok(others)
    }
}
