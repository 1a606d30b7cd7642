#!/usr/bin/env python3
"""Runs the tests of our hooks beside the real lefthook, husky, pre-commit and git-lfs.

Fetches the first three (npm, PyPI) into a folder that goes afterwards, or into one that is named and then used again;
git-lfs is taken from the machine. Takes about a minute.
"""

import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

VERSIONS = {"lefthook": "2.2.2", "husky": "9.1.7", "pre-commit": "4.7.0"}


def fetch(folder: pathlib.Path) -> None:
    if not (folder / "node_modules" / ".bin" / "husky").exists():
        names = [f"{name}@{VERSIONS[name]}" for name in ("lefthook", "husky")]
        # Without its own script, which would install lefthook's hooks into the repository that this is run in.
        npm = ["npm", "install", "--ignore-scripts", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder)]
        subprocess.run([*npm, *names], check=True, cwd=folder)
    if not (folder / "venv" / "bin" / "pre-commit").exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder / "venv")], check=True)
        pip = [str(folder / "venv" / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, f"pre-commit=={VERSIONS['pre-commit']}"], check=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=pathlib.Path, help="keep the tools here")
    args = parser.parse_args()
    if shutil.which("git-lfs") is None:
        print("there is no git-lfs here: its case looks at nothing", file=sys.stderr)
    with tempfile.TemporaryDirectory() as temporary:
        folder = (args.folder or pathlib.Path(temporary)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        fetch(folder)
        test = ["cargo", "test", "--locked", "--test", "it", "hook_install::peers"]
        return subprocess.run(test, env={**os.environ, "WITHHOLD_PEERS": str(folder)}).returncode


if __name__ == "__main__":
    sys.exit(main())
