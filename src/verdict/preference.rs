//! What one subject wants for one piece of work.
//!
//! Decides by the order of the list: within a subject, the last preference that applies decides, for each
//! purpose. Must not combine subjects.

use crate::policy::{Decision, Preference, Purposes, Role, Timestamp, Window};

/// One piece of work, as a preference looks at it.
#[derive(Debug, Clone, Copy)]
pub struct Work<'a> {
    /// The part that the person had.
    pub role: Role,
    /// The repository's name, if that is known.
    pub repo: Option<&'a [u8]>,
    /// The path; none for what is no file (a tag, a commit without changes).
    pub path: Option<&'a [u8]>,
    /// When, if that is known.
    pub time: Option<Timestamp>,
}

/// What a subject wants.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wish {
    /// The purposes that it disallows, each with the index of the preference that decided.
    pub disallowed: Vec<(Purposes, u32)>,
    /// The purposes that it allows in so many words.
    pub allowed: Purposes,
}

/// What a subject with these preferences wants.
#[must_use]
pub fn wish(preferences: &[Preference], work: Work<'_>) -> Wish {
    let mut wish = Wish::default();
    for (index, preference) in (0..).zip(preferences) {
        if !applies(preference, work) {
            continue;
        }
        for (purposes, _) in &mut wish.disallowed {
            *purposes = purposes.without(preference.purposes);
        }
        wish.disallowed.retain(|(purposes, _)| !purposes.is_empty());
        match preference.decision {
            Decision::Disallow => {
                wish.allowed = wish.allowed.without(preference.purposes);
                wish.disallowed.push((preference.purposes, index));
            }
            Decision::Allow => wish.allowed = wish.allowed.union(preference.purposes),
        }
    }
    wish
}

/// Whether a preference has to do with the work. In doubt one that disallows has, and one that allows has not.
fn applies(preference: &Preference, work: Work<'_>) -> bool {
    let doubt = preference.decision == Decision::Disallow;
    preference.roles.contains(work.role)
        && preference.repos.as_ref().is_none_or(|repos| work.repo.map_or(doubt, |repo| repos.is_match(repo)))
        && preference.paths.as_ref().is_none_or(|paths| work.path.map_or(doubt, |path| paths.is_match(path)))
        && within(&preference.authored, work.time, doubt)
}

/// Whether a time is in a window; `doubt` if the time is not known and the window has an end.
#[must_use]
pub fn within(window: &Window, time: Option<Timestamp>, doubt: bool) -> bool {
    match time {
        Some(time) => window.contains(time),
        None => *window == Window::ALWAYS || doubt,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{Purpose, Roles};

    fn preference(decision: Decision, purposes: Purposes) -> Preference {
        Preference { decision, purposes, ..Preference::everything(0..0) }
    }

    fn work(role: Role, time: Option<Timestamp>) -> Work<'static> {
        Work { role, repo: Some(b"corp/engine"), path: Some(b"src/a.rs"), time }
    }

    #[test]
    fn the_last_preference_that_applies_decides_for_each_purpose() {
        let search = Purposes::from(Purpose::Search);
        let back = preference(Decision::Allow, search);
        let all = preference(Decision::Disallow, Purposes::ALL);
        let author = work(Role::Author, Some(0));

        let left_and_returned = wish(&[all.clone(), back.clone()], author);
        assert_eq!(left_and_returned.disallowed, [(Purposes::ALL.without(search), 0)]);
        assert_eq!(left_and_returned.allowed, search);

        let left_again = wish(&[all.clone(), back, all], author);
        assert_eq!(left_again.disallowed, [(Purposes::ALL, 2)]);
        assert_eq!(left_again.allowed, Purposes::NONE);
    }

    #[test]
    fn roles_that_are_not_named_are_not_meant() {
        let all = preference(Decision::Disallow, Purposes::ALL);
        assert!(wish(std::slice::from_ref(&all), work(Role::Committer, Some(0))).disallowed.is_empty());
        let committer = Preference { roles: Roles::from_iter([Role::Committer]), ..all };
        assert!(!wish(&[committer], work(Role::Committer, Some(0))).disallowed.is_empty());
    }

    #[test]
    fn an_unknown_date_or_path_is_decided_for_the_person() {
        let authored = Window { from: Some(10), until: None };
        let no = Preference { authored, ..preference(Decision::Disallow, Purposes::ALL) };
        let yes = Preference { authored, ..preference(Decision::Allow, Purposes::ALL) };
        assert!(wish(std::slice::from_ref(&no), work(Role::Author, Some(9))).disallowed.is_empty());
        assert_eq!(wish(&[no, yes], work(Role::Author, None)).disallowed, [(Purposes::ALL, 0)]);
    }
}
