//! What is read beside the data set.
//!
//! Decides that nothing is left out that somebody could lose by naming it as an output, too. Must not read any of it.

use std::path::PathBuf;

use super::super::sources::at;
use super::super::{Context, Failure};
use super::Asked;

impl Asked {
    /// Files and folders that are read, each with what it is. Of a folder all that is in it is meant.
    pub(crate) fn read(&self, context: &Context) -> Result<Vec<(&'static str, PathBuf)>, Failure> {
        let mut all = Vec::new();
        for manifest in &self.manifests {
            let manifest = at(context, manifest);
            // Its files may lie elsewhere, and be links here.
            let files = std::fs::read_dir(&manifest).into_iter().flatten().flatten();
            all.extend(files.map(|file| ("a manifest", file.path())));
            all.push(("a manifest", manifest));
        }
        for (what, path) in [("aliases", &self.alias), ("canaries", &self.canary)] {
            all.extend(path.as_ref().map(|path| (what, at(context, path))));
        }
        all.extend(self.cache_folder(context).map(|cache| ("the cache", cache)));
        all.extend(self.signers.path(context).map(|signers| ("who may sign", signers)));
        all.extend(self.sources.read(context)?);
        Ok(all)
    }
}
