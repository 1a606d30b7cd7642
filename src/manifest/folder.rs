//! A manifest's folder, replaced in one step.

use std::path::Path;

use super::build::Manifest;
use super::encode::Encoding;
use super::error::ManifestError;

/// Writes the manifest to the folder `out`: what stands there afterwards is the old manifest or the new one, never a mixture.
///
/// # Errors
/// [`ManifestError::InTheWay`] if something stands there that is not a manifest, [`ManifestError::Io`] if the
/// system fails, [`ManifestError::NoZstd`] in a build without zstd.
pub fn write(manifest: &Manifest, out: &Path, encoding: Encoding) -> Result<(), ManifestError> {
    let _ = (manifest, out, encoding);
    Err(ManifestError::NoZstd)
}
