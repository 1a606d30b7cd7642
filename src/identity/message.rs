//! People named in the message of a commit or tag.
//!
//! Decides who is named as co-author or as having signed off. Git's own trailer parsers look at the last
//! paragraph only, and miss people in squash merges; here every line counts, whatever stands before the
//! key: white space, a quote, a bullet, or prose that it is glued to. Who is found too much is only excluded.
//!
//! One pass over the text, so its time grows with the length and no faster.

use std::collections::HashSet;

use super::Person;
use crate::policy::Role;

/// The keys, without the separators between their words.
const KEYS: [([&[u8]; 3], Role); 3] = [
    ([b"co", b"authored", b"by"], Role::CoAuthor),
    ([b"co", b"developed", b"by"], Role::CoAuthor),
    ([b"signed", b"off", b"by"], Role::SignedOffBy),
];

/// A folded value does not go on for longer than this.
const MAX_FOLDS: usize = 16;

/// Everyone that a message names, in the order of the text, each once in a role.
#[must_use]
pub fn people(message: &[u8]) -> Vec<(Role, Person)> {
    let mut seen = HashSet::new();
    let mut people = Vec::new();
    let mut lines = lines(message).peekable();
    while let Some(line) = lines.next() {
        let mut keys = keys(line).peekable();
        while let Some(key) = keys.next() {
            let end = keys.peek().map_or(line.len(), |next| next.start);
            let mut value = line[key.value..end].to_vec();
            if keys.peek().is_none() {
                // The value may go on in the next lines.
                let indent = indent(line);
                for _ in 0..MAX_FOLDS {
                    let Some(more) = lines.peek().and_then(|next| continuation(&value, indent, next)) else {
                        break;
                    };
                    value.push(b' ');
                    value.extend_from_slice(more);
                    lines.next();
                }
            }
            let value = without_entities(&value);
            let mut found = addresses(&value);
            if found.is_empty() && key.colon {
                found = names(&value);
            }
            people.extend(
                found.into_iter().map(|person| (key.role, person)).filter(|named| seen.insert(named.clone())),
            );
        }
    }
    people
}

/// With `<` and `>` where a web form wrote entities.
fn without_entities(value: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(value.len());
    let mut rest = value;
    while let Some(first) = rest.first() {
        let (byte, length) = match rest {
            [b'&', b'l' | b'L', b't' | b'T', b';', ..] => (b'<', 4),
            [b'&', b'g' | b'G', b't' | b'T', b';', ..] => (b'>', 4),
            _ => (*first, 1),
        };
        text.push(byte);
        rest = &rest[length..];
    }
    text
}

/// A key in a line.
struct Key {
    role: Role,
    start: usize,
    /// Where its value begins.
    value: usize,
    /// Whether a colon follows; without it only an address makes it a trailer.
    colon: bool,
}

fn lines(message: &[u8]) -> impl Iterator<Item = &[u8]> {
    message.split(|byte| *byte == b'\n' || *byte == b'\r').filter(|line| !line.is_empty())
}

fn keys(line: &[u8]) -> impl Iterator<Item = Key> {
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < line.len() {
            let start = at;
            at += 1;
            if let Some(key) = key_at(line, start) {
                at = key.value;
                return Some(key);
            }
        }
        None
    })
}

fn key_at(line: &[u8], start: usize) -> Option<Key> {
    // Most bytes begin no key.
    if !matches!(line[start], b'c' | b'C' | b's' | b'S') {
        return None;
    }
    KEYS.iter().find_map(|(words, role)| {
        let mut at = start;
        for (index, word) in words.iter().enumerate() {
            if index > 0 && line.get(at).is_some_and(|byte| b"-_ ".contains(byte)) {
                at += 1;
            }
            let end = at + word.len();
            if !line.get(at..end)?.eq_ignore_ascii_case(word) {
                return None;
            }
            at = end;
        }
        let rest = &line[at..];
        let blank = rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let colon = rest.get(blank) == Some(&b':');
        // `co-authored-byte` is no key.
        if !colon && rest.first().is_some_and(u8::is_ascii_alphanumeric) {
            return None;
        }
        Some(Key { role: *role, start, value: at + if colon { blank + 1 } else { 0 }, colon })
    })
}

/// White space and quote marks before the text of a line.
fn indent(line: &[u8]) -> usize {
    line.iter().take_while(|byte| b" \t>|".contains(byte)).count()
}

