//! A receipt, for people, and what stands against it, for programs.
//!
//! Decides how they look. Names nobody but who signed, as the caller's own file of allowed signers calls them.

use std::fmt::Write as _;

use anstyle::Style;
use serde_json::{Value, json};

use crate::enforce::receipt::statement::{Lines, Mode, Outcome, Proof, Uncovered};
use crate::enforce::receipt::{Problem, Receipt};
use crate::enforce::signature::Signer;
use crate::exit::Exit;
use crate::manifest::{Digest, rfc3339};
use crate::policy::{Purpose, Purposes, Timestamp};

/// So many files are shown; the rest is counted.
const MOST: usize = 20;

/// What a receipt says, with colours; `claimed` are the keys that its signatures claim.
#[must_use]
pub fn human(receipt: &Receipt, claimed: &[String]) -> String {
    let mut text = String::new();
    let bold = Style::new().bold();
    let mut line = |name: &str, value: String| {
        let _ = writeln!(text, "{bold}{name:>11}{bold:#}  {value}");
    };
    let summary = &receipt.predicate;
    let own = &summary.withhold;
    let (counts, policy) = (&own.counts, &own.policy);
    line("result", result(summary.verification_result).to_owned());
    line("of", summary.resource_uri.escape_debug().to_string());
    let done = match own.mode {
        Mode::Verify => "verified",
        Mode::Filter => "filtered",
    };
    line(done, time(summary.time_verified));
    for (name, version) in &summary.verifier.version {
        line("by", format!("{} {}", name.escape_debug(), version.escape_debug()));
    }
    match claimed {
        [] => line("signed", "no".to_owned()),
        keys => keys.iter().for_each(|key| line("signed with", format!("{key} (not verified here)"))),
    }
    line("purposes", purposes(policy.purposes));
    line(
        "rows",
        format!(
            "{}: {} clear, {} excluded, {} uncovered; of {} of them {} lines went",
            counts.rows, counts.clear, counts.excluded, counts.uncovered, counts.rows_cut, counts.lines_cut
        ),
    );
    line("uncovered", uncovered(policy.uncovered).to_owned());
    line("lines", lines(policy.lines).to_owned());
    if let Some(people) = &policy.people {
        line("forge", people.forge.escape_debug().to_string());
        line("policy", people.policy_digest.to_string());
        line("key check", people.key_check.as_ref().map_or("no key".to_owned(), ToString::to_string));
    }
    for key in &policy.keys {
        let (column, meaning) = (key.column.escape_debug(), key.meaning.escape_debug());
        line("key", format!("{column} is {meaning}: {}", proof(key.proof)));
    }
    if own.canaries.given > 0 {
        line("canaries", format!("{} of {} found", own.canaries.found, own.canaries.given));
    }
    for (digest, manifest) in receipt.manifests() {
        let until = manifest.not_after.map(|after| format!(", until {}", time(after))).unwrap_or_default();
        let signed = manifest.signed_with.as_ref();
        let signed = signed.map(|key| format!(", signed with {}", key.escape_debug())).unwrap_or_default();
        line("manifest", format!("{digest}, of {}{until}{signed}", time(manifest.created_at)));
    }
    for (digest, list) in receipt.list_notes() {
        let (name, note) = (list.name.escape_debug(), list.origin.note());
        let until = list.not_after.map(|after| format!(", until {}", time(after))).unwrap_or_default();
        line("list", format!("{name}, serial {}, {digest}{until}{note}", list.serial));
    }
    for file in receipt.subject.iter().take(MOST) {
        let size = file.annotations.size;
        line("file", format!("{} ({size} bytes), {}", file.name.escape_debug(), file.digest.0));
    }
    if receipt.subject.len() > MOST {
        line("", format!("and {} more files", receipt.subject.len() - MOST));
    }
    text
}

/// What a check of a receipt found, for programs.
#[must_use]
pub fn json(
    digest: &Digest,
    signer: Option<&Signer>,
    files: Option<usize>,
    problems: &[Problem],
    exit: Exit,
) -> Value {
    let problem = |problem: &Problem| {
        json!({ "rule": problem.rule.id(), "exit": problem.rule.exit().code(), "message": problem.message,
            "help": problem.rule.help() })
    };
    json!({
        "receipt": digest,
        "holds": problems.is_empty(),
        "exit": exit.code(),
        "signer": signer.map(|signer| json!({ "principal": signer.principal, "key": signer.fingerprint })),
        "files_looked_at": files,
        "problems": problems.iter().map(problem).collect::<Vec<_>>(),
    })
}

/// What stands against it, a line each, with what can be done about each kind.
#[must_use]
pub fn problems(problems: &[Problem]) -> String {
    let mut text = String::new();
    for (at, problem) in problems.iter().enumerate() {
        let _ = writeln!(text, "{}: {}", problem.rule, problem.message);
        if problems.get(at + 1).is_none_or(|next| next.rule != problem.rule) {
            let _ = writeln!(text, "  {}", problem.rule.help());
        }
    }
    text
}

fn result(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Passed => "PASSED",
        Outcome::Failed => "FAILED",
    }
}

fn purposes(purposes: Purposes) -> String {
    purposes.iter().map(Purpose::as_str).collect::<Vec<_>>().join(", ")
}

fn uncovered(uncovered: Uncovered) -> &'static str {
    match uncovered {
        Uncovered::Stop => "stopped the run",
        Uncovered::Drop => "were dropped",
        Uncovered::Keep => "were kept",
    }
}

fn lines(lines: Lines) -> &'static str {
    match lines {
        Lines::Row => "a row with an excluded line went whole",
        Lines::Cut => "excluded ones were cut",
        Lines::Blank => "excluded ones were left blank",
        Lines::Mark => "excluded ones were marked",
    }
}

fn proof(proof: Proof) -> String {
    match proof {
        Proof::Sample { rows } => format!("proved on the content of {rows} rows"),
        Proof::Redacted { rows, equal } => {
            format!("proved on the content of {equal} of {rows} rows, said to be redacted")
        }
        Proof::Matches { rows } => format!("the manifests know it in {rows} rows"),
        Proof::Content => "the content itself, hashed where a row has no key".to_owned(),
        Proof::Nothing => "not proved".to_owned(),
    }
}

fn time(time: Timestamp) -> String {
    rfc3339::encode(time).unwrap_or_else(|| time.to_string())
}
