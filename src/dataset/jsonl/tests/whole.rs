//! Whole data sets, held against what `serde_json` would leave of them.

use std::ops::Range;

use proptest::prelude::*;

use super::*;

/// A row, and what is to become of it.
fn row() -> impl Strategy<Value = (serde_json::Value, usize)> {
    let text = prop_oneof![Just(None), ".{0,6}".prop_map(Some), "[\"\\\\\n/é😀]{0,4}".prop_map(Some)];
    (text.clone(), prop::collection::vec(text, 0..4), any::<i32>(), 0..4usize).prop_map(
        |(text, list, number, fate)| {
            let row = serde_json::json!({"n": number, "text": text, "meta": {"list": list, "text": number}});
            (row, fate)
        },
    )
}

fn strings(value: &serde_json::Value) -> Vec<Option<String>> {
    value.as_array().unwrap().iter().map(|item| item.as_str().map(str::to_owned)).collect()
}

proptest! {
    /// What serde_json would do, row by row, in every codec, in frames of every length, read in pieces of every length.
    #[test]
    fn it_filters_as_one_would_with_whole_documents(
        rows in prop::collection::vec(row(), 0..20),
        splits in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
        codec in prop::sample::select(codecs()),
        piece in 1..200usize,
        last: bool,
    ) {
        let lines: Vec<String> = rows.iter().enumerate().map(|(at, (row, fate))| {
            let end = if at + 1 == rows.len() && last { "" } else if *fate == 1 { "\r\n" } else { "\n" };
            if *fate == 2 { serde_json::to_string_pretty(row).unwrap().replace('\n', " ") + end } else { format!("{row}{end}") }
        }).collect();
        let text = lines.concat();
        let mut at: Vec<usize> = splits.iter().map(|split| split.index(text.len() + 1)).collect();
        at.extend([0, text.len()]);
        at.sort_unstable();
        let pieces: Vec<&[u8]> = at.windows(2).map(|ends| &text.as_bytes()[Range { start: ends[0], end: ends[1] }]).collect();
        let input = packed(codec, &pieces);

        let columns = columns(&[("text", Meaning::Content), ("meta.list", Meaning::Identity)]);
        let (mut fates, mut asked) = (rows.iter(), None);
        let mut judge = |seen: &Row<'_>| {
            let both = asked.take().unwrap_or_else(|| fates.next().unwrap());
            let (row, fate) = both;
            let list = strings(&row["meta"]["list"]);
            let list: Vec<_> = list.iter().map(|text| text.as_ref().map(String::as_bytes)).collect();
            assert_eq!(seen.values[1], Value::List(&list));
            match (row["text"].as_str(), seen.values[0]) {
                (None, value) => assert_eq!(value, Value::Null),
                (Some(_), Value::Unread) if *fate == 3 => {
                    asked = Some(both);
                    return Decision::Read;
                }
                (Some(_), value) if *fate != 3 => assert_eq!(value, Value::Unread),
                (Some(text), value) => {
                    assert_eq!(value, Value::Bytes(text.as_bytes()));
                    return Decision::Replace(text.to_uppercase().into_bytes());
                }
            }
            if *fate == 0 { Decision::Drop } else { Decision::Keep }
        };
        let mut out = Vec::new();
        let reader = Pieces(&input, piece);
        let tally = filter(reader, &columns, &mut judge, &(), &mut out).unwrap();

        let expected: String = rows.iter().zip(&lines).map(|((row, fate), line)| match (fate, row["text"].as_str()) {
            (0, _) => String::new(),
            (3, Some(text)) => {
                let with = |text: &str| format!("\"text\":{}", serde_json::to_string(text).unwrap());
                line.replacen(&with(text), &with(&text.to_uppercase()), 1)
            }
            _ => line.clone(),
        }).collect();
        prop_assert_eq!(String::from_utf8(unpacked(&out)).unwrap(), expected);
        prop_assert_eq!(tally.read, rows.len() as u64);
        prop_assert_eq!(tally.written, rows.iter().filter(|(_, fate)| *fate != 0).count() as u64);
        prop_assert_eq!(Codec::of(&out), codec);
    }
}

/// Reads in pieces.
struct Pieces<'a>(&'a [u8], usize);

impl Read for Pieces<'_> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let length = self.1.min(to.len());
        self.0.read(&mut to[..length])
    }
}
