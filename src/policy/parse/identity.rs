//! How a person is recognised: the keys `email`, `forge`, `email-hmac` and `name`.
//!
//! Decides whether such a value can mean someone. Must not normalise: that is the business of `identity`.

use super::Reader;
use super::table::{Table, Text};
use super::value::bad_glob;
use crate::policy::{Code, Pattern, globs};

/// The keys that say whom an identity means, of which it has exactly one.
pub(super) const PATTERN_KEYS: &[&str] = &["email", "forge", "email-hmac", "name"];

/// What an identity or a bot is compared with.
pub(super) fn pattern(reader: &mut Reader, table: &Table<'_>) -> Option<Pattern> {
    let entries: Vec<_> = PATTERN_KEYS.iter().filter_map(|key| table.get(key)).collect();
    let alone = table.boolean(reader, "name-alone");
    if let (Some((_, span)), None) = (&alone, table.get("name")) {
        let message = "`name-alone` without a `name`";
        reader.error(Code::NameAlone, span.clone(), message, "there is no name that it could be about");
    }
    let entry = match entries.as_slice() {
        [entry] => entry,
        [] if reader.broken => return None,
        [] => {
            let error = reader.error(
                Code::IdentityKind,
                table.span.clone(),
                "this means nobody",
                "expected one of `email`, `forge`, `email-hmac`, `name`",
            );
            error.advise("add for example `email = \"ada@corp.example\"`");
            return None;
        }
        [first, second, ..] => {
            let message = format!("both `{}` and `{}` in one identity", first.key, second.key);
            reader
                .error(Code::IdentityKind, second.whole.clone(), message, "expected only one of them")
                .also(first.whole.clone(), "the other one")
                .advise("give each its own `[[subject.identity]]`: whichever matches is enough");
            return None;
        }
    };
    let text = entry.string(reader)?;
    match entry.key {
        "email" => email(reader, &text),
        "forge" => forge(reader, &text),
        "email-hmac" => hmac(reader, &text),
        _ => name(reader, &text, alone.is_some_and(|(value, _)| value)),
    }
}

fn email(reader: &mut Reader, (text, span): &Text<'_>) -> Option<Pattern> {
    let pattern = Pattern::email(text);
    if matches!(pattern, Pattern::EmailGlob(_)) {
        return match globs::compile(text, false) {
            Ok(_) => Some(pattern),
            Err(bad) => {
                bad_glob(reader, bad, text, span.clone());
                None
            }
        };
    }
    let bare = text.trim().trim_start_matches('<').trim_end_matches('>');
    let (why, help) = match bare.rsplit_once('@') {
        None => (
            "expected an `@`",
            "for an address that really has none, write its first letter as `[a]`; for everyone of a domain, `*@corp.example`",
        ),
        Some(("", _)) => ("nothing before the `@`", "for everyone of a domain write `*@corp.example`"),
        Some((_, "")) => ("nothing after the `@`", "write the whole address"),
        Some(_)
            if bare
                .contains(|char: char| char.is_whitespace() || char.is_control() || "<>".contains(char)) =>
        {
            ("expected an address and nothing else", "a name is an identity of its own; leave it out here")
        }
        Some(_) => return Some(pattern),
    };
    reader.error(Code::BadEmail, span.clone(), "this is not an e-mail address", why).advise(help);
    None
}

fn forge(reader: &mut Reader, (text, span): &Text<'_>) -> Option<Pattern> {
    let pattern = Pattern::forge(text);
    if pattern.is_some() {
        return pattern;
    }
    // People paste the address of their profile.
    let url = text.trim_start_matches("https://").trim_start_matches("http://").trim_end_matches('/');
    let likely = url.replacen('/', ":", 1);
    let help = if Pattern::forge(&likely).is_some() {
        format!("write `{likely}`")
    } else {
        "write for example `github.com:583231` (the id, which survives renames) or `github.com:octocat`"
            .to_owned()
    };
    let message = "this is not an account of a forge";
    reader.error(Code::BadForge, span.clone(), message, "expected `host:account`").advise(help);
    None
}

fn hmac(reader: &mut Reader, (text, span): &Text<'_>) -> Option<Pattern> {
    let mut bytes = [0; 32];
    let hex = data_encoding::HEXLOWER_PERMISSIVE;
    if text.len() == 64 && hex.decode_mut(text.as_bytes(), &mut bytes).is_ok() {
        return Some(Pattern::EmailHmac(bytes));
    }
    let message = "this is not a keyed hash";
    let expected = format!("expected 64 hex digits, found {} characters", text.chars().count());
    reader
        .error(Code::BadHmac, span.clone(), message, expected)
        .advise("`withhold list hash` computes it from an address");
    None
}

fn name(reader: &mut Reader, (text, span): &Text<'_>, alone: bool) -> Option<Pattern> {
    if text.trim().is_empty() {
        let message = "an empty name means nobody";
        reader.error(Code::NameAlone, span.clone(), message, "expected a name");
        return None;
    }
    if !alone {
        let message = "a name alone collides with others of that name";
        let error = reader.error(Code::NameAlone, span.clone(), message, "everyone called so is meant");
        error.advise("prefer an `email`; or add `name-alone = true` if that is what you want");
        return None;
    }
    Some(Pattern::Name((*text).to_owned()))
}
