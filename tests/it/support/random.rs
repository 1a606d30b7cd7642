//! Histories that nobody would write: few files, few different lines, so that every diff and every rename
//! has several answers and only git's is right.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{Commit, Mark, Script};

/// What one commit does. Small numbers stand for commits, files and lines; what they stand for depends on what
/// there is, so that every value means something, and a smaller one something simpler.
#[derive(Debug, Clone)]
pub struct Step {
    /// How far back each parent lies; none: a root.
    parents: Vec<usize>,
    /// For a merge: from which parent each file comes.
    sides: Vec<usize>,
    edits: Vec<Edit>,
    /// Seconds; they may well run backwards.
    date: u32,
}

#[derive(Debug, Clone)]
enum Edit {
    Insert {
        file: usize,
        at: usize,
        line: usize,
    },
    Replace {
        file: usize,
        at: usize,
        line: usize,
    },
    Remove {
        file: usize,
        at: usize,
        count: usize,
    },
    /// The same line with other white space.
    Indent {
        file: usize,
        at: usize,
    },
    /// Lines go to another file, or within this one.
    MoveLines {
        file: usize,
        at: usize,
        count: usize,
        to: usize,
        there: usize,
    },
    /// The last line loses its LF, or gets it back.
    Lf {
        file: usize,
    },
    /// Lines end in CRLF, or no longer.
    Crlf {
        file: usize,
    },
    Create {
        path: usize,
        lines: Vec<usize>,
    },
    Rename {
        file: usize,
        path: usize,
    },
    Delete {
        file: usize,
    },
    /// A file as some earlier commit had it, at a path of its own or another one.
    Revive {
        back: usize,
        file: usize,
        path: usize,
    },
    /// Regular, executable, symbolic link.
    Mode {
        file: usize,
    },
}

/// Base names occur twice, and `c` is a folder or a file.
const PATHS: [&str; 8] = ["a", "b", "c/a", "c/b", "d/a", "d/e/b", "c", "f"];

/// Many are equal but for white space; some are long enough to make files alike.
const LINES: [&str; 10] = [
    "x",
    "y",
    "",
    "}",
    "\tx",
    " y ",
    "fn long_enough_to_matter() {",
    "  fn long_enough_to_matter() {",
    "the quick brown fox",
    "0",
];

const MODES: [&str; 3] = ["100644", "100755", "120000"];

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct File {
    mode: usize,
    lines: Vec<usize>,
    open: bool,
    crlf: bool,
}

type Tree = BTreeMap<&'static str, File>;

/// Any history of up to `commits` commits.
pub fn history(commits: usize) -> impl Strategy<Value = Vec<Step>> {
    proptest::collection::vec(step(), 1..=commits)
}

fn step() -> impl Strategy<Value = Step> {
    let back = 0..5_usize;
    let parents = prop_oneof![
        12 => proptest::collection::vec(back.clone(), 1),
        6 => proptest::collection::vec(back.clone(), 2),
        2 => proptest::collection::vec(back, 3),
        1 => Just(Vec::new()),
    ];
    let sides = proptest::collection::vec(0..3_usize, PATHS.len());
    (parents, sides, proptest::collection::vec(edit(), 0..5), 0..20_u32)
        .prop_map(|(parents, sides, edits, date)| Step { parents, sides, edits, date })
}

