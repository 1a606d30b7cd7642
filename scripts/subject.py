"""A repository to be measured, and what `git` is asked about it. Used by scripts/bench.py.

Nothing is written into the repository: git works in a bare one of its own in a temporary folder that borrows
the objects, and the commit-graph is written there.
"""

import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

from equality import NEUTRAL, text_files
from measure import children

ENV = {**os.environ, **NEUTRAL}
# As many files are blamed by one shell: command lines have a longest length.
CHUNK = 100
BLAME = 'for path; do git -C "$0" $OPTIONS blame --porcelain HEAD -- "$path" || exit 1; done'
READ = 'git -C "$0" rev-list --objects HEAD | cut -d" " -f1 | git -C "$0" cat-file --batch --buffer'


class Subject:
    def __init__(self, path, folder):
        # A link may have the better name.
        given = pathlib.Path(path).absolute()
        self.path, self.name = str(given.resolve()), given.name.removesuffix(".git")
        self.shadow = tempfile.mkdtemp(prefix=f"{self.name}-", dir=folder)
        there = ["git", "-c", "safe.directory=*", "-C", self.path, "rev-parse", "--verify"]
        self.head = self.ask(*there, "HEAD^{commit}").strip()
        objects = self.ask(*there[:-1], "--git-path", "objects").removesuffix("\n")
        self.ask("git", "init", "--quiet", "--bare", self.shadow)
        alternates = pathlib.Path(self.shadow, "objects/info/alternates")
        alternates.write_text(os.path.join(self.path, objects) + "\n")
        self.git("update-ref", "refs/heads/measured", self.head)
        self.git("symbolic-ref", "HEAD", "refs/heads/measured")
        before = children()
        self.git("commit-graph", "write", "--reachable", "--changed-paths", "--no-progress")
        self.commit_graph_cpu = children() - before
        self.files = text_files(self.shadow, "HEAD")
        if not self.files:
            sys.exit(f"{self.path} has no text files at HEAD")

    @staticmethod
    def bytes_of(*command, given=None):
        done = subprocess.run(command, env=ENV, input=given, capture_output=True)
        if done.returncode != 0:
            sys.exit(f"{' '.join(command)} ended with {done.returncode}: {done.stderr.decode(errors='replace')}")
        return done.stdout

    def ask(self, *command, given=None):
        return self.bytes_of(*command, given=given).decode(errors="surrogateescape")

    def git(self, *args, given=None):
        return self.ask("git", "-C", self.shadow, *args, given=given)

    def facts(self, withhold):
        """How large the repository is; `versions` are all contents that files ever had."""
        objects = self.git("rev-list", "--objects", "--no-object-names", "HEAD")
        kinds = self.git("cat-file", "--batch-check=%(objecttype) %(objectsize)", "--buffer", given=objects.encode())
        sizes = [int(size) for size in re.findall(r"^blob (\d+)$", kinds, re.MULTILINE)]
        porcelain = self.bytes_of(withhold, "-q", "-C", self.path, "attribute", "--porcelain")
        return {
            "name": self.name, "head": self.head, "commits": int(self.git("rev-list", "--count", "HEAD")),
            "text_files": len(self.files), "lines": porcelain.count(b"\n\t"), "versions": len(sizes),
            "version_bytes": sum(sizes), "commit_graph_cpu": self.commit_graph_cpu,
        }

    def authors(self):
        """The addresses of all authors, those with the most commits first, as far as they need no escaping."""
        people = self.git("shortlog", "--summary", "--numbered", "--email", "HEAD")
        found = dict.fromkeys(address.lower() for address in re.findall(r"<([\w.+-]+@[\w.-]+\w)>$", people, re.MULTILINE))
        return list(found)

    def sample(self, count):
        """So many files, evenly spread over all of them in the order of their sizes; all if there are no more."""
        files = [path for path, _ in sorted(self.files, key=lambda file: (file[1], file[0]))]
        if not count or count >= len(files):
            return files
        return [files[(2 * at + 1) * len(files) // (2 * count)] for at in range(count)]

    def blame(self, files, *options):
        """`git blame --porcelain` over files, in two processes; taken for all files."""
        env = {**ENV, "OPTIONS": " ".join(options)}
        # Spread, so that the two end at about the same time.
        chunks = len(files) // CHUNK + 2
        commands = [["sh", "-c", BLAME, self.shadow, *map(os.fsdecode, files[at::chunks])] for at in range(chunks)]
        run = lambda command: subprocess.run(command, env=env, stdout=subprocess.DEVNULL).returncode  # noqa: E731
        before, started = children(), time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            if any(pool.map(run, commands)):
                sys.exit(f"git blame failed in {self.path}")
        scale = len(self.files) / len(files)
        return {"cpu": (children() - before) * scale, "wall": (time.monotonic() - started) * scale}

    def read(self):
        """Reading every object once."""
        before, started = children(), time.monotonic()
        done = subprocess.run(["bash", "-o", "pipefail", "-c", READ, self.shadow], env=ENV, stdout=subprocess.DEVNULL)
        if done.returncode != 0:
            sys.exit(f"reading the objects of {self.path} failed")
        return {"cpu": children() - before, "wall": time.monotonic() - started}

    def older(self, least):
        """The nearest first-parent ancestor of HEAD behind at least so many commits, how many, and how many merges."""
        chain = self.git("rev-list", "--first-parent", "HEAD").split()
        new = lambda at: int(self.git("rev-list", "--count", f"{chain[at]}..HEAD"))  # noqa: E731
        low, high = 0, min(least, len(chain) - 1)
        if high <= 0 or new(high) < least:
            return None
        while low + 1 < high:
            middle = (low + high) // 2
            low, high = (low, middle) if new(middle) >= least else (middle, high)
        return chain[high], new(high), int(self.git("rev-list", "--count", "--merges", f"{chain[high]}..HEAD"))
