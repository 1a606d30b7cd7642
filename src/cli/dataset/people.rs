//! Whose logins a data set names.
//!
//! Decides that lists can mean them: a login of another forge would match nobody, silently.

use std::collections::BTreeSet;

use withhold::exit::Exit;
use withhold::identity::forge;
use withhold::policy::{Layers, Pattern};

use super::super::Failure;

/// The forge whose logins rows name: one at which lists name somebody, if they name accounts at all.
pub(super) fn forge(said: Option<&str>, layers: Option<&Layers>) -> Result<String, Failure> {
    let host = said.unwrap_or("github.com");
    let Some(asked) = forge::host(host) else {
        let what = format_args!("--forge {host}: it is no host").to_string();
        return Err(Failure::new(Exit::Usage, what).hint("name it alone, as lists do: --forge github.com"));
    };
    let lists = layers.iter().flat_map(|layers| &layers.lists);
    let identities = lists.flat_map(|list| &list.subjects).flat_map(|subject| &subject.identities);
    let known: BTreeSet<String> = identities
        .filter_map(|identity| match &identity.pattern {
            Pattern::Forge { host, .. } => forge::host(host),
            _ => None,
        })
        .collect();
    if known.is_empty() || known.contains(&asked) {
        return Ok(asked);
    }
    let others: Vec<String> = known.iter().map(|host| format!("--forge {host}")).collect();
    Err(Failure::new(
        Exit::Usage,
        format_args!("no list names an account at {asked}, so no login would be found"),
    )
    .hint(format_args!("say whose logins these are: {}", others.join(", or "))))
}
