#!/usr/bin/env python3
"""Time and memory of Withhold beside its peers, on real repositories.

    scripts/bench.py [--only PARTS] [--runs N] [--no-graph] [--sample N] [--json FILE] REPOSITORY...

The parts, in turn in the same run, each figure the median of the runs:

    blame      git blame --porcelain over all text files, two processes, a commit-graph with Bloom filters written
               (its time is told, and not counted); with --no-graph also without one
    read       every object once: git rev-list --objects HEAD | cut | git cat-file --batch --buffer
    attribute  withhold attribute --porcelain, also with -w -C, as a scan follows lines by default
    scan       withhold scan, keeping nothing: as it comes, and with the policy of plain git blame
    again      the first scan that keeps an index, and the one after it, with nothing changed
    grow       the scan after at least 10, and after at least 400, new commits; its manifest must be, byte for
               byte, that of a scan from nothing

Of these two, with two lists: ten authors spread evenly over all, by how much they wrote, and the ten who wrote
most, so that most of the time goes into the rows of the manifest. All other scans are with the latter.

    threads    attribution and scan with one thread and with two
    list       a scan with a list of 100,000 subjects

Nothing is written into the repositories. A busy machine shows in the seconds first, in the ratios last.
Ends with 1 if a command fails or a manifest differs.
"""

import argparse
import filecmp
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from measure import described, in_turn, machine, run  # noqa: E402
from subject import ENV, Subject  # noqa: E402
from tables import MOST  # noqa: E402

PARTS = ["blame", "read", "attribute", "scan", "again", "grow", "threads", "list"]
GROWTH = [10, 400]
MANY = 100_000
PLAIN = 'schema = 1\n[policy]\nwhitespace = "exact"\nmoves = false\ncopies = false\n'

# What is told of the times of two tasks: (name, the one over the other, by which seconds).
RATIOS = [
    ("blame / attribute", "git blame", "attribute", "cpu"),
    ("blame without a graph / attribute", "git blame, no commit-graph", "attribute", "cpu"),
    ("attribute / read", "attribute", "read every object", "cpu"),
    ("scan / attribute -w -C", "scan", "attribute -w -C", "cpu"),
    ("plain scan / attribute", "scan, plain policy", "attribute", "cpu"),
    ("second scan / first", "scan again", "scan first", "cpu"),
    ("second scan / first, ten who wrote most", f"scan again{MOST}", f"scan first{MOST}", "cpu"),
    ("attribute, 1 thread / 2, wall", "attribute, 1 thread", "attribute, 2 threads", "wall"),
    ("scan, 1 thread / 2, wall", "scan, 1 thread", "scan, 2 threads", "wall"),
]


def write_list(path, addresses):
    with open(path, "w", encoding="utf-8") as out:
        out.write('schema = 1\nlist = "bench/list"\nserial = 1\n')
        for number, address in enumerate(addresses):
            out.write(f'\n[[subject]]\nid = "s-{number:08d}"\n[[subject.identity]]\nemail = "{address}"\n')


