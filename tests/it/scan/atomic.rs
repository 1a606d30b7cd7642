//! Killed, interrupted or out of space: the old manifest or the new one, never half of one.

use std::collections::BTreeSet;
use std::path::Path;

use super::case::{ADA, HEAD, Scan, by_ada, by_bob, history, text};
use crate::support::Repo;

fn repo() -> Repo {
    history(|script| {
        let ada = script.add(by_ada([]).file("a.txt", text("ada", 50)));
        script.add(by_bob([ada]).file("b.txt", text("bob", 50)));
    })
}

fn names(folder: &Path) -> BTreeSet<String> {
    std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect()
}

/// Nothing unfinished lies beside the repository.
#[track_caller]
fn assert_tidy(repo: &Repo) {
    let beside = names(repo.path().parent().unwrap());
    assert!(!beside.iter().any(|name| name.starts_with(".withhold-")), "{beside:?}");
}

#[test]
#[cfg_attr(not(feature = "zstd"), ignore = "needs zstd")]
fn a_manifest_is_replaced_by_the_next() {
    let repo = repo();
    let zstd = Scan::of(&repo, ADA).args(["--encoding", "jsonl.zst"]).command("manifest").status().unwrap();
    assert!(zstd.success());
    assert!(repo.beside("manifest/entries.jsonl.zst").exists());
    Scan::of(&repo, ADA).found();
    assert_eq!(
        names(&repo.beside("manifest")),
        ["coverage.jsonl", "entries.jsonl", "manifest.json"].map(String::from).into()
    );
    assert_tidy(&repo);
}

#[test]
fn what_is_no_manifest_is_left_alone() {
    let repo = repo();
    let refused = |said: crate::support::repo::Output| {
        assert_eq!(said.status, 2, "{}", said.stderr);
        assert!(said.stderr.contains("is not replaced"), "{}", said.stderr);
        assert_tidy(&repo);
    };
    let folder = repo.beside("manifest");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("thesis.txt"), "years of work").unwrap();
    std::fs::write(folder.join("manifest.json"), "{}").unwrap();
    refused(Scan::of(&repo, ADA).output());
    assert_eq!(names(&folder), ["manifest.json", "thesis.txt"].map(String::from).into());
    assert_eq!(std::fs::read(folder.join("thesis.txt")).unwrap(), b"years of work");
    assert_eq!(std::fs::read(folder.join("manifest.json")).unwrap(), b"{}");

    std::fs::remove_dir_all(&folder).unwrap();
    std::fs::write(&folder, "a file").unwrap();
    refused(Scan::of(&repo, ADA).output());
    assert_eq!(std::fs::read(&folder).unwrap(), b"a file");
}

/// A scan that fails leaves the old manifest as it was.
#[test]
fn a_failed_scan_leaves_the_old_manifest() {
    let repo = repo();
    let found = Scan::of(&repo, ADA).found();
    let before = std::fs::read(found.out.join("manifest.json")).unwrap();
    std::fs::remove_file(repo.loose(&super::privacy::unpacked(&repo, "main:a.txt"))).unwrap();
    assert_eq!(Scan::of(&repo, ADA).output().status, 5);
    assert_eq!(std::fs::read(found.out.join("manifest.json")).unwrap(), before);
    assert_tidy(&repo);
}

