//! The fields of a row as JSON, one after the other.
//!
//! Decides how a field is spelled. The order is up to the row: keys in bytewise order make it canonical.
//! Rows are mostly hashes; their digits go straight into the row, and serde_json spells all the rest.

use data_encoding::HEXLOWER;
use serde::Serialize;

use super::hex::Hash;

/// A row being written.
pub(super) struct Fields<'b> {
    bytes: &'b mut Vec<u8>,
    /// What stands before the next key.
    before: u8,
}

impl<'b> Fields<'b> {
    /// A row without fields so far, behind what is there.
    pub(super) fn begin(bytes: &'b mut Vec<u8>) -> Self {
        Self { bytes, before: b'{' }
    }

    /// A field, if it is there.
    pub(super) fn put(&mut self, key: &str, value: Option<impl Serialize>) -> serde_json::Result<()> {
        let Some(value) = value else { return Ok(()) };
        self.key(key);
        serde_json::to_writer(&mut *self.bytes, &value)
    }

    /// A hash, if it is there.
    pub(super) fn hash(&mut self, key: &str, hash: Option<&impl Hash>) {
        let Some(hash) = hash.map(Hash::as_bytes) else { return };
        self.key(key);
        self.bytes.push(b'"');
        let start = self.bytes.len();
        self.bytes.resize(start + HEXLOWER.encode_len(hash.len()), 0);
        HEXLOWER.encode_mut(hash, &mut self.bytes[start..]);
        self.bytes.push(b'"');
    }

    /// No more fields; there was one.
    pub(super) fn end(self) {
        self.bytes.push(b'}');
    }

    fn key(&mut self, key: &str) {
        self.bytes.extend_from_slice(&[self.before, b'"']);
        self.bytes.extend_from_slice(key.as_bytes());
        self.bytes.extend_from_slice(b"\":");
        self.before = b',';
    }
}
