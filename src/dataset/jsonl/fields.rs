//! Finds the fields of an object that columns name.
//!
//! Decides which field a column means, and that it can be only one: a wanted name that stands twice in an object, or in other
//! case, is an error, for readers differ in which of the two they take. Of other names nothing hangs on it.

use super::skim::{Fault, Skim, Text, unescape};
use crate::dataset::{Columns, DatasetError, Meaning, Value, case};

/// So many values a list may have.
const LONGEST_LIST: usize = 1 << 20;

/// The names that are sought, as a tree; the first one is the object itself.
pub(crate) struct Fields {
    names: Vec<Name>,
    columns: usize,
    /// The list whose items are judged each by itself.
    list: Option<usize>,
}

#[derive(Default)]
struct Name {
    name: String,
    /// The columns that are this field.
    columns: Vec<usize>,
    /// It may be an integer, which is as good as its digits: the id of an account.
    integers: bool,
    /// The names within it.
    within: Vec<usize>,
}

/// What a name in an object is.
enum Sought {
    Nothing,
    This(usize),
    /// This one in other case.
    Like(usize),
}

/// Where the values of a row's columns stand.
pub(crate) struct Found {
    /// One for each column.
    pub(crate) slots: Vec<Slot>,
    /// The strings that slots tell of.
    pub(crate) texts: Vec<Option<Text>>,
    /// Where the list begins whose items are judged, if the row has one.
    pub(crate) list: Option<usize>,
    /// The object in which a name was seen last, by number.
    seen: Vec<u64>,
    objects: u64,
}

/// A value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Slot {
    Null,
    /// This one of the strings.
    Text(usize),
    /// Those from the first to before the second.
    List(usize, usize),
}

impl Found {
    /// The value of a column in its line, where it can be told without more ado; else nothing.
    pub(crate) fn plain<'l>(&self, column: usize, line: &'l [u8]) -> Value<'l> {
        match self.slots[column] {
            Slot::Text(at) => self.texts[at].filter(|text| !text.escaped),
            Slot::Null | Slot::List(..) => None,
        }
        .map_or(Value::Null, |text| Value::Bytes(&line[text.range()]))
    }
}

impl Fields {
    /// The fields that columns name.
    pub(crate) fn new(columns: &Columns) -> Result<Self, DatasetError> {
        let mut new = Self { names: vec![Name::default()], columns: columns.len(), list: None };
        for (at, column) in columns.iter().enumerate() {
            let refused = |why: &str| DatasetError::Column { name: column.name.clone(), why: why.to_owned() };
            let mut inside = 0;
            for part in column.name.split('.') {
                let (name, list) = part.strip_suffix("[]").map_or((part, false), |name| (name, true));
                if name.is_empty() {
                    return Err(refused("has a part without a name"));
                }
                if !new.names[inside].columns.is_empty() {
                    return Err(refused("is within another one"));
                }
                let known = &new.names[inside].within;
                if known.iter().any(|known| case::only(new.names[*known].name.as_bytes(), name.as_bytes())) {
                    return Err(refused("differs from another one in case only"));
                }
                inside = new.name(inside, name);
                if list {
                    new.list = Some(inside);
                }
            }
            if !new.names[inside].within.is_empty() || new.list == Some(inside) {
                return Err(refused("has another one within"));
            }
            let name = &mut new.names[inside];
            name.integers = column.meaning == Meaning::Identity && (name.integers || name.columns.is_empty());
            name.columns.push(at);
        }
        Ok(new)
    }

    fn name(&mut self, inside: usize, name: &str) -> usize {
        let known = self.names[inside].within.iter().copied().find(|known| self.names[*known].name == name);
        known.unwrap_or_else(|| {
            let new = self.names.len();
            self.names.push(Name { name: name.to_owned(), ..Name::default() });
            self.names[inside].within.push(new);
            new
        })
    }

    /// Whether a column is of the items of the list.
    pub(crate) fn in_items(&self, column: usize) -> bool {
        self.list.is_some_and(|list| self.holds(list, column))
    }

    /// Whether items of a list are judged.
    pub(crate) fn has_items(&self) -> bool {
        self.list.is_some()
    }

    fn holds(&self, name: usize, column: usize) -> bool {
        let name = &self.names[name];
        name.columns.contains(&column) || name.within.iter().any(|within| self.holds(*within, column))
    }

    pub(crate) fn found(&self) -> Found {
        Found {
            slots: vec![Slot::Null; self.columns],
            texts: Vec::new(),
            list: None,
            seen: vec![0; self.names.len()],
            objects: 0,
        }
    }

    /// Reads a row.
    pub(crate) fn row(&self, line: &[u8], skim: &mut Skim<'_>, found: &mut Found) -> Result<(), Fault> {
        found.slots.fill(Slot::Null);
        found.texts.clear();
        found.list = None;
        match skim.peek() {
            Some(b'{') => {}
            Some(b'[') => {
                return Err(skim.fault("it is a list; a row is an object, and has a line of its own"));
            }
            Some(0xef) => return Err(skim.fault("it begins with a byte order mark, which is not JSON")),
            _ => return Err(skim.fault("it is not an object of JSON")),
        }
        self.object(0, line, skim, found)?;
        skim.end()
    }

