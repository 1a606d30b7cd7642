//! Extended headers, as pax has them: what they say of the member that follows.
//!
//! Decides what a record is: its length tells where it ends, so that any bytes may be in it, line ends too. Must not decide
//! what becomes of the member.

/// What headers say of the member that follows them.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) name: Option<Vec<u8>>,
    pub(super) size: Option<u64>,
}

/// Why a header is not taken.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fault {
    Broken,
    Sparse,
}

/// What the records of a header say; of two with one key the last one counts.
pub(super) fn says(mut records: &[u8]) -> Result<Said, Fault> {
    let mut said = Said::default();
    while !records.is_empty() {
        let (key, value, rest) = record(records).ok_or(Fault::Broken)?;
        match key {
            b"path" => said.name = Some(value.to_vec()),
            b"size" => said.size = Some(number(value).ok_or(Fault::Broken)?),
            key if key.starts_with(b"GNU.sparse") => return Err(Fault::Sparse),
            _ => {}
        }
        records = rest;
    }
    Ok(said)
}

/// The first record, `LENGTH KEY=VALUE` and a line end: its key, its value, and what follows.
fn record(records: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let space = memchr::memchr(b' ', records)?;
    let length = usize::try_from(number(&records[..space])?).ok()?;
    let (record, rest) = records.split_at_checked(length)?;
    let record = record.get(space + 1..)?.strip_suffix(b"\n")?;
    let equals = memchr::memchr(b'=', record)?;
    Some((&record[..equals], &record[equals + 1..], rest))
}

fn number(digits: &[u8]) -> Option<u64> {
    let digits =
        std::str::from_utf8(digits).ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))?;
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_ends_where_its_length_says() {
        let said = says(b"13 comment=a\n6 b=\n\n17 path=a\n8 x=b\n\n9 size=7\n").unwrap();
        assert_eq!(said, Said { name: Some(b"a\n8 x=b\n".to_vec()), size: Some(7) });
        assert_eq!(says(b"").unwrap(), Said::default());
        assert_eq!(says(b"9 size=1\n9 size=2\n").unwrap().size, Some(2));
        assert_eq!(says(b"20 GNU.sparse.size=1\n").err(), Some(Fault::Broken), "it has 21");
        assert_eq!(says(b"21 GNU.sparse.size=1\n").err(), Some(Fault::Sparse));
    }

    #[test]
    fn what_is_no_record_is_broken() {
        for records in [
            &b"9 size=x\n"[..],
            b"9 size=7 ",
            b"11 size=7\n",
            b"8 size=7\n",
            b"9size=7\n",
            b"+9 size=7\n",
            b" size=7\n",
            b"7 size\n\n",
            b"2 \n",
            b"1 ",
            b"0 a=b\n",
            b"99999999999999999999999 a=b\n",
            b"9 size=7\n\0",
            b"11 size=-7\n",
        ] {
            assert_eq!(says(records).err(), Some(Fault::Broken), "{}", records.escape_ascii());
        }
    }
}
