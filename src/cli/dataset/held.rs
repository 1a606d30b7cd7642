//! What a data set is judged by, once all of it is read and found in order.
//!
//! Decides what of it makes one run another than the one before.

use withhold::dataset::shards::Shards;
use withhold::dataset::{Columns, Preset};
use withhold::enforce::rows::proof::Proof;
use withhold::enforce::rows::run::Stream;
use withhold::enforce::rows::{Aliases, Canaries, Lines, People, Rules, Uncovered};
use withhold::exit::Exit;
use withhold::identity::{Key, KeyCheck};
use withhold::manifest::Digest;
use withhold::manifest::keys::Keys;
use withhold::policy::{Layers, Purpose, Purposes};

use super::super::Failure;

/// All that rows are judged by, read and found in order.
pub(crate) struct Held {
    pub(crate) shards: Shards,
    /// Standard input, if it is a shard.
    pub(crate) stdin: Option<Stream>,
    pub(crate) columns: Columns,
    pub(crate) preset: Option<&'static Preset>,
    pub(crate) keys: Option<Keys>,
    pub(crate) proofs: Vec<Proof>,
    pub(crate) layers: Option<Layers>,
    pub(crate) purposes: Option<Purposes>,
    pub(crate) aliases: Aliases,
    pub(crate) aliases_digest: Option<Digest>,
    /// Of each manifest, the fingerprint of the key that signed it, if a signature was asked for.
    pub(crate) signed_with: Vec<Option<String>>,
    pub(crate) canaries: Canaries,
    /// Digests of whatever else decides the outcome.
    pub(super) given: Vec<(&'static str, Digest)>,
    /// The forge of logins.
    pub(crate) host: String,
    /// The key of keyed hashes.
    pub(crate) key: Option<Key>,
}

impl Held {
    /// The rules by which rows are judged.
    pub(crate) fn rules(&self, uncovered: Uncovered, lines: Option<Lines>) -> Result<Rules<'_>, Failure> {
        let people = self.layers.as_ref().map(|layers| People::new(layers, self.key.as_ref(), &self.host));
        let people = people.transpose().map_err(|error| Failure::new(Exit::List, error))?;
        let mut rules = Rules::new(&self.columns, &self.aliases, &self.canaries);
        rules.keys = self.keys.as_ref();
        rules.people = people;
        rules.purposes = self.purposes;
        rules.uncovered = uncovered;
        rules.lines = lines;
        Ok(rules)
    }

    /// A digest of all that decides what becomes of a shard.
    pub(crate) fn digest(&self, uncovered: Uncovered, lines: Option<Lines>) -> Result<String, Failure> {
        let manifests: Vec<Digest> = self
            .keys
            .iter()
            .flat_map(withhold::manifest::Keys::sources)
            .map(|source| source.digest)
            .collect();
        let lists: Vec<Digest> = self
            .layers
            .iter()
            .flat_map(|layers| &layers.lists)
            .map(|list| Digest::of(list.source.text.as_bytes()))
            .collect();
        let columns: Vec<(&str, &str)> =
            self.columns.iter().map(|column| (column.name.as_str(), column.meaning.as_str())).collect();
        let purposes: Option<Vec<&str>> =
            self.purposes.map(|purposes| purposes.iter().map(Purpose::as_str).collect());
        let all = serde_json::json!({
            "version": env!("CARGO_PKG_VERSION"),
            "manifests": manifests,
            "lists": lists,
            "columns": columns,
            "purposes": purposes,
            "uncovered": uncovered.as_str(),
            "lines": lines.map(Lines::as_str),
            "given": self.given,
            "forge": self.host,
            "policy": self.layers.as_ref().map(|layers| Digest::from_bytes(layers.settings.digest())),
            "key": self.key.as_ref().map(KeyCheck::of),
        });
        Ok(Digest::of(&serde_json::to_vec(&all)?).to_string())
    }
}
