//! The columns of a shard, by the names that people give them.
//!
//! Decides how a schema's leaves are spelled, which of them a column means, and whether it can be what it is said to be.
//! Must not read values.

use parquet::basic::{ConvertedType, LogicalType, Repetition, Type as Physical};
use parquet::schema::types::{SchemaDescriptor, Type};

use super::numbers::{self, Kind};
use crate::dataset::{Columns, DatasetError, Meaning, case};

/// A column as Parquet stores it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Leaf {
    /// Its name, as [`crate::dataset::Column`] has it.
    pub(super) name: String,
    /// The outermost list that it is in: its number, and the definition level from which on it has an item.
    pub(super) outer: Option<(usize, i16)>,
    /// If it is a list of plain values, the definition level from which on it has an item.
    pub(super) listed: Option<i16>,
}

/// A column that is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Looked {
    /// The number of its leaf.
    pub(super) leaf: usize,
    /// Whether it is content, which is read only when it is asked for.
    pub(super) content: bool,
    /// Whether it is of the items that are judged.
    pub(super) item: bool,
}

/// Every leaf, in the order of the schema.
pub(super) fn leaves(schema: &SchemaDescriptor) -> Vec<Leaf> {
    let mut walk = Walk { leaves: Vec::new(), lists: 0 };
    for field in schema.root_schema().get_fields() {
        walk.node(field, field.name().to_owned(), None, 0);
    }
    walk.leaves
}

struct Walk {
    leaves: Vec<Leaf>,
    lists: usize,
}

impl Walk {
    /// A node of the schema by its name; `def` is the level of the one above.
    fn node(&mut self, node: &Type, name: String, outer: Option<(usize, i16)>, def: i16) {
        let def = def + level(node);
        let repeated = is_repeated(node);
        let outer = if repeated { self.list(outer, def) } else { outer };
        if node.is_primitive() {
            self.leaves.push(Leaf { name, outer, listed: repeated.then_some(def) });
            return;
        }
        // A list is a group around a repeated field, which is a group around the item, or is the item in older files.
        let middle = match node.get_fields() {
            [middle] if is_list(node) && is_repeated(middle) => middle,
            _ => {
                return self.fields(
                    node,
                    &if repeated { format!("{name}[].") } else { name + "." },
                    outer,
                    def,
                );
            }
        };
        if middle.is_primitive() {
            return self.node(middle, name, outer, def);
        }
        let def = def + 1;
        let outer = self.list(outer, def);
        match middle.get_fields() {
            [item] if !is_item(middle, node) => {
                if item.is_primitive() && !is_repeated(item) {
                    self.leaves.push(Leaf { name, outer, listed: Some(def) });
                } else {
                    self.node(item, name + "[]", outer, def);
                }
            }
            _ => self.fields(middle, &(name + "[]."), outer, def),
        }
    }

    fn fields(&mut self, node: &Type, prefix: &str, outer: Option<(usize, i16)>, def: i16) {
        for field in node.get_fields() {
            self.node(field, format!("{prefix}{}", field.name()), outer, def);
        }
    }

    fn list(&mut self, outer: Option<(usize, i16)>, def: i16) -> Option<(usize, i16)> {
        self.lists += 1;
        outer.or(Some((self.lists, def)))
    }
}

fn level(node: &Type) -> i16 {
    let info = node.get_basic_info();
    i16::from(info.has_repetition() && info.repetition() != Repetition::REQUIRED)
}

fn is_repeated(node: &Type) -> bool {
    let info = node.get_basic_info();
    info.has_repetition() && info.repetition() == Repetition::REPEATED
}

fn is_list(node: &Type) -> bool {
    let info = node.get_basic_info();
    matches!(info.logical_type_ref(), Some(LogicalType::List | LogicalType::Map))
        || matches!(
            info.converted_type(),
            ConvertedType::LIST | ConvertedType::MAP | ConvertedType::MAP_KEY_VALUE
        )
}

/// Whether a group in a list is the item itself, by the names that older writers gave it.
fn is_item(middle: &Type, list: &Type) -> bool {
    middle.name() == "array" || middle.name().strip_suffix("_tuple") == Some(list.name())
}

