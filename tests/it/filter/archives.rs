//! Archives as real programs write them: GNU tar in its formats, and Python as WebDataset does.

use super::*;

/// A name that is too long for the first header of any format.
fn long(name: &str) -> String {
    format!("{}/{}/{name}", "folder".repeat(14), "deep".repeat(20))
}

/// The names and contents in an archive, by GNU tar.
fn listed(place: &Place, tar: &str) -> Vec<(String, Vec<u8>)> {
    let tool = |args: &[&str]| {
        let done = run(place.repo.command("tar").args(args), b"");
        assert_eq!(done.status, 0, "{}", done.stderr);
        done.stdout
    };
    let names = String::from_utf8(tool(&["-tf", tar])).unwrap();
    let files = names.lines().filter(|name| !name.ends_with('/'));
    files.map(|name| (name.to_owned(), tool(&["-xOf", tar, name]))).collect()
}

#[test]
fn gnu_tar_in_each_of_its_formats() {
    let place = Place::new();
    let files = [
        ("bob-0", "bob-0".to_owned()),
        ("ada-0", "ada-0".to_owned()),
        ("bob-1", long("bob-1")),
        ("ada-1", long("ada-1")),
        ("both-0", "ünï".to_owned()),
        ("bob-2", "ende".to_owned()),
    ];
    for (path, name) in &files {
        let name = place.at("in").join(name);
        fs::create_dir_all(name.parent().unwrap()).unwrap();
        fs::write(name, place.row(path)["content"].as_str().unwrap()).unwrap();
    }
    for (format, codec) in
        [("gnu", ""), ("pax", ""), ("ustar", ""), ("oldgnu", ""), ("v7", ""), ("gnu", "gz"), ("pax", "gz")]
    {
        let ending = if codec.is_empty() { "tar".to_owned() } else { format!("tar.{codec}") };
        let (tar, out) =
            (place.arg(&format!("{format}.{ending}")), place.arg(&format!("clean-{format}.{ending}")));
        let how = [format!("--format={format}"), format!("-c{}f", if codec == "gz" { "z" } else { "" })];
        let mut args =
            vec![how[0].as_str(), &how[1], &tar, "-C", place.at("in").to_str().unwrap().to_owned().leak()];
        // This format has no long names.
        let fits = |name: &str| format != "v7" || name.len() < 100;
        args.extend(files.iter().map(|(_, name)| name.as_str()).filter(|name| fits(name)));
        let made = run(place.repo.command("tar").args(&args), b"");
        assert_eq!(made.status, 0, "{}", made.stderr);
        let all = files.iter().filter(|(_, name)| fits(name)).count() as u64;
        let stay: Vec<_> = files
            .iter()
            .filter(|(path, name)| path.starts_with("bob") && fits(name))
            .map(|(path, name)| {
                (name.clone(), place.row(path)["content"].as_str().unwrap().as_bytes().to_vec())
            })
            .collect();
        let found = place.json("filter", 0, &[&tar, "-o", &out]);
        assert_eq!(counts(&found), [all, stay.len() as u64, all - stay.len() as u64, 0], "{format}");
        assert_eq!(listed(&place, &out), stay, "{format}");
        ended(&place.run("verify", &[&out]), 0, "");
    }
}

/// Python's `tarfile` streams samples as WebDataset's writer does: the files of one sample follow each other, and times are
/// fractions, which makes an extended header for each file in the format that is its default.
#[test]
fn samples_as_webdataset_writes_them() {
    const WRITER: &str = "\
import io, json, sys, tarfile
samples, out, format = json.load(sys.stdin), sys.argv[1], getattr(tarfile, sys.argv[2])
with tarfile.open(out, mode='w|', format=format) as tar:
    for key, files in samples:
        for ending, text in files:
            info = tarfile.TarInfo(f'{key}.{ending}')
            info.size, info.mtime, info.mode = len(text.encode()), 1700000000.123456, 0o444
            info.uname, info.gname = 'bigdata', 'bigdata'
            tar.addfile(info, io.BytesIO(text.encode()))
";
    let place = Place::new();
    let sample = |at: usize, path: &str| {
        let row = place.row(path);
        let about = json!({"id": row["id"], "repo": "corp/engine"}).to_string();
        json!([
            format!("{}/{at:06}", "shard".repeat(25)),
            [["json", about], ["py", row["content"]], ["cls", "7"]]
        ])
    };
    let paths = ["bob-0", "ada-0", "both-0", "bob-1"];
    let samples: Vec<Value> = paths.iter().enumerate().map(|(at, path)| sample(at, path)).collect();
    fs::write(place.at("writer.py"), WRITER).unwrap();
    let kept: Vec<Vec<String>> = ["PAX_FORMAT", "GNU_FORMAT", "USTAR_FORMAT"]
        .iter()
        .map(|format| {
            let (tar, out) = (place.arg(&format!("{format}.tar")), place.arg(&format!("clean-{format}.tar")));
            let made = run(
                place.repo.command("python3").args([&place.arg("writer.py"), &tar, *format]),
                json!(samples).to_string().as_bytes(),
            );
            assert_eq!(made.status, 0, "{}", made.stderr);
            let args = ["--key", "json.id=git_sha1", "--key", "json.repo=repo", "--content", "py"];
            let found = place.json("filter", 0, &[&[&tar[..], "-o", &out][..], &args].concat());
            assert_eq!(counts(&found), [4, 2, 2, 0], "{format}");
            assert_eq!(found["columns"][0]["proved"], json!({"rows": 4, "equal": 4}));
            ended(&place.run("verify", &[&[&out[..]][..], &args].concat()), 0, "");
            listed(&place, &out)
                .into_iter()
                .map(|(name, _)| name.rsplit_once('/').unwrap().1.to_owned())
                .collect()
        })
        .collect();
    for names in kept {
        assert_eq!(
            names,
            ["000000.json", "000000.py", "000000.cls", "000003.json", "000003.py", "000003.cls"]
        );
    }
}
