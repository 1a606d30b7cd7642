//! Lists the fields that rows have, as columns name them.
//!
//! Decides which fields can be named: those whose own name has no dot and is no list's.

use std::collections::BTreeSet;

use super::skim::{Fault, Skim, unescape};

/// Names go so deep at most.
const DEEPEST: usize = 16;

/// Adds the names of a value's fields to those known, or that of the value itself if it has none.
pub(crate) fn collect(
    line: &[u8],
    skim: &mut Skim<'_>,
    name: &str,
    depth: usize,
    names: &mut BTreeSet<String>,
) -> Result<(), Fault> {
    if depth == DEEPEST {
        return skim.skip();
    }
    if skim.take(b'{') {
        if skim.take(b'}') {
            return Ok(());
        }
        loop {
            let field = skim.name()?;
            let mut said = Vec::new();
            let field =
                unescape(&line[field.range()], &mut said).ok().and_then(|()| String::from_utf8(said).ok());
            let plain = |field: &String| !field.is_empty() && !field.contains('.') && !field.ends_with("[]");
            match field.filter(plain) {
                Some(field) if name.is_empty() => collect(line, skim, &field, depth + 1, names)?,
                Some(field) => collect(line, skim, &format!("{name}.{field}"), depth + 1, names)?,
                None => skim.skip()?,
            }
            if !skim.take(b',') {
                return skim.expect(b'}', "a comma or an end is missing");
            }
        }
    }
    if skim.peek() != Some(b'[') {
        names.insert(name.to_owned());
        return skim.skip();
    }
    // A list of objects, unless it lies in one; or a list of strings.
    let start = skim.at();
    skim.go_to(start + 1);
    let objects = skim.peek() == Some(b'{');
    skim.go_to(start + usize::from(objects));
    if !objects {
        names.insert(name.to_owned());
        return skim.skip();
    }
    let items = format!("{name}[]");
    loop {
        if skim.peek() == Some(b'{') && !name.contains("[]") {
            collect(line, skim, &items, depth + 1, names)?;
        } else {
            skim.skip()?;
        }
        if !skim.take(b',') {
            return skim.expect(b']', "a comma or an end is missing");
        }
    }
}
