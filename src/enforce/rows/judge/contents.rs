//! The judge of rows, as far as their contents are there.
//!
//! Decides what the contents of a row tell, and which of their lines go: only of the very content that a manifest speaks of.

use std::ops::RangeInclusive;

use super::{Early, RowJudge, Seen};
use crate::dataset::{Decision, Meaning, Row, Value};
use crate::enforce::rows::key::Key;
use crate::enforce::rows::rules::{Rules, Why};
use crate::manifest::keys::{HashKind, Keys};

impl RowJudge<'_, '_> {
    /// The contents themselves; `wanted` says that its keys are of one of which lines have to go.
    pub(super) fn by_contents(
        &mut self,
        keys: &Keys,
        row: &Row<'_>,
        wanted: bool,
        about_commit: bool,
        seen: &mut Seen,
    ) -> Result<(), Early> {
        let rules = self.rules;
        let kind = Rules::content_kind(rules.columns);
        let places = rules.places(Meaning::Content);
        let (mut empty, mut full) = (false, false);
        self.looked |= !about_commit;
        for &at in places {
            let content = match row.values[at] {
                Value::Unread => return Err(Early::Unread),
                Value::Null => continue,
                Value::List(_) => {
                    seen.uncovered(Why::Malformed(at));
                    continue;
                }
                Value::Bytes(content) => content,
            };
            // There is nothing in it that could be anybody's, and nothing that says what it was.
            if content.is_empty() {
                empty = true;
                continue;
            }
            (full, self.looked) = (true, true);
            let part = wanted || self.weigh(at, keys.blob(kind, Key::of(kind, content).as_bytes()), seen)?;
            if part {
                // Only of the very content that the manifest speaks of can lines be told; and of one alone be replaced.
                let git = Key::of(HashKind::GitSha1, content);
                let is_it = !wanted || self.is_of_its_keys(row, content);
                let ranges = self.ranges(keys, &git);
                if !is_it || about_commit || places.len() > 1 || ranges.is_empty() {
                    return Err(Early::Excluded);
                }
                seen.part = ranges;
            }
        }
        if wanted && seen.part.is_empty() {
            return Err(Early::Excluded);
        }
        seen.empty = empty && !full;
        // Where rows have keys it may have been taken out. A commit makes files, and removes them, and is looked up for itself.
        if empty && rules.hashes.is_empty() {
            seen.clear();
        }
        Ok(())
    }

    /// Whether a content has every key that its row has.
    fn is_of_its_keys(&self, row: &Row<'_>, content: &[u8]) -> bool {
        self.rules.hashes.iter().all(|&(at, kind)| match row.values[at] {
            Value::Null | Value::Bytes(b"") => true,
            Value::Bytes(value) => {
                Key::read(self.rules.columns[at].meaning, value) == Some(Key::of(kind, content))
            }
            Value::List(_) | Value::Unread => false,
        })
    }

    fn ranges(&self, keys: &Keys, git: &Key) -> Vec<RangeInclusive<u64>> {
        let Ok(id) = git.as_bytes().try_into() else { return Vec::new() };
        let lines = keys.lines(id).into_iter();
        lines.filter(|(_, purposes)| self.rules.excludes(*purposes)).map(|(range, _)| range).collect()
    }

    /// The row without its lines that are excluded.
    pub(super) fn cut(&mut self, row: &Row<'_>, ranges: &[RangeInclusive<u64>]) -> Decision {
        let at = self.rules.places(Meaning::Content).first();
        let content = at.and_then(|at| match row.values[*at] {
            Value::Bytes(content) => Some(content),
            _ => None,
        });
        let left = content.zip(self.rules.lines).and_then(|(content, lines)| lines.apply(content, ranges));
        let Some((left, lines)) = left else {
            return self.excluded(row);
        };
        self.counts.clear += 1;
        self.counts.rows_cut += 1;
        self.counts.lines_cut += lines;
        Decision::Replace(left)
    }
}