    /// Reads an item of the list, which may be NULL; `texts` is how many strings the row itself has.
    pub(crate) fn item(
        &self,
        line: &[u8],
        skim: &mut Skim<'_>,
        found: &mut Found,
        texts: usize,
    ) -> Result<(), Fault> {
        found.texts.truncate(texts);
        let Some(list) = self.list else { return skim.skip() };
        self.forget(list, found);
        if skim.null()? { Ok(()) } else { self.object(list, line, skim, found) }
    }

    /// The columns within a name are NULL.
    fn forget(&self, name: usize, found: &mut Found) {
        for column in &self.names[name].columns {
            found.slots[*column] = Slot::Null;
        }
        for within in &self.names[name].within {
            self.forget(*within, found);
        }
    }

    fn object(
        &self,
        inside: usize,
        line: &[u8],
        skim: &mut Skim<'_>,
        found: &mut Found,
    ) -> Result<(), Fault> {
        if !skim.take(b'{') {
            let name = &self.names[inside].name;
            return Err(skim.fault(format!("`{name}` is, or has, something that is not an object")));
        }
        found.objects += 1;
        let this = found.objects;
        if skim.take(b'}') {
            return Ok(());
        }
        loop {
            let name = skim.name()?;
            match self.sought(inside, line, name) {
                Sought::Nothing => skim.skip()?,
                Sought::Like(name) => {
                    let name = &self.names[name].name;
                    return Err(skim.fault(format!("a name differs from `{name}` in case only")));
                }
                Sought::This(name) if found.seen[name] == this => {
                    let name = &self.names[name].name;
                    return Err(skim.fault(format!("the name `{name}` stands twice in an object")));
                }
                Sought::This(name) => {
                    found.seen[name] = this;
                    self.value(name, line, skim, found)?;
                }
            }
            if !skim.take(b',') {
                return skim.expect(b'}', "a comma or an end is missing");
            }
        }
    }

    fn sought(&self, inside: usize, line: &[u8], name: Text) -> Sought {
        let within = &self.names[inside].within;
        let text = &line[name.range()];
        let known = |text: &[u8]| {
            let find = |same: fn(&[u8], &[u8]) -> bool| {
                within.iter().copied().find(|known| same(text, self.names[*known].name.as_bytes()))
            };
            match find(|one, other| one == other) {
                Some(name) => Sought::This(name),
                None => find(case::only).map_or(Sought::Nothing, Sought::Like),
            }
        };
        if !name.escaped {
            return known(text);
        }
        let mut unescaped = Vec::new();
        // Half of a surrogate pair is in no name that is sought.
        unescape(text, &mut unescaped).map_or(Sought::Nothing, |()| known(&unescaped))
    }

    fn value(&self, name: usize, line: &[u8], skim: &mut Skim<'_>, found: &mut Found) -> Result<(), Fault> {
        let sought = &self.names[name];
        if skim.null()? {
            return Ok(());
        }
        if self.list == Some(name) {
            if skim.peek() != Some(b'[') {
                return Err(skim.fault(format!("`{}` is not a list", sought.name)));
            }
            found.list = Some(skim.at());
            return skim.skip();
        }
        if !sought.within.is_empty() {
            return self.object(name, line, skim, found);
        }
        let slot = if skim.take(b'"') {
            found.texts.push(Some(skim.string()?));
            Slot::Text(found.texts.len() - 1)
        } else if skim.take(b'[') {
            let first = found.texts.len();
            self.strings(name, skim, found)?;
            Slot::List(first, found.texts.len())
        } else if let Some(digits) = self.integer(name, skim)? {
            found.texts.push(Some(digits));
            Slot::Text(found.texts.len() - 1)
        } else {
            return Err(skim.fault(format!("`{}` is not a string", sought.name)));
        };
        for column in &sought.columns {
            found.slots[*column] = slot;
        }
        Ok(())
    }

    /// Reads an integer, if one comes next and may stand there.
    fn integer(&self, name: usize, skim: &mut Skim<'_>) -> Result<Option<Text>, Fault> {
        if self.names[name].integers { skim.integer() } else { Ok(None) }
    }

    /// Reads the rest of a list of strings.
    fn strings(&self, name: usize, skim: &mut Skim<'_>, found: &mut Found) -> Result<(), Fault> {
        let first = found.texts.len();
        if skim.take(b']') {
            return Ok(());
        }
        loop {
            let text = if skim.null()? {
                None
            } else if skim.take(b'"') {
                Some(skim.string()?)
            } else if let Some(digits) = self.integer(name, skim)? {
                Some(digits)
            } else {
                let name = &self.names[name].name;
                return Err(skim.fault(format!("`{name}` has something that is not a string")));
            };
            if found.texts.len() - first == LONGEST_LIST {
                let name = &self.names[name].name;
                return Err(skim.fault(format!("`{name}` is a list of more than {LONGEST_LIST} values")));
            }
            found.texts.push(text);
            if !skim.take(b',') {
                return skim.expect(b']', "a comma or an end is missing");
            }
        }
    }
}
