//! Shows the rows of an archive to a judge, and does with their members what it says.
//!
//! Decides which member a column means. A sample that has two of them, or one in other case, is an error: readers differ in
//! which one they take.

use super::members::{BLOCK, Kind, Member, Members};
use crate::dataset::codec::recode::Passage;
use crate::dataset::jsonl::rows::{Fate, Rows};
use crate::dataset::{Column, Columns, DatasetError, Decision, Judge, Meaning, Row, Value, case};

/// What columns mean.
pub(super) struct Samples {
    sources: Vec<(Source, Meaning)>,
    /// Reads the member `json`.
    json: Rows,
    /// Each file is a row.
    alone: bool,
}

/// What a column means.
enum Source {
    /// The name of the one file.
    Path,
    /// The one file.
    Content,
    /// What the files share.
    Key,
    /// The file whose name ends so.
    Ending(String),
    /// This one of the fields of the file `json`.
    Json(usize),
}

/// A value of the member `json`, which is read apart.
enum Owned {
    Null,
    Unread,
    Text(Vec<u8>),
    List(Vec<Option<Vec<u8>>>),
}

impl Samples {
    pub(super) fn new(columns: &Columns) -> Result<Self, DatasetError> {
        let alone = columns.iter().all(|column| matches!(&*column.name, "path" | "content"));
        let (mut sources, mut json) = (Vec::new(), Vec::new());
        for Column { name, meaning } in columns.iter() {
            let refused = |why: &str| DatasetError::Column { name: name.clone(), why: why.to_owned() };
            if name.contains("[]") {
                return Err(refused("is of the items of a list, which are not judged in archives"));
            }
            let is_content = *meaning == Meaning::Content;
            let source = match name.as_str() {
                "path" | "content" if alone && is_content != (name == "content") => {
                    return Err(refused("is the name of each file (`path`), or its bytes (`content`)"));
                }
                "path" if alone => Source::Path,
                "content" if alone => Source::Content,
                "__key__" => Source::Key,
                _ => match name.strip_prefix("json.") {
                    Some(field) => {
                        json.push(Column { name: field.to_owned(), meaning: *meaning });
                        Source::Json(json.len() - 1)
                    }
                    None => Source::Ending(name.clone()),
                },
            };
            sources.push((source, *meaning));
        }
        let json = Columns::new(json).map_err(DatasetError::Bug)?;
        Ok(Self { sources, json: Rows::new(&json)?, alone })
    }

    /// Whether two files that follow one another are of one row.
    pub(super) fn together(&self, one: &[u8], other: &[u8]) -> bool {
        !self.alone && split(one).0 == split(other).0
    }

    /// Asks the judge about a row, and passes its members on, or not. Says whether it stays.
    pub(super) fn decide<P: Passage, J: Judge + ?Sized>(
        &mut self,
        number: u64,
        row: &[Member],
        members: &mut Members<'_, P>,
        judge: &mut J,
    ) -> Result<bool, DatasetError> {
        let found = self.find(number, row)?;
        let by = match self.judged(number, row, &found, members, judge)? {
            Decision::Drop => {
                for member in row {
                    match member.kind {
                        Kind::File => members.replace(&member.whole, &[])?,
                        Kind::Other => members.keep(member.whole.clone())?,
                    }
                }
                return Ok(false);
            }
            Decision::Replace(by) => Some(self.replaced(number, &found, members, by)?),
            _ => None,
        };
        for member in row {
            match &by {
                Some((header, new)) if *header == member.header => {
                    members.keep(member.whole.start..member.header)?;
                    members.replace(&(member.header..member.whole.end), new)?;
                }
                _ => members.keep(member.whole.clone())?,
            }
        }
        Ok(true)
    }

