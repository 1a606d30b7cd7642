//! Which columns of a data set are looked at, and what stands in them.
//!
//! Decides that it is said, or known of data sets that look like this one, and that it can tell what is asked. Must not
//! believe it: the data has to bear it out.

use withhold::dataset::shards::{Form, Shards};
use withhold::dataset::{Column, Columns, Meaning, Preset, form};
use withhold::enforce::rows::{Canaries, Lines, key};
use withhold::exit::Exit;

use super::super::Failure;
use super::Asked;

impl Asked {
    /// What stands in which column: as was said, else as in the data set that this one looks like.
    pub(super) fn columns(&self, shards: &Shards) -> Result<(Columns, Option<&'static Preset>), Failure> {
        let mut columns = self.keys.clone();
        let named = |names: &[String], meaning| {
            names.iter().map(move |name| Column { name: name.clone(), meaning }).collect::<Vec<_>>()
        };
        columns.extend(named(&self.content, Meaning::Content));
        let said = !columns.is_empty() || self.manifests.is_empty();
        columns.extend(named(&self.identity, Meaning::Identity));
        if self.preset.is_none() && said {
            return sound(columns, None);
        }
        let first = shards.shards.first().and_then(|shard| Some((shard.form, shard.path.as_ref()?)));
        let (names, looks_like) = match first {
            Some((Form::Files | Form::Tar, _)) => (Vec::new(), Preset::named("files")),
            Some((form, path)) => {
                let names = form::names(form, path).map_err(|error| {
                    Failure::new(error.exit(), format_args!("{}: {error}", path.display()))
                })?;
                let looks_like = Preset::of(&names);
                (names, looks_like)
            }
            None => (Vec::new(), None),
        };
        let preset = self.preset.or(looks_like);
        if let Some(preset) = preset {
            let known = preset.columns(&names).map_err(|why| Failure::new(Exit::Bug, why))?;
            let more: Vec<Column> = known
                .iter()
                .filter(|one| columns.iter().all(|said| said.name != one.name))
                .cloned()
                .collect();
            columns.extend(more);
        }
        sound(columns, preset)
    }

    /// Whether these columns can tell anything.
    pub(super) fn suffices(&self, columns: &Columns, lines: Option<Lines>) -> Result<(), Failure> {
        let has = |meaning| columns.iter().any(|column| column.meaning == meaning);
        let tells = columns.iter().any(|column| key::kind(column.meaning).is_some())
            || has(Meaning::Commit)
            || has(Meaning::Content)
            || has(Meaning::Repo) && has(Meaning::Path) && has(Meaning::Revision);
        if !self.manifests.is_empty() && !tells {
            return Err(Failure::new(Exit::Usage, "no column tells which content or commit a row is")
                .hint("name one: --key COLUMN=git_sha1, or the content itself: --content COLUMN"));
        }
        if lines.is_some() && columns.iter().filter(|column| column.meaning == Meaning::Content).count() != 1
        {
            return Err(Failure::new(Exit::Usage, "lines can be taken out of one column of contents")
                .hint("name it: --content COLUMN"));
        }
        if self.sources.is_given() && !has(Meaning::Identity) {
            return Err(Failure::new(Exit::Usage, "a list is of no use where no column names people")
                .hint("name the column: --identity COLUMN; what manifests exclude is in them already"));
        }
        Ok(())
    }
}

/// The columns, if there is any, and each is named once.
fn sound(
    columns: Vec<Column>,
    preset: Option<&'static Preset>,
) -> Result<(Columns, Option<&'static Preset>), Failure> {
    if columns.is_empty() {
        let presets: Vec<&str> = Preset::ALL.iter().map(|preset| preset.name).collect();
        return Err(Failure::new(Exit::Usage, "what stands in which column of the data set is not known")
            .hint("say it: --key COLUMN=git_sha1|sha1|sha256|swhid|repo|path|commit, --content COLUMN")
            .hint(format_args!("or that it is one of these: --preset {}", presets.join("|"))));
    }
    let columns = Columns::new(columns).map_err(|why| Failure::new(Exit::Usage, why))?;
    Ok((columns, preset))
}

/// Whether every canary is of a kind that the data set can show.
pub(super) fn show(columns: &Columns, canaries: &Canaries) -> Result<(), Failure> {
    // Where contents are there, each can be hashed in every way.
    if columns.iter().any(|column| column.meaning == Meaning::Content) {
        return Ok(());
    }
    let is_there = |kind| columns.iter().any(|column| key::kind(column.meaning) == Some(kind));
    match canaries.kinds().find(|kind| !is_there(*kind)) {
        None => Ok(()),
        Some(kind) => {
            let what = format!("no column shows a canary that is named by {}", kind.as_str());
            Err(Failure::new(Exit::Usage, what)
                .hint(format_args!(
                    "name the column: --key COLUMN={}; or the contents: --content COLUMN",
                    kind.as_str()
                ))
                .hint("or name the canary by a key that the data set has"))
        }
    }
}
