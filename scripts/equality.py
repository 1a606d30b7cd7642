#!/usr/bin/env python3
"""Holds `withhold attribute --porcelain` against `git blame --porcelain`, file by file and byte for byte.

    scripts/equality.py REPOSITORY [--rev REV] [-w] [-M] [-C] [--ignore-revs-file FILE]
                        [--sample N] [--jobs N] [--keep DIR] [--withhold BIN]

Prints one line: files, lines, lines credited to the same commit, files equal to the last byte.
Ends with 1 if anything differs, and lists what. With --keep, git's answers are stored and used again.
"""

import argparse
import concurrent.futures
import hashlib
import os
import pathlib
import random
import subprocess
import sys
import time

# What a user's configuration, attributes or replace refs could change about git's answer.
NEUTRAL = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ATTR_NOSYSTEM": "1",
    "LC_ALL": "C.UTF-8",
}


def git(repository, *args, check=True):
    command = ["git", "-c", "safe.directory=*", "-c", "blame.ignoreRevsFile=", "-C", repository, *args]
    return subprocess.run(command, env={**os.environ, **NEUTRAL}, check=check, capture_output=True).stdout


def text_files(repository, rev):
    """Paths of regular files without a NUL in their first 8,000 bytes, in the order of ls-tree."""
    entries = []
    for entry in git(repository, "ls-tree", "-r", "-z", rev).split(b"\0")[:-1]:
        meta, path = entry.split(b"\t", 1)
        mode, _, blob = meta.split()
        if mode.startswith(b"100"):
            entries.append((blob, path))
    ask = b"".join(blob + b"\n" for blob, _ in entries)
    batch = subprocess.run(
        ["git", "-C", repository, "cat-file", "--batch"], input=ask, capture_output=True, check=True
    ).stdout
    files, at = [], 0
    for _, path in entries:
        end = batch.index(b"\n", at)
        size = int(batch[at:end].split()[2])
        if b"\0" not in batch[end + 1 : end + 1 + min(size, 8000)]:
            files.append((path, size))
        at = end + 1 + size + 1
    return files


def commits(porcelain):
    """The commit of every line, in order."""
    found, header = [], None
    for line in porcelain.split(b"\n"):
        if line.startswith(b"\t"):
            found.append(header)
            header = None
        elif header is None and line:
            header = line.split(b" ", 1)[0]
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repository")
    parser.add_argument("--rev", default="HEAD")
    parser.add_argument("-w", action="store_true", help="ignore white space, both")
    parser.add_argument("-M", action="store_true", help="follow moved lines, both")
    parser.add_argument("-C", action="store_true", help="follow copied lines, both")
    parser.add_argument("--ignore-revs-file", help="look through these commits, both")
    parser.add_argument("--sample", type=int, help="so many files, chosen at random but always the same")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--keep", type=pathlib.Path)
    parser.add_argument("--withhold", default="target/release/withhold")
    args = parser.parse_args()

    files = text_files(args.repository, args.rev)
    if args.sample and args.sample < len(files):
        chosen = set(random.Random(1).sample(range(len(files)), args.sample))
        files = [file for at, file in enumerate(files) if at in chosen]
    options = [flag for flag, given in [("-w", args.w), ("-M", args.M), ("-C", args.C)] if given]
    if args.ignore_revs_file:
        options += ["--ignore-revs-file", os.path.abspath(args.ignore_revs_file)]
    # What git was asked, in the name of its kept answer.
    asked = "".join(f".{flag.lstrip('-')}" for flag in options if not flag.startswith("/"))
    if args.ignore_revs_file:
        asked += "." + hashlib.sha1(pathlib.Path(args.ignore_revs_file).read_bytes()).hexdigest()[:8]

    def theirs(at):
        path = files[at][0]
        kept = args.keep / f"{path.hex()[-200:]}{asked}.{at}" if args.keep else None
        if kept and kept.exists():
            return kept.read_bytes()
        answer = git(
            args.repository, "blame", *options, "--porcelain", args.rev, "--", os.fsdecode(path)
        )
        if kept:
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_bytes(answer)
        return answer

    started = time.time()
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        expected = list(pool.map(theirs, range(len(files))))
    blamed = time.time() - started

    started = time.time()
    whole = not args.sample
    paths = [] if whole else ["--", *[os.fsdecode(path) for path, _ in files]]
    command = [args.withhold, "-C", args.repository, "attribute", *options, "--porcelain", args.rev, *paths]
    run = subprocess.run(command, capture_output=True)
    if run.returncode != 0:
        sys.exit(f"{command[:6]} ended with {run.returncode}: {run.stderr.decode(errors='replace')}")
    took = time.time() - started

    # Our output is one stream; it is cut where git's answers end, and falls back on lines where they differ.
    ours, at = run.stdout, 0
    equal_bytes = lines = same = 0
    different = []
    if ours == b"".join(expected):
        equal_bytes = len(files)
        lines = same = sum(len(commits(answer)) for answer in expected)
    else:
        for (path, _), answer in zip(files, expected):
            alone = subprocess.run(
                [args.withhold, "-C", args.repository, "attribute", *options, "--porcelain", args.rev, "--",
                 os.fsdecode(path)], capture_output=True
            ).stdout if not ours[at:].startswith(answer) else answer
            at += len(alone)
            want, got = commits(answer), commits(alone)
            lines += len(want)
            same += sum(a == b for a, b in zip(want, got))
            if alone == answer:
                equal_bytes += 1
            else:
                different.append((path, sum(a != b for a, b in zip(want, got)) + abs(len(want) - len(got))))
    share = 100 * same / lines if lines else 100
    print(
        f"{pathlib.Path(args.repository).resolve()}{' '.join(['', *options])}: {len(files)} text files, "
        f"{lines} lines, {same} to the same commit ({share:.4f} %), {equal_bytes} files equal to the last byte; "
        f"git blame {blamed:.1f} s, withhold {took:.1f} s wall"
    )
    for path, wrong in different[:50]:
        print(f"  {path.decode(errors='replace')}: {wrong} lines to another commit")
    sys.exit(1 if different or not files else 0)


if __name__ == "__main__":
    main()
