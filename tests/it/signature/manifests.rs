//! Signed manifests, from the command line.

use std::path::Path;

use super::desk::Desk;
use crate::scan::case::{ADA, HEAD, by_ada, by_bob, history, text};
use crate::support::repo::{Output, run};

/// A desk with a sound manifest in `manifest`, and Ada's key among those who may sign.
fn desk() -> Desk {
    let desk = Desk::new();
    scan(&desk);
    let key = desk.ed25519("key");
    desk.file("allowed", format!("ada@corp.example {}\n", Desk::public(&key)));
    desk
}

/// Makes the manifest anew, of a history of Ada's and Bob's.
fn scan(desk: &Desk) {
    let repo = history(|script| {
        let one = script.add(by_ada([]).file("ada.txt", text("ada", 5)));
        script.add(by_bob([one]).file("bob.txt", text("bob", 5)));
    });
    let list = desk.file("optout.toml", format!("{HEAD}{ADA}"));
    let mut command = desk.command(env!("CARGO_BIN_EXE_withhold"));
    command.arg("scan").arg(repo.path()).args(["-q", "-o", "manifest", "--list"]).arg(list);
    let output = run(&mut command, b"");
    assert_eq!(output.status, 0, "{}", output.stderr);
}

fn withhold(desk: &Desk, args: &[&str]) -> Output {
    run(desk.command(env!("CARGO_BIN_EXE_withhold")).arg("manifest").args(args), b"")
}

fn sign(desk: &Desk) {
    let output = withhold(desk, &["sign", "--key", "key", "manifest"]);
    assert_eq!(output.status, 0, "{}", output.stderr);
    assert!(output.line().starts_with("manifest: signed with SHA256:"), "{}", output.line());
}

/// Validates with the allowed signers, and gives what is said if it fails.
fn validate(desk: &Desk, more: &[&str]) -> Result<String, String> {
    let mut args = vec!["validate", "manifest", "--allowed-signers", "allowed"];
    args.extend(more);
    let output = withhold(desk, &args);
    match output.status {
        0 => Ok(output.line()),
        5 => Err(output.stderr),
        other => panic!("{other}: {}", output.stderr),
    }
}

#[track_caller]
fn fails(desk: &Desk, more: &[&str], why: &str) {
    let said = validate(desk, more).unwrap_err();
    assert!(said.contains(why), "{said}");
}

#[test]
fn a_signed_manifest_is_sound_and_says_who_signed() {
    let desk = desk();
    fails(&desk, &[], "it is not signed");
    sign(&desk);
    assert!(validate(&desk, &[]).unwrap().contains("signed by ada@corp.example with SHA256:"));
    assert!(validate(&desk, &["--signer", "ada@corp.example"]).is_ok());
    fails(&desk, &["--signer", "bob@corp.example"], "not one of the signer that is asked for");
    // Who does not ask, is not told.
    assert_eq!(withhold(&desk, &["validate", "manifest"]).line(), "manifest: sound");
    // Nothing was left lying about, and others can read it.
    let names = std::fs::read_dir(desk.path().join("manifest")).unwrap();
    assert_eq!(names.count(), 4);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |name: &str| {
            std::fs::metadata(desk.path().join("manifest").join(name)).unwrap().permissions().mode()
        };
        assert_eq!(mode("manifest.json.sig"), mode("manifest.json"));
    }
}

#[test]
fn openssh_verifies_it_too() {
    let desk = desk();
    sign(&desk);
    let header = std::fs::read(desk.path().join("manifest/manifest.json")).unwrap();
    let args = ["-Y", "verify", "-f", "allowed", "-I", "ada@corp.example", "-n", "manifest@withhold.dev"];
    let output = desk.ssh_keygen([&args[..], &["-s", "manifest/manifest.json.sig"]].concat(), &header);
    assert_eq!(output.status, 0, "{}", output.stderr);
}

