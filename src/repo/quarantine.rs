//! Where a hook finds what is being pushed: Git keeps it apart until it is accepted, and names the folders in the
//! environment.
//!
//! Decides how Git spells them. A path with a colon stands in quotes, which libgit2 does not know.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::program::path;

/// Between two folders.
const BETWEEN: u8 = if cfg!(windows) { b';' } else { b':' };

/// The folders of objects that Git has told a hook about, besides the repository's own: where new objects lie, and
/// those that are borrowed. Relative ones start from `dir`.
#[must_use]
pub(super) fn stores(dir: &Path, objects: Option<&OsStr>, alternates: Option<&OsStr>) -> Vec<PathBuf> {
    let listed = alternates.map(OsStr::as_encoded_bytes).map(split).unwrap_or_default();
    let own = objects.map(|objects| objects.as_encoded_bytes().to_vec());
    let all = own.into_iter().chain(listed).filter(|folder| !folder.is_empty());
    all.map(|folder| dir.join(path(folder))).collect()
}

/// The folders of a list, those in quotes without them.
fn split(list: &[u8]) -> Vec<Vec<u8>> {
    let mut folders = Vec::new();
    let mut rest = list;
    while !rest.is_empty() {
        let (folder, behind) = match unquote(rest) {
            Some(found) => found,
            None => {
                let end = rest.iter().position(|byte| *byte == BETWEEN).unwrap_or(rest.len());
                (rest[..end].to_vec(), &rest[end..])
            }
        };
        folders.push(folder);
        rest = behind.strip_prefix(&[BETWEEN]).unwrap_or(behind);
    }
    folders
}

/// What stands in quotes at the start, as C spells it, and what follows. As in git, what is not well quoted is plain.
fn unquote(text: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut bytes = text.strip_prefix(b"\"")?.iter();
    let mut plain = Vec::new();
    loop {
        match bytes.next()? {
            b'"' => return Some((plain, bytes.as_slice())),
            b'\\' => plain.push(match bytes.next()? {
                b'a' => 7,
                b'b' => 8,
                b'f' => 12,
                b'n' => b'\n',
                b'r' => b'\r',
                b't' => b'\t',
                b'v' => 11,
                same @ (b'"' | b'\\') => *same,
                high @ b'0'..=b'3' => {
                    let (middle, low) = (octal(*bytes.next()?)?, octal(*bytes.next()?)?);
                    (high - b'0') << 6 | middle << 3 | low
                }
                _ => return None,
            }),
            byte => plain.push(*byte),
        }
    }
}

fn octal(digit: u8) -> Option<u8> {
    matches!(digit, b'0'..=b'7').then(|| digit - b'0')
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    fn folders(list: &str) -> Vec<String> {
        split(list.as_bytes()).into_iter().map(|folder| String::from_utf8(folder).unwrap()).collect()
    }

    #[test]
    fn folders_are_told_apart_also_where_a_colon_is_in_quotes() {
        assert_eq!(folders("/a/objects:/b c/objects"), ["/a/objects", "/b c/objects"]);
        assert_eq!(folders(r#""/srv/a:b.git/objects":/c"#), ["/srv/a:b.git/objects", "/c"]);
        assert_eq!(folders(r#"/c:"/x\"y\\z\303\274\t""#), ["/c", "/x\"y\\z\u{fc}\t"]);
        assert_eq!(folders(""), [""; 0]);
    }

    #[test]
    fn what_is_not_well_quoted_is_taken_as_it_is() {
        assert_eq!(folders("\"/a"), ["\"/a"]);
        assert_eq!(folders("\"/a\\q\":/b"), ["\"/a\\q\"", "/b"]);
    }

    #[test]
    fn new_objects_come_first_and_relative_folders_start_from_the_repository() {
        let dir = Path::new("/srv/x.git");
        let found =
            stores(dir, Some(OsStr::new("objects/tmp_objdir-1")), Some(OsStr::new("/srv/x.git/objects")));
        assert_eq!(found, [dir.join("objects/tmp_objdir-1"), dir.join("objects")]);
        assert!(stores(dir, None, None).is_empty());
    }
}
