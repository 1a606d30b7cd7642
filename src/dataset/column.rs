//! Which columns of a data set are looked at, and what stands in each.
//!
//! Decides how columns are named. Must not know how any format stores them.

use std::fmt;

/// What stands in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Meaning {
    /// Git's id of a blob: 40 digits, or 20 bytes.
    GitSha1,
    /// SHA-1 of the raw bytes: 40 digits, or 20 bytes.
    Sha1,
    /// SHA-256 of the raw bytes: 64 digits, or 32 bytes.
    Sha256,
    /// `swh:1:cnt:`, and behind it Git's id of a blob; qualifiers may follow.
    Swhid,
    /// The name of a repository, or several with commas between them, or a list.
    Repo,
    /// A path in the repository.
    Path,
    /// Git's id of a commit: the row is about that commit, its message and its diff.
    Commit,
    /// Git's id of the commit at which a file was found.
    Revision,
    /// The content itself, whole.
    Content,
    /// Whose work it is: an e-mail address, a login or the id of an account, which may be an integer; or a list of them.
    Identity,
}

impl Meaning {
    /// Every meaning.
    pub const ALL: [Self; 10] = [
        Self::GitSha1,
        Self::Sha1,
        Self::Sha256,
        Self::Swhid,
        Self::Repo,
        Self::Path,
        Self::Commit,
        Self::Revision,
        Self::Content,
        Self::Identity,
    ];

    /// The meaning of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|meaning| meaning.as_str() == name)
    }

    /// The name on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::GitSha1 => "git_sha1",
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
            Self::Swhid => "swhid",
            Self::Repo => "repo",
            Self::Path => "path",
            Self::Commit => "commit",
            Self::Revision => "revision",
            Self::Content => "content",
            Self::Identity => "identity",
        }
    }
}

impl fmt::Display for Meaning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A column that is looked at.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Column {
    /// Its name; fields of a struct or object behind a dot (`meta.repo`), those of the items of a list behind `[].`
    /// (`files[].content_id`).
    pub name: String,
    /// What stands in it.
    pub meaning: Meaning,
}

/// The columns that are looked at, in the order in which a judge sees their values.
///
/// If some are of the items of a list, each item is judged as a row of its own, and a row goes when none of its items
/// stays. There is at most one such list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Columns {
    columns: Vec<Column>,
    items: Option<String>,
}

impl Columns {
    /// So many can be looked at.
    pub const MOST: usize = 64;

    /// These columns.
    ///
    /// # Errors
    /// More than [`Self::MOST`]; the items of more than one list, or of a list in a list; or a column twice with the same meaning.
    pub fn new(columns: Vec<Column>) -> Result<Self, &'static str> {
        if columns.len() > Self::MOST {
            return Err("more than 64 columns cannot be looked at");
        }
        let mut items: Option<&str> = None;
        for (at, column) in columns.iter().enumerate() {
            if columns[..at].contains(column) {
                return Err("a column is named twice");
            }
            let Some((list, field)) = column.name.split_once("[].") else { continue };
            if list.is_empty() || field.is_empty() || field.contains("[]") {
                return Err("a list in a list cannot be looked at");
            }
            if items.is_some_and(|known| known != list) {
                return Err("the items of two lists cannot be looked at together");
            }
            items = Some(list);
        }
        let items = items.map(str::to_owned);
        Ok(Self { columns, items })
    }

    /// The list whose items are judged each by itself (`files`); none if rows are.
    #[must_use]
    pub fn items(&self) -> Option<&str> {
        self.items.as_deref()
    }
}

impl std::ops::Deref for Columns {
    type Target = [Column];

    fn deref(&self) -> &[Column] {
        &self.columns
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(names: &[&str]) -> Result<Columns, &'static str> {
        let column = |name: &&str| Column { name: (*name).to_owned(), meaning: Meaning::Path };
        Columns::new(names.iter().map(column).collect())
    }

    #[test]
    fn one_list_at_most_has_items_that_are_judged() {
        assert_eq!(columns(&["path", "meta.path"]).unwrap().items(), None);
        let nested = columns(&["repo", "files[].path", "files[].id"]).unwrap();
        assert_eq!((nested.items(), nested.len()), (Some("files"), 3));
        assert!(columns(&["files[].path", "docs[].path"]).is_err());
        assert!(columns(&["files[].parts[].path"]).is_err());
        assert!(columns(&["[].path"]).is_err() && columns(&["files[]."]).is_err());
        assert!(columns(&["path", "path"]).is_err());
        let many: Vec<String> = (0..=Columns::MOST).map(|at| at.to_string()).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert!(columns(&many).is_err() && columns(&many[1..]).is_ok());
    }
}
