//! The house keeps its order: who may import whom, who may print, and what every file owes its reader.

use std::collections::BTreeSet;
use std::path::Path;

/// The folders in the order of the way of the data: each may import those before it.
const LAYERS: [&str; 10] = [
    "policy",
    "identity",
    "repo",
    "attribution",
    "verdict",
    "manifest",
    "scan",
    "dataset",
    "enforce",
    "report",
];

/// What any layer may import, and what imports none; each may import those before it.
const LEAVES: [&str; 3] = ["exit", "thrift", "pages"];

/// Files that are longer than they should be, with the reason.
const LONG: [(&str, &str); 0] = [];
const MOST_LINES: usize = 500;

/// A source file, and where it lies below `src`.
struct Source {
    path: String,
    text: String,
}

impl Source {
    /// The folder that it belongs to; files at the top are their own.
    fn layer(&self) -> &str {
        let first = self.path.split('/').next().unwrap();
        first.strip_suffix(".rs").unwrap_or(first)
    }

    /// Its lines without comments, with their numbers.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = (1..).zip(self.text.lines());
        lines.map(|(number, line)| (number, line.trim())).filter(|(_, line)| !line.starts_with("//"))
    }

    /// Its code without comments, in one piece, and without tests, which may look anywhere.
    fn joined(&self) -> String {
        let code: Vec<_> = self.code().map(|(_, line)| line).collect();
        let end = code.windows(2).position(|pair| pair[0] == "#[cfg(test)]" && pair[1] == "mod tests {");
        code[..end.unwrap_or(code.len())].join("\n")
    }
}

fn sources() -> Vec<Source> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files = walkdir::WalkDir::new(&src).sort_by_file_name().into_iter().map(Result::unwrap);
    let sources: Vec<_> = files
        .filter(|file| file.path().extension().is_some_and(|extension| extension == "rs"))
        .map(|file| {
            let path = file.path().strip_prefix(&src).unwrap().to_str().unwrap().replace('\\', "/");
            Source { path, text: std::fs::read_to_string(file.path()).unwrap() }
        })
        .collect();
    assert!(sources.len() > 80, "the sources were not found: {}", sources.len());
    sources
}

/// Everything that breaks a rule.
fn violations(sources: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    for source in sources {
        imports(source, &mut found);
        words(source, &mut found);
        let path = &source.path;
        // The tests of a file, when they are too long to stand in it, are a part of it.
        if !source.text.starts_with("//! ") && !path.ends_with("/tests.rs") {
            found.push(format!("{path} does not begin with what it is about"));
        }
        let lines = source.text.lines().count();
        if lines > MOST_LINES && !LONG.iter().any(|(long, _)| long == path) {
            found.push(format!("{path} has {lines} lines"));
        }
    }
    found
}

/// A layer imports only those before it, the leaves, and itself. The programs import what they like.
fn imports(source: &Source, found: &mut Vec<String>) {
    let layer = source.layer();
    if matches!(layer, "cli" | "main" | "bin" | "lib") {
        return;
    }
    let up_to = |order: &'static [&'static str]| {
        order.iter().position(|known| *known == layer).map(|place| &order[..=place])
    };
    let allowed = match (up_to(&LAYERS), up_to(&LEAVES)) {
        (Some(layers), _) => [layers, &LEAVES].concat(),
        (None, Some(leaves)) => leaves.to_vec(),
        (None, None) => {
            found.push(format!("{} belongs to no layer", source.path));
            return;
        }
    };
    for name in imported(&source.joined()) {
        if !allowed.contains(&name.as_str()) {
            found.push(format!("{} imports {name}", source.path));
        }
    }
}

/// The modules at the top of the crate that the code names: `crate::a`, `crate::{a, b::c}`.
fn imported(code: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for rest in code.split("crate::").skip(1) {
        let Some(group) = rest.strip_prefix('{') else {
            names.insert(word(rest));
            continue;
        };
        // The first word after `{` and after each comma that is not inside another group.
        let (mut depth, mut first) = (1, true);
        for (at, char) in group.char_indices() {
            if first && char.is_alphabetic() {
                names.insert(word(&group[at..]));
                first = false;
            }
            match char {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 1 => first = true,
                _ => {}
            }
            if depth == 0 {
                break;
            }
        }
    }
    names
}

fn word(text: &str) -> String {
    text.chars().take_while(|char| char.is_alphanumeric() || *char == '_').collect()
}

