//! Where Withhold refuses what OpenSSH accepts. The page on receipts lists each of these with its reason.

use data_encoding::BASE64;

use super::desk::{Case, Desk, MESSAGE, NAMESPACE};
use super::hostile::{armor, blob, bytes_of};

#[test]
fn keys_that_are_too_weak_or_too_long() {
    let desk = Desk::new();
    for bits in ["1024", "2032"] {
        let key = desk.key(&format!("rsa{bits}"), &["rsa", "-b", bits]);
        let allowed = format!("ada@corp.example {}", Desk::public(&key));
        desk.stricter(bits, &Case::new(allowed, desk.signs(&key, NAMESPACE, MESSAGE, &[])));
        assert!(withhold::enforce::signature::sign(&key, NAMESPACE, MESSAGE).is_err(), "{bits}");
    }
    // It takes half a minute to make one.
    let allowed = format!("ada@corp.example {}", include_str!("rsa8192.pub"));
    let case = Case::new(allowed, include_str!("rsa8192.sig"));
    desk.stricter("8192", &Case { message: b"hello\n", ..case });
}

/// Newer versions of OpenSSH know no DSA any more.
#[test]
fn dsa() {
    let desk = Desk::new();
    let args = ["-q", "-N", "", "-C", "", "-f", "key", "-t", "dsa"];
    if desk.ssh_keygen(args, b"").status != 0 {
        return;
    }
    let key = desk.path().join("key");
    let allowed = format!("ada@corp.example {}", Desk::public(&key));
    desk.stricter("DSA", &Case::new(allowed, desk.signs(&key, NAMESPACE, MESSAGE, &[])));
}

#[test]
fn times_that_no_calendar_has() {
    let desk = Desk::new();
    let key = desk.ed25519("key");
    let public = Desk::public(&key);
    let signature = desk.signs(&key, NAMESPACE, MESSAGE, &[]);
    // To OpenSSH of some versions these are never over.
    for option in ["valid-before=\"19600101Z\"", "valid-before=\"19691231235958Z\""] {
        let case = Case::new(format!("ada@corp.example {option} {public}\n"), signature.clone());
        desk.refuses(option, &case);
    }
    for option in
        ["valid-after=\"20240230Z\"", "valid-after=\"20240101235960Z\"", "valid-after=\"2024 1 1Z\""]
    {
        let case = Case::new(format!("ada@corp.example {option} {public}\n"), signature.clone());
        desk.stricter(option, &case);
    }
}

/// Versions of OpenSSH differ.
#[test]
fn an_armour_from_another_system() {
    let desk = Desk::new();
    let key = desk.ed25519("key");
    let text = String::from_utf8(desk.signs(&key, NAMESPACE, MESSAGE, &[])).unwrap();
    let allowed = format!("ada@corp.example {}", Desk::public(&key));
    desk.agree("as it is", &Case::new(allowed.clone(), text.clone()), true);
    desk.refuses("CRLF", &Case::new(allowed.clone(), text.replace('\n', "\r\n")));
    desk.refuses("a NUL", &Case::new(allowed, text.replace("\n-----END", "\0\n-----END")));
}

#[test]
fn a_part_that_nobody_signs() {
    let desk = Desk::new();
    let key = desk.ed25519("key");
    let allowed = format!("ada@corp.example {}", Desk::public(&key));
    let public = BASE64.decode(Desk::public(&key).split(' ').nth(1).unwrap().as_bytes()).unwrap();
    let whole = bytes_of(&desk.signs(&key, NAMESPACE, MESSAGE, &[]));
    let inner = &whole[whole.len() - 83..];
    let case = Case::new(allowed.clone(), armor(&blob(&public, b"", "sha512", inner)));
    desk.agree("nothing there", &case, true);
    desk.stricter("something there", &Case::new(allowed, armor(&blob(&public, b"x", "sha512", inner))));
}

/// A certificate says who its key is; that is not read here.
#[test]
fn certificates() {
    let desk = Desk::new();
    let (authority, key) = (desk.ed25519("authority"), desk.ed25519("key"));
    let args = [
        "-q",
        "-s",
        "authority",
        "-I",
        "ada",
        "-n",
        "ada@corp.example",
        "-V",
        "20240101:20250101",
        "key.pub",
    ];
    let made = desk.ssh_keygen(args, b"");
    assert_eq!(made.status, 0, "{}", made.stderr);
    let certificate = desk.path().join("key-cert.pub");
    std::fs::copy(&key, desk.path().join("key-cert")).unwrap();
    let signature = desk.signs(&certificate, NAMESPACE, MESSAGE, &[]);
    let public = Desk::public(&authority);
    let case = Case::new(format!("*@corp.example cert-authority {public}"), signature.clone());
    desk.stricter("a certificate of an authority", &case);
    let said = desk.withhold(&case, None).unwrap_err().to_string();
    assert!(said.contains("certificate"), "{said}");
    desk.agree("no authority", &Case::new(format!("*@corp.example {public}"), signature.clone()), false);
    let case = Case::new(format!("bob@corp.example cert-authority {public}"), signature);
    desk.agree("an authority for another", &case, false);
}

/// The name of an algorithm in the place of that of a kind of key.
#[test]
fn names_of_algorithms() {
    let desk = Desk::new();
    let key = desk.key("key", &["rsa", "-b", "2048"]);
    let public = Desk::public(&key).replace("ssh-rsa", "rsa-sha2-512");
    let signature = desk.signs(&key, NAMESPACE, MESSAGE, &[]);
    desk.stricter("rsa-sha2-512", &Case::new(format!("ada@corp.example {public}"), signature));
}
