//! Hooks: how the gates get to where Git runs them, and whether it does.
//!
//! Decides which file or setting makes Git ask, and changes nothing that is not Withhold's own. Must not decide what a
//! gate answers.

mod config;
mod doctor;
mod error;
mod everywhere;
mod files;
mod install;
mod neighbour;
mod shim;
mod site;
mod uninstall;

pub use doctor::{Diagnosis, Finding, Runs, diagnose};
pub use error::HookError;
pub use everywhere::{install_everywhere, uninstall_everywhere};
pub use install::{Change, Install, Installed, install};
pub use neighbour::Neighbour;
pub use site::{HooksPath, Site};
pub use uninstall::{Removed, uninstall};

/// When Git asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Event {
    /// Before anything is sent.
    PrePush,
    /// Before anything that was sent is taken.
    PreReceive,
    /// After it was.
    PostReceive,
}

impl Event {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::PrePush, Self::PreReceive, Self::PostReceive];

    /// The one that Git knows by this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.name() == name)
    }

    /// When that is, in a few words.
    #[must_use]
    pub fn when(self) -> &'static str {
        match self {
            Self::PrePush => "Before a push, on the engineer's machine",
            Self::PreReceive => "Before a push is accepted, on the server",
            Self::PostReceive => "After a push was accepted, on the server",
        }
    }

    /// Its name, as Git knows it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::PrePush => "pre-push",
            Self::PreReceive => "pre-receive",
            Self::PostReceive => "post-receive",
        }
    }

    /// Whether it is about what others send here.
    #[must_use]
    pub fn receives(self) -> bool {
        self != Self::PrePush
    }

    /// Those that a repository has use for: one without a work tree is there to be pushed to.
    #[must_use]
    pub fn usual(bare: bool) -> &'static [Self] {
        if bare { &[Self::PreReceive, Self::PostReceive] } else { &[Self::PrePush] }
    }
}
