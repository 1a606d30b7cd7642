//! An output is the same, however its place is spelled.

use super::*;

impl Place {
    /// Runs `filter` in the folder in which all else lies.
    pub(super) fn filter_here(&self, args: &[&str]) -> Output {
        let mut program = self.repo.command(env!("CARGO_BIN_EXE_withhold"));
        run(program.current_dir(self.at("")).args(["filter", "-m", "m"]).args(args), b"")
    }
}

/// All mean `out`, seen from the folder in which it lies.
const SPELLINGS: &[&str] =
    if cfg!(unix) { &["out", "./out/", "repo.git/../out", "way/out"] } else { &["out", "./out/"] };

fn place() -> Place {
    let place = Place::new();
    #[cfg(unix)]
    std::os::unix::fs::symlink(".", place.at("way")).unwrap();
    place
}

#[test]
fn a_folder_of_files_is_written_however_its_place_is_spelled() {
    let place = place();
    fs::create_dir(place.at("files")).unwrap();
    for path in ["ada-0", "bob-0"] {
        fs::write(place.at("files").join(path), place.row(path)["content"].as_str().unwrap()).unwrap();
    }
    for spelled in SPELLINGS {
        for is_there in [false, true] {
            if is_there {
                fs::create_dir(place.at("out")).unwrap();
            }
            ended(&place.filter_here(&["--files", "files", "-o", spelled]), 0, "");
            let there: Vec<_> =
                fs::read_dir(place.at("out")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
            assert_eq!(there, ["bob-0"], "{spelled}");
            let again = place.filter_here(&["--files", "files", "-o", spelled]);
            ended(&again, 5, "is not empty; a folder of files is written anew");
            // It says which one, though it has no name in itself.
            ended(&again, 5, &format!("error: {}: ", place.arg("files")));
            fs::remove_dir_all(place.at("out")).unwrap();
        }
    }
}

#[test]
fn a_second_run_goes_where_the_first_one_went_however_that_is_spelled() {
    let place = place();
    place.write("in/a.jsonl", &place.rows(&["bob-0", "ada-0"]));
    for spelled in SPELLINGS {
        let args = [&["in", "-o", spelled][..], &KEY].concat();
        ended(&place.filter_here(&args), 0, "");
        ended(&place.filter_here(&args), 0, "");
        assert_eq!(place.paths("out/a.jsonl"), ["bob-0"]);
    }
    // What is not of this run is still told, by the place where it lies.
    place.write("out/other.jsonl", &[]);
    let args = [&["in", "-o", "out"][..], &KEY].concat();
    ended(&place.filter_here(&args), 5, &format!("`{}` lies in", place.arg("out/other.jsonl")));
}

#[test]
fn a_run_that_was_killed_while_shards_took_their_places_goes_on_however_those_are_spelled() {
    let place = place();
    let good = place.write("in/b.jsonl", &place.rows(&["bob-1"]));
    let good = (fs::read(&good).unwrap(), good);
    place.write("in/a.jsonl", &place.rows(&["bob-0", "ada-0"]));
    for spelled in SPELLINGS {
        let args = [&["in", "-o", spelled, "--threads", "1", "--format", "json"][..], &KEY].concat();
        fs::write(&good.1, "{}\n").unwrap();
        ended(&place.filter_here(&args), 4, "stopped at row 1");
        fs::rename(place.at("out/.withhold-unfinished/a.jsonl"), place.at("out/a.jsonl")).unwrap();
        fs::write(&good.1, &good.0).unwrap();
        let done = place.filter_here(&args);
        ended(&done, 0, "");
        let done: Value = serde_json::from_slice(&done.stdout).unwrap();
        assert_eq!(done["shards"][0]["before"], json!(true), "{spelled}");
        assert_eq!(place.paths("out/a.jsonl"), ["bob-0"]);
        assert_eq!(fs::read_dir(place.at("out")).unwrap().count(), 2);
        fs::remove_dir_all(place.at("out")).unwrap();
    }
}
