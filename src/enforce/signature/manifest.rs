//! Signed manifests: `manifest.json.sig` beside `manifest.json`.
//!
//! Decides which manifests are signed (sound ones), and what a signature says: that of the header's bytes, to which its
//! tree hashes tie every row. Whether a manifest is sound is decided where it is read.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use super::error::SignatureError;
use super::verify::{MOST_BYTES, Signature};
use super::{AllowedSigners, MANIFEST, Signer};
use crate::manifest::folder::{HEADER_FILE, SIGNATURE_FILE};
use crate::manifest::{self, Digest};
use crate::policy::Timestamp;

/// No header is longer; so says the manifest's reader, too.
const MOST_HEADER: u64 = 16 << 20;

/// A manifest's signature that is in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// Who signed.
    pub signer: Signer,
    /// The digest of the header that is signed: the one that is used has to be the same ([`Manifest::digest`]).
    ///
    /// [`Manifest::digest`]: crate::manifest::Manifest::digest
    pub digest: Digest,
}

/// Signs the manifest in a folder, which must be sound, and puts the signature beside its header in one step.
///
/// # Errors
/// It cannot be read, is not sound, or is not signed.
pub fn sign(folder: &Path, key: &Path) -> Result<Signature, SignatureError> {
    let header = folder.join(HEADER_FILE);
    let bytes = read(&header, MOST_HEADER).map_err(io_error("read the manifest's header", &header))?;
    let validation = manifest::validate(folder);
    let unsound = |problem| SignatureError::Unsound { path: folder.to_owned(), problem };
    if let Some(problem) = validation.problems.first() {
        return Err(unsound(problem.to_string()));
    }
    if validation.digest != Some(Digest::of(&bytes)) {
        return Err(unsound("it was changed meanwhile".to_owned()));
    }
    let signature = super::sign(key, MANIFEST, &bytes)?;
    let path = folder.join(SIGNATURE_FILE);
    write(&path, signature.to_armor().as_bytes()).map_err(io_error("write the signature", &path))?;
    Ok(signature)
}

/// Whether the manifest in a folder is signed by somebody who may: by `signer`, if that is given, else by anybody whom
/// the file of allowed signers names.
///
/// # Errors
/// It is not.
pub fn require(
    folder: &Path,
    allowed: &AllowedSigners,
    signer: Option<&str>,
    now: Timestamp,
) -> Result<Signed, SignatureError> {
    let (header, path) = (folder.join(HEADER_FILE), folder.join(SIGNATURE_FILE));
    let message = read(&header, MOST_HEADER).map_err(io_error("read the manifest's header", &header))?;
    let text = match read(&path, MOST_BYTES as u64) {
        Ok(text) => Some(text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(io_error("read the signature", &path)(error)),
    };
    require_of(&message, text.as_deref(), allowed, signer, now).map_err(|error| match error {
        SignatureError::Missing { .. } => {
            SignatureError::Missing { what: format!("there is no {}", path.display()), namespace: MANIFEST }
        }
        error => error,
    })
}

/// As [`require`], of a header, byte for byte, and what stands in the place of its signature, if anything does.
///
/// # Errors
/// It is not signed by somebody who may.
pub fn require_of(
    header: &[u8],
    signature: Option<&[u8]>,
    allowed: &AllowedSigners,
    signer: Option<&str>,
    now: Timestamp,
) -> Result<Signed, SignatureError> {
    let missing =
        || SignatureError::Missing { what: format!("there is no {SIGNATURE_FILE}"), namespace: MANIFEST };
    let signature = Signature::from_armor(signature.ok_or_else(missing)?)?;
    let signer = allowed.verify(&signature, header, MANIFEST, signer, now)?;
    Ok(Signed { signer, digest: Digest::of(header) })
}

/// Reads a regular file that is not too long.
fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(io::Error::other("it is too long for what it should be"));
    }
    Ok(bytes)
}

/// Puts a file in its place in one step.
pub(in crate::enforce) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".withhold-");
    // It is for others to read: as any new file, it has the rights that the umask leaves.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

fn io_error(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> SignatureError {
    let path: PathBuf = path.to_owned();
    move |source| SignatureError::Io { action, path, source }
}
