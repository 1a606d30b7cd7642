#!/usr/bin/env python3
"""Draws what README's first command prints, as an SVG: scripts/picture.py OUT.svg

The text is the program's own, run on this repository; only its colours are turned into an image. Needs the
package `rich` (pip install rich).
"""

import io
import os
import pathlib
import subprocess
import sys
import tempfile

from rich.console import Console
from rich.text import Text

COMMAND = "withhold scan --list config/demo.toml -o manifest/"


def main():
    top = pathlib.Path(__file__).parent.parent
    with tempfile.TemporaryDirectory() as folder:
        command = ["target/release/withhold", "scan", "--list", "config/demo.toml", "--repo", "withhold", "-o", f"{folder}/manifest"]
        env = {**os.environ, "CLICOLOR_FORCE": "1"}
        said = subprocess.run(command, cwd=top, env=env, capture_output=True, text=True, check=True).stdout
    said = said.replace(f"{folder}/manifest", "manifest/")
    console = Console(record=True, width=92, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    console.print(Text(f"$ {COMMAND}", style="bold"))
    console.print(Text.from_ansi(said))
    pathlib.Path(sys.argv[1]).write_text(console.export_svg(title="withhold"), encoding="utf-8")


if __name__ == "__main__":
    main()
