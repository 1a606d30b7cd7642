//! Numbers in RLE/bit-packed hybrid: levels, and places in a dictionary.
//!
//! Decides what comes next of them (Parquet's "Encodings", RLE = 3). Must not know what they mean.

use std::ops::Range;

/// Numbers of one width, read one after the other. It knows where it is, not the bytes: whoever has the page shows it each
/// time.
#[derive(Debug, Clone)]
pub(super) struct Hybrid {
    /// What is not read yet.
    rest: Range<usize>,
    /// How many bits a number has, 32 at most.
    width: usize,
    run: Run,
}

/// What is left of numbers that stand together.
#[derive(Debug, Clone)]
enum Run {
    /// The same, so many times.
    Same(u32, usize),
    /// Side by side, in these bits.
    Packed(Range<usize>),
}

impl Hybrid {
    /// Numbers in these bytes of a page. None if no number has so many bits.
    pub(super) fn new(rest: Range<usize>, width: u8) -> Option<Self> {
        (width <= 32).then(|| Self { rest, width: width.into(), run: Run::Same(0, 0) })
    }

    /// Reads so many numbers; none if there are fewer.
    pub(super) fn each(&mut self, page: &[u8], count: usize, mut number: impl FnMut(u32)) -> Option<()> {
        let mut left = count;
        while left > 0 {
            let width = self.width;
            match &mut self.run {
                Run::Same(same, times) if *times > 0 => {
                    let taken = left.min(*times);
                    (0..taken).for_each(|_| number(*same));
                    *times -= taken;
                    left -= taken;
                }
                Run::Packed(bits) if bits.len() >= width => {
                    let taken = left.min(bits.len() / width);
                    (0..taken).for_each(|place| number(packed(page, bits.start + place * width, width)));
                    bits.start += taken * width;
                    left -= taken;
                }
                Run::Same(..) | Run::Packed(_) => self.next_run(page)?,
            }
        }
        Some(())
    }

    fn next_run(&mut self, page: &[u8]) -> Option<()> {
        let header = self.varint(page)?;
        let count = usize::try_from(header >> 1).ok()?;
        self.run = if header & 1 == 0 {
            let mut same = [0; 4];
            let number = page.get(self.rest.clone())?.get(..self.width.div_ceil(8))?;
            same[..number.len()].copy_from_slice(number);
            self.rest.start += number.len();
            Run::Same(u32::from_le_bytes(same), count)
        } else if self.width == 0 {
            Run::Same(0, count.checked_mul(8)?)
        } else {
            // Eight numbers take as many bytes as one has bits. Some writers cut off those that nobody needs.
            let start = self.rest.start;
            self.rest.start += count.checked_mul(self.width)?.min(self.rest.len());
            Run::Packed(start.checked_mul(8)?..self.rest.start.checked_mul(8)?)
        };
        Some(())
    }

    fn varint(&mut self, page: &[u8]) -> Option<u64> {
        let mut value = 0;
        for shift in (0..35).step_by(7) {
            let byte = *page.get(self.rest.next()?)?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }
}

/// The number of so many bits, 32 at most, that begins with a bit; the lowest bits come first. Behind the page all are 0.
fn packed(page: &[u8], at: usize, width: usize) -> u32 {
    let rest = page.get(at / 8..).unwrap_or_default();
    let eight = match rest.first_chunk() {
        Some(eight) => *eight,
        None => {
            let mut eight = [0; 8];
            eight[..rest.len()].copy_from_slice(rest);
            eight
        }
    };
    // 32 bits from the eighth bit on lie within five bytes.
    ((u64::from_le_bytes(eight) >> (at % 8)) & ((1 << width) - 1)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8], width: u8, count: usize) -> Option<Vec<u32>> {
        let mut numbers = Vec::new();
        // Also in two goes, with the same outcome.
        let mut hybrid = Hybrid::new(0..bytes.len(), width)?;
        hybrid.each(bytes, count / 2, |number| numbers.push(number))?;
        hybrid.each(bytes, count - count / 2, |number| numbers.push(number))?;
        Some(numbers)
    }

    #[test]
    fn the_example_of_the_format() {
        // 0 to 7, three bits each.
        let packed = [0b0000_0011, 0b1000_1000, 0b1100_0110, 0b1111_1010];
        assert_eq!(read(&packed, 3, 8), Some((0..8).collect()));
    }

    #[test]
    fn runs_follow_each_other() {
        // Three times 300; then eight, nine bits each, the first of them 1 and all others 0; no times 7; once 511.
        let bytes = [6, 44, 1, 3, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7, 0, 2, 255, 1];
        assert_eq!(read(&bytes, 9, 12), Some(vec![300, 300, 300, 1, 0, 0, 0, 0, 0, 0, 0, 511]));
        assert_eq!(read(&bytes, 9, 13), None, "there are no more");
    }

    #[test]
    fn numbers_of_no_bits_are_nothing() {
        assert_eq!(read(&[20], 0, 10), Some(vec![0; 10]));
        assert_eq!(read(&[3], 0, 8), Some(vec![0; 8]));
        assert_eq!(read(&[], 0, 0), Some(Vec::new()));
        assert_eq!(read(&[], 0, 1), None);
    }

    #[test]
    fn numbers_of_all_bits() {
        assert_eq!(read(&[4, 255, 255, 255, 255], 32, 2), Some(vec![u32::MAX; 2]));
        let mut packed = vec![3];
        (0..8_u32).for_each(|at| packed.extend((u32::MAX - at).to_le_bytes()));
        assert_eq!(read(&packed, 32, 8), Some((0..8).map(|at| u32::MAX - at).collect()));
        assert!(Hybrid::new(0..0, 33).is_none());
    }

    #[test]
    fn what_is_cut_off_is_none() {
        assert_eq!(read(&[0x80], 1, 1), None);
        assert_eq!(read(&[4], 1, 2), None);
        assert_eq!(read(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff], 1, 2), None);
        // The last numbers of a group may be missing, and are not made up.
        assert_eq!(read(&[3, 0b11], 1, 8), Some(vec![1, 1, 0, 0, 0, 0, 0, 0]));
        assert_eq!(read(&[3, 0b11], 2, 4), Some(vec![3, 0, 0, 0]));
        assert_eq!(read(&[3, 0b11], 2, 5), None);
    }
}
