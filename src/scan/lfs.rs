//! Git LFS pointers: small text files that stand for large ones.
//!
//! Decides what is one, strictly by the pointer's specification, version 1.

/// The largest pointer that git-lfs itself takes for one, in bytes.
const LARGEST: usize = 1024;

/// What a pointer points at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pointer {
    /// SHA-256 of the large file.
    pub sha256: [u8; 32],
    /// Its size in bytes.
    pub size: u64,
}

impl Pointer {
    /// Reads a pointer, if `content` is one.
    #[must_use]
    pub fn parse(content: &[u8]) -> Option<Self> {
        if content.len() > LARGEST {
            return None;
        }
        let text = std::str::from_utf8(content).ok()?;
        let mut lines = text.lines();
        let version = lines.next()?.strip_prefix("version ")?;
        if version != "https://git-lfs.github.com/spec/v1" && version != "https://hawser.github.com/spec/v1" {
            return None;
        }
        let (mut sha256, mut size) = (None, None);
        for line in lines {
            let (key, value) = line.split_once(' ')?;
            match key {
                "oid" => {
                    let hex = value.strip_prefix("sha256:")?;
                    sha256 = data_encoding::HEXLOWER.decode(hex.as_bytes()).ok()?.try_into().ok();
                }
                "size" => size = value.parse().ok(),
                _ => {}
            }
        }
        Some(Self { sha256: sha256?, size: size? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_is_told_from_a_text_about_pointers() {
        let oid = "ab".repeat(32);
        let pointer = format!("version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize 12345\n");
        assert_eq!(Pointer::parse(pointer.as_bytes()), Some(Pointer { sha256: [0xab; 32], size: 12345 }));
        let extended = pointer.replace("oid", "ext-0-foo sha256:cd\noid");
        assert_eq!(Pointer::parse(extended.as_bytes()).unwrap().size, 12345);
        for broken in [
            pointer.replace("v1", "v2"),
            pointer.replace("ab", "xy"),
            pointer.replace("sha256", "md5"),
            pointer.replace("12345", "-1"),
            pointer.replace("size", "length"),
            format!("# {pointer}"),
        ] {
            assert_eq!(Pointer::parse(broken.as_bytes()), None, "{broken}");
        }
    }
}
