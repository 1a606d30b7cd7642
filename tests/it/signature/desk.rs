//! A desk to sign at: keys made by `ssh-keygen` in a folder of their own, with a home that holds nothing else.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use jiff::Timestamp;
use tempfile::TempDir;
use withhold::enforce::signature::{AllowedSigners, Signature, SignatureError, Signer};

use crate::support::repo::{Output, run};

/// What is signed, if nothing else is said.
pub const MESSAGE: &[u8] = b"what is signed\n";
/// What it is signed for.
pub const NAMESPACE: &str = "receipt@withhold.dev";
/// When it is looked at.
pub const NOW: &str = "2024-06-15T12:00:00Z";

pub struct Desk {
    folder: TempDir,
}

impl Desk {
    pub fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("withhold-").tempdir().unwrap();
        std::fs::create_dir(folder.path().join("home")).unwrap();
        Self { folder }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }

    /// A program that nothing from outside reaches.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        let home = self.path().join("home");
        for name in ["SSH_AUTH_SOCK", "SSH_ASKPASS", "SSH_ASKPASS_REQUIRE", "DISPLAY", "SOURCE_DATE_EPOCH"] {
            command.env_remove(name);
        }
        command
            .current_dir(self.path())
            .env("HOME", &home)
            .env("USERPROFILE", &home)
            .env("XDG_CONFIG_HOME", &home);
        command.env("LC_ALL", "C").env("TZ", "UTC");
        command
    }

    /// Runs `ssh-keygen`.
    pub fn ssh_keygen(&self, args: impl IntoIterator<Item = impl AsRef<OsStr>>, input: &[u8]) -> Output {
        run(self.command("ssh-keygen").args(args), input)
    }

    /// Makes a key without a passphrase.
    #[track_caller]
    pub fn key(&self, name: &str, kind: &[&str]) -> PathBuf {
        let path = self.path().join(name);
        let mut args = vec!["-q", "-N", "", "-C", "", "-f", path.to_str().unwrap(), "-t"];
        args.extend(kind);
        let output = self.ssh_keygen(args, b"");
        assert_eq!(output.status, 0, "{}", output.stderr);
        path
    }

    pub fn ed25519(&self, name: &str) -> PathBuf {
        self.key(name, &["ed25519"])
    }

    /// The public key, as a line of allowed signers has it.
    pub fn public(key: &Path) -> String {
        std::fs::read_to_string(key.with_extension("pub")).unwrap().trim().to_owned()
    }

    /// What `ssh-keygen` signs.
    #[track_caller]
    pub fn signs(&self, key: &Path, namespace: &str, message: &[u8], more: &[&str]) -> Vec<u8> {
        let mut args = vec!["-q", "-Y", "sign", "-n", namespace, "-f", key.to_str().unwrap()];
        args.extend(more);
        let output = self.ssh_keygen(args, message);
        assert_eq!(output.status, 0, "{}", output.stderr);
        output.stdout
    }

    /// Whether `ssh-keygen -Y verify` accepts it, and what it says.
    pub fn openssh(&self, case: &Case<'_>) -> Result<(), String> {
        let time = format!("-Overify-time={}Z", case.now.replace(['-', ':', 'T', 'Z'], ""));
        let (allowed, signature) = self.written(case);
        let args = [
            "-Y",
            "verify",
            "-f",
            &allowed,
            "-I",
            case.signer,
            "-n",
            case.namespace,
            "-s",
            &signature,
            &time,
        ];
        let output = self.ssh_keygen(args, case.message);
        let said = String::from_utf8_lossy(&output.stdout).into_owned() + &output.stderr;
        if output.status == 0 { Ok(()) } else { Err(said) }
    }

    /// Whether Withhold does.
    pub fn withhold(&self, case: &Case<'_>, signer: Option<&str>) -> Result<Signer, SignatureError> {
        let (allowed, signature) = self.written(case);
        let allowed = AllowedSigners::read(Path::new(&allowed))?;
        let signature = Signature::from_armor(&std::fs::read(signature).unwrap())?;
        let now = case.now.parse::<Timestamp>().unwrap().as_second();
        allowed.verify(&signature, case.message, case.namespace, signer, now)
    }

    fn written(&self, case: &Case<'_>) -> (String, String) {
        let allowed = self.file("allowed_signers", &case.allowed);
        let signature = self.file("signature", &case.signature);
        (allowed.to_str().unwrap().to_owned(), signature.to_str().unwrap().to_owned())
    }
}

/// A question to both.
#[derive(Clone)]
pub struct Case<'a> {
    pub allowed: Vec<u8>,
    pub signature: Vec<u8>,
    pub signer: &'a str,
    pub namespace: &'a str,
    pub message: &'a [u8],
    pub now: &'a str,
}

impl Case<'_> {
    /// A message signed at a desk, and asked for as it should be.
    pub fn new(allowed: impl Into<Vec<u8>>, signature: impl Into<Vec<u8>>) -> Self {
        let (allowed, signature) = (allowed.into(), signature.into());
        Self {
            allowed,
            signature,
            signer: "ada@corp.example",
            namespace: NAMESPACE,
            message: MESSAGE,
            now: NOW,
        }
    }
}

impl Desk {
    /// Both give the same answer, and this one.
    #[track_caller]
    pub fn agree(&self, what: &str, case: &Case<'_>, accepted: bool) {
        let openssh = self.openssh(case);
        let withhold = self.withhold(case, Some(case.signer));
        assert_eq!(openssh.is_ok(), accepted, "{what}: OpenSSH says {openssh:?}");
        assert_eq!(withhold.is_ok(), accepted, "{what}: Withhold says {withhold:?}");
    }

    /// OpenSSH accepts it, and Withhold does not.
    #[track_caller]
    pub fn stricter(&self, what: &str, case: &Case<'_>) {
        assert_eq!(self.openssh(case), Ok(()), "{what}");
        assert!(self.withhold(case, Some(case.signer)).is_err(), "{what}");
    }

    /// Withhold refuses it, whatever OpenSSH says.
    #[track_caller]
    pub fn refuses(&self, what: &str, case: &Case<'_>) {
        assert!(self.withhold(case, Some(case.signer)).is_err(), "{what}");
    }
}
