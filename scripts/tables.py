"""What scripts/bench.py measured, as tables for docs/performance.md. Used by scripts/chart.py."""

from measure import described

# Said of a scan with the list of those who wrote most, not of ten spread over all authors.
MOST = ", ten who wrote most"


def table(head, rows):
    """Rows in which something was measured."""
    rows = [row for row in rows if any(cell.strip("–, ") for cell in row[1:])]
    if rows:
        yield "| " + " | ".join(head) + " |"
        yield "|---|" + "---:|" * (len(head) - 1)
        yield from ("| " + " | ".join(row) + " |" for row in rows)
        yield ""


def tables(repositories, reports):
    """The tables, and what was measured on what."""
    def of(repository, name, key="cpu", form="{:.2f}"):
        found = repository["measured"].get(name, {}).get(key)
        return "–" if found is None else form.format(found)

    def ratio(repository, name, form="{:.1f}×"):
        found = repository["ratios"].get(name)
        return "–" if found is None else form.format(found)

    def grown(repository, at, of=""):
        """Wall milliseconds of the scan after new commits, and how many: the fewest, or the most."""
        grown = (name for name in repository["measured"] if "new commits" in name and name.endswith(of))
        names = sorted((name for name in grown if of or MOST not in name), key=lambda name: int(name.split()[1]))
        if len(names) <= at:
            return "–"
        commits, merges = names[at].split()[1], names[at].split()[4]
        return f"{repository['measured'][names[at]]['wall'] * 1000:.0f} ms ({commits}, {merges} merges)"

    def blamed(repository, name):
        sample = repository["sampled"].get(name)
        return of(repository, name, form="{:.1f}") + (f" ({sample} files, scaled)" if sample else "")

    yield "![CPU seconds of git blame and of withhold against the bytes of all versions of all files](performance.svg)\n"
    yield "CPU seconds of attributing every line of HEAD, and how many times as many the peers take:\n"
    yield from table(
        ["", "commits", "lines", "versions", "`attribute`", "`git blame`", "over ours", "without a graph", "over ours", "every object read", "ours over it"],
        [[one["name"], f"{one['commits']:,}", f"{one['lines']:,}", f"{one['version_bytes'] / 1e9:.2f} GB", of(one, "attribute"),
          blamed(one, "git blame"), ratio(one, "blame / attribute"), blamed(one, "git blame, no commit-graph"),
          ratio(one, "blame without a graph / attribute"), of(one, "read every object"), ratio(one, "attribute / read", "{:.2f}×")]
         for one in repositories],
    )
    yield "A whole scan, CPU seconds, beside the attribution that it does:\n"
    yield from table(
        ["", "`attribute -w -C`", "scan", "over it", "plain scan", "over plain `attribute`", "1 thread over 2, wall: `attribute`, scan", "peak anonymous memory: `attribute`, scan"],
        [[one["name"], of(one, "attribute -w -C"), of(one, "scan"), ratio(one, "scan / attribute -w -C", "{:.2f}×"),
          of(one, "scan, plain policy"), ratio(one, "plain scan / attribute", "{:.2f}×"),
          f"{ratio(one, 'attribute, 1 thread / 2, wall', '{:.2f}')}, {ratio(one, 'scan, 1 thread / 2, wall', '{:.2f}')}"
          if "scan, 1 thread / 2, wall" in one["ratios"] else "–",
          f"{of(one, 'attribute', 'anon_mb', '{:.0f}')}, {of(one, 'scan', 'anon_mb', '{:.0f} MB')}"]
         for one in repositories],
    )
    yield "The next scan, with the saved index; the manifest's bytes are those of a scan from nothing:\n"
    yield from table(
        ["", "first, CPU", "nothing changed, CPU", "share", "wall", "few new commits, wall", "many, wall", "peak anonymous memory: first, again"],
        [[one["name"] + who, of(one, "scan first" + most), of(one, "scan again" + most), ratio(one, "second scan / first" + most, "{:.1%}"),
          of(one, "scan again" + most, "wall", "{:.3f} s"), grown(one, 0, most), grown(one, 1, most),
          f"{of(one, 'scan first' + most, 'anon_mb', '{:.0f}')}, {of(one, 'scan again' + most, 'anon_mb', '{:.0f} MB')}"]
         for one in repositories for who, most in [("", ""), (MOST, MOST)]],
    )
    for report in reports:
        names = ", ".join(one["name"] for one in report["repositories"])
        yield (
            f"- {names}: {described(report['machine'])}; {', '.join(report['versions'])}; {report['started'][:10]}; "
            f"medians of {report['runs']} runs, of `git blame` {report['blame_runs']}; load average "
            f"{report['load_before'][0]:.1f} before, {report['load_after'][0]:.1f} after."
        )