class Bench:
    """What is measured of one repository; the files that it takes are in `folder`."""

    def __init__(self, args, subject, folder):
        self.args, self.subject, self.folder, self.made = args, subject, folder, 0
        self.list, self.many, self.plain = folder / "list.toml", folder / "many.toml", folder / "plain.toml"
        self.spread = folder / "spread.toml"
        authors = subject.authors()
        write_list(self.list, authors[:10])
        write_list(self.spread, [authors[(2 * at + 1) * len(authors) // 20] for at in range(10)])
        glob = lambda number: "*" if number % 100 == 99 else ""  # noqa: E731
        write_list(self.many, (f"person{number}{glob(number)}@example.org" for number in range(MANY)))
        self.plain.write_text(PLAIN)

    def new(self):
        """A path where nothing is yet."""
        self.made += 1
        return self.folder / str(self.made)

    def attribute(self, *options):
        return lambda: run([self.args.withhold, "-C", self.subject.path, "attribute", "--porcelain", *options], ENV)

    def scan(self, *options, out=None, lists=None):
        """A scan into a folder of its own."""
        into = out or self.new()
        command = [self.args.withhold, "scan", self.subject.path, "-l", lists or self.list, "-o", into, *options]
        sample = run(command, ENV)
        if not out:
            shutil.rmtree(into)
        return sample

    def scan_with(self, *cache, **options):
        """A scan with an index: that of `cache`, which stays as it is, else a new one."""
        folder = self.new()
        if cache:
            shutil.copytree(cache[0], folder)
        sample = self.scan("--cache", folder, **options)
        shutil.rmtree(folder)
        return sample

    def tasks(self):
        """`name: (how often, function)` of the parts asked for."""
        runs, sample = self.args.runs, self.args.sample
        subject, tasks = self.subject, {}
        for part in self.args.only:
            if part == "blame":
                all_files = subject.sample(sample)
                tasks["git blame"] = (self.args.blame_runs, lambda: subject.blame(all_files))
                if self.args.no_graph:
                    few = subject.sample(self.args.no_graph_sample)
                    off = ("-c", "core.commitGraph=false")
                    tasks["git blame, no commit-graph"] = (self.args.blame_runs, lambda: subject.blame(few, *off))
            elif part == "read":
                tasks["read every object"] = (runs, subject.read)
            elif part == "attribute":
                tasks["attribute"] = (runs, self.attribute())
                tasks["attribute -w -C"] = (runs, self.attribute("-w", "-C"))
            elif part == "scan":
                tasks["scan"] = (runs, lambda: self.scan("--no-cache"))
                tasks["scan, plain policy"] = (runs, lambda: self.scan("--no-cache", "--policy", self.plain))
            elif part == "again":
                for lists, of in self.both():
                    tasks[f"scan first{of}"] = (runs, lambda lists=lists: self.scan_with(lists=lists))
                    tasks[f"scan again{of}"] = (runs, self.kept("HEAD", lists))
            elif part == "threads":
                for threads in ("1", "2"):
                    of = f"{threads} thread" + "s" * (threads != "1")
                    option = ("--threads", threads)
                    tasks[f"attribute, {of}"] = (runs, self.attribute(*option))
                    tasks[f"scan, {of}"] = (runs, lambda option=option: self.scan("--no-cache", *option))
            elif part == "list":
                tasks["scan, 100,000 subjects"] = (runs, lambda: self.scan("--no-cache", lists=self.many))
            elif part == "grow":
                tasks.update(self.growth())
        return tasks

    def both(self):
        """Two lists, and what is said of them."""
        return [(self.spread, ""), (self.list, MOST)]

    def kept(self, rev, lists):
        """Scans `rev` once and keeps the index; then scans of HEAD begin with a copy of it."""
        cache, nothing, after = self.new(), self.new(), self.new()
        self.scan("--cache", cache, "--rev", rev, lists=lists)
        self.scan("--no-cache", out=nothing, lists=lists)
        self.scan_with(cache, out=after, lists=lists)
        files = sorted(path.name for path in nothing.iterdir())
        same, *_ = filecmp.cmpfiles(nothing, after, files, shallow=False)
        if same != files or sorted(path.name for path in after.iterdir()) != files:
            sys.exit(f"{self.subject.path}: the manifest after a scan of {rev} is not that of a scan from nothing")
        shutil.rmtree(nothing)
        shutil.rmtree(after)
        return lambda: self.scan_with(cache, lists=lists)

    def growth(self):
        tasks = {}
        for least in GROWTH:
            found = self.subject.older(least)
            if found is None:
                print(f"{self.subject.name} has no main line with {least} new commits", file=sys.stderr)
                continue
            rev, commits, merges = found
            for lists, of in self.both():
                tasks[f"scan, {commits} new commits, {merges} merges{of}"] = (self.args.runs, self.kept(rev, lists))
        return tasks


def ratios(measured):
    """The ratios for which both sides were measured."""
    return {
        name: measured[one][seconds] / measured[other][seconds]
        for name, one, other, seconds in RATIOS
        if one in measured and other in measured
    }


def show(result, args):
    print(
        f"\n{result['name']}: {result['commits']} commits, {result['text_files']} text files, {result['lines']} lines; "
        f"{result['versions']} versions of files, {result['version_bytes'] / 1e9:.2f} GB"
    )
    print(f"  {'':48} {'CPU s':>9} {'wall s':>9} {'anon MB':>8} {'RSS MB':>8} {'runs':>5}")
    for name, found in result["measured"].items():
        memory = [f"{found[key]:8.0f}" if key in found else " " * 8 for key in ("anon_mb", "rss_mb")]
        of = result["sampled"].get(name)
        name += f" ({of} files, scaled)" if of else ""
        print(f"  {name:48} {found['cpu']:9.2f} {found['wall']:9.2f} {' '.join(memory)} {len(found['runs']):5}")
    for name, ratio in result["ratios"].items():
        print(f"  {name:48} {ratio:9.3f}" if ratio < 0.1 else f"  {name:48} {ratio:9.2f}")
    if "blame" in args.only:
        print(f"  {'writing the commit-graph, not counted':48} {result['commit_graph_cpu']:9.2f}")


def measure(args, path, folder, report):
    """Measures a repository, and writes the report as far as it has come: a long run may be broken off."""
    subject = Subject(path, folder)
    result = {**subject.facts(args.withhold), "load_before": os.getloadavg()[0]}
    with tempfile.TemporaryDirectory(dir=folder) as here:
        measured = in_turn(Bench(args, subject, pathlib.Path(here)).tasks())
    sizes = {"git blame": args.sample, "git blame, no commit-graph": args.no_graph_sample}
    result["sampled"] = {
        name: size for name, size in sizes.items() if name in measured and 0 < (size or 0) < len(subject.files)
    }
    result.update(measured=measured, ratios=ratios(measured), load_after=os.getloadavg()[0])
    show(result, args)
    report["repositories"].append(result)
    report["load_after"] = os.getloadavg()
    args.json.write_text(json.dumps(report, indent=1) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repositories", nargs="+", metavar="REPOSITORY")
    parser.add_argument("--only", type=lambda text: text.split(","), default=PARTS, metavar="PARTS", help="blame,scan,…")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--blame-runs", type=int, help="how often git blame is run (default: as the others)")
    parser.add_argument("--sample", type=int, metavar="N", help="blame so many files only, spread evenly, and scale")
    parser.add_argument("--no-graph", action="store_true", help="git blame also without a commit-graph")
    parser.add_argument("--no-graph-sample", type=int, default=200, metavar="N", help="on so many files (default: 200)")
    parser.add_argument("--json", type=pathlib.Path, default=pathlib.Path("target/bench.json"))
    parser.add_argument("--withhold", default="target/release/withhold")
    args = parser.parse_args()
    if unknown := set(args.only) - set(PARTS):
        parser.error(f"no such part: {', '.join(unknown)}; there are {', '.join(PARTS)}")
    args.withhold = os.path.abspath(args.withhold)
    args.blame_runs = args.blame_runs or args.runs

    said = lambda *command: subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()  # noqa: E731
    report = {
        "machine": machine(), "versions": [said(args.withhold, "--version"), said("git", "--version")],
        "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "runs": args.runs,
        "blame_runs": args.blame_runs,
        "load_before": os.getloadavg(), "repositories": [],
    }
    print(", ".join([described(report["machine"]), *report["versions"]]))
    print(f"load {report['load_before'][0]:.2f}; medians of {args.runs} runs, peaks of all; anon: looked at every 10 ms")
    args.json.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="withhold-bench-") as folder:
        # A copy, so that nothing that is built meanwhile is measured.
        args.withhold = shutil.copy2(args.withhold, folder)
        for path in args.repositories:
            measure(args, path, folder, report)
    print(f"\nload {report['load_after'][0]:.2f} at the end; written to {args.json}")


if __name__ == "__main__":
    main()
