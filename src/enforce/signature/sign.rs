//! Signing, by `ssh-keygen`.
//!
//! Decides how it is called: with the message on its standard input, and nothing of it in its arguments. What it has to say
//! or to ask (a passphrase, a touch of a key) is between it and whoever runs this.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use super::error::SignatureError;
use super::verify::Signature;

/// Whether a file holds a key, private or public, as far as that can be told without using it: nobody is asked for anything.
///
/// # Errors
/// It does not, or `ssh-keygen` is not there.
pub fn is_key(key: &Path) -> Result<(), SignatureError> {
    let mut command = Command::new("ssh-keygen");
    let shown = command.arg("-lf").arg(key).stdin(Stdio::null()).stdout(Stdio::null());
    let status = shown.status().map_err(SignatureError::NotRun)?;
    if status.success() { Ok(()) } else { Err(SignatureError::NoKey { key: key.to_owned() }) }
}

/// Signs a message for a namespace. The key is a file with a private key, or with a public one whose private one an agent
/// or a hardware key has.
///
/// # Errors
/// `ssh-keygen` is not there or does not sign; or it has signed with a key whose signatures are not verified here.
pub fn sign(key: &Path, namespace: &str, message: &[u8]) -> Result<Signature, SignatureError> {
    let mut child = Command::new("ssh-keygen")
        .args(["-q", "-Y", "sign", "-n", namespace, "-f"])
        .arg(key)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(SignatureError::NotRun)?;
    let stdin = child.stdin.take();
    // Written beside, so that neither side waits for the other.
    let output = std::thread::scope(|scope| {
        scope.spawn(move || stdin.map(|mut stdin| stdin.write_all(message)));
        child.wait_with_output()
    });
    let output = output.map_err(SignatureError::NotRun)?;
    if !output.status.success() {
        return Err(SignatureError::NotSigned { key: key.to_owned(), status: output.status.to_string() });
    }
    let signature = Signature::from_armor(&output.stdout)?;
    // A signature that nobody could verify is better refused now.
    signature.check(message, namespace)?;
    Ok(signature)
}