/// The leaves that columns mean, in their order.
///
/// # Errors
/// One is not there, is there twice, be it in other case, or cannot hold what it is said to hold.
pub(super) fn look(
    leaves: &[Leaf],
    schema: &SchemaDescriptor,
    columns: &Columns,
) -> Result<Vec<Looked>, DatasetError> {
    let mut found: Vec<Looked> = Vec::with_capacity(columns.len());
    let mut list = None;
    for column in columns.iter() {
        let wrong = |why: String| DatasetError::Column { name: column.name.clone(), why };
        let mut same = (0..leaves.len()).filter(|leaf| leaves[*leaf].name == column.name);
        let leaf = same.next().ok_or_else(|| wrong(missing(leaves, &column.name)))?;
        if same.next().is_some() {
            return Err(wrong("is there more than once".to_owned()));
        }
        if let Some(other) = leaves.iter().find(|other| clash(&column.name, &other.name)) {
            return Err(wrong(format!("is there more than once but for case: `{}`", other.name)));
        }
        let described = schema.column(leaf);
        let is_text = match described.physical_type() {
            Physical::BYTE_ARRAY => true,
            Physical::FIXED_LEN_BYTE_ARRAY => column.meaning != Meaning::Content,
            _ => false,
        };
        let is_number =
            matches!(described.converted_type(), ConvertedType::DECIMAL | ConvertedType::INTERVAL)
                || matches!(
                    described.logical_type_ref(),
                    Some(LogicalType::Decimal { .. } | LogicalType::Float16)
                );
        let is_integer = match numbers::kind(&described) {
            Some(Kind::Nothing) => true,
            // As forges have the ids of accounts.
            Some(Kind::Signed | Kind::Unsigned) => column.meaning == Meaning::Identity,
            None => false,
        };
        if !is_integer && (!is_text || is_number) {
            let kind = described.physical_type();
            return Err(wrong(format!("is of type {kind}, and should be text or bytes")));
        }
        let item = columns.items().is_some_and(|items| {
            column.name.strip_prefix(items).is_some_and(|field| field.starts_with("[]."))
        });
        let depth = described.max_rep_level() - i16::from(item);
        let plain = depth == 0 || depth == 1 && leaves[leaf].listed.is_some();
        if !plain || described.max_rep_level() < i16::from(item) {
            return Err(wrong("is in lists within lists, which cannot be looked at".to_owned()));
        }
        if depth > 0 && column.meaning == Meaning::Content {
            return Err(wrong("is a list, and a content is one value".to_owned()));
        }
        if item {
            let outer = leaves[leaf].outer.map(|(list, _)| list);
            if list.is_some() && list != outer {
                return Err(wrong("is not in the same list as the others".to_owned()));
            }
            list = outer;
        }
        found.push(Looked { leaf, content: column.meaning == Meaning::Content, item });
    }
    Ok(found)
}

/// Whether readers that compare names without case could take the other column, or what it is in, for this one.
fn clash(name: &str, other: &str) -> bool {
    let plain = |part: &str| part.trim_end_matches("[]").to_owned();
    for (part, other) in name.split('.').zip(other.split('.')) {
        if case::only(plain(part).as_bytes(), plain(other).as_bytes()) {
            return true;
        }
        if part != other {
            return false;
        }
    }
    false
}

/// Why a column is not there, with those that are.
fn missing(leaves: &[Leaf], name: &str) -> String {
    /// So many are named.
    const MOST: usize = 40;
    let within = leaves.iter().find(|leaf| {
        leaf.name.strip_prefix(name).is_some_and(|field| field.starts_with("[].") || field.starts_with('.'))
    });
    if let Some(leaf) = within {
        return format!("is not a value: name one of its fields, as in `{}`", leaf.name);
    }
    let nearest = leaves
        .iter()
        .map(|leaf| (strsim::damerau_levenshtein(name, &leaf.name), &leaf.name))
        .filter(|(distance, leaf)| *distance <= leaf.len().max(name.len()) / 3)
        .min();
    let mean = nearest.map(|(_, leaf)| format!("; did you mean `{leaf}`?")).unwrap_or_default();
    let mut names: Vec<&str> = leaves.iter().map(|leaf| leaf.name.as_str()).take(MOST).collect();
    if leaves.len() > MOST {
        names.push("…");
    }
    format!("is not there{mean} (there are: {})", names.join(", "))
}
