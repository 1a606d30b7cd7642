//! What a killed run left beside its output goes with the next one, and nothing else does.

use std::io::Write;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use super::*;

impl Place {
    /// What is not whole yet, of outputs that lie where all else does.
    fn partial(&self) -> Vec<String> {
        let names = fs::read_dir(self.at("")).unwrap();
        let mut names: Vec<_> = names
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.contains("partial"))
            .collect();
        names.sort();
        names
    }

    /// A run that has begun to write, and waits for rows.
    fn begin(&self, out: &str) -> (Child, Vec<String>) {
        let before = self.partial();
        let mut program = self.repo.command(env!("CARGO_BIN_EXE_withhold"));
        program.current_dir(self.at("")).args(["filter", "-q", "-m", "m", "-", "-o", out, "--key"]);
        program.arg("id=git_sha1").stdin(Stdio::piped()).stdout(Stdio::null());
        let mut child = program.spawn().unwrap();
        let begun = Instant::now();
        let is_new = |name: &String| !before.contains(name);
        while !self.partial().iter().any(is_new) {
            if begun.elapsed() > Duration::from_secs(60) {
                child.kill().unwrap();
                panic!("nothing was written: {}", child.wait().unwrap());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        let writes = self.partial().into_iter().filter(is_new).collect();
        (child, writes)
    }

    fn kill(&self, out: &str) -> Vec<String> {
        let (mut child, left) = self.begin(out);
        child.kill().unwrap();
        child.wait().unwrap();
        left
    }
}

#[test]
fn what_a_killed_run_left_goes_with_the_next_one_to_the_same_file() {
    let place = Place::new();
    let data = place.write("data.jsonl", &place.rows(&["bob-0", "ada-0"]));
    let filter = |out: &str| place.filter_here(&[&[&data[..], "-o", out][..], &KEY].concat());
    place.kill("out.jsonl");
    // The next one, killed as well, takes away what the first one left.
    place.kill("out.jsonl");
    assert_eq!(place.partial().len(), 1);
    let others = [place.kill("out"), place.kill("out.jsonl.gz")].concat();
    assert_eq!(place.partial().len(), 3);
    for spelled in ["out.jsonl", "./out.jsonl"] {
        ended(&filter(spelled), 0, "");
        let mut left = others.clone();
        left.sort();
        assert_eq!(place.partial(), left);
        place.kill("out.jsonl");
    }
    // A run that fails takes it away, too.
    fs::write(&data, "{}\n").unwrap();
    ended(&filter("out.jsonl"), 4, "stopped at row 1");
    assert_eq!(place.partial().len(), 2);
}

#[test]
fn what_another_run_is_writing_stays() {
    let place = Place::new();
    let data = place.write("data.jsonl", &place.rows(&["bob-0", "ada-0"]));
    let (mut first, writes) = place.begin("out.jsonl");
    ended(&place.filter_here(&[&[&data[..], "-o", "out.jsonl"][..], &KEY].concat()), 0, "");
    assert_eq!(place.partial(), writes);
    first.stdin.take().unwrap().write_all(format!("{}\n", place.row("bob-1")).as_bytes()).unwrap();
    assert!(first.wait().unwrap().success());
    assert_eq!(place.paths("out.jsonl"), ["bob-1"]);
    assert_eq!(place.partial(), [""; 0]);
}

#[test]
fn what_a_killed_run_left_of_a_folder_of_files_goes_with_the_next_one() {
    let place = Place::new();
    fs::create_dir_all(place.at("files")).unwrap();
    fs::write(place.at("files/bob-0"), place.row("bob-0")["content"].as_str().unwrap()).unwrap();
    for name in [".out.a1B2c3.withhold-partial", ".out.more.a1B2c3.withhold-partial"] {
        fs::create_dir_all(place.at(name).join("deep")).unwrap();
        fs::write(place.at(name).join("deep/file"), "half").unwrap();
    }
    ended(&place.filter_here(&["--files", "files", "-o", "out"]), 0, "");
    assert_eq!(place.partial(), [".out.more.a1B2c3.withhold-partial"]);
    assert!(place.at("out/bob-0").is_file());
}
