use super::*;
use crate::dataset::output::Output;

struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        let home = Self(tempfile::tempdir().unwrap());
        fs::write(home.input(), "input").unwrap();
        home
    }

    fn input(&self) -> PathBuf {
        self.0.path().join("in.jsonl")
    }

    fn out(&self) -> PathBuf {
        self.0.path().join("out")
    }

    fn target(&self, name: &str) -> PathBuf {
        self.out().join(name)
    }

    fn waits(&self, name: &str) -> PathBuf {
        self.out().join(UNFINISHED).join(name)
    }

    /// Writes a shard.
    fn work(&self, journal: &mut Journal, name: &str) {
        let input = Stamp::of(&self.input()).unwrap();
        let mut output = Output::create(&journal.waits(name)).unwrap();
        output.write_all(name.as_bytes()).unwrap();
        output.finish().unwrap();
        let output = Written::by(name.as_bytes());
        let counts = serde_json::json!({"rows": 7});
        journal.note(&self.input(), Done { name: name.to_owned(), input, output, counts }).unwrap();
    }

    fn is_done(&self, journal: &Journal, name: &str) -> bool {
        let done = journal.done(name, &self.input(), &self.target(name)).unwrap();
        assert!(done.is_none_or(|done| done.counts["rows"] == 7));
        done.is_some()
    }

    /// What is done in the eyes of the next run.
    fn done(&self, run: &str) -> [bool; 2] {
        let journal = Journal::open(&self.out(), run).unwrap();
        ["a", "b"].map(|name| self.is_done(&journal, name))
    }
}

fn begun() -> Home {
    let home = Home::new();
    let mut journal = Journal::open(&home.out(), "run 1").unwrap();
    assert!(!home.is_done(&journal, "a"));
    home.work(&mut journal, "a");
    home.work(&mut journal, "b");
    assert!(home.is_done(&journal, "a"));
    home
}

#[test]
fn a_run_goes_on_where_the_last_one_ended() {
    let home = begun();
    assert_eq!(home.done("run 1"), [true, true]);
    assert_eq!(home.done("run 1"), [true, true]);
    let journal = Journal::open(&home.out(), "run 1").unwrap();
    journal.finish([]).unwrap();
    assert!(!home.target(JOURNAL).exists());
    assert_eq!(home.done("run 1"), [false, false]);
}

/// All at once, as far as that goes: killed in between, a run has put some in their places and not the others.
#[test]
fn what_is_done_takes_its_place_at_the_end() {
    let home = begun();
    fs::write(home.target("b"), "old").unwrap();
    fs::rename(home.waits("a"), home.target("a")).unwrap();
    assert_eq!(home.done("run 1"), [true, true]);
    let finish = |home: &Home| {
        let targets = ["a", "b"].map(|name| (name, home.target(name)));
        let shards = targets.iter().map(|(name, target)| (*name, target.as_path()));
        Journal::open(&home.out(), "run 1").unwrap().finish(shards)
    };
    finish(&home).unwrap();
    for name in ["a", "b"] {
        assert_eq!(fs::read_to_string(home.target(name)).unwrap(), name);
    }
    assert_eq!(fs::read_dir(home.out()).unwrap().count(), 2);
    // What waits nowhere is not what stood there before.
    let home = begun();
    fs::write(home.target("b"), "old").unwrap();
    fs::remove_file(home.waits("b")).unwrap();
    assert!(finish(&home).unwrap_err().to_string().contains("put in its place"));
    assert!(home.target(JOURNAL).exists());
}

#[test]
fn another_run_starts_anew() {
    let home = begun();
    assert_eq!(home.done("run 2"), [false, false]);
    assert!(!home.waits("a").exists());
    assert_eq!(home.done("run 1"), [false, false]);
}

#[test]
fn an_input_that_changed_is_read_again() {
    let home = begun();
    let modified = fs::metadata(home.input()).unwrap().modified().unwrap();
    fs::write(home.input(), "INPUT").unwrap();
    assert_eq!(home.done("run 1"), [false, false]);
    if cfg!(unix) {
        // Who sets back the time does not set back that of the change.
        File::options().write(true).open(home.input()).unwrap().set_modified(modified).unwrap();
        assert_eq!(home.done("run 1"), [false, false]);
    }
    fs::remove_file(home.input()).unwrap();
    let journal = Journal::open(&home.out(), "run 1").unwrap();
    assert!(journal.done("a", &home.input(), &home.target("a")).is_err());
}