/// What `next` adds to a value, if it goes on there: an indented line, or one that begins with `<`, and
/// only while the value is not complete.
fn continuation<'l>(value: &[u8], outer: usize, next: &'l [u8]) -> Option<&'l [u8]> {
    let trimmed = value.trim_ascii_end();
    let complete = value.contains(&b'@') && !trimmed.ends_with(b",") && !trimmed.ends_with(b";");
    let inner = indent(next);
    let text = &next[inner..];
    let folded = inner > outer || text.starts_with(b"<");
    (!complete && folded && !text.is_empty() && keys(next).next().is_none()).then_some(text)
}

/// Everyone in a value who has an address, with `<>` or without; and who is listed beside them by name.
fn addresses(value: &[u8]) -> Vec<Person> {
    let mut people = Vec::new();
    let mut rest = value;
    while let Some(open) = rest.iter().position(|byte| *byte == b'<') {
        let (before, inside) = (&rest[..open], &rest[open + 1..]);
        let close = inside.iter().position(|byte| *byte == b'>' || *byte == b'<').unwrap_or(inside.len());
        let (email, after) = inside.split_at(close);
        let name = bare(before, &mut people);
        let several = names(name);
        // "Ada and Bob <bob@…>": nobody knows whether that is one name.
        if several.len() > 1 {
            people.extend_from_slice(&several);
        }
        people.push(Person::new(tidy(name), email.trim_ascii()));
        rest = after.strip_prefix(b">").unwrap_or(after);
    }
    let left = bare(rest, &mut people);
    let left = left.trim_ascii_start();
    let goes_on = left.first().is_some_and(|byte| b",;&".contains(byte))
        || left.get(..4).is_some_and(|word| word.eq_ignore_ascii_case(b"and "));
    if goes_on && !people.is_empty() {
        people.extend(names(left.get(1..).unwrap_or_default()));
    }
    people.retain(|person| !person.email.is_empty() || !person.name.is_empty());
    people
}

/// Adds everyone whose address stands in `text` without `<>`; what is left after the last of them is returned.
fn bare<'t>(text: &'t [u8], people: &mut Vec<Person>) -> &'t [u8] {
    let mut name_start = 0;
    let mut at = 0;
    while at < text.len() {
        let is_delimiter = |byte: &u8| byte.is_ascii_whitespace() || b",;:()[]{}<>\"'`*|&".contains(byte);
        let length = text[at..].iter().position(is_delimiter).unwrap_or(text.len() - at);
        let token = &text[at..at + length];
        let address = token.strip_suffix(b".").unwrap_or(token);
        if address
            .iter()
            .position(|byte| *byte == b'@')
            .is_some_and(|sign| 0 < sign && sign + 1 < address.len())
        {
            people.push(Person::new(tidy(&text[name_start..at]), address));
            name_start = at + length;
        }
        at += length + 1;
    }
    &text[name_start.min(text.len())..]
}

/// The names in a text: the whole, and where it lists several, each of them.
fn names(text: &[u8]) -> Vec<Person> {
    let whole = tidy(text);
    if whole.is_empty() {
        return Vec::new();
    }
    let mut names = vec![Person::new(whole, "")];
    let mut parts = Vec::new();
    for part in whole.split(|byte| b",;&".contains(byte)) {
        let mut words = Vec::new();
        for word in part.split(u8::is_ascii_whitespace) {
            if word.eq_ignore_ascii_case(b"and") {
                parts.push(words.join(&b' '));
                words.clear();
            } else {
                words.push(word);
            }
        }
        parts.push(words.join(&b' '));
    }
    if parts.len() > 1 {
        let parts = parts.iter().map(|part| tidy(part)).filter(|part| !part.is_empty());
        names.extend(parts.map(|part| Person::new(part, "")));
    }
    names
}

/// Without what surrounds a name and is not part of it.
fn tidy(text: &[u8]) -> &[u8] {
    let is_edge = |byte: &u8| byte.is_ascii_whitespace() || b",;:&\"'`*()[]".contains(byte);
    let start = text.iter().position(|byte| !is_edge(byte)).unwrap_or(text.len());
    let end = text.iter().rposition(|byte| !is_edge(byte)).map_or(start, |last| last + 1);
    &text[start..end]
}

#[cfg(test)]
mod tests;
