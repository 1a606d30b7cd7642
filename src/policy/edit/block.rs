//! The lines that are added to a list.
//!
//! Decides how entries are written. Must not decide where they go.

use crate::policy::{Decision, Pattern, Purposes, Role, Roles, Timestamp, Window, time};

/// Lines to be added.
pub(super) struct Block<'i> {
    pub(super) indent: &'i str,
    pub(super) text: String,
}

impl<'i> Block<'i> {
    pub(super) fn new(indent: &'i str) -> Self {
        Self { indent, text: String::new() }
    }

    pub(super) fn line(&mut self, line: &str) {
        if !line.is_empty() {
            self.text += self.indent;
            self.text += line;
        }
        self.text.push('\n');
    }

    pub(super) fn identity(&mut self, pattern: &Pattern, window: Window) {
        self.line("[[subject.identity]]");
        match pattern {
            Pattern::Email(email) | Pattern::EmailGlob(email) => {
                self.line(&format!("email = {}", quoted(email)));
            }
            Pattern::Forge { host, account } => {
                self.line(&format!("forge = {}", quoted(&format!("{host}:{account}"))));
            }
            Pattern::EmailHmac(hash) => {
                self.line(&format!("email-hmac = {}", quoted(&data_encoding::HEXLOWER.encode(hash))));
            }
            Pattern::Name(name) => {
                self.line(&format!("name = {}", quoted(name)));
                self.line("name-alone = true");
            }
        }
        for (key, time, second_of_day) in [("from", window.from, 0), ("until", window.until, 86_399)] {
            if let Some(time) = time {
                self.line(&format!("{key} = {}", date(time, second_of_day)));
            }
        }
    }

    pub(super) fn preference(&mut self, decision: Decision, purposes: Option<Purposes>, roles: Roles) {
        self.line("[[subject.preference]]");
        let decision = if decision == Decision::Allow { "allow" } else { "disallow" };
        self.line(&format!("decision = {}", quoted(decision)));
        if let Some(purposes) = purposes {
            let purposes: Vec<_> = purposes.iter().map(|purpose| quoted(purpose.as_str())).collect();
            self.line(&format!("purposes = [{}]", purposes.join(", ")));
        }
        if roles != Roles::WRITERS {
            let roles = Role::ALL.into_iter().filter(|role| roles.contains(*role));
            let roles: Vec<_> = roles.map(|role| quoted(role.as_str())).collect();
            self.line(&format!("roles = [{}]", roles.join(", ")));
        }
    }
}

/// A date alone where that means this very second, otherwise a date-time.
fn date(time: Timestamp, second_of_day: i64) -> String {
    let written = time::text(time).unwrap_or_else(|| time.to_string());
    match written.split_once('T') {
        Some((day, _)) if time.rem_euclid(86_400) == second_of_day => day.to_owned(),
        _ => written,
    }
}

pub(super) fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}