fn edit() -> impl Strategy<Value = Edit> {
    let (file, path, at, line) = (0..8_usize, 0..PATHS.len(), 0..9_usize, 0..LINES.len());
    let count = 1..4_usize;
    let lines = proptest::collection::vec(line.clone(), 0..12);
    prop_oneof![
        6 => (file.clone(), at.clone(), line.clone()).prop_map(|(file, at, line)| Edit::Insert { file, at, line }),
        4 => (file.clone(), at.clone(), line).prop_map(|(file, at, line)| Edit::Replace { file, at, line }),
        4 => (file.clone(), at.clone(), count.clone()).prop_map(|(file, at, count)| Edit::Remove { file, at, count }),
        2 => (file.clone(), at.clone()).prop_map(|(file, at)| Edit::Indent { file, at }),
        2 => (file.clone(), at.clone(), count, file.clone(), at)
            .prop_map(|(file, at, count, to, there)| Edit::MoveLines { file, at, count, to, there }),
        1 => file.clone().prop_map(|file| Edit::Lf { file }),
        1 => file.clone().prop_map(|file| Edit::Crlf { file }),
        5 => (path.clone(), lines).prop_map(|(path, lines)| Edit::Create { path, lines }),
        5 => (file.clone(), path.clone()).prop_map(|(file, path)| Edit::Rename { file, path }),
        2 => file.clone().prop_map(|file| Edit::Delete { file }),
        4 => (0..6_usize, file.clone(), path).prop_map(|(back, file, path)| Edit::Revive { back, file, path }),
        1 => file.prop_map(|file| Edit::Mode { file }),
    ]
}

/// Who writes, in turn.
const PEOPLE: [(&str, &str); 3] =
    [("Ada", "ada@example.org"), ("Bob", "bob@example.org"), ("Eve", "eve@example.org")];
/// The same without changes of a file's mode.
pub fn without_modes(mut steps: Vec<Step>) -> Vec<Step> {
    for step in &mut steps {
        step.edits.retain(|edit| !matches!(edit, Edit::Mode { .. }));
    }
    steps
}

/// Writes the history down.
pub fn script(steps: &[Step]) -> Script {
    script_of(steps, "")
}

/// The same with lines that weigh enough to be looked for elsewhere, each by itself.
pub fn heavy_script(steps: &[Step]) -> Script {
    script_of(steps, " and so on, as every line does that is to be found again elsewhere")
}

/// The same with lines of which several must stand together to be looked for.
pub fn light_script(steps: &[Step]) -> Script {
    script_of(steps, " and so on, as it goes")
}

fn script_of(steps: &[Step], behind: &str) -> Script {
    let mut script = Script::default();
    let mut trees: Vec<Tree> = Vec::new();
    for step in steps {
        let parents: Vec<usize> = match trees.len() {
            0 => Vec::new(),
            count => step.parents.iter().map(|back| count - 1 - back % count).collect(),
        };
        let mut tree = match parents.as_slice() {
            [] => beginning(),
            parents => merged(&parents.iter().map(|at| &trees[*at]).collect::<Vec<_>>(), &step.sides),
        };
        for edit in &step.edits {
            edit.apply(&mut tree, &trees);
        }
        let (name, email) = PEOPLE[trees.len() % PEOPLE.len()];
        let mut commit = Commit::on(parents.iter().map(|at| Mark(at + 1)))
            .author(name, email)
            .date(format!("{} +0000", 1_700_000_000 + step.date))
            .delete_all();
        for (path, file) in &tree {
            commit = commit.entry(MODES[file.mode], path, file.content(behind));
        }
        // There is always something to ask about.
        script.add(commit.file("z", "the end\n"));
        trees.push(tree);
    }
    script
}

/// What a root begins with: without it most edits would have nothing to work on.
fn beginning() -> Tree {
    let all: Vec<usize> = (0..LINES.len()).collect();
    let file = |lines: &[usize]| File { lines: lines.to_vec(), ..File::default() };
    Tree::from([("a", file(&all)), ("c/b", file(&all[3..9])), ("d/a", file(&[8, 6, 6, 2, 0]))])
}

fn merged(parents: &[&Tree], sides: &[usize]) -> Tree {
    let mut tree = Tree::new();
    for (path, side) in PATHS.iter().zip(sides) {
        if let Some(file) = parents.get(side % parents.len().max(1)).and_then(|parent| parent.get(path)) {
            put(&mut tree, path, file.clone());
        }
    }
    tree
}

