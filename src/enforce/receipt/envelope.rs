//! How a receipt lies in a file: bare, or in a DSSE envelope with signatures.
//!
//! Decides what is signed (DSSE's pre-authentication encoding, as an SSH signature for receipts) and that only bytes are
//! read as a receipt that are its canonical form. The key that an envelope names is a hint that nobody has signed: it is
//! written for people, and not read.

use std::borrow::Cow;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use data_encoding::{BASE64, BASE64URL};
use serde::{Deserialize, Serialize};

use super::ReceiptError;
use super::canonical::{self, NotCanonical};
use super::statement::{EXTENSION, PREDICATE, Receipt, STATEMENT};
use super::{strict, text};
use crate::enforce::signature::{self, AllowedSigners, RECEIPT, Signature, SignatureError, Signer};
use crate::manifest::Digest;
use crate::manifest::error::shown;
use crate::policy::Timestamp;

/// The type of what is in the envelope.
pub const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";
/// No receipt is larger: so much describes a million files.
const MOST_BYTES: u64 = 256 << 20;
/// So many signatures are looked at.
const MOST_SIGNATURES: usize = 16;

/// As it is written.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Envelope {
    payload: String,
    payload_type: &'static str,
    signatures: [Signed; 1],
}

#[derive(Serialize)]
struct Signed {
    keyid: String,
    sig: String,
}

/// What is read of it.
#[derive(Deserialize)]
struct Sealing<'b> {
    #[serde(borrow)]
    payload: Cow<'b, str>,
    #[serde(deserialize_with = "text::few::<_, _, MOST_SIGNATURES>")]
    signatures: Vec<Sig>,
}

#[derive(Deserialize)]
struct Sig {
    sig: String,
}

/// A receipt that was read, with its signatures, of which nothing is known yet.
#[derive(Debug, Clone)]
pub struct Sealed {
    payload: Vec<u8>,
    signatures: Option<Vec<Vec<u8>>>,
}

/// Writes a receipt in one step; signed, if there is a key.
///
/// # Errors
/// It is not signed, or cannot be written; then the file is as it was.
pub fn write(receipt: &Receipt, path: &Path, key: Option<&Path>) -> Result<(), ReceiptError> {
    put(&to_bytes(receipt, key)?, path)
}

/// Puts the bytes of a receipt's file in its place, in one step.
///
/// # Errors
/// It cannot be written; then the file is as it was.
pub fn put(bytes: &[u8], path: &Path) -> Result<(), ReceiptError> {
    let io = |source| ReceiptError::Io { action: "write the receipt", path: path.to_owned(), source };
    signature::manifest::write(path, bytes).map_err(io)
}