/// git2 stays in `repo`, printing in `cli`, and `unsafe` out, but where `repo` says why.
fn words(source: &Source, found: &mut Vec<String>) {
    let layer = source.layer();
    let joined = source.joined();
    let uses = |name: &str| {
        let parts = joined.split(|char: char| !char.is_alphanumeric() && char != '_');
        parts.into_iter().any(|part| part == name)
    };
    if layer != "repo" && (uses("git2") || uses("libgit2_sys")) {
        found.push(format!("{} uses git2", source.path));
    }
    if layer != "cli" {
        for word in ["println", "print", "eprintln", "eprint", "dbg"] {
            if joined.contains(&format!("{word}!(")) && uses(word) {
                found.push(format!("{} prints", source.path));
            }
        }
        for stream in ["io::stdout", "io::stderr", "anstream::", "stdout()"] {
            if joined.contains(stream) {
                found.push(format!("{} takes hold of {stream}", source.path));
            }
        }
    }
    let mut before = String::new();
    for (number, line) in source.code() {
        // Not what stands in quotes.
        let code: String = line.split('"').step_by(2).collect();
        let is_unsafe =
            code.split(|char: char| !char.is_alphanumeric() && char != '_').any(|part| part == "unsafe");
        let explained = layer == "repo" && before.contains("allow(unsafe_code,reason");
        if is_unsafe && !explained {
            found.push(format!("{}:{number} is unsafe", source.path));
        }
        // What is allowed with a reason, is for the item below it.
        if line.contains("allow(") || line.starts_with('}') {
            before.clear();
        }
        before.extend(line.chars().filter(|char| !char.is_whitespace()));
    }
}

#[test]
fn the_sources_keep_the_order() {
    let found = violations(&sources());
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_layer_is_there_and_in_the_order_that_the_crate_shows() {
    let sources = sources();
    for layer in LAYERS {
        assert!(sources.iter().any(|source| source.layer() == layer), "{layer}");
    }
    let lib = &sources.iter().find(|source| source.path == "lib.rs").unwrap().text;
    let shown = lib.lines().find(|line| line.contains('→')).unwrap();
    let shown: Vec<_> = shown.split('`').skip(1).step_by(2).collect();
    assert_eq!(shown, LAYERS);
}

/// The rules themselves are held against files that break them.
#[test]
fn a_planted_violation_is_found() {
    let plant = |path: &str, text: &str| {
        violations(&[Source { path: path.into(), text: format!("//! About.\n{text}\n") }])
    };
    for (path, text, expected) in [
        ("policy/a.rs", "use crate::identity::Key;", "policy/a.rs imports identity"),
        (
            "policy/a.rs",
            "use crate::{\n    exit::Exit,\n    report::{a, b},\n};",
            "policy/a.rs imports report",
        ),
        ("verdict/a.rs", "fn f() { crate::scan::scan(); }", "verdict/a.rs imports scan"),
        (
            "manifest/a/b.rs",
            "use crate::policy::{Role, List}; use crate::scan;",
            "manifest/a/b.rs imports scan",
        ),
        ("thrift.rs", "use crate::pages::Span;", "thrift.rs imports pages"),
        ("new/a.rs", "", "new/a.rs belongs to no layer"),
        ("scan/a.rs", "fn f(id: git2::Oid) {}", "scan/a.rs uses git2"),
        ("scan/a.rs", "fn f() { println!(\"x\"); }", "scan/a.rs prints"),
        ("scan/a.rs", "fn f() { eprint!(\"x\"); }", "scan/a.rs prints"),
        ("report/a.rs", "use std::io;\nfn f() { io::stdout(); }", "report/a.rs takes hold of io::stdout"),
        ("scan/a.rs", "unsafe fn f() {}", "scan/a.rs:2 is unsafe"),
        ("repo/a.rs", "fn f() { unsafe {} }", "repo/a.rs:2 is unsafe"),
        (
            "repo/a.rs",
            "#[allow(unsafe_code, reason = \"x\")]\nfn f() {\nunsafe {}\n}\nunsafe fn g() {}",
            "repo/a.rs:6 is unsafe",
        ),
        ("scan/a.rs", &"\n".repeat(MOST_LINES - 1), "scan/a.rs has 501 lines"),
    ] {
        assert!(plant(path, text).contains(&expected.to_owned()), "{text}: {:?}", plant(path, text));
    }
    let bare = Source { path: "scan/a.rs".into(), text: "use crate::policy;\n".into() };
    assert_eq!(violations(&[bare]), ["scan/a.rs does not begin with what it is about"]);
}

/// What is allowed is not found.
#[test]
fn what_is_in_order_is_left_alone() {
    let fine = |path: &str, text: &str| {
        violations(&[Source { path: path.into(), text: format!("//! About.\n{text}\n") }])
    };
    for (path, text) in [
        ("report/a.rs", "use crate::{exit, policy::{List, Role}, scan::Scan};"),
        ("policy/a.rs", "// crate::report is later\n/// [`crate::scan`]\nuse crate::policy::List;"),
        ("policy/a.rs", "#[cfg(test)]\nmod tests {\nuse crate::identity::Key;\n}"),
        ("repo/a.rs", "#[allow(\nunsafe_code,\nreason = \"an unsafe call\"\n)]\nunsafe fn f() {}"),
        ("repo/a.rs", "#[allow(unsafe_code, reason = \"C\")]\nfn f(id: git2::Oid) {\nunsafe {}\n}"),
        ("cli/a.rs", "fn f() { std::io::stdout(); }"),
        ("scan/a.rs", "fn footprint() { sprint!(); }"),
    ] {
        assert_eq!(fine(path, text), Vec::<String>::new(), "{text}");
    }
}
