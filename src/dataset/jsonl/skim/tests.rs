use proptest::prelude::*;

use super::*;

fn skims(line: &[u8]) -> bool {
    Skim::new(line).and_then(|mut skim| skim.skip().and_then(|()| skim.end())).is_ok()
}

/// Whether it is JSON in the eyes of serde_json, which looks at half surrogates only where it has to.
fn is_json(line: &[u8]) -> bool {
    std::str::from_utf8(line).is_ok_and(|line| serde_json::from_str::<serde::de::IgnoredAny>(line).is_ok())
}

#[test]
fn what_is_not_json_is_refused() {
    for line in [
        "",
        " ",
        "{",
        "{}}",
        "{} {}",
        "[1,]",
        "{\"a\":1,}",
        "{\"a\" 1}",
        "{a:1}",
        "{'a':1}",
        "{\"a\":}",
        "[1 2]",
        "nul",
        "nulll",
        "NaN",
        "-Infinity",
        "01",
        "-",
        "1.",
        ".5",
        "1e",
        "1e+",
        "+1",
        "\"",
        "\"\\\"",
        "\"\\x\"",
        "\"\\u12g4\"",
        "\"\\u+123\"",
        "\"\\u123\"",
        "\"a\tb\"",
        "[\"a\u{1}\"]",
        "\u{feff}{}",
        "[[]",
        "[}",
        "{]",
        "{\"a\":1 \"b\":2}",
        "{,}",
        "[,]",
        "//",
        "{1:2}",
    ] {
        assert!(!is_json(line.as_bytes()), "{line}");
        assert!(!skims(line.as_bytes()), "{line}");
    }
    for bytes in [&b"\"\xff\""[..], b"\"\xc0\x80\"", b"\"\xed\xa0\x80\"", b"\"\xf0\x9f\"", b"{}\xff"] {
        assert!(!skims(bytes));
    }
    for line in
        ["0", "-0.0e-0", "\t{ \"a\" : [ ] }\r", "\"\\ud800\"", "[{},[],\"\\u00e9é\\/\",true,false,null,1E9]"]
    {
        assert!(is_json(line.as_bytes()) && skims(line.as_bytes()), "{line}");
    }
}

#[test]
fn deep_nesting_is_an_error_and_no_overflow() {
    let deep = |depth: usize| [vec![b'['; depth], vec![b']'; depth]].concat();
    assert!(skims(&deep(DEEPEST)));
    assert!(!skims(&deep(DEEPEST + 1)) && !skims(&vec![b'['; 10_000_000]));
}

/// Text made of the pieces that matter to JSON, so that much of it is valid, and much almost.
fn almost() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "\"",
        "\"a\"",
        "\"b\":",
        "\\",
        "\\n",
        "\\u0041",
        "\\ud83d",
        "\\ude00",
        "0",
        "1",
        "-",
        ".",
        "e",
        "true",
        "false",
        "null",
        " ",
        "\t",
        "\u{1}",
        "é",
        "{\"a\":1}",
        "[1,2]",
        "\\\\",
        "\\\"",
    ]);
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

/// Any JSON.
fn json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|value| value.to_string()),
        any::<i64>().prop_map(|value| value.to_string()),
        "-?(0|[1-9][0-9]{0,3})(\\.[0-9]{1,3})?([eE][-+]?[0-9]{1,2})?",
        any::<String>().prop_map(|text| serde_json::to_string(&text).unwrap()),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(" ,"))),
            prop::collection::vec((any::<String>(), inner), 0..4).prop_map(|fields| {
                let field = |(name, value)| format!("{}:\t{value}", serde_json::to_string(&name).unwrap());
                format!("{{{} }}", fields.into_iter().map(field).collect::<Vec<_>>().join(","))
            }),
        ]
    })
}

proptest! {
    #[test]
    fn it_takes_what_serde_json_takes(line in almost()) {
        prop_assert_eq!(skims(line.as_bytes()), is_json(line.as_bytes()), "{}", line);
    }

    #[test]
    fn it_takes_all_json_and_none_that_is_cut_off_or_changed(line in json(), at: prop::sample::Index, bit in 0..8) {
        prop_assert!(skims(line.as_bytes()), "{}", line);
        let mut changed = line.clone().into_bytes();
        changed[at.index(line.len())] ^= 1_u8 << bit;
        prop_assert_eq!(skims(&changed), is_json(&changed));
        let cut = &line.as_bytes()[..at.index(line.len())];
        prop_assert_eq!(skims(cut), is_json(cut));
    }

    #[test]
    fn what_a_string_says_is_what_serde_json_reads(line in almost()) {
        let line = format!("\"{line}\"");
        let Ok(mut skim) = Skim::new(line.as_bytes()) else { return Ok(()) };
        skim.go_to(1);
        let said = skim.string().and_then(|text| skim.end().map(|()| text)).ok().and_then(|text| {
            let mut said = Vec::new();
            unescape(&line.as_bytes()[text.range()], &mut said).ok().map(|()| String::from_utf8(said).unwrap())
        });
        prop_assert_eq!(said, serde_json::from_str::<String>(&line).ok());
    }
}