#[test]
fn an_input_that_changes_while_it_is_read_is_an_error() {
    let home = begun();
    let mut journal = Journal::open(&home.out(), "run 1").unwrap();
    let input = Stamp::of(&home.input()).unwrap();
    fs::write(home.input(), "more input").unwrap();
    assert!(input.still(&home.input()).unwrap_err().to_string().contains("changed while it was read"));
    let output = Written::of(&home.waits("a")).unwrap();
    let done = Done { name: "c".to_owned(), input, output, counts: serde_json::Value::Null };
    assert!(journal.note(&home.input(), done).is_err());
}

#[test]
fn an_output_that_changed_is_written_again() {
    let home = begun();
    // Of the same length, and of the same time.
    let modified = fs::metadata(home.waits("a")).unwrap().modified().unwrap();
    fs::write(home.waits("a"), "A").unwrap();
    File::options().write(true).open(home.waits("a")).unwrap().set_modified(modified).unwrap();
    assert_eq!(home.done("run 1"), [false, true]);
    fs::remove_file(home.waits("b")).unwrap();
    assert_eq!(home.done("run 1"), [false, false]);
    #[cfg(unix)]
    {
        fs::write(home.0.path().join("b"), "b").unwrap();
        std::os::unix::fs::symlink("../../b", home.waits("b")).unwrap();
        assert_eq!(home.done("run 1"), [false, false]);
    }
}

#[test]
fn a_journal_cut_off_anywhere_is_good_up_to_there() {
    let home = begun();
    let whole = fs::read(home.target(JOURNAL)).unwrap();
    let ends: Vec<usize> = memchr::memchr_iter(b'\n', &whole).map(|end| end + 1).collect();
    assert_eq!(ends.len(), 3);
    for cut in (0..whole.len()).step_by(7).chain(ends.iter().flat_map(|end| [end - 1, *end])) {
        fs::write(home.target(JOURNAL), &whole[..cut]).unwrap();
        fs::create_dir_all(home.waits("")).unwrap();
        for name in ["a", "b"] {
            fs::write(home.waits(name), name).unwrap();
        }
        assert_eq!(home.done("run 1"), [cut >= ends[1], cut >= ends[2]], "{cut}");
        // What is added stands on a line of its own.
        let mut journal = Journal::open(&home.out(), "run 1").unwrap();
        home.work(&mut journal, "b");
        drop(journal);
        assert_eq!(home.done("run 1"), [cut >= ends[1], true], "{cut}");
    }
    let mut damaged = whole.clone();
    damaged[ends[0] + 3] = b'?';
    fs::write(home.target(JOURNAL), &damaged).unwrap();
    assert_eq!(home.done("run 1"), [false, false]);
}

#[cfg(unix)]
#[test]
fn two_runs_do_not_write_to_one_folder() {
    let home = begun();
    let first = Journal::open(&home.out(), "run 1").unwrap();
    let begun = Output::create(&home.target("a")).unwrap();
    let second = Journal::open(&home.out(), "run 1").unwrap_err().to_string();
    assert!(second.contains("another run is writing"), "{second}");
    begun.finish().unwrap();
    drop(first);
    Journal::open(&home.out(), "run 1").unwrap();
}

#[cfg(unix)]
#[test]
fn what_killed_runs_left_goes_and_what_others_write_stays() {
    let home = begun();
    let left = home.target(".a.abc123.withhold-partial");
    fs::write(&left, "").unwrap();
    // To a file of its own, which the journal knows nothing of.
    let mut other = Output::create(&home.target("other")).unwrap();
    other.write_all(b"other").unwrap();
    assert_eq!(home.done("run 1"), [true, true]);
    assert!(!left.exists());
    other.finish().unwrap();
    assert_eq!(fs::read(home.target("other")).unwrap(), b"other");
}
