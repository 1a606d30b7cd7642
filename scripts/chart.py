#!/usr/bin/env python3
"""Draws what scripts/bench.py measured: scripts/chart.py [FILE...]

The FILEs (target/bench.json, say) become docs/performance.json, which is a list of them; without any, what is
there is drawn again. From it come docs/performance.svg, CPU seconds against the size of the history, and the
tables in docs/performance.md, between its two marks. Ratios are those of one and the same run.
"""

import html
import json
import math
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from tables import tables  # noqa: E402

DOCS = pathlib.Path(__file__).parent.parent / "docs"
MARKS = ["<!-- results: written by scripts/chart.py -->", "<!-- end of results -->"]
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 760, 480, 76, 24, 56, 64
# Name in the data, name in the picture, colour; as in docs/scan.svg, bright on a ground of its own.
SERIES = [
    ("git blame, no commit-graph", "git blame, no commit-graph", "#f2cc60"),
    ("git blame", "git blame, commit-graph with Bloom filters", "#ff7b72"),
    ("read every object", "git cat-file: every object once", "#79c0ff"),
    ("attribute", "withhold attribute", "#7ee787"),
]


class Axis:
    """A logarithmic axis from one power of ten, or half of one, to another."""

    def __init__(self, values, start, end):
        steps = lambda value, to: to(math.log10(value) * 2) / 2  # noqa: E731
        self.low, self.high = steps(min(values) * 0.8, math.floor), steps(max(values) * 1.25, math.ceil)
        self.start, self.end = start, end

    def place(self, value):
        share = (math.log10(value) - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)

    def ticks(self):
        steps = (step * 10**power for power in range(math.floor(self.low), math.ceil(self.high) + 1) for step in (1, 3))
        return [step for step in steps if self.low - 1e-9 <= math.log10(step) <= self.high + 1e-9]


def text(x, y, words, size=13, anchor="start", fill="#c9d1d9", turn=""):
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="{fill}"{turn}>{html.escape(words)}</text>'


def unit(value, units):
    """A power of ten with the unit that suits it."""
    name, factor = max(((name, factor) for name, factor in units if factor <= value), key=lambda one: one[1], default=units[0])
    return f"{value / factor:g} {name}"


def draw(repositories):
    points = [
        (repository, name, repository["version_bytes"], repository["measured"][name]["cpu"])
        for repository in repositories for name, _, _ in SERIES if name in repository["measured"]
    ]
    if not points:
        sys.exit("nothing was measured that could be drawn: no git blame, no attribution")
    xs = Axis([x for _, _, x, _ in points], LEFT, WIDTH - RIGHT)
    ys = Axis([y for _, _, _, y in points], HEIGHT - BOTTOM, TOP)
    yield f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" role="img">'
    yield "<title>CPU seconds to attribute all lines, against the size of the history</title>"
    yield '<rect width="100%" height="100%" rx="8" fill="#0d1117"/>'
    yield '<g font-family="ui-monospace,Menlo,Consolas,DejaVu Sans Mono,monospace">'
    for tick in xs.ticks():
        x = xs.place(tick)
        yield f'<line x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{HEIGHT - BOTTOM}" stroke="#21262d"/>'
        yield text(x, HEIGHT - BOTTOM + 20, unit(tick, [("kB", 1e3), ("MB", 1e6), ("GB", 1e9)]), anchor="middle")
    for tick in ys.ticks():
        y = ys.place(tick)
        yield f'<line x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}" stroke="#21262d"/>'
        yield text(LEFT - 8, y + 4, f"{tick:g} s", anchor="end")
    middle = (TOP + HEIGHT - BOTTOM) / 2
    yield text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 14, "bytes of all versions of all files in the history", anchor="middle")
    yield text(16, middle, "CPU seconds", anchor="middle", turn=f' transform="rotate(-90 16 {middle:.0f})"')
    shown = [(label, colour) for name, label, colour in SERIES if any(name == seen for _, seen, _, _ in points)]
    for at, (label, colour) in enumerate(shown):
        x, y = LEFT + (at % 2) * 350, 22 + at // 2 * 18
        yield f'<circle cx="{x + 5}" cy="{y - 4}" r="5" fill="{colour}"/>' + text(x + 16, y, label, 12)
    taken = [(xs.place(x) - 6, ys.place(y) - 6, xs.place(x) + 6, ys.place(y) + 6) for _, _, x, y in points]
    for repository in repositories:
        mine = [(ys.place(y), name, y) for one, name, _, y in points if one is repository]
        if not mine:
            continue
        x = xs.place(repository["version_bytes"])
        yield f'<line x1="{x:.1f}" y1="{min(mine)[0]:.1f}" x2="{x:.1f}" y2="{max(mine)[0]:.1f}" stroke="#30363d"/>'
        for name, _, colour in SERIES:
            for y, seen, seconds in mine:
                if seen == name:
                    yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{colour}"><title>{html.escape(repository["name"])}, {name}: {seconds:.2f} s</title></circle>'
        box = label_box(repository["name"], x, max(mine)[0], taken)
        taken.append(box)
        yield text((box[0] + box[2]) / 2, box[3] - 3, repository["name"], 12, "middle", "#8b949e")
    yield "</g></svg>"


def label_box(name, x, y, taken):
    """A place for a name near a point, where nothing is yet: below it first, then beside, then above."""
    half = len(name) * 3.7
    places = [(0, 20), (half + 10, 4), (-half - 10, 4), (0, 34), (half + 6, 20), (-half - 6, 20), (0, -10), (0, 48)]
    boxes = [(x + right - half, y + down - 10, x + right + half, y + down + 3) for right, down in places]
    apart = lambda one, other: one[2] < other[0] or other[2] < one[0] or one[3] < other[1] or other[3] < one[1]  # noqa: E731
    inside = lambda box: box[0] > LEFT and box[2] < WIDTH and box[3] < HEIGHT - BOTTOM  # noqa: E731
    return next((box for box in boxes if inside(box) and all(apart(box, other) for other in taken)), boxes[0])


def united(reports):
    """Each repository once; of what was measured more than once, the last."""
    found = {}
    for report in reports:
        for one in report["repositories"]:
            known = found.setdefault(one["name"], {**one, "measured": {}, "ratios": {}, "sampled": {}})
            for key in ("measured", "ratios", "sampled"):
                known[key].update(one[key])
    return sorted(found.values(), key=lambda one: one["version_bytes"])


def main():
    if sys.argv[1:2] in (["-h"], ["--help"]):
        sys.exit(__doc__)
    data = DOCS / "performance.json"
    if sys.argv[1:]:
        data.write_text(json.dumps([json.loads(pathlib.Path(file).read_text()) for file in sys.argv[1:]], indent=1) + "\n")
    if not data.exists():
        sys.exit(f"there is no {data}: give what scripts/bench.py wrote, such as target/bench.json")
    reports = json.loads(data.read_text())
    repositories = united(reports)
    (DOCS / "performance.svg").write_text("\n".join(draw(repositories)) + "\n", encoding="utf-8")
    page = DOCS / "performance.md"
    before, _, rest = page.read_text(encoding="utf-8").partition(MARKS[0])
    _, mark, after = rest.partition(MARKS[1])
    if not mark:
        sys.exit(f"{page} has lost its marks")
    results = "\n".join(tables(repositories, reports))
    page.write_text(f"{before}{MARKS[0]}\n{results}\n{mark}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
