//! A history written down, for `git fast-import`: any bytes as paths, names, messages and contents; any
//! dates; any number of parents.
//!
//! ```
//! let mut script = Script::default();
//! let first = script.add(Commit::root().file("a.txt", "one\n"));
//! script.add(Commit::on([first]).rename("a.txt", "b.txt"));
//! ```

/// A commit of the script, to be named as a parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark(pub usize);

/// A history.
#[derive(Debug, Clone, Default)]
pub struct Script {
    commits: Vec<Commit>,
}

/// A name and an address, in bytes.
#[derive(Debug, Clone)]
pub struct Author {
    pub name: Vec<u8>,
    pub email: Vec<u8>,
}

/// One commit: what it changes against its first parent.
#[derive(Debug, Clone)]
pub struct Commit {
    parents: Vec<Mark>,
    author: Author,
    date: Option<String>,
    encoding: Option<Vec<u8>>,
    message: Option<Vec<u8>>,
    changes: Vec<u8>,
}

impl Script {
    /// Adds a commit; the last one added is HEAD. Its author, date and message are its own unless it says
    /// otherwise.
    pub fn add(&mut self, commit: Commit) -> Mark {
        self.commits.push(commit);
        Mark(self.commits.len())
    }

    /// A chain: each state of one file is a commit.
    pub fn versions<B: AsRef<[u8]>>(&mut self, path: &str, versions: impl IntoIterator<Item = B>) -> Mark {
        let mut last: Option<Mark> = None;
        for version in versions {
            last = Some(self.add(Commit::on(last).file(path, version)));
        }
        last.unwrap()
    }

    /// The script as fast-import reads it.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (number, commit) in (1..).zip(&self.commits) {
            commit.write(number, &mut bytes);
        }
        bytes
    }
}

impl Commit {
    /// A commit without parents.
    pub fn root() -> Self {
        Self::on([])
    }

    /// A commit with these parents.
    pub fn on(parents: impl IntoIterator<Item = Mark>) -> Self {
        Self {
            parents: parents.into_iter().collect(),
            author: Author { name: b"Ada".to_vec(), email: b"ada@example.org".to_vec() },
            date: None,
            encoding: None,
            message: None,
            changes: Vec::new(),
        }
    }

    pub fn author(mut self, name: impl AsRef<[u8]>, email: impl AsRef<[u8]>) -> Self {
        self.author = Author { name: name.as_ref().to_vec(), email: email.as_ref().to_vec() };
        self
    }

    /// Seconds and zone as they are to stand there: `1700000000 +0100`.
    pub fn date(mut self, date: impl Into<String>) -> Self {
        self.date = Some(date.into());
        self
    }

    pub fn encoding(mut self, encoding: impl AsRef<[u8]>) -> Self {
        self.encoding = Some(encoding.as_ref().to_vec());
        self
    }

    pub fn message(mut self, message: impl AsRef<[u8]>) -> Self {
        self.message = Some(message.as_ref().to_vec());
        self
    }

    /// A regular file.
    pub fn file(self, path: impl AsRef<[u8]>, content: impl AsRef<[u8]>) -> Self {
        self.entry("100644", path, content)
    }

    /// A file that can be run.
    pub fn executable(self, path: impl AsRef<[u8]>, content: impl AsRef<[u8]>) -> Self {
        self.entry("100755", path, content)
    }

    /// A symbolic link.
    pub fn symlink(self, path: impl AsRef<[u8]>, target: impl AsRef<[u8]>) -> Self {
        self.entry("120000", path, target)
    }

    /// A submodule at some commit of another repository.
    pub fn submodule(mut self, path: impl AsRef<[u8]>, commit: &str) -> Self {
        self.changes.extend_from_slice(format!("M 160000 {commit} ").as_bytes());
        self.path(path.as_ref());
        self.changes.push(b'\n');
        self
    }

    /// A file or a symbolic link, by its mode.
    pub fn entry(mut self, mode: &str, path: impl AsRef<[u8]>, content: impl AsRef<[u8]>) -> Self {
        self.changes.extend_from_slice(format!("M {mode} inline ").as_bytes());
        self.path(path.as_ref());
        self.changes.push(b'\n');
        data(content.as_ref(), &mut self.changes);
        self
    }

    /// Deletes a file or a folder.
    pub fn delete(mut self, path: impl AsRef<[u8]>) -> Self {
        self.changes.extend_from_slice(b"D ");
        self.path(path.as_ref());
        self.changes.push(b'\n');
        self
    }

    /// Deletes everything.
    pub fn delete_all(mut self) -> Self {
        self.changes.extend_from_slice(b"deleteall\n");
        self
    }

    /// Moves a file or a folder.
    pub fn rename(mut self, from: impl AsRef<[u8]>, to: impl AsRef<[u8]>) -> Self {
        self.changes.extend_from_slice(b"R ");
        self.path(from.as_ref());
        self.changes.push(b' ');
        self.path(to.as_ref());
        self.changes.push(b'\n');
        self
    }

    /// A path in quotes, each byte that could mean something else in octal.
    fn path(&mut self, path: &[u8]) {
        self.changes.push(b'"');
        for byte in path {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' | b' ' => {
                    self.changes.push(*byte);
                }
                byte => self.changes.extend_from_slice(format!("\\{byte:03o}").as_bytes()),
            }
        }
        self.changes.push(b'"');
    }

    fn write(&self, number: usize, bytes: &mut Vec<u8>) {
        if self.parents.is_empty() {
            // Without this the branch would go on.
            bytes.extend_from_slice(b"reset refs/heads/main\n\n");
        }
        bytes.extend_from_slice(format!("commit refs/heads/main\nmark :{number}\n").as_bytes());
        let date = self.date.clone().unwrap_or_else(|| format!("{} +0000", 1_700_000_000 + number * 60));
        for role in ["author", "committer"] {
            bytes.extend_from_slice(role.as_bytes());
            bytes.push(b' ');
            bytes.extend_from_slice(&self.author.name);
            bytes.extend_from_slice(b" <");
            bytes.extend_from_slice(&self.author.email);
            bytes.extend_from_slice(format!("> {date}\n").as_bytes());
        }
        if let Some(encoding) = &self.encoding {
            bytes.extend_from_slice(b"encoding ");
            bytes.extend_from_slice(encoding);
            bytes.push(b'\n');
        }
        data(self.message.as_deref().unwrap_or(format!("commit {number}\n").as_bytes()), bytes);
        for (word, Mark(parent)) in
            std::iter::once("from").chain(std::iter::repeat("merge")).zip(&self.parents)
        {
            bytes.extend_from_slice(format!("{word} :{parent}\n").as_bytes());
        }
        bytes.extend_from_slice(&self.changes);
        bytes.push(b'\n');
    }
}

/// Bytes with their length before them.
fn data(content: &[u8], bytes: &mut Vec<u8>) {
    bytes.extend_from_slice(format!("data {}\n", content.len()).as_bytes());
    bytes.extend_from_slice(content);
    bytes.push(b'\n');
}
