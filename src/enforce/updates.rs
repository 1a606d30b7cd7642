//! The updates of refs that Git tells a hook about, on its standard input.
//!
//! Decides what is well formed: whatever is not ends the push. Must not look into a repository.

use crate::exit::Exit;
use crate::repo::ObjectId;

/// One ref that a push sets, makes or deletes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update {
    /// The ref at the remote, in full.
    pub name: Vec<u8>,
    /// What it names there before; nothing if it is new.
    pub old: Option<ObjectId>,
    /// What it is to name; nothing if it is deleted.
    pub new: Option<ObjectId>,
}

/// Why the updates cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UpdateError {
    /// The last line has no end.
    #[error("what git says it pushes is cut off in line {line}")]
    CutOff {
        /// The line; the first is 1.
        line: usize,
    },
    /// A line is not of the form that Git documents.
    #[error("line {line} of what git says it pushes cannot be understood: {why}")]
    Junk {
        /// The line; the first is 1.
        line: usize,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A server's hook always has something to decide.
    #[error("git does not say what is pushed")]
    Nothing,
}

impl UpdateError {
    /// How the process ends because of it.
    #[must_use]
    pub fn exit(&self) -> Exit {
        Exit::Incomplete
    }
}

/// The updates of a `pre-push` hook: `<local ref> <local id> <remote ref> <remote id>`, a line each; none at all if
/// everything is up to date. The local ref can be an expression with spaces.
///
/// # Errors
/// See [`UpdateError`].
pub fn of_push(input: &[u8]) -> Result<Vec<Update>, UpdateError> {
    lines(input, |line| {
        let mut words = line.rsplitn(4, |byte| *byte == b' ');
        let (old, name, new) = (words.next(), words.next(), words.next());
        words.next().filter(|local| !local.is_empty()).ok_or("it has fewer than four parts")?;
        update(old, new, name)
    })
}

/// The updates of a `pre-receive` or `post-receive` hook: `<old id> <new id> <ref>`, a line each; at least one.
///
/// # Errors
/// See [`UpdateError`].
pub fn of_receive(input: &[u8]) -> Result<Vec<Update>, UpdateError> {
    let updates = lines(input, |line| {
        let mut words = line.splitn(3, |byte| *byte == b' ');
        let (old, new, name) = (words.next(), words.next(), words.next());
        update(old, new, name)
    })?;
    if updates.is_empty() { Err(UpdateError::Nothing) } else { Ok(updates) }
}

fn lines(
    input: &[u8],
    read: impl Fn(&[u8]) -> Result<Update, &'static str>,
) -> Result<Vec<Update>, UpdateError> {
    let mut updates = Vec::new();
    for (line, text) in (1..).zip(input.split_inclusive(|byte| *byte == b'\n')) {
        let text = text.strip_suffix(b"\n").ok_or(UpdateError::CutOff { line })?;
        updates.push(read(text).map_err(|why| UpdateError::Junk { line, why })?);
    }
    Ok(updates)
}

fn update(old: Option<&[u8]>, new: Option<&[u8]>, name: Option<&[u8]>) -> Result<Update, &'static str> {
    let (Some(old), Some(new), Some(name)) = (old, new, name) else {
        return Err("it has too few parts");
    };
    let (old, new) = (id(old)?, id(new)?);
    let is_plain = |byte: &u8| *byte > b' ' && *byte != 0x7f;
    if !name.starts_with(b"refs/") || !name.iter().all(is_plain) {
        return Err("it names no ref in full");
    }
    if old.is_none() && new.is_none() {
        return Err("it makes nothing of nothing");
    }
    Ok(Update { name: name.to_vec(), old, new })
}

/// An id; nothing for zeros, of which there are as many as the ids of the repository have digits.
fn id(text: &[u8]) -> Result<Option<ObjectId>, &'static str> {
    if matches!(text.len(), 40 | 64) && text.iter().all(|digit| *digit == b'0') {
        return Ok(None);
    }
    if text.len() == 64 {
        return Err("its ids are SHA-256, which cannot be read");
    }
    ObjectId::from_hex(text).map(Some).ok_or("it has no id where one is expected")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const A: &str = "1111111111111111111111111111111111111111";
    const B: &str = "2222222222222222222222222222222222222222";
    const ZERO: &str = "0000000000000000000000000000000000000000";

    fn id(text: &str) -> Option<ObjectId> {
        ObjectId::from_hex(text.as_bytes())
    }

    #[test]
    fn a_push_says_what_it_sets_makes_and_deletes() {
        let input = format!(
            "refs/heads/main {A} refs/heads/main {B}\nHEAD~1 with spaces {A} refs/heads/caf\u{e9} {ZERO}\n\
             (delete) {ZERO} refs/heads/gone {B}\n"
        );
        let update = |name: &str, old, new| Update { name: name.as_bytes().to_vec(), old, new };
        let expected = [
            update("refs/heads/main", id(B), id(A)),
            update("refs/heads/caf\u{e9}", None, id(A)),
            update("refs/heads/gone", id(B), None),
        ];
        assert_eq!(of_push(input.as_bytes()).unwrap(), expected);
        assert_eq!(of_push(b"").unwrap(), []);
    }

    #[test]
    fn a_server_is_told_the_old_one_first() {
        let input = format!("{B} {A} refs/heads/main\n{A} {} refs/heads/gone\n", "0".repeat(64));
        let updates = of_receive(input.as_bytes()).unwrap();
        assert_eq!((updates[0].old, updates[0].new), (id(B), id(A)));
        assert_eq!((updates[1].old, updates[1].new), (id(A), None));
        assert_eq!(of_receive(b""), Err(UpdateError::Nothing));
    }

    #[test]
    fn whatever_is_not_well_formed_is_refused() {
        let whole = format!("x {A} refs/heads/main {B}\n");
        let junk = |text: &str| matches!(of_push(text.as_bytes()), Err(UpdateError::Junk { line: 2, .. }));
        for line in [
            "\n".to_owned(),
            "junk\n".to_owned(),
            format!("{A} refs/heads/main {B}\n"),
            format!(" {A} refs/heads/main {B}\n"),
            format!("x {A} heads/main {B}\n"),
            format!("x {A} refs/heads/ma\x07in {B}\n"),
            format!("x {A} refs/heads/main {}\n", &B[1..]),
            format!("x {A} refs/heads/main {}\n", "3".repeat(64)),
            format!("x {ZERO} refs/heads/main {ZERO}\n"),
        ] {
            assert!(junk(&format!("{whole}{line}")), "{line:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_cut_off_anywhere_is_refused(count in 1..4_usize, cut in 1..400_usize) {
            let input = format!("x {A} refs/heads/main {B}\n").repeat(count);
            let end = cut.min(input.len());
            let cut = &input.as_bytes()[..input.len() - end];
            let whole = cut.is_empty() || cut.ends_with(b"\n");
            prop_assert_eq!(of_push(cut).is_ok(), whole);
        }

        #[test]
        fn any_bytes_are_read_or_refused(input: Vec<u8>) {
            let _ = (of_push(&input), of_receive(&input));
        }
    }
}