/// Puts a file at a path; what is in its way goes.
fn put(tree: &mut Tree, path: &'static str, file: File) {
    let inside = |one: &str, other: &str| one.strip_prefix(other).is_some_and(|rest| rest.starts_with('/'));
    tree.retain(|other, _| !inside(other, path) && !inside(path, other));
    tree.insert(path, file);
}

fn nth(tree: &Tree, file: usize) -> Option<&'static str> {
    tree.keys().nth(file % tree.len().max(1)).copied()
}

impl Edit {
    fn apply(&self, tree: &mut Tree, before: &[Tree]) {
        if let Self::Create { path, lines } = self {
            put(tree, PATHS[*path], File { lines: lines.clone(), ..File::default() });
            return;
        }
        if let Self::Revive { back, file, path } = self {
            let Some(earlier) = before.len().checked_sub(1 + back).map(|at| &before[at]) else { return };
            let Some(name) = nth(earlier, *file) else { return };
            // Every second time it comes back where it was.
            put(tree, if path % 2 == 0 { name } else { PATHS[*path] }, earlier[name].clone());
            return;
        }
        let (Self::Insert { file, .. }
        | Self::Replace { file, .. }
        | Self::Remove { file, .. }
        | Self::Indent { file, .. }
        | Self::MoveLines { file, .. }
        | Self::Lf { file }
        | Self::Crlf { file }
        | Self::Rename { file, .. }
        | Self::Delete { file }
        | Self::Mode { file }) = self
        else {
            return;
        };
        let Some(name) = nth(tree, *file) else { return };
        let Some(this) = tree.get_mut(name) else { return };
        let count = this.lines.len();
        match *self {
            Self::Insert { at, line, .. } => this.lines.insert(at % (count + 1), line),
            Self::Replace { at, line, .. } if count > 0 => this.lines[at % count] = line,
            Self::Remove { at, count: many, .. } if count > 0 => {
                let at = at % count;
                this.lines.drain(at..count.min(at + many));
            }
            Self::Indent { at, .. } if count > 0 => {
                let line = &mut this.lines[at % count];
                let bare = |line: usize| LINES[line].trim();
                *line = (1..LINES.len())
                    .map(|by| (*line + by) % LINES.len())
                    .find(|other| bare(*other) == bare(*line))
                    .unwrap_or(*line);
            }
            Self::MoveLines { at, count: many, to, there, .. } if count > 0 => {
                let at = at % count;
                let moved: Vec<usize> = this.lines.drain(at..count.min(at + many)).collect();
                if let Some(target) = nth(tree, to).and_then(|name| tree.get_mut(name)) {
                    let there = there % (target.lines.len() + 1);
                    target.lines.splice(there..there, moved);
                }
            }
            Self::Lf { .. } => this.open = !this.open,
            Self::Crlf { .. } => this.crlf = !this.crlf,
            Self::Mode { .. } => this.mode = (this.mode + 1) % MODES.len(),
            Self::Delete { .. } => drop(tree.remove(name)),
            Self::Rename { path, .. } => {
                if let Some(file) = tree.remove(name) {
                    put(tree, PATHS[path], file);
                }
            }
            _ => {}
        }
    }
}

impl File {
    fn content(&self, behind: &str) -> String {
        let end = if self.crlf { "\r\n" } else { "\n" };
        let behind = |line: &str| if line.trim().is_empty() { "" } else { behind };
        let mut text: String =
            self.lines.iter().flat_map(|line| [LINES[*line], behind(LINES[*line]), end]).collect();
        if self.open {
            text.truncate(text.len().saturating_sub(end.len()));
        }
        text
    }
}

/// How often a property is tried: `PROPTEST_CASES`, else `cases`.
pub fn config(cases: u32) -> ProptestConfig {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    ProptestConfig {
        cases: asked.unwrap_or(cases),
        // A history that failed is to become one of the named histories, where a reader understands it.
        failure_persistence: None,
        max_shrink_iters: 2_000,
        ..ProptestConfig::default()
    }
}
