//! Signatures that were tampered with, cut off, put together by hand, or dressed up.

use data_encoding::BASE64;
use sha2::{Digest as _, Sha256, Sha512};
use ssh_key::{PrivateKey, SigningKey};

use super::desk::{Case, Desk, MESSAGE, NAMESPACE};

/// A string, as SSH writes it.
pub fn string(bytes: &[u8]) -> Vec<u8> {
    [&u32::try_from(bytes.len()).unwrap().to_be_bytes(), bytes].concat()
}

/// The bytes of a signature.
pub fn blob(key: &[u8], reserved: &[u8], hash: &str, signature: &[u8]) -> Vec<u8> {
    let parts = [key, NAMESPACE.as_bytes(), reserved, hash.as_bytes(), signature];
    [b"SSHSIG\0\0\0\x01".to_vec(), parts.map(string).concat()].concat()
}

pub fn armor(blob: &[u8]) -> String {
    format!("-----BEGIN SSH SIGNATURE-----\n{}\n-----END SSH SIGNATURE-----\n", BASE64.encode(blob))
}

pub fn bytes_of(armor: &[u8]) -> Vec<u8> {
    let text = String::from_utf8(armor.to_vec()).unwrap();
    let base64: String = text.lines().filter(|line| !line.starts_with('-')).collect();
    BASE64.decode(base64.as_bytes()).unwrap()
}

/// What is signed in the end.
fn signed_data(hash: &str, message: &[u8]) -> Vec<u8> {
    let digest = match hash {
        "sha256" => Sha256::digest(message).to_vec(),
        _ => Sha512::digest(message).to_vec(),
    };
    [b"SSHSIG".to_vec(), [NAMESPACE.as_bytes(), b"", hash.as_bytes(), &digest].map(string).concat()].concat()
}

/// Signs bytes as they are.
fn sign<K: SigningKey>(key: &K, bytes: &[u8]) -> Vec<u8> {
    key.try_sign(bytes).unwrap().as_bytes().to_vec()
}

fn ed25519() -> (PrivateKey, [u8; 32]) {
    let pair = ssh_key::private::Ed25519Keypair::from_seed(&[7; 32]);
    (PrivateKey::from(pair.clone()), pair.public.0)
}

#[test]
fn a_changed_signature_is_refused_wherever_it_was_changed() {
    let desk = Desk::new();
    let key = desk.ed25519("key");
    let allowed = format!("ada@corp.example {}", Desk::public(&key));
    let whole = bytes_of(&desk.signs(&key, NAMESPACE, MESSAGE, &[]));
    for at in 0..whole.len() {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        let case = Case::new(allowed.clone(), armor(&changed));
        // Version 0 is as good as 1: nobody signs it.
        let accepted = at == 9;
        assert_eq!(desk.withhold(&case, Some(case.signer)).is_ok(), accepted, "byte {at}");
        if at % 8 == 1 {
            desk.agree(&format!("byte {at}"), &case, accepted);
        }
    }
    for end in (0..whole.len()).step_by(16) {
        let case = Case::new(allowed.clone(), armor(&whole[..end]));
        desk.agree(&format!("{end} bytes"), &case, false);
    }
    desk.agree("a byte more", &Case::new(allowed.clone(), armor(&[&whole[..], b"\0"].concat())), false);
    desk.agree("the same again", &Case::new(allowed, armor(&[&whole[..], &whole[..]].concat())), false);
}

#[test]
fn the_armour_may_be_ugly_and_must_be_whole() {
    let desk = Desk::new();
    let key = desk.ed25519("key");
    let allowed = format!("ada@corp.example {}", Desk::public(&key));
    let text = String::from_utf8(desk.signs(&key, NAMESPACE, MESSAGE, &[])).unwrap();
    let blob = bytes_of(text.as_bytes());
    let base64 = BASE64.encode(&blob);
    let (begin, end) = ("-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----");
    for (what, text, accepted) in [
        ("as it is", text.clone(), true),
        ("CRLF inside", text.replace('\n', "\r\n").replacen("\r\n", "\n", 1), true),
        ("one long line", format!("{begin}\n{base64}\n{end}\n"), true),
        ("no line end at the end", format!("{begin}\n{base64}\n{end}"), true),
        ("blanks inside", format!("{begin}\n \t{}\n\n {}\n{end}\n", &base64[..9], &base64[9..]), true),
        ("something behind it", format!("{text}something\n"), true),
        ("something right behind it", format!("{begin}\n{base64}\n{end}something\n"), true),
        ("itself behind it", format!("{text}{text}"), true),
        ("a blank before it", format!(" {text}"), false),
        ("something before it", format!("something\n{text}"), false),
        ("no end", format!("{begin}\n{base64}\n"), false),
        ("half an end", format!("{begin}\n{base64}\n-----END SSH SIGNATURE----\n"), false),
        ("an end in the line", format!("{begin}\n{base64}{end}\n"), false),
        ("no beginning", format!("{base64}\n{end}\n"), false),
        (
            "a line less",
            text.lines().enumerate().filter(|(at, _)| *at != 2).map(|(_, l)| format!("{l}\n")).collect(),
            false,
        ),
        ("a letter that is none", format!("{begin}\n{base64}!\n{end}\n"), false),
        ("padding in the middle", format!("{begin}\n{}==={}\n{end}\n", &base64[..9], &base64[9..]), false),
        ("padding that is not needed", format!("{begin}\n{base64}====\n{end}\n"), false),
        ("a carriage return alone", format!("{begin}\r{base64}\n{end}\n"), false),
        ("nothing inside", format!("{begin}\n{end}\n"), false),
        ("nothing at all", String::new(), false),
        ("a key", Desk::public(&key), false),
        ("PGP", text.replace("SSH SIGNATURE", "PGP SIGNATURE"), false),
    ] {
        desk.agree(what, &Case::new(allowed.clone(), text), accepted);
    }
}

