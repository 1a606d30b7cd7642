//! The digests of files, several at once.
//!
//! Decides nothing: reads and hashes. Memory does not grow with the files.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use sha2::{Digest as _, Sha256};

use super::ReceiptError;
use super::files::DataFile;
use crate::dataset::Watch;
use crate::manifest::Digest;

/// So much is read at once.
const PIECE: usize = 1 << 20;

/// The digests of files, in their order.
pub(super) fn digests(
    files: &[&DataFile],
    threads: usize,
    watch: &dyn Watch,
) -> Result<Vec<Digest>, ReceiptError> {
    let next = AtomicUsize::new(0);
    let found = Mutex::new(vec![None; files.len()]);
    let work = || -> Result<(), ReceiptError> {
        let mut piece = vec![0; PIECE];
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(file) = files.get(at) else { return Ok(()) };
            let digest = digest(&file.path, &mut piece, watch)?;
            if let Ok(mut found) = found.lock() {
                found[at] = Some(digest);
            }
        }
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads.clamp(1, files.len().max(1))).map(|_| scope.spawn(work)).collect();
        let ends = workers
            .into_iter()
            .map(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        // Every worker is waited for, and the first that failed is told.
        ends.collect::<Vec<_>>().into_iter().collect::<Result<(), _>>()
    })?;
    let found = found.into_inner().unwrap_or_default();
    let missing = || ReceiptError::Unfit("a file was not hashed".to_owned());
    found.into_iter().collect::<Option<Vec<_>>>().filter(|all| all.len() == files.len()).ok_or_else(missing)
}

fn digest(path: &Path, piece: &mut [u8], watch: &dyn Watch) -> Result<Digest, ReceiptError> {
    let io = |source| ReceiptError::Io { action: "read", path: path.to_owned(), source };
    let mut file = File::open(path).map_err(io)?;
    let mut hash = Sha256::new();
    loop {
        if watch.interrupted() {
            return Err(ReceiptError::Interrupted);
        }
        match file.read(piece) {
            Ok(0) => return Ok(Digest::from_bytes(hash.finalize().into())),
            Ok(read) => {
                hash.update(&piece[..read]);
                watch.advance(read as u64, 0);
            }
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(io(error)),
        }
    }
}
