#!/usr/bin/env python3
"""Time and memory of `manifest merge`, on made-up manifests.

    scripts/merge_bench.py PROGRAM [--manifests N] [--rows N] [--profile keys|paths] [--folder DIR] [--threads N]

Makes N manifests of so many rows each (nine in ten of coverage, one of entries; a fifth of the file versions are in several of
them), each of its own repository, and merges them: into each encoding, and a tenth of the rows as well, to see what memory grows
with. What comes out is held against what went in by its number of rows.
"""

import argparse
import concurrent.futures
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time

ORDER = {
    "entries": "git_sha1 sha1 sha256 size unit line_start line_end byte_start byte_end repo path commit purposes basis strength rule",
    "coverage": "unit git_sha1 sha1 sha256 size repo path ref tip files lines commits tags submodules history why",
}
UNITS = {"entries": "blob lines commit tag path repo", "coverage": "ref blob commit tag path"}


def leaf(tree, row):
    """Takes a row into the tree hash of RFC 6962: one hash for each bit that is set in the number of rows."""
    hash, level = hashlib.sha256(b"\0" + row).digest(), 0
    while tree and tree[-1][0] == level:
        hash, level = hashlib.sha256(b"\1" + tree.pop()[1] + hash).digest(), level + 1
    tree.append((level, hash))


def root(tree):
    hash = tree[-1][1] if tree else hashlib.sha256().digest()
    for _, left in reversed(tree[:-1]):
        hash = hashlib.sha256(b"\1" + left + hash).digest()
    return "sha256:" + hash.hex()


def write(path, rows):
    tree, count = [], 0
    with open(path, "wb") as out:
        for row in rows:
            row = json.dumps(row, sort_keys=True, separators=(",", ":")).encode()
            leaf(tree, row)
            out.write(row + b"\n")
            count += 1
    return count, root(tree)


def keys(manifest, number):
    """Of a file version; every fifth is the same in every other manifest."""
    seed = f"shared {manifest % 2} {number}" if number % 5 == 0 else f"{manifest} {number}"
    hash = hashlib.sha512(seed.encode()).hexdigest()
    return {"git_sha1": hash[:40], "sha1": hash[40:80], "sha256": hash[64:128], "size": 1000 + number % 100_000}


def make(task):
    folder, manifest, rows, profile = task
    folder.mkdir(parents=True)
    covered = rows * 9 // 10
    files = sorted((keys(manifest, number) for number in range(covered)), key=lambda row: row["git_sha1"])
    coverage = ({**row, "unit": "blob"} for row in files)
    place = {"repo": f"corp/{manifest:04}"} if profile == "paths" else {}

    def entry(at, row):
        named = {**place, "path": f"src/{at % 1000}/file{at}.rs"} if place else {}
        return {**row, **named, "purposes": ["train-ai"], "unit": "blob"}

    entries = (entry(at, row) for at, row in enumerate(files[:: covered // (rows - covered) or 1][: rows - covered]))
    header = {
        "schema": "https://withhold.dev/manifest/1", "schema_version": "1.0.0", "tool": {"name": "bench", "version": "0"},
        "created_at": "2026-01-01T00:00:00Z", "lists": [{"name": "bench", "serial": 1, "digest": "sha256:" + "0" * 64}],
        "policy_digest": "sha256:" + "0" * 64, "purposes": ["train-ai"], "profile": profile, "counts": {}, "merged_from": [],
        "critical": [],
    }
    for name, set_of_rows in (("entries", entries), ("coverage", coverage)):
        count, tree_hash = write(folder / f"{name}.jsonl", set_of_rows)
        header[name] = {"file": name, "rows": count, "order": ORDER[name].split(), "tree_hash": tree_hash}
        header["counts"][name] = {unit: count if unit == "blob" else 0 for unit in UNITS[name].split()}
    (folder / "manifest.json").write_text(json.dumps(header, sort_keys=True, separators=(",", ":")))


def run(*args):
    """Seconds, those of the CPU, and the most memory, in MB."""
    start = time.monotonic()
    child = subprocess.Popen(args, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        sys.exit(f"{args} ended with {child.returncode}")
    return time.monotonic() - start, used.ru_utime + used.ru_stime, used.ru_maxrss / 1000


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("program", type=pathlib.Path)
    args.add_argument("--manifests", type=int, default=20)
    args.add_argument("--rows", type=int, default=500_000)
    args.add_argument("--profile", choices=["keys", "paths"], default="paths")
    args.add_argument("--folder", type=pathlib.Path, default=pathlib.Path("target/merge"))
    args.add_argument("--threads", type=int, default=os.cpu_count())
    args = args.parse_args()
    program = str(args.program.resolve())
    shutil.rmtree(args.folder, ignore_errors=True)
    for rows in (args.rows // 10, args.rows):
        inputs = [args.folder / f"{rows}-{number:04}" for number in range(args.manifests)]
        with concurrent.futures.ProcessPoolExecutor() as pool:
            list(pool.map(make, [(path, number, rows, args.profile) for number, path in enumerate(inputs)]))
        all_rows = args.manifests * rows
        out = args.folder / "out"
        for encoding in ("jsonl", "jsonl.zst", "parquet"):
            how = ["--encoding", encoding, "--threads", str(args.threads), "-q"]
            seconds, cpu, memory = run(program, "manifest", "merge", *map(str, inputs), "-o", str(out), *how)
            size = sum(file.stat().st_size for file in out.iterdir())
            header = json.loads((out / "manifest.json").read_text())
            merged = header["entries"]["rows"] + header["coverage"]["rows"]
            assert header["entries"]["rows"] == sum(1 for path in inputs for _ in open(path / "entries.jsonl", "rb")) or (
                args.profile == "keys"
            ), "entries were lost"
            print(
                f"{args.manifests} manifests of {rows} rows to {encoding}: {seconds:.1f} s, {cpu:.1f} CPU s, "
                f"{all_rows / seconds / 1e6:.2f} million rows a second, {memory:.0f} MB; {merged} rows, {size / 1e6:.0f} MB",
                flush=True,
            )
            diff = run(program, "manifest", "diff", str(inputs[0]), str(out), "--stat", "--threads", str(args.threads))
            print(f"    diff of the first with it: {diff[0]:.1f} s, {diff[2]:.0f} MB", flush=True)
        shutil.rmtree(out)


if __name__ == "__main__":
    main()
