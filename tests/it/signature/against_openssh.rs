//! A table of signatures and files of allowed signers, put to `ssh-keygen -Y verify` and to Withhold.

use super::desk::{Case, Desk, MESSAGE, NAMESPACE};

#[test]
fn every_kind_of_key_is_verified_and_none_for_another() {
    let desk = Desk::new();
    let kinds: [&[&str]; 6] = [
        &["ed25519"],
        &["ecdsa", "-b", "256"],
        &["ecdsa", "-b", "384"],
        &["ecdsa", "-b", "521"],
        &["rsa", "-b", "2048"],
        &["rsa", "-b", "3072"],
    ];
    let keys: Vec<_> = (0..).zip(kinds).map(|(at, kind)| desk.key(&format!("key{at}"), kind)).collect();
    for (key, kind) in keys.iter().zip(kinds) {
        let allowed = format!("ada@corp.example {}\n", Desk::public(key));
        for hash in ["hashalg=sha256", "hashalg=sha512"] {
            let case = Case::new(allowed.clone(), desk.signs(key, NAMESPACE, MESSAGE, &["-O", hash]));
            desk.agree(&format!("{kind:?} {hash}"), &case, true);
            desk.agree("another message", &Case { message: b"what is signed", ..case.clone() }, false);
            desk.agree("no message", &Case { message: b"", ..case.clone() }, false);
            desk.agree(
                "another namespace",
                &Case { namespace: "manifest@withhold.dev", ..case.clone() },
                false,
            );
            desk.agree(
                "a part of the namespace",
                &Case { namespace: "receipt@withhold", ..case.clone() },
                false,
            );
            desk.agree("another signer", &Case { signer: "bob@corp.example", ..case.clone() }, false);
        }
        let case = Case::new(allowed, desk.signs(key, NAMESPACE, MESSAGE, &[]));
        for other in keys.iter().filter(|other| *other != key) {
            let allowed = format!("ada@corp.example {}\n", Desk::public(other));
            desk.agree("another key", &Case { allowed: allowed.into(), ..case.clone() }, false);
        }
    }
}

#[test]
fn who_signs_is_a_list_of_patterns() {
    let desk = Desk::new();
    let key = desk.ed25519("key");
    let public = Desk::public(&key);
    let signature = desk.signs(&key, NAMESPACE, MESSAGE, &[]);
    for (principals, accepted) in [
        ("ada@corp.example", true),
        ("*", true),
        ("*@corp.example", true),
        ("a?a@corp.example", true),
        ("a??a@corp.example", false),
        ("bob@corp.example,ada@corp.example", true),
        ("bob@corp.example", false),
        ("Ada@corp.example", false),
        ("ada@corp.example.org", false),
        ("*@corp.example,!ada@corp.example", false),
        ("!ada@corp.example,*@corp.example", false),
        ("*@corp.example,!bob@corp.example", true),
        ("!bob@corp.example", false),
        ("!*", false),
        (",ada@corp.example,", true),
        ("\"ada@corp.example\"", true),
        ("\"bob,ada@corp.example\"", true),
        ("ada\"@corp.example\"", true),
        ("\"ada @corp.example\"", false),
        ("\"ada@corp.example", false),
    ] {
        let case = Case::new(format!("{principals} {public}\n"), signature.clone());
        desk.agree(principals, &case, accepted);
    }
    let long = format!("ada@corp.example,{}", "x".repeat(1023));
    desk.agree(
        "a pattern that is too long",
        &Case::new(format!("{long} {public}"), signature.clone()),
        false,
    );
    let long = format!("ada@corp.example,{}", "x".repeat(1022));
    desk.agree("one that is not", &Case::new(format!("{long} {public}"), signature), true);
}

