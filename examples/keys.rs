//! Time and memory for the keys of a large manifest: `just keys 100000000`.
//!
//! Writes a manifest of made-up hashes, row by row (profile `keys`, every tenth file version excluded), into a temporary
//! folder beside which the keys are kept, opens it as `verify` would, and asks it. The numbers behind the hashes are the
//! same on every machine.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement")]

use std::error::Error;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use sha2::{Digest as _, Sha256};
use withhold::manifest::{
    CoverageUnit, Digest, Encoding, EntryUnit, HashKind, Header, HeaderParts, Keys, ListOrigin, ListRef,
    Manifest, Profile, Tool, Wanted, write,
};
use withhold::policy::Purposes;

/// One file version of so many is excluded.
const EXCLUDED: u64 = 10;
/// So many keys are asked for.
const ASKED: u64 = 10_000_000;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let count: u64 = args.next().ok_or("how many keys?")?.parse()?;
    let kind = match args.next().as_deref() {
        None | Some("git_sha1") => HashKind::GitSha1,
        Some("sha1") => HashKind::Sha1,
        Some("sha256") => HashKind::Sha256,
        Some(_) => return Err("git_sha1, sha1 or sha256".into()),
    };
    let threads: usize = args.next().map_or(Ok(2), |threads| threads.parse())?;
    let folder = tempfile::tempdir_in(args.next().unwrap_or_else(|| "target".to_owned()))?;
    let (manifest, cache) = (folder.path().join("manifest"), folder.path().join("cache"));

    let start = Instant::now();
    synthetic(&manifest, count)?;
    println!(
        "written            {:8.2} s   {} rows",
        start.elapsed().as_secs_f64(),
        count + count / EXCLUDED
    );
    let wanted = Wanted { hashes: vec![kind], ..Wanted::default() };
    let rows = (count + count / EXCLUDED) as f64;
    for what in ["read, sorted, kept", "opened again"] {
        let (keys, seconds, cpu, peak) =
            measured(|| Keys::open(std::slice::from_ref(&manifest), &wanted, Some(&cache), threads, &()))?;
        let keys = keys?;
        println!(
            "{what:18} {seconds:8.2} s   {cpu:.2} CPU s, {:.0} rows a CPU s, {:.1} MB at most, {:.2} bytes a key over 64 MB",
            rows / cpu,
            peak as f64 / 1e6,
            (peak as f64 - 64e6).max(0.0) / keys.len() as f64,
        );
        ask(&keys, kind, count);
    }
    Ok(())
}

/// Asks for keys that are there and keys that are not, in no order.
fn ask(keys: &Keys, kind: HashKind, count: u64) {
    let mut hash = [0; 32];
    let length = if kind == HashKind::Sha256 { 32 } else { 20 };
    for (what, beyond) in [("there", 0), ("not there", count)] {
        // What it takes to make the hashes up is taken off.
        let mut ask = |look: bool| {
            let (start, mut found) = (cpu_time(), 0_u64);
            for number in 0..ASKED {
                let which = mix(number) % count;
                // Beyond the last, every hash but the first of which keys are made is another one.
                hash_of(kind, which, count, &mut hash);
                hash[12] ^= u8::from(beyond > 0);
                let hash = std::hint::black_box(&hash[..length]);
                found += u64::from(look && !keys.blob(kind, hash).covered.is_empty());
            }
            (cpu_time() - start, found)
        };
        let (without, _) = ask(false);
        let (with, found) = ask(true);
        assert_eq!(found, if beyond > 0 { 0 } else { ASKED });
        println!("asked, {what:11} {:8.0} ns   CPU time each", (with - without) * 1e9 / ASKED as f64);
    }
}

/// The CPU time of this process, in seconds: what else runs does not count.
fn cpu_time() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// Runs it; also gives the seconds, those of the CPU, and how much memory there was at most that is not a file's, in bytes.
fn measured<T>(run: impl FnOnce() -> T) -> io::Result<(T, f64, f64, u64)> {
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        let watch = scope.spawn(|| {
            let mut peak = 0;
            while !over.load(Ordering::Relaxed) {
                let status = fs::read_to_string("/proc/self/status")?;
                let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
                let kib = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
                peak = kib.unwrap_or(0).max(peak);
                thread::sleep(Duration::from_millis(5));
            }
            Ok::<u64, io::Error>(peak * 1024)
        });
        let (start, cpu) = (Instant::now(), cpu_time());
        let result = run();
        let (seconds, cpu) = (start.elapsed().as_secs_f64(), cpu_time() - cpu);
        over.store(true, Ordering::Relaxed);
        Ok((result, seconds, cpu, watch.join().unwrap()?))
    })
}

