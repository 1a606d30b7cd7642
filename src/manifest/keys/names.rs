//! Names of repositories and paths as keys.
//!
//! Decides which spellings of a name mean the same: data sets write the owner's case as they like, put `.git` behind a
//! repository and `/` before a path. A name is looked up by a hash of what is left, so that manifests may hold any number
//! of them. Must not know other names for the same repository.

use sha2::{Digest as _, Sha256};

use super::table::Key;

/// The key of a repository.
pub(super) fn repo(repo: &[u8]) -> Key {
    key(b'r', &folded(repo), b"")
}

/// The key of a path in a repository.
pub(super) fn path(repo: &[u8], path: &[u8]) -> Key {
    key(b'p', &folded(repo), &path[slashes(path)..])
}

/// The key of a path at which something was not followed.
pub(super) fn not_followed(repo: &[u8], path: &[u8]) -> Key {
    key(b'n', &folded(repo), &path[slashes(path)..])
}

/// The key of a commit at the tip of a ref of a repository.
pub(super) fn tip(repo: &[u8], commit: &[u8; 20]) -> Key {
    key(b't', &folded(repo), commit)
}

/// The key of a commit in the history of a repository.
pub(super) fn commit(repo: &[u8], commit: &[u8; 20]) -> Key {
    key(b'c', &folded(repo), commit)
}

/// The lengths stand before, so that no two pairs of names give the same bytes.
fn key(kind: u8, repo: &[u8], rest: &[u8]) -> Key {
    let digest: [u8; 32] = Sha256::new_with_prefix([kind])
        .chain_update((repo.len() as u64).to_le_bytes())
        .chain_update(repo)
        .chain_update(rest)
        .finalize()
        .into();
    super::short(&digest)
}

/// Without slashes around it and `.git` behind it, in lower case: no two repositories of a forge differ in that only.
fn folded(repo: &[u8]) -> Vec<u8> {
    let mut name = repo[slashes(repo)..].to_ascii_lowercase();
    let trim = |name: &mut Vec<u8>| {
        while name.last() == Some(&b'/') {
            name.pop();
        }
    };
    trim(&mut name);
    if name.ends_with(b".git") {
        name.truncate(name.len() - b".git".len());
        trim(&mut name);
    }
    name
}

/// How many slashes stand first.
fn slashes(name: &[u8]) -> usize {
    name.iter().take_while(|&&byte| byte == b'/').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_a_repository_are_one() {
        for other in ["Corp/Engine", "corp/engine.git", "/CORP/engine/", "corp/engine.GIT/"] {
            assert_eq!(repo(other.as_bytes()), repo(b"corp/engine"), "{other}");
        }
        for other in ["corp/engin", "corp/engine2", "engine", "corp/engine.github", "corp//engine"] {
            assert_ne!(repo(other.as_bytes()), repo(b"corp/engine"), "{other}");
        }
    }

    #[test]
    fn a_path_may_begin_with_a_slash_and_keeps_its_case() {
        assert_eq!(path(b"A/b", b"/src/a.rs"), path(b"a/b", b"src/a.rs"));
        assert_ne!(path(b"a/b", b"SRC/a.rs"), path(b"a/b", b"src/a.rs"));
        assert_ne!(path(b"a/b", b"src/a.rs/"), path(b"a/b", b"src/a.rs"));
    }

    #[test]
    fn repositories_paths_and_tips_are_never_taken_for_one_another() {
        let commit = [b'c'; 20];
        let keys = [repo(b"a"), path(b"a", b""), path(b"a", &commit), tip(b"a", &commit), path(b"", b"a")];
        for (at, key) in keys.iter().enumerate() {
            assert!(!keys[..at].contains(key));
        }
        assert_ne!(path(b"ab", b"c"), path(b"a", b"bc"));
    }
}