#[test]
fn options_say_for_what_and_when() {
    let desk = Desk::new();
    let key = desk.ed25519("key");
    let public = Desk::public(&key);
    let signature = desk.signs(&key, NAMESPACE, MESSAGE, &[]);
    for (options, accepted) in [
        ("namespaces=\"receipt@withhold.dev\"", true),
        ("namespaces=\"git,receipt@withhold.dev\"", true),
        ("namespaces=\"*@withhold.dev\"", true),
        ("NameSpaces=\"receipt@withhold.dev\"", true),
        ("namespaces=\"git\"", false),
        ("namespaces=\"*,!receipt@*\"", false),
        ("namespaces=\"\"", false),
        ("namespaces=\"git \\\" x,receipt@withhold.dev\"", true),
        ("namespaces=git", false),
        ("namespaces=\"receipt@withhold.dev\",namespaces=\"git\"", false),
        ("namespaces=\"receipt@withhold.dev\"valid-after=\"20240101Z\"", false),
        (",namespaces=\"receipt@withhold.dev\"", true),
        ("namespaces=\"receipt@withhold.dev\",", false),
        ("valid-after=\"20240615Z\"", true),
        ("valid-after=\"20240616Z\"", false),
        ("valid-after=\"20240615120000Z\"", true),
        ("valid-after=\"20240615120001Z\"", false),
        ("valid-before=\"20240615120000Z\"", true),
        ("valid-before=\"20240615115959Z\"", false),
        ("valid-before=\"202406151200UTC\"", true),
        ("valid-before=\"202406151159utc\"", false),
        ("valid-after=\"20240101z\",valid-before=\"20250101z\"", true),
        ("valid-after=\"20230101Z\",valid-before=\"20240101Z\"", false),
        ("valid-after=\"20250101Z\",valid-before=\"20240101Z\"", false),
        ("valid-before=\"99991231Z\"", true),
        ("valid-before=\"99991231235959Z\"", true),
        ("valid-before=\"99991231\"", true),
        ("valid-after=\"99991231Z\"", false),
        ("valid-after=\"2024-01-01\"", false),
        ("valid-after=\"20240001Z\"", false),
        ("valid-after=\"\"", false),
        ("valid-after=20240101Z", false),
        ("valid-after=\"20240101Z\",valid-after=\"20240101Z\"", false),
        ("cert-authority", false),
        ("CERT-AUTHORITY,namespaces=\"receipt@withhold.dev\"", false),
        ("no-touch-required", false),
        ("verify-required", false),
        ("restrict", false),
    ] {
        let case = Case::new(format!("ada@corp.example {options} {public}\n"), signature.clone());
        desk.agree(options, &case, accepted);
    }
}

#[test]
fn lines_are_read_alike() {
    let desk = Desk::new();
    let (key, other) = (desk.ed25519("key"), desk.ed25519("other"));
    let (public, other) = (Desk::public(&key), Desk::public(&other));
    let (kind, base64) = public.split_once(' ').unwrap();
    let signature = desk.signs(&key, NAMESPACE, MESSAGE, &[]);
    let ada = "ada@corp.example";
    for (what, allowed, accepted) in [
        ("no line end", format!("{ada} {public}"), true),
        ("CRLF", format!("# signers\r\n\r\n{ada} {public}\r\n"), true),
        ("CRLF behind a comment", format!("{ada} {public} a comment\r\n"), true),
        ("tabs and blanks", format!(" \t{ada}\t \t{kind} \t{base64}\t \n"), true),
        ("a carriage return behind the principals", format!("{ada} \r{public}\n"), true),
        ("nothing but one", format!("{ada}\r{public}\n"), true),
        ("one behind quotes", format!("\"{ada}\"\r {public}\n"), true),
        ("one before options", format!("{ada} \rnamespaces=\"*\" {public}\n"), true),
        ("one behind options", format!("{ada} namespaces=\"*\" \r{public}\n"), false),
        ("one behind the kind", format!("{ada} {kind}\r{base64}\n"), false),
        ("one before the principals", format!("\r{ada} {public}\n"), false),
        ("comments and empty lines", format!("# one\n\n  # two\n{ada} {public} # three\n"), true),
        ("a comment alone", format!("# {ada} {public}\n"), false),
        ("other lines first", format!("{ada} {other}\nbob {public}\n{ada} {public}\n"), true),
        ("a broken line first", format!("{ada} what\n{ada}\n\"\n{ada} x=y {public}\n{ada} {public}\n"), true),
        (
            "an expired line first",
            format!("{ada} valid-before=\"20200101Z\" {public}\n{ada} {public}\n"),
            true,
        ),
        (
            "one for something else first",
            format!("{ada} namespaces=\"git\" {public}\n{ada} {public}\n"),
            true,
        ),
        ("an authority first", format!("{ada} cert-authority {public}\n{ada} {public}\n"), true),
        ("a negated line first", format!("!{ada} {public}\n{ada} {public}\n"), true),
        ("no principal", format!("{public}\n"), false),
        ("no key", format!("{ada} {kind}\n"), false),
        ("half a key", format!("{ada} {kind} {}\n", &base64[..base64.len() - 8]), false),
        ("another kind", format!("{ada} ssh-rsa {base64}\n"), false),
        ("no such kind", format!("{ada} ssh-ed448 {base64}\n"), false),
        ("a key with more behind it", format!("{ada} {kind} {base64}AAAA\n"), false),
        ("a key in two pieces", format!("{ada} {kind} {} {}\n", &base64[..20], &base64[20..]), false),
        ("a quote without end", format!("{ada} namespaces=\"git {public}\n"), false),
        ("a form feed", format!("{ada}\x0c{public}\n"), false),
        ("a form feed first", format!("\x0c{ada} {public}\n"), false),
        ("half of the line in the next one", format!("{ada} {kind}\n{base64}\n"), false),
        ("an old Mac's line ends", format!("# signers\r{ada} {public}\r"), false),
    ] {
        desk.agree(what, &Case::new(allowed, signature.clone()), accepted);
    }
    let latin1 =
        [b"\xe9ve@corp.example ", public.as_bytes(), b"\nada@corp.example ", public.as_bytes()].concat();
    desk.agree("bytes that are not UTF-8", &Case::new(latin1, signature), true);
}

