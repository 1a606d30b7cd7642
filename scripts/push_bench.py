#!/usr/bin/env python3
"""What the pre-push hook adds to a push of the newest commits, with a warm index, to a bare repository on the same disk.

    scripts/push_bench.py [--withhold FILE] [--runs N] --list FILE COMMITS REPOSITORY

COMMITS is how far back the branch at the remote is, along first parents. The manifest is published. Nothing is
written into the repository: clones borrow its objects, in a folder that goes afterwards.
"""

import argparse
import os
import pathlib
import shutil
import statistics
import subprocess
import tempfile
import time


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("commits", type=int)
    parser.add_argument("repository", type=pathlib.Path)
    parser.add_argument("--list", type=pathlib.Path, required=True)
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--withhold", type=pathlib.Path, default=pathlib.Path("target/release/withhold"))
    args = parser.parse_args()
    program, source = args.withhold.resolve(), args.repository.resolve()
    with tempfile.TemporaryDirectory() as temporary:
        place = pathlib.Path(temporary)
        person = {f"GIT_{role}_{what}": text for role in ("AUTHOR", "COMMITTER")
                  for what, text in (("NAME", "bench"), ("EMAIL", "bench@example.org"))}
        environment = {**os.environ, **person, "HOME": str(place), "GIT_CONFIG_NOSYSTEM": "1"}

        def git(where: pathlib.Path, *words: str) -> str:
            done = subprocess.run(["git", "-C", str(where), *words], env=environment, check=True, capture_output=True)
            return done.stdout.decode().strip()

        remote, clone, index = place / "remote.git", place / "clone", place / "index"
        git(place, "clone", "--quiet", "--bare", "--shared", str(source), str(remote))
        git(place, "clone", "--quiet", "--no-checkout", "--shared", str(source), str(clone))
        new, old = git(clone, "rev-parse", "HEAD"), git(clone, "rev-parse", f"HEAD~{args.commits}")
        git(clone, "remote", "set-url", "origin", str(remote))
        git(clone, "config", "withhold.list", str(args.list.resolve()))
        hook = clone / ".git/hooks/pre-push"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f'#!/bin/sh\nexec "{program}" -q hook run pre-push "$@"\n')
        hook.chmod(0o755)
        # The push before: it leaves the index and the manifest that the next one follows.
        git(clone, "push", "--quiet", "origin", f"{old}:refs/heads/bench")
        shutil.copytree(clone / ".git/withhold", index)
        log = git(clone, "rev-parse", "refs/exclusions/bench")

        def push(*words: str) -> float:
            for where in (remote, clone):
                git(where, "update-ref", "refs/exclusions/bench", log)
            git(remote, "update-ref", "refs/heads/bench", old)
            git(clone, "update-ref", "refs/remotes/origin/bench", old)
            shutil.rmtree(clone / ".git/withhold")
            shutil.copytree(index, clone / ".git/withhold")
            begun = time.perf_counter()
            git(clone, "push", "--quiet", *words, "origin", f"{new}:refs/heads/bench")
            return (time.perf_counter() - begun) * 1000

        pairs = [(push("--no-verify"), push()) for _ in range(args.runs)]
        without, with_hook = (statistics.median(times) for times in zip(*pairs))
        count = git(clone, "rev-list", "--count", f"{old}..{new}")
        load = os.getloadavg()[0]
        print(f"{source.name}: {count} commits; push {without:.0f} ms, with the hook {with_hook:.0f} ms, "
              f"so {with_hook - without:.0f} ms more (medians of {args.runs}; load {load:.1f})")


if __name__ == "__main__":
    main()
