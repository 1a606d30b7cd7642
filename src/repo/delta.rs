//! Deltas, in which packs hold most objects: what to copy from a base, and what to put between.
//!
//! Decides whether a delta fits its base. Cost: the bytes of the result.

/// The size of what a delta makes.
pub(super) fn result_size(mut delta: &[u8]) -> Option<u64> {
    size(&mut delta)?;
    size(&mut delta)
}

/// What `delta` makes of `base`; nothing if it does not fit, or makes more than `most` bytes.
pub(super) fn apply(base: &[u8], mut delta: &[u8], most: usize) -> Option<Vec<u8>> {
    let base_size = usize::try_from(size(&mut delta)?).ok()?;
    let result_size = usize::try_from(size(&mut delta)?).ok()?;
    if base_size != base.len() || result_size > most {
        return None;
    }
    // What a delta says of its size is not believed before it is so: each of its bytes makes at most 16 MiB.
    let mut result = Vec::with_capacity(result_size.min(delta.len().saturating_mul(1 << 24)));
    while let Some((op, rest)) = delta.split_first() {
        delta = rest;
        if op & 0x80 == 0 {
            // Bytes of its own; the number 0 is reserved.
            let (own, rest) = delta.split_at_checked(usize::from(*op)).filter(|(own, _)| !own.is_empty())?;
            result.extend_from_slice(own);
            delta = rest;
        } else {
            let start = number(&mut delta, *op, 4)?;
            let len = match number(&mut delta, op >> 4, 3)? {
                0 => 0x10000,
                len => len,
            };
            result.extend_from_slice(base.get(start..start.checked_add(len)?)?);
        }
        if result.len() > result_size {
            return None;
        }
    }
    (result.len() == result_size).then_some(result)
}

/// A size: seven bits a byte, the lowest first.
fn size(delta: &mut &[u8]) -> Option<u64> {
    let mut size = 0_u64;
    for shift in (0..63).step_by(7) {
        let (byte, rest) = delta.split_first()?;
        *delta = rest;
        size |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(size);
        }
    }
    None
}

/// A number of up to `bytes` bytes, of which those are there whose bit in `present` is set.
fn number(delta: &mut &[u8], present: u8, bytes: u32) -> Option<usize> {
    let mut number = 0;
    for at in 0..bytes {
        if present & (1 << at) != 0 {
            let (byte, rest) = delta.split_first()?;
            *delta = rest;
            number |= usize::from(*byte) << (8 * at);
        }
    }
    Some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_and_own_bytes_make_the_result() {
        // Of 6 bytes make 7: copy 3 from 2, then two own bytes, then copy 2 from 0.
        let delta = [6, 7, 0x91, 2, 3, 2, b'x', b'y', 0x90, 2];
        assert_eq!(apply(b"abcdef", &delta, 100).unwrap(), b"cdexyab");
        assert_eq!(result_size(&delta), Some(7));
        assert_eq!(apply(b"abcdef", &delta, 6), None, "larger than allowed");
        assert_eq!(apply(b"abcdefg", &delta, 100), None, "another base");
    }

    #[test]
    fn a_length_of_nothing_is_64_kib() {
        let base = vec![b'a'; 0x10001];
        let delta = [0x81, 0x80, 0x04, 0x80, 0x80, 0x04, 0x80];
        assert_eq!(apply(&base, &delta, 1 << 20).unwrap().len(), 0x10000);
    }

    #[test]
    fn a_delta_that_is_cut_off_or_reaches_too_far_is_none() {
        let whole = [6, 7, 0x91, 2, 3, 2, b'x', b'y', 0x90, 2];
        for end in 0..whole.len() {
            assert_eq!(apply(b"abcdef", &whole[..end], 100), None, "cut at {end}");
        }
        assert_eq!(apply(b"abcdef", &[6, 3, 0x91, 4, 3], 100), None, "beyond the base");
        assert_eq!(apply(b"abcdef", &[6, 0, 0], 100), None, "a reserved byte");
        assert_eq!(apply(b"abcdef", &[6, 2, 3, b'a', b'b', b'c'], 100), None, "more than it says");
        assert_eq!(apply(b"", &[0xff; 20], 100), None, "a size without end");
    }
}
