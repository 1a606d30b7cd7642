//! (being written)
use super::*;
pub(super) fn list(source: Source) -> Result<(List, Vec<Diagnostic>), Vec<Diagnostic>> {
    let _ = source;
    todo!()
}
