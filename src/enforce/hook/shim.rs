//! The text of our hooks: written from the templates in `hooks/`, and known again by its second line.
//!
//! Decides what stands in it, and how a hook that was there before is run. Must not touch a file.

use std::path::{Path, PathBuf};

use super::Event;
use crate::repo::program;

/// Grows with every change of the templates.
const VERSION: u32 = 1;

/// What the second line of every file of ours begins with.
const ID: &[u8] = b"# withhold-hook ";

/// Runs the repository's own hook, from a folder that is for all of them.
const FORWARD: &str = include_str!("../../../hooks/forward");

/// The hook that was there before ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Earlier {
    None,
    /// Kept beside, and run as it is.
    Itself,
    /// Kept beside, and read by this shell, so that it is still called by its old name: its `$0` matters to it.
    Shell(String),
    /// Whatever the repository has: ours is in a folder for all repositories.
    Repository,
}

impl Earlier {
    /// How a hook has to be run once it has another name.
    pub(super) fn of(text: &[u8]) -> Self {
        shell(text).map_or(Self::Itself, |shell| Self::Shell(shell.to_owned()))
    }

    pub(super) fn is_kept(&self) -> bool {
        matches!(self, Self::Itself | Self::Shell(_))
    }

    fn spelled(&self) -> &str {
        match self {
            Self::None => "none",
            Self::Itself => "itself",
            Self::Repository => "repository",
            Self::Shell(shell) => shell,
        }
    }
}

/// The shell of a script that asks for its own name (husky's finds its folder and its event by it).
fn shell(text: &[u8]) -> Option<&str> {
    let end = memchr::memchr(b'\n', text)?;
    let line = std::str::from_utf8(text.get(2..end)?).ok()?;
    let asks = [&b"$0"[..], b"${0"].iter().any(|name| memchr::memmem::find(text, name).is_some());
    let plain = line.chars().all(|char| char.is_ascii_alphanumeric() || "/._- ".contains(char));
    if !text.starts_with(b"#!") || !asks || !plain {
        return None;
    }
    let mut words = line.split_whitespace();
    let mut name = words.next().filter(|path| path.starts_with('/'))?.rsplit('/').next()?;
    if name == "env" {
        name = words.next()?;
    }
    let options = words.all(|word| word.starts_with('-'));
    (matches!(name, "sh" | "dash" | "bash" | "ksh") && options).then(|| line.trim())
}

/// What a file of ours says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shim {
    pub(super) version: u32,
    /// Empty in a forwarder.
    pub(super) program: PathBuf,
    pub(super) earlier: Earlier,
}

impl Shim {
    pub(super) fn new(program: &Path, earlier: Earlier) -> Self {
        Self { version: VERSION, program: program.to_path_buf(), earlier }
    }

    /// Whether it was written by this version of the program.
    pub(super) fn is_current(&self) -> bool {
        self.version == VERSION
    }

    pub(super) fn text(&self, event: Event) -> Vec<u8> {
        let (before, rest) = split(template(event), "withhold='@withhold@'");
        let (between, after) = split(rest, "@earlier@");
        let mut text = before.as_bytes().to_vec();
        text.extend(assignment(&self.program));
        for part in [between, self.earlier.spelled(), after] {
            text.extend(part.as_bytes());
        }
        text
    }

    /// `None`: it is not ours.
    pub(super) fn parse(text: &[u8], event: Event) -> Option<Self> {
        let version = id(text, event.name())?;
        let program = program::path(assigned(text, b"\nwithhold='")?);
        let earlier = String::from_utf8(assigned(text, b"\nearlier='")?).ok()?;
        let earlier = match &*earlier {
            "none" => Earlier::None,
            "itself" => Earlier::Itself,
            "repository" => Earlier::Repository,
            _ => Earlier::Shell(earlier),
        };
        Some(Self { version, program, earlier })
    }
}

/// The text of a hook that only runs the repository's own.
pub(super) fn forward() -> &'static [u8] {
    FORWARD.as_bytes()
}

/// Whether a file is one of those.
pub(super) fn is_forward(text: &[u8]) -> bool {
    id(text, "forward").is_some()
}

/// The version in the line by which a file is known.
fn id(text: &[u8], name: &str) -> Option<u32> {
    let second = text.split(|byte| *byte == b'\n').nth(1)?;
    let line = std::str::from_utf8(second.strip_prefix(ID)?).ok()?;
    let (version, rest) = line.split_once(' ')?;
    rest.strip_prefix(name)?.starts_with([':', '.']).then(|| version.parse().ok())?
}