/// Without a signer, anybody whom the file names will do: as with Git, which asks `find-principals` first.
#[test]
fn whoever_the_file_names_is_found() {
    let desk = Desk::new();
    let key = desk.ed25519("key");
    let public = Desk::public(&key);
    let signature = desk.signs(&key, NAMESPACE, MESSAGE, &[]);
    for (principals, found) in [
        ("ada@corp.example", Some("ada@corp.example")),
        ("bob,ada", Some("bob")),
        ("*@corp.example", Some("*@corp.example")),
        ("!ada", None),
        ("!ada,*", Some("!ada")),
        ("ada,!ada", None),
    ] {
        let case = Case::new(format!("{principals} {public}\n"), signature.clone());
        let signer = desk.withhold(&case, None).ok().map(|signer| signer.principal);
        assert_eq!(signer.as_deref(), found, "{principals}");
        let args = ["-Y", "find-principals", "-f", "allowed_signers", "-s", "signature"];
        let named = desk.ssh_keygen(args, b"");
        assert_eq!(named.status, 0, "{}", named.stderr);
        let named = String::from_utf8(named.stdout).unwrap();
        let accepted =
            named.lines().find(|name| desk.openssh(&Case { signer: name, ..case.clone() }).is_ok());
        assert_eq!(accepted, found, "{principals}");
    }
}

/// What is signed here, `ssh-keygen` verifies.
#[test]
fn what_withhold_signs_openssh_accepts() {
    let desk = Desk::new();
    for (name, kind) in [("ed25519", &["ed25519"][..]), ("rsa", &["rsa", "-b", "2048"]), ("p256", &["ecdsa"])]
    {
        let key = desk.key(name, kind);
        let signature = withhold::enforce::signature::sign(&key, NAMESPACE, MESSAGE).unwrap();
        let allowed = format!("ada@corp.example {}", Desk::public(&key));
        let case = Case::new(allowed, signature.to_armor());
        desk.agree(name, &case, true);
        let listed = desk.ssh_keygen(["-l", "-f", &format!("{name}.pub")], b"").line();
        assert_eq!(listed.split(' ').nth(1).unwrap(), signature.fingerprint());
        let args = ["-Y", "check-novalidate", "-n", NAMESPACE, "-s", "signature"];
        assert_eq!(desk.ssh_keygen(args, MESSAGE).status, 0);
    }
}
