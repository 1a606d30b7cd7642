//! Whether Git would run our hook here, and what keeps it from doing so.
//!
//! Decides by what Git says of itself, by its settings, and by the files that are there. Must not run a hook, nor change
//! anything.

use std::path::{Path, PathBuf};

use super::config::{self, ConfigHook};
use super::install::legacy;
use super::neighbour::{Found, Neighbour, look};
use super::shim::{self, Earlier, Shim};
use super::uninstall::left_over;
use super::{Event, HookError, HooksPath, Site, files};

/// How Git comes to run it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Runs {
    /// The file in its hooks folder.
    File(PathBuf),
    /// The config hook of this name.
    Config(String),
    /// Another tool's hook runs ours, which it has put aside.
    Through(Neighbour, PathBuf),
}

/// What is worth knowing about a hook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// It was never installed here.
    NotInstalled,
    /// Git looks into another folder than the one that it is in.
    Shadowed {
        /// Where it is.
        ours: PathBuf,
        /// Who says that Git looks elsewhere.
        by: Option<HooksPath>,
    },
    /// Another hook is where it was.
    WrittenOver {
        /// The file.
        path: PathBuf,
        /// Whose it is now.
        by: Neighbour,
    },
    /// Another hook is there.
    Other {
        /// The file.
        path: PathBuf,
        /// Whose it is.
        by: Neighbour,
    },
    /// Git passes over what is not executable.
    NotExecutable(PathBuf),
    /// It is a config hook, and Git is too old for those.
    GitTooOld(super::site::Version),
    /// A setting says that it must not run.
    Disabled(String),
    /// The config hook has no event, no command, or not ours.
    BrokenConfig(String),
    /// The program that it calls is not there.
    NoProgram(PathBuf),
    /// The hook that was there before is gone.
    NoEarlier(PathBuf),
    /// It runs the hook that runs it.
    Circle(PathBuf),
    /// Somebody has changed it.
    Edited(PathBuf),
    /// Another version of the program wrote it.
    Outdated,
    /// It is there twice: Git asks twice.
    Twice,
    /// It is a config hook, and Git runs another one that sends something itself, whatever ours says.
    SendsAnyway(PathBuf),
    /// The hook that was there before is not executable: it does not run, as it did not before.
    EarlierIdle(PathBuf),
    /// The environment names another program.
    Override(PathBuf),
}

impl Finding {
    /// Whether it keeps the hook from running, or from ever letting anything pass.
    #[must_use]
    pub fn is_fatal(&self) -> bool {
        !matches!(
            self,
            Self::Outdated | Self::Twice | Self::SendsAnyway(_) | Self::EarlierIdle(_) | Self::Override(_)
        )
    }
}

/// What there is to say about the hook of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnosis {
    /// When it should run.
    pub event: Event,
    /// How Git comes to it; `None` if it does not.
    pub runs: Option<Runs>,
    /// The program that it calls.
    pub program: Option<PathBuf>,
    /// What is worth knowing, the gravest first.
    pub findings: Vec<Finding>,
}

impl Diagnosis {
    /// Whether it runs, and nothing is wrong with it.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.runs.is_some() && !self.findings.iter().any(Finding::is_fatal)
    }
}

/// Looks whether the hook of an event would run in a repository. `instead` is what the environment names in place of the
/// program that a hook was written with (WITHHOLD).
///
/// # Errors
/// Git gives no answer, or a file cannot be read.
pub fn diagnose(site: &Site, event: Event, instead: Option<&Path>) -> Result<Diagnosis, HookError> {
    let mut diagnosis = Diagnosis { event, runs: None, program: None, findings: Vec::new() };
    diagnosis.setting(site)?;
    diagnosis.file(site)?;
    if diagnosis.runs.is_none() && diagnosis.findings.is_empty() {
        diagnosis.findings.push(Finding::NotInstalled);
    }
    if let Some(program) = instead.filter(|_| diagnosis.runs.is_some()) {
        diagnosis.findings.retain(|finding| !matches!(finding, Finding::NoProgram(_)));
        // A bare name is the shell's to find.
        let is_path = program.components().count() > 1;
        diagnosis.findings.push(if is_path && !files::is_executable(program) {
            Finding::NoProgram(program.to_path_buf())
        } else {
            Finding::Override(program.to_path_buf())
        });
    }
    diagnosis.findings.sort_by_key(|finding| !finding.is_fatal());
    Ok(diagnosis)
}

