//! The columns of data sets that are widely used.
//!
//! Decides what stands in each of their columns, by what their cards and the programs that made them say. It is held
//! against the rows before it is believed: nothing here makes a row pass.

use super::column::{Column, Columns, Meaning};

/// A data set, and its columns.
#[derive(Debug)]
pub struct Preset {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it is, in a few words.
    pub about: &'static str,
    columns: &'static [(&'static str, Meaning)],
    /// A column that not all who have it publish; looked at where it is there.
    content: Option<&'static str>,
    /// Those that a data set has to have to be taken for it; none, if it is taken only by name.
    by: &'static [&'static str],
}

impl Preset {
    /// Every one that is known. What fits several is taken for the one that knows the columns of all.
    pub const ALL: [Self; 11] = [
        Self {
            name: "the-stack-v3",
            about: "The Stack v3: a row for each repository, with its files",
            columns: &[
                ("repo_path", Meaning::Repo),
                ("files[].file_path", Meaning::Path),
                // SHA-1 of the raw bytes, before anything was redacted: the content does not give it back.
                ("files[].content_id", Meaning::Sha1),
            ],
            content: None,
            by: &["repo_path", "commit_id", "files[].file_path", "files[].content_id"],
        },
        Self {
            name: "the-stack-v2-ids",
            about: "The Stack v2, as used for training: a row for each repository, with the ids of its files",
            columns: &[
                ("repo_name", Meaning::Repo),
                ("files[].path", Meaning::Path),
                ("files[].content_id", Meaning::GitSha1),
                ("files[].blob_id", Meaning::Sha1),
            ],
            // Whoever fetched them from Software Heritage has contents beside the ids.
            content: Some("files[].content"),
            by: &["repo_name", "files[].path", "files[].content_id", "files[].blob_id"],
        },
        Self {
            name: "the-stack-v2",
            about: "The Stack v2: a row for each file, without its content",
            columns: &[
                ("repo_name", Meaning::Repo),
                ("path", Meaning::Path),
                ("content_id", Meaning::GitSha1),
                ("blob_id", Meaning::Sha1),
            ],
            content: Some("content"),
            by: &["repo_name", "path", "content_id", "blob_id", "revision_id"],
        },
        Self {
            name: "the-stack",
            about: "The Stack v1: a row for each file, with up to three repositories that have it",
            columns: &[
                ("hexsha", Meaning::GitSha1),
                ("max_stars_repo_name", Meaning::Repo),
                ("max_stars_repo_path", Meaning::Path),
                ("max_issues_repo_name", Meaning::Repo),
                ("max_issues_repo_path", Meaning::Path),
                ("max_forks_repo_name", Meaning::Repo),
                ("max_forks_repo_path", Meaning::Path),
                ("content", Meaning::Content),
            ],
            content: None,
            by: &["hexsha", "max_stars_repo_name", "max_issues_repo_name", "max_forks_repo_name", "content"],
        },
        Self {
            name: "starcoderdata",
            about: "StarCoder data: files, without any hash",
            columns: &[
                ("max_stars_repo_name", Meaning::Repo),
                ("max_stars_repo_path", Meaning::Path),
                ("content", Meaning::Content),
            ],
            content: None,
            by: &["max_stars_repo_name", "max_stars_repo_path", "content", "id"],
        },
        Self {
            name: "git-commits",
            about: "CommitPack, CommitPackFT: a row for each commit to one file, with both versions",
            columns: &[
                ("commit", Meaning::Commit),
                ("repos", Meaning::Repo),
                ("old_contents", Meaning::Content),
                ("new_contents", Meaning::Content),
            ],
            content: None,
            by: &["commit", "repos", "old_file", "new_file", "old_contents", "new_contents"],
        },
        Self {
            name: "git-commits-cleaned",
            about: "StarCoder data, git-commits: a row for each commit to one file, with parts of both versions",
            columns: &[
                ("commit", Meaning::Commit),
                ("repos", Meaning::Repo),
                ("old_file", Meaning::Path),
                ("new_file", Meaning::Path),
            ],
            content: None,
            by: &["commit", "repos", "old_file", "new_file", "content"],
        },
        Self {
            name: "code-search-net",
            about: "CodeSearchNet: a row for each function, told by repository, path and the URL of its lines",
            columns: &[
                ("repository_name", Meaning::Repo),
                ("func_path_in_repository", Meaning::Path),
                ("func_code_url", Meaning::Revision),
            ],
            content: None,
            by: &["repository_name", "func_path_in_repository", "func_code_url"],
        },
        Self {
            name: "github-code",
            about: "GitHub code (CodeParrot): files, without any hash",
            columns: &[("repo_name", Meaning::Repo), ("path", Meaning::Path), ("code", Meaning::Content)],
            content: None,
            by: &["repo_name", "path", "code"],
        },
        Self {
            name: "github-code-shards",
            about: "GitHub code (CodeParrot), as its shards are before they are loaded",
            columns: &[("repo_name", Meaning::Repo), ("path", Meaning::Path), ("content", Meaning::Content)],
            content: None,
            by: &["repo_name", "path", "content", "license", "size"],
        },
        Self {
            name: "files",
            about: "plain files: their paths, and what is in them",
            columns: &[("path", Meaning::Path), ("content", Meaning::Content)],
            content: None,
            by: &[],
        },
    ];

