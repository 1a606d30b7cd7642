use super::*;
use crate::dataset::Column;
use crate::manifest::keys::HashKind;

fn columns(meaning: Meaning) -> Columns {
    let column = |name: &str, meaning| Column { name: name.to_owned(), meaning };
    Columns::new(vec![column("id", meaning), column("text", Meaning::Content)]).unwrap()
}

fn spelled(is: Meaning, content: &[u8]) -> String {
    let hash = data_encoding::HEXLOWER.encode(Key::of(key::kind(is).unwrap(), content).as_bytes());
    if is == Meaning::Swhid { format!("swh:1:cnt:{hash}") } else { hash }
}

/// Ten rows, of which so many have another content than that of their key, and the others of these have it as `is`.
fn see(prover: &mut Prover<'_>, is: Meaning, wrong: u64) {
    for number in 0..10_u64 {
        let content = number.to_string();
        let of = if number < wrong { "before it was redacted" } else { &content };
        let id = spelled(is, of.as_bytes());
        prover.see(&Row::new(&[Value::Bytes(id.as_bytes()), Value::Bytes(content.as_bytes())]));
    }
}

fn prove(said: Meaning, is: Meaning, wrong: u64, redacted: bool) -> Result<Vec<Proof>, ProofError> {
    let columns = columns(said);
    let mut prover = Prover::new(&columns);
    see(&mut prover, is, wrong);
    prover.finish(redacted)
}

#[test]
fn a_column_that_holds_what_is_said_is_proved() {
    for meaning in OTHERS {
        let proof = &prove(meaning, meaning, 0, false).unwrap()[0];
        assert_eq!((proof.rows, proof.equal), (10, 10));
    }
    // As raw bytes, too.
    let columns = columns(Meaning::Sha1);
    let mut prover = Prover::new(&columns);
    let id = Key::of(HashKind::Sha1, b"x");
    prover.see(&Row::new(&[Value::Bytes(id.as_bytes()), Value::Bytes(b"x")]));
    assert_eq!(prover.finish(false).unwrap()[0].equal, 1);
}

#[test]
fn a_single_row_that_does_not_bear_it_out_is_enough() {
    let error = prove(Meaning::Sha1, Meaning::Sha1, 1, false).unwrap_err();
    assert!(error.to_string().contains("it does in 9 of 10 rows"), "{error}");
    assert!(error.may_be_redacted());
}

#[test]
fn contents_that_were_changed_may_differ_if_that_is_said_but_not_most() {
    let proof = &prove(Meaning::Sha1, Meaning::Sha1, 4, true).unwrap()[0];
    assert_eq!((proof.rows, proof.equal), (10, 6));
    for wrong in [5, 10] {
        let error = prove(Meaning::Sha1, Meaning::Sha1, wrong, true).unwrap_err();
        assert!(error.to_string().contains(&format!("it does in {} of 10 rows", 10 - wrong)), "{error}");
        assert!(!error.may_be_redacted());
    }
}

#[test]
fn a_hash_of_another_kind_is_told_by_its_kind() {
    let error = prove(Meaning::GitSha1, Meaning::Sha1, 0, false).unwrap_err().to_string();
    assert_eq!(
        error,
        "column `id` does not hold git_sha1, but sha1: so it is in 10 of 10 rows that were looked at"
    );
    for said in OTHERS {
        for is in OTHERS.into_iter().filter(|is| *is != said) {
            for redacted in [false, true] {
                let error = prove(said, is, 9, redacted).unwrap_err();
                assert!(
                    error.to_string().contains(&format!("does not hold {said}, but {is}: so it is in 1 of"))
                );
                assert!(!error.may_be_redacted());
            }
        }
    }
    // However many go with it.
    let columns = columns(Meaning::Sha1);
    let mut prover = Prover::new(&columns);
    see(&mut prover, Meaning::Sha1, 0);
    let id = spelled(Meaning::GitSha1, b"x");
    prover.see(&Row::new(&[Value::Bytes(id.as_bytes()), Value::Bytes(b"x")]));
    assert!(prover.finish(true).unwrap_err().to_string().contains("but git_sha1: so it is in 1 of 11"));
}

#[test]
fn without_key_or_content_nothing_is_proved_and_nothing_refused() {
    let columns = columns(Meaning::Sha1);
    let mut prover = Prover::new(&columns);
    let id = Value::Bytes(b"da39a3ee5e6b4b0d3255bfef95601890afd80709");
    for [id, text] in [
        [id, Value::Null],
        [Value::Null, Value::Bytes(b"text")],
        [Value::Bytes(b""), Value::Bytes(b"text")],
        [Value::Bytes(b"nan"), Value::Bytes(b"text")],
    ] {
        prover.see(&Row::new(&[id, text]));
    }
    assert_eq!(prover.finish(false).unwrap()[0].rows, 0);
}

fn lines(count: u64, redacted: u64) -> String {
    let line = |number: u64| {
        let text = format!("text {number}");
        let of = if number == redacted { "before" } else { &text };
        format!("{{\"text\":\"{text}\",\"id\":\"{}\"}}\n", spelled(Meaning::Sha1, of.as_bytes()))
    };
    (0..count).map(line).collect()
}

#[test]
fn a_stream_is_looked_at_ahead_and_given_back_whole() {
    let columns = columns(Meaning::Sha1);
    for (rows, redacted, seen) in [(0, 9, 0), (3, 9, 3), (5000, 9999, 32), (5000, 32, 32)] {
        let mut prover = Prover::new(&columns);
        let text = lines(rows, redacted);
        let mut back = String::new();
        let mut stream = ahead(&mut prover, io::Cursor::new(text.clone().into_bytes())).unwrap();
        stream.read_to_string(&mut back).unwrap();
        assert!(back == text);
        assert_eq!(prover.finish(false).unwrap()[0].rows, seen);
    }
    let mut prover = Prover::new(&columns);
    ahead(&mut prover, io::Cursor::new(lines(50, 31).into_bytes())).unwrap();
    assert!(prover.finish(false).is_err());
    let mut prover = Prover::new(&columns);
    let damaged = ahead(&mut prover, io::Cursor::new(b"{\"text\":\"a\"}\n{\"te".to_vec()));
    assert!(damaged.err().unwrap().to_string().contains("row 2"));
}

/// Rows of a megabyte each: what is read beforehand has a bound.
#[test]
fn no_more_of_a_stream_is_held_than_has_to_be() {
    struct Counted(std::sync::Arc<std::sync::atomic::AtomicUsize>, io::Cursor<Vec<u8>>);
    impl Read for Counted {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let read = self.1.read(buffer)?;
            self.0.fetch_add(read, std::sync::atomic::Ordering::Relaxed);
            Ok(read)
        }
    }
    let columns = columns(Meaning::Sha1);
    let mut prover = Prover::new(&columns);
    let content = "x".repeat(1 << 20);
    let line =
        format!("{{\"text\":\"{content}\",\"id\":\"{}\"}}\n", spelled(Meaning::Sha1, content.as_bytes()));
    let read = std::sync::Arc::default();
    let stream = Counted(std::sync::Arc::clone(&read), io::Cursor::new(line.repeat(30).into_bytes()));
    drop(ahead(&mut prover, stream).unwrap());
    let read = read.load(std::sync::atomic::Ordering::Relaxed);
    assert!(((MOST_BYTES)..MOST_BYTES + 3 * line.len()).contains(&read), "{read}");
    assert!((15..18).contains(&prover.finish(false).unwrap()[0].rows));
}