/// A number that looks like chance (splitmix64).
fn mix(number: u64) -> u64 {
    let mut z = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A hash of the file version `which` of `count`; as many bytes of it as the kind has.
fn hash_of(kind: HashKind, which: u64, count: u64, hash: &mut [u8; 32]) {
    for (at, part) in hash.chunks_exact_mut(8).enumerate() {
        part.copy_from_slice(&mix(which ^ ((kind as u64) << 62) ^ ((at as u64) << 58)).to_be_bytes());
    }
    if kind == HashKind::GitSha1 {
        // Ascending, and spread evenly.
        let step = u64::MAX / count;
        hash[..8].copy_from_slice(&(which * step + mix(which) % step).to_be_bytes());
    }
}

/// Writes a manifest of so many file versions.
fn synthetic(folder: &Path, count: u64) -> Result<(), Box<dyn Error>> {
    let parts = HeaderParts {
        tool: Tool { name: "withhold".into(), version: "0".into() },
        created_at: 1_700_000_000,
        not_before: None,
        not_after: None,
        lists: vec![ListRef {
            name: "synthetic".into(),
            serial: 1,
            digest: Digest::of(b"list"),
            origin: ListOrigin::Given,
        }],
        policy_digest: Digest::of(b"policy"),
        purposes: Purposes::ALL,
        previous: None,
        merged_from: Vec::new(),
    };
    let empty = Manifest::build(parts, Vec::new(), Vec::new(), Profile::Keys, 1)?;
    write(&empty, folder, Encoding::JsonLinesZstd)?;
    let mut header: Header = empty.header().clone();
    let excluded = (0..count).step_by(usize::try_from(EXCLUDED)?);
    header.entries.rows = count.div_ceil(EXCLUDED);
    header.counts.entries.insert(EntryUnit::Blob, header.entries.rows);
    header.coverage.rows = count;
    header.counts.coverage.insert(CoverageUnit::Blob, count);
    let purposes = "\"purposes\":[\"search\",\"train-ai\",\"x-embed\",\"x-eval\",\"x-train-other\"],";
    let (entries, coverage) = (folder.join("entries.jsonl.zst"), folder.join("coverage.jsonl.zst"));
    let trees = thread::scope(|scope| {
        let entries =
            scope.spawn(|| rows(&entries, excluded, count, purposes).map_err(|error| error.to_string()));
        let coverage = rows(&coverage, 0..count, count, "")?;
        Ok::<_, Box<dyn Error>>((entries.join().unwrap()?, coverage))
    })?;
    (header.entries.tree_hash, header.coverage.tree_hash) = trees;
    fs::write(folder.join("manifest.json"), serde_json_canonicalizer::to_vec(&header)?)?;
    Ok(())
}

/// Writes rows; gives their tree hash.
fn rows(
    path: &Path,
    which: impl Iterator<Item = u64>,
    count: u64,
    purposes: &str,
) -> Result<Digest, Box<dyn Error>> {
    let mut out = BufWriter::with_capacity(1 << 20, zstd::Encoder::new(File::create(path)?, 1)?);
    let (mut row, mut hash, mut tree, mut number) = (Vec::new(), [0; 32], Vec::new(), 0_u64);
    for which in which {
        row.clear();
        for (kind, name, length, before) in [
            (HashKind::GitSha1, "git_sha1", 20, "{"),
            (HashKind::Sha1, "sha1", 20, purposes),
            (HashKind::Sha256, "sha256", 32, ""),
        ] {
            hash_of(kind, which, count, &mut hash);
            let hex = data_encoding::HEXLOWER.encode(&hash[..length]);
            write!(row, "{before}\"{name}\":\"{hex}\",")?;
        }
        write!(row, "\"size\":{},\"unit\":\"blob\"}}", which % 100_000)?;
        let mut hash: [u8; 32] = Sha256::new_with_prefix([0]).chain_update(&row).finalize().into();
        // As in adding one to a binary number: each full subtree on the way is carried upwards.
        for _ in 0..number.trailing_ones() {
            hash = parent(&tree.pop().unwrap(), &hash);
        }
        tree.push(hash);
        number += 1;
        row.push(b'\n');
        out.write_all(&row)?;
    }
    out.into_inner().map_err(io::IntoInnerError::into_error)?.finish()?.sync_all()?;
    let root = tree.into_iter().rev().reduce(|right, left| parent(&left, &right));
    Ok(Digest::from_bytes(root.ok_or("no rows")?))
}

fn parent(left: &[u8; 32], right: &[u8; 32]) -> [u8; 32] {
    Sha256::new_with_prefix([1]).chain_update(left).chain_update(right).finalize().into()
}