fn template(event: Event) -> &'static str {
    match event {
        Event::PrePush => include_str!("../../../hooks/pre-push"),
        Event::PreReceive => include_str!("../../../hooks/pre-receive"),
        Event::PostReceive => include_str!("../../../hooks/post-receive"),
    }
}

fn split<'t>(text: &'t str, mark: &str) -> (&'t str, &'t str) {
    text.split_once(mark).unwrap_or((text, ""))
}

/// The line of a shell that says where the program is.
pub(super) fn assignment(program: &Path) -> Vec<u8> {
    let mut text = b"withhold='".to_vec();
    for byte in bytes(program) {
        if *byte == b'\'' { text.extend(br"'\''") } else { text.push(*byte) }
    }
    text.push(b'\'');
    text
}

/// What is assigned first behind `begin`, without its quotes.
pub(super) fn assigned(text: &[u8], begin: &[u8]) -> Option<Vec<u8>> {
    let start = memchr::memmem::find(text, begin)?;
    let mut rest = text.get(start + begin.len()..)?;
    let mut value = Vec::new();
    loop {
        let end = memchr::memchr(b'\'', rest)?;
        value.extend(rest.get(..end)?);
        rest = rest.get(end..)?;
        match rest.strip_prefix(br"'\''") {
            Some(more) => rest = more,
            None => return Some(value),
        }
        value.push(b'\'');
    }
}

/// A path as the shell gets it.
#[cfg(unix)]
fn bytes(path: &Path) -> &[u8] {
    std::os::unix::ffi::OsStrExt::as_bytes(path.as_os_str())
}

/// A path as the shell gets it.
#[cfg(not(unix))]
fn bytes(path: &Path) -> &[u8] {
    path.as_os_str().as_encoded_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        for program in ["/usr/bin/withhold", "/a b/it's $HOME `x` \"é\"\n/withhold", "''"] {
            for earlier in [
                Earlier::None,
                Earlier::Itself,
                Earlier::Repository,
                Earlier::Shell("/usr/bin/env sh".into()),
            ] {
                for event in Event::ALL {
                    let shim = Shim::new(Path::new(program), earlier.clone());
                    let text = shim.text(event);
                    assert_eq!(Shim::parse(&text, event), Some(shim));
                    assert!(!text.contains(&b'@') || text.windows(2).any(|pair| pair == b"$@"), "{program}");
                }
            }
        }
    }

    #[test]
    fn only_our_own_is_ours() {
        let ours = Shim::new(Path::new("/withhold"), Earlier::None).text(Event::PrePush);
        assert_eq!(Shim::parse(&ours, Event::PreReceive), None, "it is of another event");
        let text = String::from_utf8(ours).unwrap();
        for other in [
            "",
            "#!/bin/sh\n",
            "#!/bin/sh\n# calls withhold-hook 1 pre-push:\n",
            &text.replace("# withhold-hook", "#withhold-hook"),
            &format!("#!/bin/sh\n{text}"),
            &text.replace("hook 1", "hook one"),
        ] {
            assert_eq!(Shim::parse(other.as_bytes(), Event::PrePush), None, "{other}");
        }
        assert!(is_forward(forward()));
        assert!(!is_forward(text.as_bytes()));
    }

    #[test]
    fn a_script_that_asks_for_its_name_keeps_it() {
        for (text, expected) in [
            ("#!/usr/bin/env sh\n. \"$(dirname \"$0\")/h\"", Some("/usr/bin/env sh")),
            ("#!/bin/bash -e\nexec ${0}.d/*\n", Some("/bin/bash -e")),
            ("#! /bin/sh\necho $0\n", Some("/bin/sh")),
            ("#!/bin/sh\necho nothing\n", None),
            ("#!/usr/bin/python3\nprint('$0')\n", None),
            ("#!/usr/bin/env -S bash -e\n$0\n", None),
            ("#!/bin/sh;reboot\n$0\n", None),
            ("#!sh\n$0\n", None),
            ("#", None),
            ("\n", None),
            ("echo $0", None),
        ] {
            assert_eq!(shell(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn every_template_is_short_and_plain() {
        for text in Event::ALL.map(template).into_iter().chain([FORWARD]) {
            assert!(text.starts_with("#!/bin/sh\n") && text.lines().count() <= 30);
            assert!(!text.contains('\r') && text.ends_with('\n'));
        }
    }
}