#[test]
fn a_changed_header_row_or_signature_is_refused() {
    let desk = desk();
    sign(&desk);
    let header = desk.path().join("manifest/manifest.json");
    let whole = std::fs::read_to_string(&header).unwrap();
    std::fs::write(&header, whole.replace("\"serial\":7", "\"serial\":8")).unwrap();
    fails(&desk, &[], "the signature does not fit");
    std::fs::write(&header, whole).unwrap();
    assert!(validate(&desk, &[]).is_ok());

    let rows = desk.path().join("manifest/entries.jsonl");
    let text = std::fs::read_to_string(&rows).unwrap();
    std::fs::write(&rows, text.split_inclusive('\n').skip(1).collect::<String>()).unwrap();
    fails(&desk, &[], "cannot be trusted");
    std::fs::write(&rows, text).unwrap();

    let signature = desk.path().join("manifest/manifest.json.sig");
    let text = std::fs::read_to_string(&signature).unwrap();
    std::fs::write(&signature, &text[..text.len() / 2]).unwrap();
    fails(&desk, &[], "the signature is damaged");
    std::fs::write(&signature, "x".repeat(1 << 20)).unwrap();
    fails(&desk, &[], "too long");
    std::fs::write(&signature, text).unwrap();
    assert!(validate(&desk, &[]).is_ok());
}

#[test]
fn a_signature_for_something_else_by_another_or_too_late_is_refused() {
    let desk = desk();
    let (key, other) = (desk.path().join("key"), desk.ed25519("other"));
    let header = std::fs::read(desk.path().join("manifest/manifest.json")).unwrap();
    let put = |key: &Path, namespace| {
        let signature = desk.signs(key, namespace, &header, &[]);
        desk.file("manifest/manifest.json.sig", signature);
    };
    put(&key, "receipt@withhold.dev");
    fails(&desk, &[], "was made for \"receipt@withhold.dev\"");
    put(&key, "git");
    fails(&desk, &[], "was made for \"git\"");
    put(&other, "manifest@withhold.dev");
    fails(&desk, &[], "which allowed does not name");
    put(&key, "manifest@withhold.dev");
    assert!(validate(&desk, &[]).is_ok());
    let public = Desk::public(&key);
    desk.file("allowed", format!("ada valid-before=\"20200101Z\" {public}\n"));
    fails(&desk, &[], "may not be used any more");
    desk.file("allowed", format!("ada valid-after=\"22000101\" {public}\n"));
    fails(&desk, &[], "may not be used yet");
    desk.file("allowed", format!("ada namespaces=\"git\" {public}\n"));
    fails(&desk, &[], "may not be used for this kind of file");
    desk.file("allowed", "# nobody\n");
    fails(&desk, &[], "allows nobody to sign");
    desk.file("allowed", format!("ada namespace=\"git\" {public}\n"));
    fails(&desk, &[], "line 1 is left out: it has an option that is not known");
    std::fs::remove_file(desk.path().join("allowed")).unwrap();
    fails(&desk, &[], "cannot read the allowed signers");
}

#[test]
fn only_a_sound_manifest_is_signed() {
    let desk = desk();
    let rows = desk.path().join("manifest/entries.jsonl");
    std::fs::write(&rows, "").unwrap();
    let output = withhold(&desk, &["sign", "--key", "key", "manifest"]);
    assert_eq!(output.status, 5);
    assert!(output.stderr.contains("is not signed, because it cannot be trusted"), "{}", output.stderr);
    assert!(!desk.path().join("manifest/manifest.json.sig").exists());
    let output = withhold(&desk, &["sign", "--key", "no-such-key", "manifest"]);
    assert_eq!(output.status, 5);
}

#[test]
fn a_key_that_does_not_sign_is_said() {
    let desk = desk();
    let output = withhold(&desk, &["sign", "--key", "no-such-key", "manifest"]);
    assert_eq!(output.status, 5);
    assert!(output.stderr.contains("ssh-keygen did not sign with"), "{}", output.stderr);
    let mut command = desk.command(env!("CARGO_BIN_EXE_withhold"));
    let output = run(command.args(["manifest", "sign", "--key", "key", "manifest"]).env("PATH", ""), b"");
    assert_eq!(output.status, 5);
    assert!(output.stderr.contains("install OpenSSH"), "{}", output.stderr);
}

