//! `git blame`, the judge of every attribution.

use std::collections::BTreeMap;

use super::Repo;
use super::repo::{argument, run};

/// Options of `git blame`, and a number of threads: a way to ask.
pub type Round<'a> = (&'a [&'a str], &'a str);

/// Both ways to treat white space, with one thread and with three; and lines that moved, in blocks as small as
/// those of the histories here.
const ROUNDS: [Round<'_>; 6] =
    [(&[], "1"), (&[], "3"), (&["-w"], "1"), (&["-w"], "3"), (&["-M3", "-C5"], "3"), (&["-w", "-C"], "3")];

/// Holds `withhold attribute --porcelain` against `git blame --porcelain` of every text file of HEAD, with
/// several options, with one thread and with three. What git said without any comes back, so that a test
/// can see that it is about what its name says.
#[track_caller]
pub fn assert_same_as_blame(repo: &Repo) -> String {
    match compare(repo, &ROUNDS) {
        Ok(blame) => blame,
        Err(difference) => panic!("{difference}"),
    }
}

/// The same with these `options`; what git said with them comes back.
#[track_caller]
pub fn assert_same_with(repo: &Repo, options: &[&str]) -> String {
    match compare(repo, &[(options, "2")]) {
        Ok(blame) => blame,
        Err(difference) => panic!("{difference}"),
    }
}

/// As [`assert_same_as_blame`], but only these `rounds`; the first difference is the error. What git said in
/// the first of them comes back.
pub fn compare(repo: &Repo, rounds: &[Round<'_>]) -> Result<String, String> {
    let files = text_files(repo);
    if files.is_empty() {
        return Err("there is no text file to compare".into());
    }
    let mut known: BTreeMap<&[&str], Vec<Vec<u8>>> = BTreeMap::new();
    for (options, threads) in rounds {
        let expected = known
            .entry(options)
            .or_insert_with(|| files.iter().map(|path| blame(repo, options, path)).collect());
        let args = ["attribute", "--porcelain", "--quiet", "--threads", threads];
        let ours = repo.withhold(args.iter().chain(*options));
        if ours.status != 0 || !ours.stderr.is_empty() {
            return Err(format!("withhold attribute ended with {}: {}", ours.status, ours.stderr));
        }
        if ours.stdout != expected.concat() {
            return Err(format!(
                "with {threads} threads, {options:?}:\n{}",
                first_difference(&files, expected, &ours.stdout)
            ));
        }
    }
    let first = rounds.first().and_then(|(options, _)| known.remove(options));
    Ok(String::from_utf8_lossy(&first.unwrap_or_default().concat()).into_owned())
}

/// What `git blame --porcelain HEAD -- PATH` prints, of the history as it was written: without replacements.
pub fn blame(repo: &Repo, options: &[&str], path: &[u8]) -> Vec<u8> {
    let mut command = repo.command("git");
    command.env("GIT_NO_REPLACE_OBJECTS", "1");
    command.args(["blame", "--porcelain"]).args(options).args(["HEAD", "--"]).arg(argument(path));
    let output = run(&mut command, b"");
    assert_eq!(output.status, 0, "git blame {}: {}", path.escape_ascii(), output.stderr);
    output.stdout
}

/// The regular files of HEAD that git does not take for binary, in the order of `git ls-tree`.
fn text_files(repo: &Repo) -> Vec<Vec<u8>> {
    let list = repo.git(["ls-tree", "-r", "-z", "HEAD"]).stdout;
    let mut files = Vec::new();
    let mut ask = Vec::new();
    for line in list.split(|byte| *byte == 0).filter(|line| line.starts_with(b"100")) {
        let tab = line.iter().position(|byte| *byte == b'\t').unwrap();
        let id = line[..tab].rsplit(|byte| *byte == b' ').next().unwrap();
        ask.extend_from_slice(id);
        ask.push(b'\n');
        files.push(line[tab + 1..].to_vec());
    }
    let contents = repo.git_with(["cat-file", "--batch"], &ask).stdout;
    let mut rest = &*contents;
    files.retain(|_| {
        let end = rest.iter().position(|byte| *byte == b'\n').unwrap();
        let size: usize =
            std::str::from_utf8(&rest[..end]).unwrap().rsplit(' ').next().unwrap().parse().unwrap();
        let content = &rest[end + 1..][..size];
        rest = &rest[end + 1 + size + 1..];
        !content.iter().take(8_000).any(|byte| *byte == 0)
    });
    files
}

fn first_difference(files: &[Vec<u8>], expected: &[Vec<u8>], ours: &[u8]) -> String {
    let mut rest = ours;
    for (path, theirs) in files.iter().zip(expected) {
        if let Some(next) = rest.strip_prefix(theirs.as_slice()) {
            rest = next;
            continue;
        }
        let lines = |bytes: &[u8]| -> Vec<String> {
            bytes.split_inclusive(|byte| *byte == b'\n').map(|line| line.escape_ascii().to_string()).collect()
        };
        let (theirs, ours) = (lines(theirs), lines(rest));
        let same = theirs.iter().zip(&ours).take_while(|(theirs, ours)| theirs == ours).count();
        let show = |lines: &[String]| {
            let from = same.saturating_sub(3);
            lines.iter().skip(from).take(12).map(|line| format!("    {line:.200}\n")).collect::<String>()
        };
        return format!(
            "{} differs at line {} of the output\n  git blame:\n{}  withhold:\n{}",
            path.escape_ascii(),
            same + 1,
            show(&theirs),
            show(&ours)
        );
    }
    format!("withhold printed {} bytes more than git blame", rest.len())
}