/// Killed at whatever moment: what stands there is whole, and either what was there or what was to come.
#[cfg(unix)]
#[test]
fn killed_at_any_moment() {
    let repo = repo();
    let lists = [7, 8].map(|serial| HEAD.replace("serial = 7", &format!("serial = {serial}")) + ADA);
    let scan = |list: &str| Scan::without_list(&repo).list("optout.toml", list);
    let digests: BTreeSet<String> = lists
        .iter()
        .map(|list| scan(list).found().summary["manifest"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(digests.len(), 2);
    let mut killed = 0;
    for round in 0..16_u64 {
        let mut command = scan(&lists[usize::from(round % 2 == 0)]).args(["--quiet"]).command("manifest");
        let mut child = command.stderr(std::process::Stdio::null()).spawn().unwrap();
        std::thread::sleep(std::time::Duration::from_millis(2 * round));
        child.kill().unwrap();
        killed += u32::from(!child.wait().unwrap().success());
        let out = repo.beside("manifest");
        let valid = repo.withhold(["manifest".as_ref(), "validate".as_ref(), out.as_os_str()]);
        assert_eq!(valid.status, 0, "round {round}: {}", valid.stderr);
        let shown = repo.withhold(["manifest".as_ref(), "show".as_ref(), out.as_os_str()]);
        let shown = String::from_utf8(shown.stdout).unwrap();
        assert!(digests.iter().any(|digest| shown.contains(digest.as_str())), "round {round}: {shown}");
    }
    assert!(killed > 2, "only {killed} were killed in time");
    // What the dead left behind does not stand in the way.
    let last = scan(&lists[0]).found();
    assert_eq!(last.header["lists"][0]["serial"], 7);
}

/// Ctrl-C ends the work with 130, and nothing is left of it. The list is a pipe, so that the scan waits for us.
#[cfg(unix)]
#[test]
fn interrupted() {
    use std::io::Write as _;
    let repo = repo();
    let found = Scan::of(&repo, ADA).found();
    let before = std::fs::read(found.out.join("manifest.json")).unwrap();
    let pipe = repo.beside("pipe");
    assert!(repo.command("mkfifo").arg(&pipe).status().unwrap().success());
    for (signal, out) in [("INT", "manifest"), ("TERM", "new"), ("INT", "newer")] {
        let scan = Scan::without_list(&repo).args(["--list".as_ref(), pipe.as_os_str()]);
        let child = scan.command(out).stderr(std::process::Stdio::piped()).spawn().unwrap();
        let mut list = std::fs::File::options().write(true).open(&pipe).unwrap();
        let signal = format!("-{signal}");
        assert!(repo.command("kill").args([&signal, &child.id().to_string()]).status().unwrap().success());
        std::thread::sleep(std::time::Duration::from_millis(100));
        list.write_all(format!("{HEAD}{ADA}").as_bytes()).unwrap();
        drop(list);
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(130), "{said}");
        assert!(said.contains("interrupted"), "{said}");
    }
    assert!(!repo.beside("new").exists() && !repo.beside("newer").exists());
    assert_eq!(std::fs::read(found.out.join("manifest.json")).unwrap(), before);
    assert_tidy(&repo);
}

/// No space left: the shell's limit on the size of files stands for a full disk.
#[cfg(target_os = "linux")]
#[test]
fn out_of_space() {
    let repo = repo();
    let found = Scan::of(&repo, ADA).found();
    let before = std::fs::read(found.out.join("manifest.json")).unwrap();
    let scan = Scan::of(&repo, ADA).args(["--at", "2026-01-31T12:00:00Z"]).command("manifest");
    let mut shell = repo.command("sh");
    shell
        .args(["-c", "trap '' XFSZ; ulimit -f 1; exec \"$@\"", "sh"])
        .arg(scan.get_program())
        .args(scan.get_args());
    let full = crate::support::repo::run(&mut shell, b"");
    assert_eq!(full.status, 5, "{}", full.stderr);
    assert!(full.stderr.contains("cannot write the manifest"), "{}", full.stderr);
    assert_eq!(std::fs::read(found.out.join("manifest.json")).unwrap(), before);
    assert_tidy(&repo);

    let device = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let mut stream = Scan::of(&repo, ADA).args(["--quiet", "-o", "-"]).into_command();
    let output = stream.stdout(device).stderr(std::process::Stdio::piped()).output().unwrap();
    assert_eq!(output.status.code(), Some(5), "{}", String::from_utf8_lossy(&output.stderr));
}