    /// The member that each column means.
    fn find<'m>(&self, number: u64, row: &'m [Member]) -> Result<Vec<Option<&'m Member>>, DatasetError> {
        let files = || row.iter().filter(|member| member.kind == Kind::File);
        let mut found = Vec::new();
        for (source, _) in &self.sources {
            let ending = match source {
                Source::Path | Source::Content | Source::Key => {
                    found.push(files().next());
                    continue;
                }
                Source::Ending(ending) => ending.as_bytes(),
                Source::Json(_) => b"json",
            };
            let mut meant = files().filter(|member| split(&member.name).1 == ending);
            found.push(meant.next());
            let twice = meant.next().map(|_| "two files that end in");
            let other = || files().any(|member| case::only(split(&member.name).1, ending));
            let wrong = twice.or_else(|| other().then_some("a file whose ending differs in case only from"));
            if let Some(what) = wrong {
                let why = format!("it has {what} `.{}`", String::from_utf8_lossy(ending));
                return Err(DatasetError::Malformed { row: Some(number), why });
            }
        }
        Ok(found)
    }

    fn judged<P: Passage, J: Judge + ?Sized>(
        &mut self,
        number: u64,
        row: &[Member],
        found: &[Option<&Member>],
        members: &Members<'_, P>,
        judge: &mut J,
    ) -> Result<Decision, DatasetError> {
        let key = row.iter().find(|member| member.kind == Kind::File).map(|file| split(&file.name).0);
        for contents in [false, true] {
            let json = self.json(number, found, members, contents)?;
            let lists: Vec<Vec<Option<&[u8]>>> = json.iter().map(Owned::list).collect();
            let mut values = Vec::with_capacity(found.len());
            for ((source, meaning), member) in self.sources.iter().zip(found) {
                let Some(member) = member else {
                    values.push(Value::Null);
                    continue;
                };
                values.push(match source {
                    Source::Path => Value::Bytes(plain(&member.name)),
                    Source::Key => Value::Bytes(plain(key.unwrap_or_default())),
                    Source::Content | Source::Ending(_) if *meaning == Meaning::Content && !contents => {
                        Value::Unread
                    }
                    Source::Content | Source::Ending(_) => Value::Bytes(members.slice(member.data.clone())),
                    Source::Json(at) => match &json[*at] {
                        Owned::Null => Value::Null,
                        Owned::Unread => Value::Unread,
                        Owned::Text(text) => Value::Bytes(text),
                        Owned::List(_) => Value::List(&lists[*at]),
                    },
                });
            }
            match judge.judge(&Row::new(&values)) {
                Decision::Read => {}
                Decision::Stop => return Err(DatasetError::Stopped { row: number }),
                decision => return Ok(decision),
            }
        }
        Err(DatasetError::Bug("a judge asked for contents that it has seen"))
    }

    /// What the file `json` says in the columns that are its fields.
    fn json<P: Passage>(
        &mut self,
        number: u64,
        found: &[Option<&Member>],
        members: &Members<'_, P>,
        contents: bool,
    ) -> Result<Vec<Owned>, DatasetError> {
        let sources = self.sources.iter().zip(found);
        let file =
            sources.filter(|((source, _), _)| matches!(source, Source::Json(_))).find_map(|(_, file)| *file);
        let mut said = Vec::new();
        let Some(file) = file else { return Ok(said) };
        // For its errors.
        self.json.read = number - 1;
        self.json.fate(members.slice(file.data.clone()), &mut |row: &Row<'_>| {
            if contents && row.values.contains(&Value::Unread) {
                return Decision::Read;
            }
            said = row.values.iter().map(Owned::new).collect();
            Decision::Keep
        })?;
        Ok(said)
    }

    /// The header of the file whose content is replaced tells it; and what takes the place of both.
    fn replaced<P: Passage>(
        &mut self,
        number: u64,
        found: &[Option<&Member>],
        members: &Members<'_, P>,
        by: Vec<u8>,
    ) -> Result<(usize, Vec<u8>), DatasetError> {
        const MISSING: DatasetError = DatasetError::Bug("a judge replaced a content that is not there");
        let mut sources = self.sources.iter().zip(found);
        let content = sources.find(|((_, meaning), _)| *meaning == Meaning::Content);
        let Some(((source, _), Some(file))) = content else { return Err(MISSING) };
        let data = if let Source::Json(_) = source {
            self.json.read = number - 1;
            let line = members.slice(file.data.clone());
            match self.json.fate(line, &mut |_: &Row<'_>| Decision::Replace(by.clone()))? {
                Fate::Replace(new) => new,
                Fate::Keep | Fate::Drop => return Err(MISSING),
            }
        } else {
            by
        };
        if file.long {
            let why = format!(
                "the length of `{}` stands in an extended header",
                String::from_utf8_lossy(&file.name)
            );
            return Err(DatasetError::Unsupported(why));
        }
        let mut header =
            tar::Header::from_byte_slice(members.slice(file.header..file.header + BLOCK)).clone();
        header.set_size(data.len() as u64);
        header.set_cksum();
        let mut new = header.as_bytes().to_vec();
        new.extend_from_slice(&data);
        new.resize(new.len().next_multiple_of(BLOCK), 0);
        Ok((file.header, new))
    }
}

impl Owned {
    fn new(value: &Value<'_>) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Unread => Self::Unread,
            Value::Bytes(text) => Self::Text(text.to_vec()),
            Value::List(list) => Self::List(list.iter().map(|text| text.map(<[u8]>::to_vec)).collect()),
        }
    }

    fn list(&self) -> Vec<Option<&[u8]>> {
        match self {
            Self::List(list) => list.iter().map(Option::as_deref).collect(),
            _ => Vec::new(),
        }
    }
}

/// What a name shares with those of its sample, and what follows the first dot of its last part.
fn split(name: &[u8]) -> (&[u8], &[u8]) {
    let last = memchr::memrchr(b'/', name).map_or(0, |slash| slash + 1);
    match memchr::memchr(b'.', &name[last..]) {
        Some(dot) => (&name[..last + dot], &name[last + dot + 1..]),
        None => (name, &[]),
    }
}

/// A name without the `./` before it.
fn plain(name: &[u8]) -> &[u8] {
    name.strip_prefix(b"./").unwrap_or(name)
}
