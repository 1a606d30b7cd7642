#!/usr/bin/env python3
"""Time and memory of Withhold beside `git blame --porcelain` over the same files.

    scripts/bench.py [--runs N] [--blame-runs N] [--sample N] [--json FILE] REPOSITORY...

For each repository, in turn in the same run: the attribution of all files, a scan with a list of ten
subjects, one with a list of 100,000, and `git blame` over all text files (two processes; a commit-graph
that is there is used). CPU is user + system; each figure is the median. The machine may be busy: the ratios
hold better than the seconds. Ends with 1 if a command fails.
"""

import argparse
import json
import os
import pathlib
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from equality import NEUTRAL, text_files  # noqa: E402

MANY = 100_000


def write_list(path, subjects):
    with open(path, "w") as out:
        out.write('schema = 1\nlist = "bench/list"\nserial = 1\n')
        for number in range(subjects):
            out.write(f'\n[[subject]]\nid = "s-{number:08d}"\n[[subject.identity]]\n')
            glob = "*" if number % 100 == 99 else ""
            out.write(f'email = "person{number}{glob}@example.org"\n')


def children():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def measure(command, runs):
    """Medians of CPU and wall seconds, and the greatest peak memory in MB, of a command."""
    cpu, wall, peak = [], [], 0
    for _ in range(runs):
        started = time.monotonic()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        said = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        wall.append(time.monotonic() - started)
        if status != 0:
            sys.exit(f"{' '.join(map(str, command))} failed: {said.decode(errors='replace')}")
        cpu.append(usage.ru_utime + usage.ru_stime)
        peak = max(peak, usage.ru_maxrss / (1024 if sys.platform != "darwin" else 1024 * 1024))
    return {"cpu": statistics.median(cpu), "wall": statistics.median(wall), "peak_mb": peak}


def blame(repository, files, runs):
    """The same for `git blame` over all files, in two processes."""
    halves = [files[0::2], files[1::2]]
    cpu, wall = [], []
    script = 'repo=$1; shift; for path; do git -c safe.directory="*" -C "$repo" blame --porcelain HEAD -- "$path" || exit 1; done'
    for _ in range(runs):
        before, started = children(), time.monotonic()
        processes = []
        for half in halves:
            # Command lines have a longest length.
            for at in range(0, len(half), 400):
                processes.append(["sh", "-c", script, "sh", repository, *map(os.fsdecode, half[at : at + 400])])
        running = []
        env = {**os.environ, **NEUTRAL}
        for command in processes:
            if len(running) == 2:
                if running.pop(0).wait() != 0:
                    sys.exit("git blame failed")
            running.append(subprocess.Popen(command, stdout=subprocess.DEVNULL, env=env))
        if any([process.wait() != 0 for process in running]):
            sys.exit("git blame failed")
        wall.append(time.monotonic() - started)
        cpu.append(children() - before)
    return {"cpu": statistics.median(cpu), "wall": statistics.median(wall)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repositories", nargs="+", metavar="REPOSITORY")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--blame-runs", type=int, default=1)
    parser.add_argument("--sample", type=int, help="blame so many files only, and extrapolate")
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--withhold", default="target/release/withhold")
    args = parser.parse_args()

    version = subprocess.run(["git", "--version"], capture_output=True, text=True).stdout.strip()
    print(f"{platform.machine()}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}, {version}, medians of {args.runs}")
    print(f"{'repository':16} {'files':>6} {'blame':>8} {'attribute':>10} {'ratio':>6} {'scan 10':>8} {'scan 100k':>10} {'peak MB':>8}")
    results = []
    with tempfile.TemporaryDirectory() as folder:
        lists = {subjects: f"{folder}/{subjects}.toml" for subjects in (10, MANY)}
        for subjects, path in lists.items():
            write_list(path, subjects)
        load = measure([args.withhold, "-q", "list", "check", lists[MANY]], args.runs)
        for repository in args.repositories:
            files = [path for path, _ in text_files(repository, "HEAD")]
            chosen = files[:: max(1, len(files) // args.sample)] if args.sample else files
            ours = [args.withhold, "-q", "-C", repository]
            scan = lambda subjects: [*ours, "scan", "-l", lists[subjects], "-o", "-"]  # noqa: E731
            attribute = measure([*ours, "attribute", "--porcelain"], args.runs)
            few = measure(scan(10), args.runs)
            many = measure(scan(MANY), args.runs)
            theirs = blame(repository, chosen, args.blame_runs)
            theirs = {key: value * len(files) / len(chosen) for key, value in theirs.items()}
            name = pathlib.Path(repository).resolve().name
            print(
                f"{name:16} {len(files):6} {theirs['cpu']:8.1f} {attribute['cpu']:10.2f} "
                f"{theirs['cpu'] / attribute['cpu']:5.1f}x {few['cpu']:8.2f} {many['cpu']:10.2f} {few['peak_mb']:8.0f}"
            )
            results.append(
                {"repository": name, "files": len(files), "git_blame": theirs, "attribute": attribute,
                 "scan_10": few, "scan_100k": many}
            )
    print(f"a list of {MANY} subjects is read and checked in {load['wall']:.2f} s wall, {load['cpu']:.2f} s CPU")
    if args.json:
        args.json.write_text(json.dumps({"list_check_100k": load, "repositories": results}, indent=2) + "\n")


if __name__ == "__main__":
    main()
