//! A signature, and whether it is of these bytes.
//!
//! Decides which keys and algorithms count: those that OpenSSH accepts, of those that are verified here. Who may sign is
//! decided elsewhere; by itself a signature says only that whoever has the key has signed.

use std::ops::RangeInclusive;

use ssh_key::{Algorithm, EcdsaCurve, HashAlg, PublicKey, SshSig, public::KeyData};

use super::error::SignatureError;
use super::{armor, wire};

/// No signature is longer: the largest key that is verified has 4096 bits.
pub const MOST_BYTES: usize = 64 << 10;

/// As long is the number of an RSA key that is verified.
const RSA_BYTES: RangeInclusive<usize> = 256..=512;

/// A signature that was read; nothing is known yet of what it signs.
#[derive(Debug, Clone)]
pub struct Signature {
    key: PublicKey,
    parts: SshSig,
    blob: Vec<u8>,
}

impl Signature {
    /// Reads a signature as `ssh-keygen` writes it.
    ///
    /// # Errors
    /// It is none, or of a kind that is not verified here.
    pub fn from_armor(text: &[u8]) -> Result<Self, SignatureError> {
        if text.len() > MOST_BYTES {
            return Err(SignatureError::Malformed("it is too long for one"));
        }
        Self::from_blob(armor::open(text)?.0)
    }

    /// Reads the bytes of a signature.
    ///
    /// # Errors
    /// They are none, or of a kind that is not verified here.
    pub fn from_blob(blob: Vec<u8>) -> Result<Self, SignatureError> {
        if blob.len() > MOST_BYTES {
            return Err(SignatureError::Malformed("it is too long for one"));
        }
        let parts = wire::parts(&blob)?;
        let key = key(parts.key)?;
        let namespace = str::from_utf8(parts.namespace)
            .map_err(|_| SignatureError::Malformed("its namespace is not UTF-8"))?;
        let hash = match parts.hash {
            b"sha256" => HashAlg::Sha256,
            b"sha512" => HashAlg::Sha512,
            _ => {
                return Err(SignatureError::Unsupported(
                    "its hash is neither SHA-256 nor SHA-512".to_owned(),
                ));
            }
        };
        rsa_length(&key)?;
        let algorithm = algorithm(&key, parts.algorithm)?;
        let wrong = |_| SignatureError::Malformed("it is not what its algorithm makes");
        let signature = ssh_key::Signature::new(algorithm, parts.signature).map_err(wrong)?;
        let parts = SshSig::new(key.key_data().clone(), namespace, hash, signature).map_err(wrong)?;
        Ok(Self { key, parts, blob })
    }

    /// Whether nothing but this signature stands in a file: no bytes that it does not account for.
    #[must_use]
    pub fn is_alone(text: &[u8], namespace: &str) -> bool {
        let Ok((blob, behind)) = armor::open(text) else { return false };
        let own = |signature: &Self| signature.parts.namespace() == namespace;
        behind.trim_ascii().is_empty() && Self::from_blob(blob).is_ok_and(|signature| own(&signature))
    }

    /// Its bytes.
    #[must_use]
    pub fn blob(&self) -> &[u8] {
        &self.blob
    }

    /// As `ssh-keygen` writes it.
    #[must_use]
    pub fn to_armor(&self) -> String {
        armor::close(&self.blob)
    }

    /// The fingerprint of the key that it claims: `SHA256:…`, as `ssh-keygen -l` shows it.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        self.key.fingerprint(HashAlg::Sha256).to_string()
    }

    pub(super) fn key(&self) -> &KeyData {
        self.key.key_data()
    }

    /// Holds it against what should be signed.
    ///
    /// # Errors
    /// It is for another namespace, or not of this message by this key.
    pub fn check(&self, message: &[u8], namespace: &str) -> Result<(), SignatureError> {
        if self.parts.namespace() != namespace {
            let found = self.parts.namespace().chars().take(100).collect();
            return Err(SignatureError::Namespace { expected: namespace.to_owned(), found });
        }
        self.key.verify(namespace, message, &self.parts).map_err(|_| SignatureError::Invalid)
    }
}

/// Reads a public key, in the one spelling that it has.
pub(super) fn key(bytes: &[u8]) -> Result<PublicKey, SignatureError> {
    let name = bytes.get(4..).unwrap_or_default();
    if name.windows(8).take(48).any(|window| window == b"-cert-v0") {
        return Err(SignatureError::Unsupported("it is made with a certificate".to_owned()));
    }
    let malformed = SignatureError::Malformed("its key is none");
    let Ok(key) = PublicKey::from_bytes(bytes) else { return Err(malformed) };
    let again = key.to_bytes().is_ok_and(|again| again == bytes);
    let whole_point = match key.key_data() {
        // OpenSSH takes no point that is compressed.
        KeyData::Ecdsa(key) => key.as_sec1_bytes().first() == Some(&4),
        _ => true,
    };
    if again && whole_point { Ok(key) } else { Err(malformed) }
}

/// That an RSA key is of a length that is accepted; the library refuses others without a reason.
fn rsa_length(key: &PublicKey) -> Result<(), SignatureError> {
    let KeyData::Rsa(key) = key.key_data() else { return Ok(()) };
    let number = key.n.as_positive_bytes().unwrap_or_default();
    if RSA_BYTES.contains(&number.len()) {
        return Ok(());
    }
    let unused = number.first().map_or(0, |byte| byte.leading_zeros() as usize);
    let bits = number.len() * 8 - unused;
    Err(SignatureError::Unsupported(format!("RSA keys have 2048 to 4096 bits here, and its key has {bits}")))
}

/// The algorithm of that name, if that key signs with it.
fn algorithm(key: &PublicKey, name: &[u8]) -> Result<Algorithm, SignatureError> {
    let other = SignatureError::Malformed("its algorithm is not one of its key");
    let expected = match key.algorithm() {
        Algorithm::Rsa { .. } => match name {
            b"rsa-sha2-512" => return Ok(Algorithm::Rsa { hash: Some(HashAlg::Sha512) }),
            b"rsa-sha2-256" => return Ok(Algorithm::Rsa { hash: Some(HashAlg::Sha256) }),
            _ => {
                return Err(SignatureError::Unsupported("RSA signs with SHA-256 or SHA-512 only".to_owned()));
            }
        },
        known @ (Algorithm::Ed25519
        | Algorithm::SkEd25519
        | Algorithm::SkEcdsaSha2NistP256
        | Algorithm::Ecdsa {
            curve: EcdsaCurve::NistP256 | EcdsaCurve::NistP384 | EcdsaCurve::NistP521,
        }) => known,
        Algorithm::Dsa => return Err(SignatureError::Unsupported("DSA keys are too weak".to_owned())),
        _ => return Err(SignatureError::Unsupported("keys of that kind are not known here".to_owned())),
    };
    if expected.as_str().as_bytes() == name { Ok(expected) } else { Err(other) }
}
