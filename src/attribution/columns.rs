//! Columns of numbers and ids as they lie in memory, one after the other: reading them back is a copy.
//!
//! Decides nothing about what they mean. Only machines that lay numbers out alike can read what another has written;
//! who writes a file has to tell which that is.

use std::io::Read;

use bytemuck::Pod;

/// Appends a column.
pub(super) fn put<T: Pod>(bytes: &mut Vec<u8>, column: &[T]) {
    bytes.extend_from_slice(&(column.len() as u64).to_ne_bytes());
    bytes.extend_from_slice(bytemuck::cast_slice(column));
}

/// Columns that are read one after the other.
pub(super) struct Columns<R> {
    from: R,
    /// So many bytes are left.
    left: u64,
}

impl<R: Read> Columns<R> {
    /// Those that stand in `length` bytes.
    pub(super) fn new(from: R, length: u64) -> Self {
        Self { from, left: length }
    }

    /// The next column; `None` if it is not there.
    pub(super) fn take<T: Pod>(&mut self) -> Option<Vec<T>> {
        let mut count = [0; 8];
        self.left = self.left.checked_sub(8)?;
        self.from.read_exact(&mut count).ok()?;
        let count = u64::from_ne_bytes(count);
        // No memory is taken for what cannot be there.
        self.left = self.left.checked_sub(count.checked_mul(size_of::<T>() as u64)?)?;
        // Memory that the system has zeroed is not written to twice.
        let mut column = bytemuck::try_zeroed_vec(usize::try_from(count).ok()?).ok()?;
        self.from.read_exact(bytemuck::cast_slice_mut(&mut column)).ok()?;
        Some(column)
    }

    /// Whether there are no more.
    pub(super) fn is_at_end(&self) -> bool {
        self.left == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_come_back_and_lies_about_their_length_do_not_take_memory() {
        let mut bytes = Vec::new();
        put(&mut bytes, &[7_u32, 9]);
        put(&mut bytes, &[[1_u8; 20]; 3]);
        let mut columns = Columns::new(&*bytes, bytes.len() as u64);
        assert_eq!(columns.take::<u32>(), Some(vec![7, 9]));
        assert_eq!(columns.take::<[u8; 20]>(), Some(vec![[1; 20]; 3]));
        assert!(columns.is_at_end() && columns.take::<u32>().is_none());
        bytes[7] = 0x7f;
        bytes[0] = 0xff;
        assert_eq!(Columns::new(&*bytes, bytes.len() as u64).take::<u32>(), None);
        assert_eq!(Columns::new(&bytes[..12], 12).take::<u32>(), None, "cut off");
    }
}
