//! Config hooks: since Git 2.54 a hook can be a setting, and runs beside all others.
//!
//! Decides how ours is set, and whether Git would run it. Must not touch a section that is not ours.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::{Event, HookError, shim};
use crate::repo::{Git, program};

/// Whose configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// The repository's.
    Local,
    /// The user's, for all repositories.
    Global,
}

impl Scope {
    fn option(self) -> &'static str {
        match self {
            Self::Local => "--local",
            Self::Global => "--global",
        }
    }
}

/// What is set under our name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct ConfigHook {
    command: Option<Vec<u8>>,
    /// Whether Git runs it at the event.
    pub(super) listed: bool,
    /// The setting that keeps Git from running it.
    pub(super) disabled_by: Option<String>,
}

impl ConfigHook {
    /// What holds in a scope, or in all of them together.
    pub(super) fn read(git: &Git, event: Event, scope: Option<Scope>) -> Result<Self, HookError> {
        let keys = format!(r"^hook\.({}|{})\.", name(event), event.name());
        let mut args = vec!["config"];
        args.extend(scope.map(Scope::option));
        args.extend(["-z", "--get-regexp", &keys]);
        let mut hook = Self::default();
        let (mut this, mut all) = (true, true);
        for setting in git.ask(&args)?.unwrap_or_default().split(|byte| *byte == 0) {
            let end = memchr::memchr(b'\n', setting).unwrap_or(setting.len());
            let (key, value) = setting.split_at(end);
            let value = value.strip_prefix(b"\n").unwrap_or_default();
            let key = String::from_utf8_lossy(key);
            match key.strip_prefix(&section(event)) {
                Some(".command") => hook.command = Some(value.to_vec()),
                Some(".event") if value.is_empty() => hook.listed = false,
                Some(".event") => hook.listed |= value == event.name().as_bytes(),
                Some(".enabled") => this = holds(value).unwrap_or(this),
                None if key == format!("hook.{}.enabled", event.name()) => all = holds(value).unwrap_or(all),
                _ => {}
            }
        }
        hook.disabled_by = match (this, all) {
            (false, _) => Some(format!("{}.enabled", section(event))),
            (_, false) => Some(format!("hook.{}.enabled", event.name())),
            _ => None,
        };
        Ok(hook)
    }

    /// Whether anything that runs is set under our name.
    pub(super) fn is_set(&self) -> bool {
        self.command.is_some() || self.listed
    }

    /// The program that it calls; `None` if we did not write it.
    pub(super) fn program(&self, event: Event) -> Option<PathBuf> {
        let text = self.command.as_deref()?;
        let calls = format!("hook run {}", event.name());
        memchr::memmem::find(text, calls.as_bytes())?;
        let begin = b"withhold='";
        text.starts_with(begin).then(|| shim::assigned(text, begin)).flatten().map(program::path)
    }

    /// Whether it is as this version of the program sets it.
    pub(super) fn is_current(&self, event: Event, program: &Path) -> bool {
        self.listed && self.command.as_deref() == Some(&command(event, program))
    }
}

/// What the hook is called; Git allows no event's name.
pub(super) fn name(event: Event) -> String {
    format!("withhold-{}", event.name())
}

/// The section that is ours.
pub(super) fn section(event: Event) -> String {
    format!("hook.{}", name(event))
}

/// What Git's shell runs, with the hook's arguments behind it.
fn command(event: Event, program: &Path) -> Vec<u8> {
    let mut text = shim::assignment(program);
    let event = event.name();
    text.extend(
        format!(
            "; withhold=${{WITHHOLD:-$withhold}}; command -v \"$withhold\" >/dev/null 2>&1 || \
             {{ echo \"withhold: '$withhold' is not there, so this is refused; install it, \
             or say where it is in WITHHOLD\" >&2; exit 4; }}; \"$withhold\" hook run {event}"
        )
        .as_bytes(),
    );
    text
}

/// Sets it. The command comes first: an event without one would keep Git from running any hook.
pub(super) fn set(git: &Git, event: Event, scope: Scope, program: &Path) -> Result<(), HookError> {
    for (key, value) in [
        ("command", program::path(command(event, program)).into_os_string()),
        ("event", OsString::from(event.name())),
    ] {
        let key = format!("{}.{key}", section(event));
        git.run([
            OsString::from("config"),
            scope.option().into(),
            "--replace-all".into(),
            key.into(),
            value,
        ])?;
    }
    Ok(())
}

/// Takes it away; says whether it was there.
pub(super) fn unset(git: &Git, event: Event, scope: Scope) -> Result<bool, HookError> {
    let set = ConfigHook::read(git, event, Some(scope))?;
    if !set.is_set() {
        return Ok(false);
    }
    if set.command.is_some() && set.program(event).is_none() {
        return Err(HookError::NotOurs(section(event)));
    }
    git.run(["config", scope.option(), "--remove-section", &section(event)])?;
    Ok(true)
}

/// A boolean as Git reads it; what is none, it passes over here.
fn holds(value: &[u8]) -> Option<bool> {
    let value = std::str::from_utf8(value).ok()?.to_ascii_lowercase();
    match &*value {
        "true" | "yes" | "on" => Some(true),
        "" | "false" | "no" | "off" => Some(false),
        number => number.parse::<i64>().ok().map(|number| number != 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_is_read_back_from_the_command() {
        for path in ["/usr/bin/withhold", "/a b/it's $HOME/é/withhold"] {
            let path = Path::new(path);
            let hook =
                ConfigHook { command: Some(command(Event::PrePush, path)), listed: true, disabled_by: None };
            assert_eq!(hook.program(Event::PrePush).as_deref(), Some(path));
            assert!(hook.is_current(Event::PrePush, path));
            assert!(!hook.is_current(Event::PrePush, Path::new("/other")));
            assert_eq!(hook.program(Event::PreReceive), None);
        }
        let other = ConfigHook { command: Some(b"make test".to_vec()), ..ConfigHook::default() };
        assert_eq!(other.program(Event::PrePush), None);
    }

    #[test]
    fn booleans_are_git_s() {
        for (text, expected) in [
            ("true", Some(true)),
            ("No", Some(false)),
            ("0", Some(false)),
            ("2", Some(true)),
            ("maybe", None),
        ] {
            assert_eq!(holds(text.as_bytes()), expected, "{text}");
        }
    }
}
