//! SSH signatures, as Git uses them: who signs, and who may.
//!
//! Decides whether bytes were signed for a namespace by a key that a file of allowed signers names, at a time at which it
//! may be used. `ssh-keygen` makes signatures, so that agents, hardware keys and passphrases work as they do elsewhere;
//! they are verified here, as `ssh-keygen -Y verify` would: where the two differ, this refuses. Must hold no private key.

pub mod allowed;
mod armor;
pub mod error;
pub mod manifest;
mod options;
mod pattern;
pub mod sign;
mod time;
pub mod verify;
mod wire;
mod zone;

pub use allowed::{AllowedSigners, Signer};
pub use error::SignatureError;
pub use manifest::{Signed, require, require_of};
pub use sign::{is_key, sign};
pub use verify::Signature;

/// What manifests are signed for; the bytes are those of `manifest.json`.
pub const MANIFEST: &str = "manifest@withhold.dev";
/// What receipts are signed for; the bytes are those that DSSE has signed (PAE).
pub const RECEIPT: &str = "receipt@withhold.dev";
