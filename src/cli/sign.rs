//! `withhold manifest sign`, and who may have signed, for all that asks.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use clap::Args;
use withhold::enforce::signature::{self, AllowedSigners, SignatureError, Signer};
use withhold::exit::Exit;
use withhold::manifest::Digest;

use super::sources::{at, now};
use super::{Context, Failure};

/// Sign a manifest with an SSH key, as Git signs commits.
///
/// Checks the manifest, lets `ssh-keygen` sign its header, to which every row is tied, and puts the signature beside it:
/// `manifest.json.sig`. `ssh-keygen -Y verify -n manifest@withhold.dev` verifies it, too.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  withhold manifest sign --key ~/.ssh/id_ed25519 manifest/
  withhold manifest sign --key ~/.ssh/id_ed25519.pub manifest/    the agent, or a hardware key, signs")]
pub(crate) struct Sign {
    /// SSH key: a private one, or the public one of a key that an agent or a piece of hardware has.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// Folder of the manifest.
    #[arg(value_name = "MANIFEST")]
    path: PathBuf,
}

/// Who may have signed.
#[derive(Debug, Args)]
pub(crate) struct Signers {
    /// Require a signature by one of the keys in this file (`man ssh-keygen`, ALLOWED SIGNERS).
    #[arg(long, value_name = "FILE")]
    allowed_signers: Option<PathBuf>,
    /// The one in that file who must have signed [default: anybody in it].
    #[arg(long, value_name = "PRINCIPAL", requires = "allowed_signers")]
    signer: Option<String>,
    /// What stands in that file. It is read once: it may be a pipe.
    #[arg(skip)]
    allowed: OnceLock<AllowedSigners>,
}

impl Sign {
    pub(crate) fn run(&self, context: &Context) -> Result<Exit, Failure> {
        let signature = signature::manifest::sign(&at(context, &self.path), &at(context, &self.key))?;
        if !context.quiet {
            let path = self.path.display();
            writeln!(anstream::stdout(), "{path}: signed with {}", signature.fingerprint())?;
        }
        Ok(Exit::Clean)
    }
}

impl Signers {
    /// Where the file is, if there is one.
    pub(crate) fn path(&self, context: &Context) -> Option<PathBuf> {
        self.allowed_signers.as_ref().map(|file| at(context, file))
    }

    /// What stands in the file, if there is one.
    pub(crate) fn read(&self, context: &Context) -> Result<Option<&AllowedSigners>, Failure> {
        let Some(file) = self.path(context) else { return Ok(None) };
        if let Some(read) = self.allowed.get() {
            return Ok(Some(read));
        }
        let read = AllowedSigners::read(&file)?;
        Ok(Some(self.allowed.get_or_init(|| read)))
    }

    /// Who must have signed.
    pub(crate) fn signer(&self) -> Option<&str> {
        self.signer.as_deref()
    }

    /// Requires the signature of a manifest whose header has that digest, if one is asked for. Gives what can be said
    /// of it behind "sound".
    pub(crate) fn require(
        &self,
        context: &Context,
        manifest: &Path,
        digest: Option<Digest>,
    ) -> Result<String, Failure> {
        let signer = self.signed(context, manifest, digest)?;
        let said = |signer: Signer| format!(", signed by {} with {}", signer.principal, signer.fingerprint);
        Ok(signer.map(said).unwrap_or_default())
    }

    /// As [`Signers::require`]; gives the fingerprint of the key, if a signature is asked for.
    pub(crate) fn required(
        &self,
        context: &Context,
        manifest: &Path,
        digest: Digest,
    ) -> Result<Option<String>, Failure> {
        Ok(self.signed(context, manifest, Some(digest))?.map(|signer| signer.fingerprint))
    }

    fn signed(
        &self,
        context: &Context,
        manifest: &Path,
        digest: Option<Digest>,
    ) -> Result<Option<Signer>, Failure> {
        let Some(allowed) = self.read(context)? else { return Ok(None) };
        let signed = signature::require(&at(context, manifest), allowed, self.signer(), now()?)?;
        if Some(signed.digest) != digest {
            let what = format_args!("{} was changed while it was looked at", manifest.display());
            return Err(Failure::new(Exit::Unreadable, what));
        }
        Ok(Some(signed.signer))
    }
}

impl From<SignatureError> for Failure {
    fn from(error: SignatureError) -> Self {
        let failure = Self::new(error.exit(), &error);
        match error.hint() {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }
}
