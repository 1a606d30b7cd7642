//! Killed at any moment, a run leaves old outputs, new ones, or none; and the next one goes on where it ended.

use std::process::Stdio;
use std::time::{Duration, Instant};

use super::*;

const SHARDS: usize = 6;

/// A data set of several shards; what a run writes that nobody kills, and how long it takes.
fn data(place: &Place) -> (String, Vec<Vec<u8>>, Duration) {
    let rows = place.rows(&["bob-0", "ada-0", "bob-1", "both-1", "bob-2"]);
    for shard in 0..SHARDS {
        let rows: Vec<Value> = rows.iter().cycle().skip(shard).take(6000).cloned().collect();
        place.write(&format!("in/{shard}.jsonl"), &rows);
    }
    let input = place.arg("in");
    let whole = place.arg("whole/");
    let begun = Instant::now();
    ended(&place.run("filter", &[&[&input[..], "-o", &whole][..], &KEY].concat()), 0, "");
    let took = begun.elapsed();
    let read = |shard| fs::read(place.at(&format!("whole/{shard}.jsonl"))).unwrap();
    (input, (0..SHARDS).map(read).collect(), took)
}

#[test]
fn a_run_that_is_killed_at_any_moment_leaves_nothing_half_done() {
    let place = Place::new();
    let (input, whole, took) = data(&place);
    let (manifest, out) = (place.arg("m"), place.arg("out/"));
    let waits = place.at("out/.withhold-unfinished");
    let mut seen_part = false;
    for moment in 0..50_u32 {
        // Every third time it begins anew; else it goes on.
        if moment % 3 == 0 && place.at("out").exists() {
            fs::remove_dir_all(place.at("out")).unwrap();
        }
        let mut program = place.repo.command(env!("CARGO_BIN_EXE_withhold"));
        program.args(["filter", "--threads", "2", "-q", "-m", &manifest, &input, "-o", &out]).args(KEY);
        let mut child = program.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(took * (moment * 379 % 1000) / 1000);
        child.kill().unwrap();
        child.wait().unwrap();
        let there = |folder: &Path| {
            let is_there = |(shard, whole): &(usize, &Vec<u8>)| {
                let path = folder.join(format!("{shard}.jsonl"));
                let there = path.exists();
                assert!(!there || fs::read(path).unwrap() == **whole, "shard {shard}, moment {moment}");
                there
            };
            whole.iter().enumerate().filter(is_there).count()
        };
        let (placed, waiting) = (there(&place.at("out")), there(&waits));
        // None takes its place before all are done.
        assert!(placed == 0 || placed + waiting >= SHARDS, "{placed} and {waiting}, moment {moment}");
        seen_part |= (1..SHARDS).contains(&waiting);
    }
    assert!(seen_part, "no run was killed between its first and its last shard");
    let found = place.json("filter", 0, &[&[&input[..], "-o", &out][..], &KEY].concat());
    assert_eq!(counts(&found), [36_000, 21_600, 14_400, 0]);
    for (shard, whole) in whole.iter().enumerate() {
        assert_eq!(&fs::read(place.at(&format!("out/{shard}.jsonl"))).unwrap(), whole);
    }
    // Nothing but the shards is left.
    assert_eq!(fs::read_dir(place.at("out")).unwrap().count(), SHARDS);
}

#[test]
fn what_is_done_is_not_done_again_unless_something_changed() {
    let place = Place::new();
    let (input, ..) = data(&place);
    let out = place.arg("out/");
    // The last shard stops the run.
    let last = place.at(&format!("in/{}.jsonl", SHARDS - 1));
    let good = fs::read(&last).unwrap();
    fs::write(&last, "{}\n").unwrap();
    let args = [&[&input[..], "-o", &out, "--threads", "1"][..], &KEY].concat();
    ended(&place.run("filter", &args), 4, "stopped at row 1");
    fs::write(&last, good).unwrap();
    // Nobody takes what is there for the data set.
    assert!((0..SHARDS).all(|shard| !place.at(&format!("out/{shard}.jsonl")).exists()));
    // One of the outputs was touched meanwhile.
    fs::write(place.at("out/.withhold-unfinished/1.jsonl"), "else\n").unwrap();
    let found = place.json("filter", 0, &args);
    let before = |shard: &Value| shard["before"].as_bool().unwrap();
    let before: Vec<bool> = found["shards"].as_array().unwrap().iter().map(before).collect();
    assert_eq!(before, [true, false, true, true, true, false]);
    // With other rules nothing counts as done; and what an earlier run wrote stays until a later one is done.
    fs::write(&last, "{}\n").unwrap();
    ended(&place.run("filter", &args), 4, "stopped at row 1");
    assert_eq!(fs::read_dir(place.at("out")).unwrap().count(), SHARDS + 2);
    let found = place.json("filter", 0, &[&args[..], &["--uncovered", "drop"]].concat());
    assert!(found["shards"].as_array().unwrap().iter().all(|shard| shard["before"] == json!(false)));
    assert_eq!(fs::read_dir(place.at("out")).unwrap().count(), SHARDS);
}

#[test]
fn the_same_run_writes_the_same_bytes_with_any_number_of_threads_and_through_pipes() {
    let place = Place::new();
    let (input, whole, _) = data(&place);
    for threads in ["1", "3"] {
        let out = place.arg(&format!("again-{threads}/"));
        let args = [&[&input[..], "-o", &out, "--threads", threads][..], &KEY].concat();
        ended(&place.run("filter", &args), 0, "");
        for (shard, whole) in whole.iter().enumerate() {
            assert_eq!(&fs::read(place.at(&format!("again-{threads}/{shard}.jsonl"))).unwrap(), whole);
        }
    }
    let mut program = place.repo.command(env!("CARGO_BIN_EXE_withhold"));
    program.args(["filter", "-q", "-m", &place.arg("m"), "-", "-o", "-"]).args(KEY);
    let piped = repo::run(&mut program, &fs::read(place.at("in/0.jsonl")).unwrap());
    assert_eq!((piped.status, piped.stdout), (0, whole[0].clone()), "{}", piped.stderr);
    let path: &Path = &place.at("in/0.jsonl");
    let mut program = place.repo.command(env!("CARGO_BIN_EXE_withhold"));
    program.args(["filter", "-q", "-m", &place.arg("m"), path.to_str().unwrap(), "-o", "-"]).args(KEY);
    assert_eq!(repo::run(&mut program, b"").stdout, whole[0]);
}
