//! What the policy marks as a source of training data: `[[policy.training]]`.
//!
//! Decides whether a file on a branch is one. Must not know what is excluded.

use std::ops::Range;

use super::Globs;

/// A `[[policy.training]]`: files at these paths, on these branches. At least one of the two is there.
#[derive(Debug, Clone)]
pub struct TrainingRule {
    /// Globs on paths; every path if missing.
    pub paths: Option<Globs>,
    /// Globs on the names of branches (`main`, without `refs/heads/`); every branch if missing.
    pub branches: Option<Globs>,
    /// Where it is written.
    pub span: Range<usize>,
}

impl TrainingRule {
    /// Whether it speaks of this branch; `None` if that depends on the branch, and it is not known.
    #[must_use]
    pub fn is_about(&self, branch: Option<&[u8]>) -> Option<bool> {
        match (&self.branches, branch) {
            (None, _) => Some(true),
            (Some(globs), Some(branch)) => Some(globs.is_match(branch)),
            (Some(_), None) => None,
        }
    }

    /// Whether it speaks of this path.
    #[must_use]
    pub fn has(&self, path: &[u8]) -> bool {
        self.paths.as_ref().is_none_or(|globs| globs.is_match(path))
    }

    /// The rule in the canonical text of the settings.
    pub(super) fn canonical(&self, globs: impl Fn(&Option<Globs>) -> String) -> String {
        format!(r#"{{"branches":{},"paths":{}}}"#, globs(&self.branches), globs(&self.paths))
    }
}

#[cfg(test)]
mod tests {
    use crate::policy::{PolicyFile, Settings, Source};

    fn settings(text: &str) -> Settings {
        let text = format!("schema = 1\n[policy]\n{text}");
        Settings::from_table(&PolicyFile::parse(Source::new("policy.toml", text)).unwrap().0.settings)
    }

    #[test]
    fn both_globs_have_to_match_and_a_missing_one_matches_all() {
        let text = "[[policy.training]]\nbranches = \"release/*\"\npaths = [\"src/**\", \"*.md\"]\n\
            [[policy.training]]\npaths = \"data/**\"\n[[policy.training]]\nbranches = [\"feed\"]\n";
        let settings = settings(text);
        let is = |branch: &str, path: &str| {
            let rules = settings.training.iter();
            rules
                .filter(|rule| rule.is_about(Some(branch.as_bytes())) == Some(true))
                .any(|rule| rule.has(path.as_bytes()))
        };
        assert!(is("release/1", "src/a/b.rs") && is("release/1", "README.md"));
        assert!(!is("main", "src/a/b.rs") && !is("release/1", "docs/a.md"));
        assert!(is("main", "data/x") && is("feed", "anything"));
    }

    #[test]
    fn a_rule_about_branches_cannot_answer_without_one() {
        let settings =
            settings("[[policy.training]]\nbranches = \"main\"\n[[policy.training]]\npaths = \"a\"\n");
        let about: Vec<_> = settings.training.iter().map(|rule| rule.is_about(None)).collect();
        assert_eq!(about, [None, Some(true)]);
    }
}