#[test]
fn rsa_does_not_sign_with_sha_1() {
    let desk = Desk::new();
    let key = desk.key("key", &["rsa", "-b", "2048"]);
    let allowed = format!("ada@corp.example {}", Desk::public(&key));
    let whole = bytes_of(&desk.signs(&key, NAMESPACE, MESSAGE, &[]));
    let public = BASE64.decode(Desk::public(&key).split(' ').nth(1).unwrap().as_bytes()).unwrap();
    let signed = &whole[whole.len() - 256..];
    let dressed = |name: &str, hash| {
        let inner = [string(name.as_bytes()), string(signed)].concat();
        Case::new(allowed.clone(), armor(&blob(&public, b"", hash, &inner)))
    };
    desk.agree("as it was", &dressed("rsa-sha2-512", "sha512"), true);
    desk.agree("SHA-1", &dressed("ssh-rsa", "sha512"), false);
    desk.agree("another hash", &dressed("rsa-sha2-256", "sha512"), false);
    desk.agree("another hash of the message", &dressed("rsa-sha2-512", "sha256"), false);
    desk.agree("no such hash", &dressed("rsa-sha2-512", "sha1"), false);
    desk.agree("another algorithm", &dressed("ssh-ed25519", "sha512"), false);
    let said = desk.withhold(&dressed("ssh-rsa", "sha512"), None).unwrap_err().to_string();
    assert!(said.contains("SHA-256 or SHA-512 only"), "{said}");
}

/// A hardware key signs more than the message: what it is for, and what it says of itself.
#[test]
fn hardware_keys_are_verified() {
    let desk = Desk::new();
    let (private, point) = ed25519();
    let kind = b"sk-ssh-ed25519@openssh.com";
    let public = [string(kind), string(&point), string(b"ssh:")].concat();
    let allowed = format!("ada@corp.example {} {}", str::from_utf8(kind).unwrap(), BASE64.encode(&public));
    let signs = |flags: u8, application: &[u8], extra: &[u8]| {
        let trailer = [flags, 0, 0, 0, 9];
        let data = signed_data("sha512", MESSAGE);
        let signed = [&Sha256::digest(application)[..], &trailer, &Sha256::digest(&data)].concat();
        let inner =
            [string(kind), string(&sign(&private, &signed)), trailer.to_vec(), extra.to_vec()].concat();
        Case::new(allowed.clone(), armor(&blob(&public, b"", "sha512", &inner)))
    };
    desk.agree("touched", &signs(1, b"ssh:", b""), true);
    desk.agree("touched, and the user verified", &signs(5, b"ssh:", b""), true);
    desk.agree("not touched", &signs(0, b"ssh:", b""), true);
    desk.agree("for something else", &signs(1, b"https:", b""), false);
    desk.agree("something behind it", &signs(1, b"ssh:", b"x"), false);
}

#[test]
fn what_was_put_together_by_hand_is_held_to_the_same() {
    let desk = Desk::new();
    let (private, point) = ed25519();
    let public = [string(b"ssh-ed25519"), string(&point)].concat();
    let allowed = format!("ada@corp.example ssh-ed25519 {}", BASE64.encode(&public));
    let inner = [string(b"ssh-ed25519"), string(&sign(&private, &signed_data("sha512", MESSAGE)))].concat();
    let case = |public: &[u8], inner: &[u8], hash| {
        Case::new(allowed.clone(), armor(&blob(public, b"", hash, inner)))
    };
    desk.agree("as it should be", &case(&public, &inner, "sha512"), true);
    desk.agree("more behind the signature", &case(&public, &[&inner[..], b"x"].concat(), "sha512"), false);
    desk.agree("more behind the key", &case(&[&public[..], b"x"].concat(), &inner, "sha512"), false);
    desk.agree("a hash that is none", &case(&public, &inner, "sha512,sha256"), false);
    desk.agree("a hash in capitals", &case(&public, &inner, "SHA512"), false);
    desk.agree("a hash of many", &case(&public, &inner, "*"), false);
    let other = [string(b"sk-ssh-ed25519@openssh.com"), string(&point), string(b"ssh:")].concat();
    desk.agree("a key of another kind", &case(&other, &inner, "sha512"), false);
    // The bytes, signed without what makes them a signature of a file.
    let bare = [string(b"ssh-ed25519"), string(&sign(&private, MESSAGE))].concat();
    desk.agree("the message alone", &case(&public, &bare, "sha512"), false);
}
