//! Filters a Parquet shard by a list of values, for `scripts/parquet_peers.py`: its rows are held against those of pyarrow,
//! DuckDB and Polars, and its time against theirs.
//!
//!     parquet_filter verify|filter IN OUT VALUES COLUMN…
//!
//! A row (or an item of a list) goes if one of the columns has one of the values: lines of the file VALUES. A column
//! `content` is replaced by its first 5 bytes instead, where it contains one of them.

#![allow(clippy::print_stdout, reason = "a measurement")]

use std::collections::HashSet;
use std::error::Error;
use std::fs::File;

use withhold::dataset::{Column, Columns, Decision, Meaning, Row, Value, parquet};

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().collect();
    let [_, how, input, output, values, names @ ..] = &args[..] else { return Err("see the source".into()) };
    let values = std::fs::read(values)?;
    let values: HashSet<&[u8], foldhash::fast::RandomState> =
        values.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).collect();
    let meaning = |name: &str| if name.ends_with("content") { Meaning::Content } else { Meaning::GitSha1 };
    let columns = names.iter().map(|name| Column { name: name.clone(), meaning: meaning(name) });
    let columns = Columns::new(columns.collect())?;
    let content = columns.iter().position(|column| column.meaning == Meaning::Content);
    let mut judge = |row: &Row<'_>| {
        let goes = |value: &Value<'_>| match value {
            Value::Bytes(bytes) => values.contains(bytes),
            Value::List(list) => list.iter().flatten().any(|bytes| values.contains(bytes)),
            Value::Null | Value::Unread => false,
        };
        match content.map(|at| row.values[at]) {
            Some(Value::Unread) => return Decision::Read,
            Some(Value::Bytes(bytes))
                if values.iter().any(|value| memchr::memmem::find(bytes, value).is_some()) =>
            {
                return Decision::Replace(bytes[..bytes.len().min(5)].to_vec());
            }
            _ => {}
        }
        if row.values.iter().any(goes) { Decision::Drop } else { Decision::Keep }
    };
    let tally = if how == "verify" {
        parquet::verify(input.as_ref(), &columns, &mut judge, &())?
    } else {
        parquet::filter(input.as_ref(), &columns, &mut judge, &(), File::create(output)?)?
    };
    println!("{} {}", tally.read, tally.written);
    Ok(())
}