impl Diagnosis {
    fn setting(&mut self, site: &Site) -> Result<(), HookError> {
        let hook = ConfigHook::read(&site.git, self.event, None)?;
        if !hook.is_set() {
            return Ok(());
        }
        let name = config::name(self.event);
        let Some(program) = hook.program(self.event).filter(|_| hook.listed) else {
            self.findings.push(Finding::BrokenConfig(config::section(self.event)));
            return Ok(());
        };
        if !site.version.has_config_hooks() {
            self.findings.push(Finding::GitTooOld(site.version));
            return Ok(());
        }
        if let Some(setting) = hook.disabled_by.clone() {
            self.findings.push(Finding::Disabled(setting));
            return Ok(());
        }
        if !hook.is_current(self.event, &program) {
            self.findings.push(Finding::Outdated);
        }
        self.runs = Some(Runs::Config(name));
        self.calls(program);
        Ok(())
    }

    fn calls(&mut self, program: PathBuf) {
        if !files::is_executable(&program) {
            self.findings.push(Finding::NoProgram(program.clone()));
        }
        self.program = Some(program);
    }

    fn file(&mut self, site: &Site) -> Result<(), HookError> {
        let mut folder = site.folder(self.event)?;
        let mut path = folder.join(self.event.name());
        let before = self.runs.is_some();
        if matches!(look(&path, self.event)?, Found::Theirs(_, text) if shim::is_forward(&text)) {
            folder = site.own_folder();
            path = folder.join(self.event.name());
        }
        match look(&path, self.event)? {
            Found::Ours(shim, text) => {
                self.ours(Runs::File(path.clone()), &path, &shim, &text);
                let own = site.own_folder().join(self.event.name());
                let hands_on = shim.earlier == Earlier::Repository && own != path;
                if hands_on && matches!(look(&own, self.event)?, Found::Ours(..)) {
                    self.findings.push(Finding::Twice);
                }
            }
            Found::Theirs(Neighbour::PreCommit, _) if files::is_executable(&path) => {
                let legacy = legacy(&folder, self.event);
                match look(&legacy, self.event)? {
                    Found::Ours(shim, text) => {
                        self.ours(Runs::Through(Neighbour::PreCommit, legacy.clone()), &legacy, &shim, &text);
                        if shim.earlier.is_kept() {
                            self.no_circle(&folder)?;
                        }
                    }
                    _ if !before => self.theirs(&folder, path, Neighbour::PreCommit)?,
                    _ => {}
                }
            }
            Found::Theirs(by, _) if !before => self.theirs(&folder, path, by)?,
            Found::Theirs(Neighbour::GitLfs, _) if files::is_executable(&path) => {
                self.findings.push(Finding::SendsAnyway(path));
            }
            Found::Theirs(..) | Found::Nothing => {}
        }
        if before && matches!(self.runs, Some(Runs::File(_) | Runs::Through(..))) {
            self.findings.push(Finding::Twice);
        }
        if !before && self.runs.is_some() {
            // The file does what the setting does not.
            self.findings.retain(|finding| !matches!(finding, Finding::GitTooOld(_) | Finding::Disabled(_)));
        }
        let ours = site.own_folder().join(self.event.name());
        if self.runs.is_none()
            && folder != site.own_folder()
            && let Found::Ours(..) = look(&ours, self.event)?
        {
            self.findings.insert(0, Finding::Shadowed { ours, by: site.hooks_path()? });
        }
        Ok(())
    }

    fn ours(&mut self, runs: Runs, path: &Path, shim: &Shim, text: &[u8]) {
        if !files::is_executable(path) {
            self.findings.push(Finding::NotExecutable(path.to_path_buf()));
            return;
        }
        if !shim.is_current() {
            self.findings.push(Finding::Outdated);
        } else if text != shim.text(self.event) {
            self.findings.push(Finding::Edited(path.to_path_buf()));
        }
        if shim.earlier.is_kept() {
            let kept = files::kept(path.parent().unwrap_or(Path::new(".")), self.event);
            if !files::is_there(&kept) {
                self.findings.push(Finding::NoEarlier(kept));
            } else if !files::is_executable(&kept) {
                self.findings.push(Finding::EarlierIdle(kept));
            }
        }
        self.runs = Some(runs);
        self.calls(shim.program.clone());
    }

    /// pre-commit calls ours, and ours must not call pre-commit.
    fn no_circle(&mut self, folder: &Path) -> Result<(), HookError> {
        let kept = files::kept(folder, self.event);
        if let Found::Theirs(Neighbour::PreCommit, _) = look(&kept, self.event)? {
            self.findings.push(Finding::Circle(kept));
        }
        Ok(())
    }

    /// Another hook is in the place of ours: was ours ever there?
    fn theirs(&mut self, folder: &Path, path: PathBuf, by: Neighbour) -> Result<(), HookError> {
        let was_there = files::is_there(&files::kept(folder, self.event))
            || matches!(look(&left_over(folder, self.event), self.event)?, Found::Ours(..))
            || matches!(look(&legacy(folder, self.event), self.event)?, Found::Ours(..));
        self.findings.push(if was_there {
            Finding::WrittenOver { path, by }
        } else {
            Finding::Other { path, by }
        });
        Ok(())
    }
}
