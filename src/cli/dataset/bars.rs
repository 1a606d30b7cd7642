//! How far a run over manifests and data sets is, on a terminal.
//!
//! Decides what is counted. Must not decide when to stop: it passes that on.

use std::sync::Mutex;

use withhold::attribution::Progress;
use withhold::dataset::Watch;
use withhold::dataset::shards::Shards;
use withhold::manifest::keys;
use withhold::report::progress::Bar;

/// Shows how far the manifests are read.
pub(super) struct Reading<'b>(pub(super) &'b Bar<'b>);

impl keys::Watch for Reading<'_> {
    fn begin(&self, rows: u64) {
        self.0.rows("reading manifests", rows);
    }

    fn advance(&self, rows: u64) {
        Progress::advance(self.0, rows);
    }

    fn interrupted(&self) -> bool {
        Progress::interrupted(self.0)
    }
}

/// Shows how far a data set is read: bytes, and rows.
pub(crate) struct Rows<'b> {
    bar: &'b Bar<'b>,
    rows: Mutex<u64>,
}

impl<'b> Rows<'b> {
    /// For shards of so many bytes.
    pub(crate) fn new(bar: &'b Bar<'b>, bytes: u64) -> Self {
        bar.bytes(bytes);
        Self { bar, rows: Mutex::new(0) }
    }
}

impl Watch for Rows<'_> {
    fn advance(&self, bytes: u64, rows: u64) {
        Progress::advance(self.bar, bytes);
        if rows > 0
            && let Ok(mut sum) = self.rows.lock()
        {
            *sum += rows;
            self.bar.say(&format!("{} rows", *sum));
        }
    }

    fn interrupted(&self) -> bool {
        Progress::interrupted(self.bar)
    }
}

/// How many bytes the shards have.
pub(crate) fn bytes(shards: &Shards) -> u64 {
    let files = shards.shards.iter().filter_map(|shard| shard.path.as_ref());
    files.filter_map(|path| std::fs::metadata(path).ok()).map(|there| there.len()).sum()
}
