//! Whether JSON is in its canonical form (RFC 8785), however large it is.
//!
//! Decides that by writing the form while it reads, and holding it against the very bytes that are read. Nothing of it is
//! kept but the names on the way to where it reads: what is not known here must not cost more than it weighs.

use std::fmt;
use std::io::{self, Write};

use serde::Serialize;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// Why it is not.
#[derive(Debug)]
pub(super) enum NotCanonical {
    /// It is no JSON.
    Json(serde_json::Error),
    /// Its canonical form is another.
    Other,
}

/// The bytes of what stands at `path`, the names of objects within objects, if all is in its canonical form. None if
/// nothing stands there.
pub(super) fn at<'b>(bytes: &'b [u8], path: &[&str]) -> Result<Option<&'b [u8]>, NotCanonical> {
    let mut form = Form { bytes, read: 0, differs: false, found: None };
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let read = Part { form: &mut form, before: b"", path: Some(path) }.deserialize(&mut json);
    match read.and_then(|()| json.end()) {
        Err(_) if form.differs => Err(NotCanonical::Other),
        Err(error) => Err(NotCanonical::Json(error)),
        Ok(()) if form.read < bytes.len() => Err(NotCanonical::Other),
        Ok(()) => Ok(form.found),
    }
}

/// What is written has to be what is there.
struct Form<'b> {
    bytes: &'b [u8],
    read: usize,
    differs: bool,
    found: Option<&'b [u8]>,
}

impl Write for Form<'_> {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        if !self.bytes[self.read..].starts_with(piece) {
            self.differs = true;
            return Err(io::Error::other("it is not in its canonical form"));
        }
        self.read += piece.len();
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Form<'_> {
    fn raw<E: Error>(&mut self, piece: &[u8]) -> Result<(), E> {
        self.write_all(piece).map_err(E::custom)
    }

    fn put<E: Error>(&mut self, value: &(impl Serialize + ?Sized)) -> Result<(), E> {
        serde_json_canonicalizer::to_writer(&value, self).map_err(E::custom)
    }
}

/// A value, and what is written before it; `path` leads from it to what is looked for, if that can be in it.
struct Part<'f, 'b, 'p> {
    form: &'f mut Form<'b>,
    before: &'static [u8],
    path: Option<&'p [&'p str]>,
}

impl<'de> DeserializeSeed<'de> for Part<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let Self { form, before, path } = self;
        form.raw(before)?;
        let from = form.read;
        deserializer.deserialize_any(Part { form: &mut *form, before, path })?;
        if path.is_some_and(<[_]>::is_empty) {
            form.found = Some(&form.bytes[from..form.read]);
        }
        Ok(())
    }
}

impl<'de> Visitor<'de> for Part<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.form.put(&())
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.form.put(&value)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        self.form.put(&value)
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        self.form.put(&value)
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        self.form.put(&value)
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<(), E> {
        self.form.put(value)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let form = self.form;
        form.raw(b"[")?;
        let mut before: &[u8] = b"";
        while items.next_element_seed(Part { form: &mut *form, before, path: None })?.is_some() {
            before = b",";
        }
        form.raw(b"]")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let form = self.form;
        form.raw(b"{")?;
        let mut last: Option<String> = None;
        while let Some(name) = items.next_key::<String>()? {
            if let Some(last) = &last {
                // A name that is there twice is none that comes after itself.
                if !last.encode_utf16().lt(name.encode_utf16()) {
                    form.differs = true;
                    return Err(A::Error::custom("the names in an object are not sorted"));
                }
                form.raw(b",")?;
            }
            form.put(&name)?;
            let path = self.path.and_then(|path| path.split_first());
            let path = path.and_then(|(first, rest)| (*first == name).then_some(rest));
            items.next_value_seed(Part { form: &mut *form, before: b":", path })?;
            last = Some(name);
        }
        form.raw(b"}")
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::{btree_map, vec};
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    /// Any JSON, with names whose order in UTF-8 is another than in UTF-16.
    fn any_json() -> impl Strategy<Value = Value> {
        let name = || prop_oneof!["[a-c]{0,2}", "[\u{1F600}\u{FB33}\u{20AC}\n\"]{0,2}"];
        let scalar = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            name().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        scalar.prop_recursive(3, 24, 4, move |inner| {
            prop_oneof![
                vec(inner.clone(), 0..4).prop_map(Value::from),
                btree_map(name(), inner, 0..4).prop_map(Value::from_iter),
            ]
        })
    }

    /// By reading all of it, and writing it again.
    fn is_canonical(bytes: &[u8]) -> bool {
        let value = serde_json::from_slice::<Value>(bytes);
        value.is_ok_and(|value| serde_json_canonicalizer::to_vec(&value).unwrap() == bytes)
    }

    proptest! {
        #[test]
        fn what_is_written_in_its_canonical_form_is_read(value in any_json()) {
            let bytes = serde_json_canonicalizer::to_vec(&value).unwrap();
            prop_assert!(is_canonical(&bytes) == at(&bytes, &[]).is_ok());
            if let Ok(found) = at(&bytes, &[]) {
                prop_assert_eq!(found, Some(&bytes[..]));
            }
        }

        #[test]
        fn whatever_is_changed_it_is_told_as_by_writing_it_again(
            value in any_json(),
            place: prop::sample::Index,
            with in prop_oneof![Just(""), Just(" "), Just("0"), Just(","), Just("\"a\":1,"), Just("\\"), Just("\u{e9}")],
            gone in 0_usize..3,
        ) {
            let mut bytes = serde_json_canonicalizer::to_vec(&value).unwrap();
            let from = place.index(bytes.len() + 1);
            let until = (from + gone).min(bytes.len());
            bytes.splice(from..until, with.bytes());
            prop_assert_eq!(is_canonical(&bytes), at(&bytes, &[]).is_ok(), "{}", String::from_utf8_lossy(&bytes));
        }
    }

    #[test]
    fn other_spellings_are_told_from_what_is_no_json() {
        for text in [
            " 1",
            "1 ",
            "1.0",
            "1e3",
            "-0",
            "\"\\u0061\"",
            "{\"b\":1,\"a\":1}",
            "{\"a\":1,\"a\":1}",
            "[1, 2]",
        ] {
            assert!(matches!(at(text.as_bytes(), &[]), Err(NotCanonical::Other)), "{text}");
        }
        for text in ["", "{", "[1]]", "\"\n\"", "\u{feff}1", "1e999"] {
            assert!(matches!(at(text.as_bytes(), &[]), Err(NotCanonical::Json(_))), "{text}");
        }
        assert!(matches!(at("[".repeat(100_000).as_bytes(), &[]), Err(NotCanonical::Json(_))));
    }

    #[test]
    fn what_stands_somewhere_is_found_there_and_nowhere_else() {
        let value = json!({ "a": { "b": [1, { "b": 2 }], "c": 3 }, "b": { "b": 4 }, "c": [{ "b": 5 }] });
        let bytes = serde_json_canonicalizer::to_vec(&value).unwrap();
        let found = |path: &[&str]| {
            at(&bytes, path).unwrap().map(|bytes| serde_json::from_slice::<Value>(bytes).unwrap())
        };
        assert_eq!(found(&["a", "b"]), Some(value["a"]["b"].clone()));
        assert_eq!(found(&["b"]), Some(json!({ "b": 4 })));
        assert_eq!(found(&["c", "b"]), None);
        assert_eq!(found(&["d"]), None);
        assert_eq!(found(&[]), Some(value.clone()));
    }
}