/// A new manifest takes the old one's signature away with it.
#[test]
fn a_new_manifest_is_not_signed_by_the_old_signature() {
    let desk = desk();
    sign(&desk);
    scan(&desk);
    fails(&desk, &[], "it is not signed");
    assert_eq!(withhold(&desk, &["validate", "manifest"]).status, 0);
}

/// Local times are those of whoever looks.
#[test]
fn times_without_a_zone_are_local() {
    let desk = desk();
    sign(&desk);
    let public = Desk::public(&desk.path().join("key"));
    let soon = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(1);
    let soon = soon.strftime("%Y%m%d%H%M%S");
    desk.file("allowed", format!("ada valid-before=\"{soon}\" {public}\n"));
    for (zone, accepted) in [("UTC0", true), ("XXX-3", false), ("XXX+3", true)] {
        let mut command = desk.command(env!("CARGO_BIN_EXE_withhold"));
        command.args(["manifest", "validate", "manifest", "--allowed-signers", "allowed"]).env("TZ", zone);
        let output = run(&mut command, b"");
        assert_eq!(output.status == 0, accepted, "{zone}: {}", output.stderr);
    }
}

/// A C library takes UTC for a zone that it does not understand, or rules of its own: with those the key has expired.
#[test]
fn local_times_count_for_nothing_where_the_zone_is_not_understood() {
    let desk = desk();
    sign(&desk);
    let public = Desk::public(&desk.path().join("key"));
    desk.file("allowed", format!("ada valid-before=\"22000101\" {public}\n"));
    let validate = |zone: &str| {
        let mut command = desk.command(env!("CARGO_BIN_EXE_withhold"));
        command.args(["manifest", "validate", "manifest", "--allowed-signers", "allowed"]).env("TZ", zone);
        run(&mut command, b"")
    };
    assert_eq!(validate("CET-1CEST,M3.5.0,M10.5.0/3").status, 0);
    let unclear = ["CET-1CEST", "europe/berlin", "Europe/Nowhere", "/etc/passwd", "right/Europe/Paris"];
    for zone in unclear {
        let output = validate(zone);
        assert_eq!(output.status, 5, "{zone}");
        let why =
            "line 1 is left out: it gives a local time, and the time zone of this system is not understood";
        assert!(output.stderr.contains(why), "{zone}: {}", output.stderr);
    }
    desk.file("allowed", format!("ada valid-before=\"22000101Z\" {public}\n"));
    for zone in unclear {
        assert_eq!(validate(zone).status, 0, "{zone}: what is in UTC needs no zone");
    }
}

#[test]
fn a_key_that_is_too_short_is_said() {
    let desk = desk();
    desk.key("short", &["rsa", "-b", "1024"]);
    let output = withhold(&desk, &["sign", "--key", "short", "manifest"]);
    assert_eq!(output.status, 5);
    for said in
        ["RSA keys have 2048 to 4096 bits here, and its key has 1024", "hint: sign with a key of its own"]
    {
        assert!(output.stderr.contains(said), "{}", output.stderr);
    }
    assert!(!desk.path().join("manifest/manifest.json.sig").exists());
    let header = std::fs::read(desk.path().join("manifest/manifest.json")).unwrap();
    let signature = desk.signs(&desk.path().join("short"), "manifest@withhold.dev", &header, &[]);
    desk.file("manifest/manifest.json.sig", signature);
    fails(&desk, &[], "its key has 1024");
}

/// As `--allowed-signers <(…)` gives them, for however many manifests.
#[cfg(unix)]
#[test]
fn allowed_signers_may_come_by_a_pipe() {
    let desk = desk();
    sign(&desk);
    let mut shell = desk.command("sh");
    let line = "cat allowed | \"$0\" manifest merge manifest manifest -q -o out --allowed-signers /dev/stdin";
    let output = run(shell.args(["-c", line]).arg(env!("CARGO_BIN_EXE_withhold")), b"");
    assert_eq!(output.status, 0, "{}", output.stderr);
}
