//! The pieces of a file, packed.
//!
//! Decides their form: mostly a piece begins where the one before it ends, and stands at the file's own path, which
//! then takes a byte each. Cost: some nine bytes a piece.

use crate::attribution::change_index::PathNo;
use crate::attribution::packed::{put, take};
use crate::scan::known::Piece;

/// Appends the pieces of the file at a path.
pub(super) fn pack(pieces: &[Piece], path: PathNo, bytes: &mut Vec<u8>) {
    let (mut line, mut start) = (0_u32, 0_u32);
    for piece in pieces {
        put(bytes, piece.line.wrapping_sub(line));
        put(bytes, piece.len);
        put(bytes, piece.start.wrapping_sub(start));
        put(bytes, piece.end.wrapping_sub(piece.start));
        put(bytes, piece.commit);
        put(bytes, if piece.path == path { 0 } else { piece.path.wrapping_add(1) });
        (line, start) = (piece.line.wrapping_add(piece.len), piece.end);
    }
}

/// The pieces of the file at a path.
pub(super) fn unpack(mut packed: &[u8], path: PathNo) -> impl Iterator<Item = Piece> {
    let (mut line, mut start) = (0_u32, 0_u32);
    std::iter::from_fn(move || {
        if packed.is_empty() {
            return None;
        }
        let mut next = || take(&mut packed);
        let (skipped, len, gap, size, commit) = (next(), next(), next(), next(), next());
        let at = match next() {
            0 => path,
            other => other.wrapping_sub(1),
        };
        let (first, from) = (line.wrapping_add(skipped), start.wrapping_add(gap));
        (line, start) = (first.wrapping_add(len), from.wrapping_add(size));
        Some(Piece { line: first, len, start: from, end: start, commit, path: at })
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn piece() -> impl Strategy<Value = Piece> {
        let number = || prop_oneof![0..9_u32, any::<u32>()];
        (number(), number(), number(), number(), number(), 0..u32::MAX)
            .prop_map(|(line, len, start, end, commit, path)| Piece { line, len, start, end, commit, path })
    }

    proptest! {
        #[test]
        fn pieces_come_back(pieces in prop::collection::vec(piece(), 0..9), path in 0..4_u32) {
            let mut bytes = Vec::new();
            pack(&pieces, path, &mut bytes);
            prop_assert_eq!(unpack(&bytes, path).collect::<Vec<_>>(), pieces);
        }

        #[test]
        fn any_bytes_come_to_an_end(bytes: Vec<u8>) {
            prop_assert!(unpack(&bytes, 0).count() <= bytes.len());
        }
    }

    #[test]
    fn pieces_that_follow_one_another_are_small() {
        let piece =
            |line, commit| Piece { line, len: 1, start: 40 * line, end: 40 * line + 40, commit, path: 7 };
        let mut bytes = Vec::new();
        pack(&[piece(0, 80_000), piece(1, 3)], 7, &mut bytes);
        assert_eq!(bytes.len(), 8 + 6);
    }
}