/// The bytes of a receipt's file: the statement, or, if there is a key, the envelope and a line end.
///
/// # Errors
/// It is not signed, or larger than what is read again.
pub fn to_bytes(receipt: &Receipt, key: Option<&Path>) -> Result<Vec<u8>, ReceiptError> {
    let payload = receipt.to_bytes()?;
    if payload.len() as u64 > MOST_BYTES / 2 {
        return Err(ReceiptError::TooMany);
    }
    let Some(key) = key else { return Ok(payload) };
    let signature = signature::sign(key, RECEIPT, &pae(PAYLOAD_TYPE, &payload))?;
    let envelope = Envelope {
        payload: BASE64.encode(&payload),
        payload_type: PAYLOAD_TYPE,
        signatures: [Signed { keyid: signature.fingerprint(), sig: BASE64.encode(signature.blob()) }],
    };
    let bytes = serde_json_canonicalizer::to_vec(&envelope);
    let mut bytes = bytes.map_err(|error| ReceiptError::Unfit(error.to_string()))?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// What DSSE has signed: type and bytes, with their lengths, so that neither can be taken for a part of the other.
fn pae(kind: &str, payload: &[u8]) -> Vec<u8> {
    let mut bytes = format!("DSSEv1 {} {kind} {} ", kind.len(), payload.len()).into_bytes();
    bytes.extend_from_slice(payload);
    bytes
}

impl Sealed {
    /// Reads a receipt's file.
    ///
    /// # Errors
    /// It cannot be read, or is neither a statement nor an envelope.
    pub fn read(path: &Path) -> Result<Self, ReceiptError> {
        let read = || -> io::Result<Vec<u8>> {
            let there = fs::metadata(path)?;
            if !there.is_file() {
                return Err(io::Error::other("it is not a regular file"));
            }
            // As much as is read, and no more because it grew.
            let length = there.len().min(MOST_BYTES) + 1;
            let mut bytes = Vec::with_capacity(usize::try_from(length).map_err(io::Error::other)?);
            File::open(path)?.take(MOST_BYTES + 1).read_to_end(&mut bytes)?;
            Ok(bytes)
        };
        let bytes = read();
        let bytes = bytes.map_err(|source| ReceiptError::Io {
            action: "read the receipt",
            path: path.to_owned(),
            source,
        })?;
        Self::from_bytes(bytes)
    }

    /// Takes the bytes of a receipt's file.
    ///
    /// # Errors
    /// They are neither a statement nor an envelope.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, ReceiptError> {
        /// What tells one from the other.
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Kind {
            payload_type: Option<String>,
        }
        let invalid = |what: String| ReceiptError::Invalid(what);
        if bytes.len() as u64 > MOST_BYTES {
            return Err(invalid("it is larger than any receipt".to_owned()));
        }
        let json =
            |error: serde_json::Error| invalid(format!("it is no receipt: {}", shown(&error.to_string())));
        let kind: Kind = strict::from_slice(&bytes).map_err(json)?;
        let Some(kind) = kind.payload_type else { return Ok(Self { payload: bytes, signatures: None }) };
        if kind != PAYLOAD_TYPE {
            let what = format!("its envelope holds {}, and not {PAYLOAD_TYPE}", shown(&kind));
            return Err(invalid(what));
        }
        let envelope: Sealing<'_> = strict::from_slice(&bytes).map_err(json)?;
        let decoded = |text: &str, what: &str| {
            // DSSE allows both alphabets.
            let bytes = BASE64.decode(text.as_bytes()).or_else(|_| BASE64URL.decode(text.as_bytes()));
            bytes.map_err(|_| invalid(format!("the {what} of its envelope is not base64")))
        };
        let signatures = envelope.signatures.iter().map(|one| decoded(&one.sig, "signature"));
        Ok(Self {
            payload: decoded(&envelope.payload, "payload")?,
            signatures: Some(signatures.collect::<Result<_, _>>()?),
        })
    }

    /// The statement's bytes.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// The fingerprints of the keys that the signatures claim; nobody has verified them.
    #[must_use]
    pub fn claimed(&self) -> Vec<String> {
        let read = |blob: &Vec<u8>| Signature::from_blob(blob.clone()).ok();
        self.signatures.iter().flatten().filter_map(read).map(|signature| signature.fingerprint()).collect()
    }

    /// Whether somebody signed it who may: `signer`, if that is given, else anybody whom the file of allowed signers
    /// names. One such signature is enough.
    ///
    /// # Errors
    /// Nobody did; of several signatures, why the first that could be read does not count.
    pub fn verify(
        &self,
        allowed: &AllowedSigners,
        signer: Option<&str>,
        now: Timestamp,
    ) -> Result<Signer, SignatureError> {
        let missing = |what: &str| SignatureError::Missing { what: what.to_owned(), namespace: RECEIPT };
        let signatures = self.signatures.as_ref().ok_or_else(|| missing("the receipt is in no envelope"))?;
        let message = pae(PAYLOAD_TYPE, &self.payload);
        let mut refused = None;
        for blob in signatures {
            let signature = Signature::from_blob(blob.clone());
            match signature.and_then(|one| allowed.verify(&one, &message, RECEIPT, signer, now)) {
                Ok(signer) => return Ok(signer),
                Err(error) => match refused {
                    Some(SignatureError::Malformed(_) | SignatureError::Unsupported(_)) | None => {
                        refused = Some(error);
                    }
                    Some(_) => {}
                },
            }
        }
        Err(refused.unwrap_or_else(|| missing("the receipt's envelope has no signature")))
    }

    /// What it says.
    ///
    /// # Errors
    /// It is no receipt, of a version that is not understood, or contradicts itself.
    pub fn receipt(&self) -> Result<Receipt, ReceiptError> {
        /// What tells whether the rest can be understood at all.
        #[derive(Deserialize)]
        struct Types {
            #[serde(rename = "_type")]
            statement: String,
            #[serde(rename = "predicateType")]
            predicate: String,
        }
        let invalid = |what: String| ReceiptError::Invalid(what);
        let json =
            |error: serde_json::Error| invalid(format!("it is no receipt: {}", shown(&error.to_string())));
        let types: Types = strict::from_slice(&self.payload).map_err(json)?;
        for (found, expected) in [(&types.statement, STATEMENT), (&types.predicate, PREDICATE)] {
            if found != expected {
                let what = format!("it is {}, and this reader understands {expected} only", shown(found));
                return Err(invalid(what));
            }
        }
        // The policy with everything in it, also what is not known here.
        let policy = canonical::at(&self.payload, &["predicate", EXTENSION, "policy"]);
        let policy = policy.map_err(|error| match error {
            NotCanonical::Json(error) => json(error),
            NotCanonical::Other => invalid("it is not in its canonical form (RFC 8785)".to_owned()),
        })?;
        let receipt: Receipt = strict::from_slice(&self.payload).map_err(json)?;
        let policy = policy.map(Digest::of).ok_or_else(|| invalid("it has no policy".to_owned()))?;
        receipt.sound(policy).map_err(invalid)?;
        Ok(receipt)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The test vector of DSSE's own page.
    #[test]
    fn what_is_signed_is_what_dsse_says() {
        assert_eq!(
            pae("http://example.com/HelloWorld", b"hello world"),
            b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
        );
        assert_eq!(pae("", b""), b"DSSEv1 0  0 ");
    }
}
