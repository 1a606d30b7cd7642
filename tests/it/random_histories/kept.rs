//! What is kept of one scan never changes what the next one finds.

use proptest::prelude::*;

use crate::support::{Repo, random};

const LIST: &str = "schema = 1\nlist = \"corp.example/engineering\"\nserial = 7\n\
    [[subject]]\nid = \"s-7q4kx2mn\"\n[[subject.identity]]\nemail = \"ada@example.org\"\n\
    [[subject]]\nid = \"s-7q4kx2mo\"\n[[subject.identity]]\nemail = \"nobody@example.org\"\n";

/// Commits by Bob are looked through.
const BOT: &str = "[[bot]]\nemail = \"bob@example.org\"\n";

/// All that a scan of HEAD writes and says.
fn scan(repo: &Repo, more: &str, kept: &[&str]) -> Vec<Vec<u8>> {
    let out = repo.beside("manifest");
    let list = repo.beside("optout.toml");
    std::fs::write(&list, format!("{LIST}{more}")).unwrap();
    let (list, folder) = (list.to_str().unwrap(), out.to_str().unwrap());
    let said = repo.withhold(["scan", "--list", list, "-o", folder].iter().chain(kept));
    assert_eq!(said.status, 0, "{}", said.stderr);
    let file = |name: &str| std::fs::read(out.join(name)).unwrap();
    vec![
        said.stdout,
        said.stderr.into_bytes(),
        file("manifest.json"),
        file("entries.jsonl"),
        file("coverage.jsonl"),
    ]
}

proptest! {
    #![proptest_config(random::config(14))]

    /// The branch moves forwards commit by commit, and now and then it is forced to somewhere else. Commits by one of
    /// the authors may be looked through, from the start or from some scan on.
    #[test]
    fn an_incremental_scan_finds_what_one_from_nothing_finds(
        steps in random::history(10),
        jumps in prop::collection::vec(0..40_usize, 8),
        heavy in any::<bool>(),
        bot_from in 0..12_usize,
    ) {
        let script = if heavy { random::heavy_script(&steps) } else { random::script(&steps) };
        let repo = Repo::of(&script);
        let all = repo.git(["rev-list", "--all", "--topo-order", "--reverse"]).line();
        let all: Vec<&str> = all.lines().collect();
        // The first scan reads several commits at once.
        let mut at = all.len() * 2 / 3;
        for (number, jump) in jumps.into_iter().enumerate() {
            repo.point_main_at(all[at % all.len()]);
            let bot = if number < bot_from { "" } else { BOT };
            let kept = scan(&repo, bot, &[]);
            let anew = scan(&repo, bot, &["--no-cache"]);
            for (kept, anew) in kept.iter().zip(&anew) {
                prop_assert_eq!(String::from_utf8_lossy(kept), String::from_utf8_lossy(anew));
            }
            at = if jump < 30 { at + 1 } else { jump };
        }
    }
}