    /// The one of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        const { &Self::ALL }.iter().find(|preset| preset.name == name)
    }

    /// The one that a data set with these columns is taken for, if it has all that tell it. None if several fit of which
    /// none knows all that the others do: what one calls the content may be something else in another.
    #[must_use]
    pub fn of(names: &[String]) -> Option<&'static Self> {
        let has = |name: &&str| names.iter().any(|there| there == name);
        let fits = |preset: &&Self| !preset.by.is_empty() && preset.by.iter().all(&has);
        let fitting: Vec<&'static Self> = const { &Self::ALL }.iter().filter(fits).collect();
        let knows_all = |preset: &&&'static Self| {
            fitting.iter().all(|other| other.columns.iter().all(|column| preset.columns.contains(column)))
        };
        fitting.iter().find(knows_all).copied()
    }

    /// Its columns; the content, where not all have it, if the data set has it among `names`.
    ///
    /// # Errors
    /// Never: what is written above is held against the rule by a test.
    pub fn columns(&self, names: &[String]) -> Result<Columns, &'static str> {
        let content = self.content.filter(|content| names.iter().any(|name| name == content));
        let all = self.columns.iter().copied().chain(content.map(|name| (name, Meaning::Content)));
        Columns::new(all.map(|(name, meaning)| Column { name: name.to_owned(), meaning }).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::{Hashes, ObjectKind};

    fn of(names: &[&str]) -> Option<&'static str> {
        Preset::of(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()).map(|preset| preset.name)
    }

    #[test]
    fn each_is_told_by_its_columns_and_has_a_name_of_its_own() {
        for preset in &Preset::ALL {
            let content: Vec<String> = preset.content.iter().map(|name| (*name).to_owned()).collect();
            let [bare, with] = [&[][..], &content].map(|names| preset.columns(names).unwrap().len());
            assert!(bare > 1 && with == bare + content.len(), "{}", preset.name);
            assert!(std::ptr::eq(Preset::named(preset.name).unwrap(), Preset::named(preset.name).unwrap()));
            if !preset.by.is_empty() {
                assert_eq!(of(preset.by).map(str::to_owned), Some(preset.name.to_owned()));
            }
        }
    }

    #[test]
    fn the_same_name_means_different_hashes_in_different_data_sets() {
        let meaning = |preset: &str, column: &str| {
            let columns = Preset::named(preset).unwrap().columns(&[]).unwrap();
            columns.iter().find(|known| known.name == column).unwrap().meaning
        };
        assert_eq!(meaning("the-stack-v2", "content_id"), Meaning::GitSha1);
        assert_eq!(meaning("the-stack-v2", "blob_id"), Meaning::Sha1);
        assert_eq!(meaning("the-stack-v3", "files[].content_id"), Meaning::Sha1);
        assert_eq!(meaning("the-stack", "hexsha"), Meaning::GitSha1);
    }

    /// A file of a row of The Stack v2 and one of v3, as they are published, and the ids that stand beside them.
    #[test]
    fn published_rows_bear_out_which_hash_it_is() {
        let of = |content: &[u8]| {
            let hashes = Hashes::of_object(ObjectKind::Blob, content);
            (hashes.git_sha1.to_string(), data_encoding::HEXLOWER.encode(&hashes.sha1))
        };
        let (content_id, blob_id) = of(b"# aaaaaaaa\n000000\n");
        assert_eq!(content_id, "05ee8db65dd113c163da97ae6c8e0130a13d1123");
        assert_eq!(blob_id, "522d5f7839fa28747309c6be133d8a63c2ebfabb");
        let (_, content_id) = of(b"module client_side\n\ngo 1.19\n");
        assert_eq!(content_id, "e9ba68df71a68a28c37bce354d60e7f93cd1b15d");
    }

    #[test]
    fn a_data_set_that_nobody_knows_is_not_guessed() {
        assert_eq!(of(&["text", "id"]), None);
        assert_eq!(of(&[]), None);
        // v1 has the columns of StarCoder data, and more.
        let stars = ["hexsha", "id", "content", "max_stars_repo_name", "max_stars_repo_path"];
        let v1 = [&stars[..], &["max_issues_repo_name", "max_forks_repo_name"]].concat();
        assert_eq!(of(&v1), Some("the-stack"));
        // Both have a content, and it is another column.
        let two = ["repo_name", "path", "code", "content", "license", "size"];
        assert_eq!((of(&two), of(&two[..3])), (None, Some("github-code")));
    }
}
