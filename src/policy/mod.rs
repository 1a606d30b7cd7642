//! The opt-out list and how strictly it is applied.
//!
//! Decides what a list says. Must not know of Git, of repositories on disk or of printing.

pub mod code;
pub mod diagnostic;
pub mod edit;
pub mod globs;
pub mod layers;
pub mod list;
mod parse;
pub mod purpose;
pub mod revs;
pub mod role;
pub mod settings;
pub mod source;
pub mod time;
pub mod training;

pub use code::Code;
pub use diagnostic::{Diagnostic, Label, Severity};
pub use globs::Globs;
pub use layers::Layers;
pub use list::{Bot, Decision, Identity, List, OnUnattributed, Pattern, Preference, Regime, Rule, Subject};
pub use purpose::{Purpose, Purposes};
pub use revs::{Rev, parse_revs};
pub use role::{Role, Roles};
pub use settings::{Evidence, Gate, PolicyFile, RemoteRule, Settings, SettingsTable, Unit, Whitespace};
pub use source::{Source, Wanted};
pub use time::{Timestamp, Window};
pub use training::TrainingRule;
