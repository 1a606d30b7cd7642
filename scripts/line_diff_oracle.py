#!/usr/bin/env python3
"""Holds the line diff against libgit2's and git's on every pair of blobs in a repository's history.

    scripts/line_diff_oracle.py REPOSITORY [-w] [--git N] [--oracle BIN]

The pairs are those of `git log --all -m --raw`: each version of a regular file with the one in each parent,
every pair once. Options and output are those of examples/line_diff_oracle.rs, which does the work.
Ends with 1 if a pair differs.
"""

import argparse
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from equality import NEUTRAL  # noqa: E402

ORACLE = pathlib.Path(__file__).parent.parent / "target/release/examples/line_diff_oracle"


def pairs(repository):
    """Lines `OLD NEW`, each once, in the order of the log."""
    command = ["git", "-c", "safe.directory=*", "-C", repository, "log", "--all", "-m", "--raw", "-z"]
    command += ["--no-abbrev", "--no-renames", "--no-ext-diff", "--diff-filter=M", "--format="]
    seen = set()
    log = subprocess.Popen(command, env={**os.environ, **NEUTRAL}, stdout=subprocess.PIPE)
    rest = b""
    while chunk := log.stdout.read(1 << 20):
        *fields, rest = (rest + chunk).split(b"\0")
        for field in fields:
            # `:100644 100755 OLD NEW M`, and then the path, which may look like anything.
            parts = field.strip().split(b" ")
            if len(parts) != 5 or not parts[0].startswith(b":100") or not parts[1].startswith(b"100"):
                continue
            pair = parts[2] + b" " + parts[3] + b"\n"
            if parts[4] == b"M" and parts[2] != parts[3] and pair not in seen:
                seen.add(pair)
                yield pair
    if log.wait() != 0:
        sys.exit(f"git log failed in {repository}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("repository")
    parser.add_argument("-w", action="store_true", help="ignore white space")
    parser.add_argument("--git", default="1000", metavar="N", help="hold each N-th pair against git too")
    parser.add_argument("--oracle", default=str(ORACLE), help="the program (default: the release build)")
    args = parser.parse_args()
    command = [args.oracle, args.repository, *(["-w"] if args.w else []), "--git", args.git]
    oracle = subprocess.Popen(command, stdin=subprocess.PIPE)
    try:
        for pair in pairs(args.repository):
            oracle.stdin.write(pair)
        oracle.stdin.close()
    except BrokenPipeError:
        pass
    sys.exit(oracle.wait())


if __name__ == "__main__":
    main()
