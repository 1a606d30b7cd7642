#!/usr/bin/env python3
"""Draws what README's first command prints, as an SVG: scripts/picture.py OUT.svg

The text is the program's own, run on this repository; only its colours are turned into an image.
"""

import html
import os
import pathlib
import re
import subprocess
import sys
import tempfile

COMMAND = "withhold scan --list config/demo.toml -o manifest/"
WIDTH, LINE, MARGIN = 8.4, 20, 16
COLOURS = {"31": "#ff7b72", "32": "#7ee787", "33": "#f2cc60", "36": "#79c0ff"}


def spans(line):
    """Pieces of a line with their style, from its escape codes."""
    style, at = "", 0
    for match in re.finditer(r"\x1b\[([0-9;]*)m", line):
        yield line[at : match.start()], style
        codes = match[1].split(";")
        if codes in ([""], ["0"]):
            style = ""
        for code in codes:
            if code == "1":
                style += "font-weight:bold;"
            if code in COLOURS:
                style += f"fill:{COLOURS[code]};"
        at = match.end()
    yield line[at:], style


def draw(lines):
    plain = [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in lines]
    width = max(map(len, plain)) * WIDTH + 2 * MARGIN
    height = len(lines) * LINE + 2 * MARGIN
    yield f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" width="{width:.0f}" height="{height}">'
    yield '<rect width="100%" height="100%" rx="8" fill="#0d1117"/>'
    yield '<g font-family="ui-monospace,Menlo,Consolas,DejaVu Sans Mono,monospace" font-size="14" fill="#c9d1d9">'
    for row, line in enumerate(lines):
        column, y = 0, MARGIN + (row + 0.75) * LINE
        for text, style in spans(line):
            if text.strip():
                # Each piece has its place and its length, whatever font it is shown in.
                left = len(text) - len(text.lstrip())
                shown = text.strip()
                yield (
                    f'<text x="{MARGIN + (column + left) * WIDTH:.1f}" y="{y:.0f}" textLength="{len(shown) * WIDTH:.1f}" '
                    f'lengthAdjust="spacingAndGlyphs" xml:space="preserve" style="{style}">{html.escape(shown)}</text>'
                )
            column += len(text)
    yield "</g></svg>"


def main():
    top = pathlib.Path(__file__).parent.parent
    with tempfile.TemporaryDirectory() as folder:
        out = f"{folder}/manifest"
        command = [top / "target/release/withhold", "scan", "--list", "config/demo.toml", "--repo", "withhold", "-o", out]
        env = {**os.environ, "CLICOLOR_FORCE": "1"}
        said = subprocess.run(command, cwd=top, env=env, capture_output=True, text=True, check=True).stdout
    said = said.replace(out, "manifest/")
    lines = [f"\x1b[1m$ {COMMAND}\x1b[0m", "", *said.rstrip("\n").split("\n")]
    pathlib.Path(sys.argv[1]).write_text("\n".join(draw(lines)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
