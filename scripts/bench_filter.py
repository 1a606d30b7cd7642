#!/usr/bin/env python3
"""`filter` and `verify` beside DuckDB and Polars, in CPU seconds, on real source text.

    scripts/bench_filter.py [--rows 2000000] [--work FOLDER] [--runs 3] [--only cluster,spread,verify,lines] REPO.git…

Makes a data set of the blobs of the repositories (scripts/make_dataset.py; kept in FOLDER for the next time), and manifests
that cover all of it and exclude 200,000 keys: in one (cluster) the first 1 % of the rows, in the other (spread) 5 % all over.
Then each program does the same work, in turn. Fails if the rows that stay are not those of DuckDB's anti-join,
and in their order, or if two runs of ours differ in a byte. Needs duckdb, polars, pyarrow and zstandard.
"""

import argparse
import hashlib
import json
import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
KEYS = 200_000
PURPOSES = ["search", "train-ai", "x-embed", "x-eval", "x-train-other"]
ENTRY_ORDER = ("git_sha1 sha1 sha256 size unit line_start line_end byte_start byte_end repo path commit purposes basis "
               "strength rule").split()
COVERAGE_ORDER = "unit git_sha1 sha1 sha256 size repo path ref tip files lines commits tags submodules history why".split()


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("--rows", type=int, default=2_000_000)
    args.add_argument("--runs", type=int, default=3)
    args.add_argument("--work", type=pathlib.Path, default=HERE.parent / "target/bench-filter")
    args.add_argument("--only", default="cluster,spread,verify,lines")
    args.add_argument("--withhold", type=pathlib.Path, default=HERE.parent / "target/release/withhold")
    args.add_argument("--json", type=pathlib.Path)
    args.add_argument("repos", nargs="+")
    args = args.parse_args()
    args.work.mkdir(parents=True, exist_ok=True)
    only = args.only.split(",")
    print(f"load {os.getloadavg()[0]:.1f} before")
    data = dataset(args, "parquet")
    ids = manifests(args, data)
    bench = Bench(args, ids)
    for part in ("cluster", "spread"):
        if part in only:
            bench.parquet(part, data)
    if "verify" in only:
        bench.verify(data)
    if "lines" in only:
        lines = dataset(args, "jsonl.zst")
        for part in ("cluster", "spread"):
            bench.lines(part, lines)
    print(f"load {os.getloadavg()[0]:.1f} after")
    if args.json:
        args.json.write_text(json.dumps(bench.results, indent=1))


def dataset(args, form):
    folder = args.work / f"{form}-{args.rows}"
    if not (folder / "done").exists():
        shutil.rmtree(folder, ignore_errors=True)
        made = [sys.executable, HERE / "make_dataset.py", "-o", folder, "--rows", str(args.rows), "--format", form, *args.repos]
        subprocess.run(made, check=True)
        (folder / "done").touch()
    return next(folder.glob(f"*.{form}"))


def manifests(args, data):
    """Writes the manifests and the peers' keys, if they are not there. The ids that each excludes."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    ids = args.work / f"ids-{args.rows}.json"
    if ids.exists():
        return json.loads(ids.read_text())
    blobs = {}
    order = []
    for batch in pq.ParquetFile(data).iter_batches(10_000, columns=["hexsha", "blob_id", "content"]):
        for oid, sha1, content in zip(*(batch.column(at).to_pylist() for at in range(3))):
            raw = content.encode()
            blobs[oid] = {"git_sha1": oid, "sha1": sha1, "sha256": hashlib.sha256(raw).hexdigest(), "size": len(raw)}
            order.append(oid)
    out = {}
    for part, some in (("cluster", order[: args.rows // 100]), ("spread", order[::20])):
        out[part] = sorted(set(some))
        # Keys of files that are not in the data set, as most of a manifest's are.
        strangers = []
        for at in range(KEYS - len(out[part])):
            raw = f"{part} {at}".encode()
            strangers.append({
                "git_sha1": hashlib.sha1(b"blob %d\0" % len(raw) + raw).hexdigest(),
                "sha1": hashlib.sha1(raw).hexdigest(), "sha256": hashlib.sha256(raw).hexdigest(), "size": len(raw),
            })
        excluded = [blobs[oid] for oid in out[part]] + strangers
        write_manifest(args.work / f"m-{part}-{args.rows}", excluded, list(blobs.values()) + strangers)
        keys = [one["git_sha1"] for one in excluded]
        pq.write_table(pa.table({"hexsha": keys}), args.work / f"keys-{part}-{args.rows}.parquet")
    ids.write_text(json.dumps(out))
    return out


def write_manifest(folder, excluded, covered):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    by = lambda row: (row["git_sha1"], row["sha1"], row["sha256"], row["size"])
    entries = [row | {"unit": "blob", "purposes": PURPOSES} for row in sorted(excluded, key=by)]
    coverage = [row | {"unit": "blob"} for row in sorted(covered, key=by)]
    sets = {}
    for name, rows, fields in (("entries", entries, ENTRY_ORDER), ("coverage", coverage, COVERAGE_ORDER)):
        lines = [json.dumps(row, sort_keys=True, separators=(",", ":")).encode() for row in rows]
        (folder / f"{name}.jsonl").write_bytes(b"".join(line + b"\n" for line in lines))
        sets[name] = {"file": name, "order": fields, "rows": len(rows), "tree_hash": f"sha256:{tree_hash(lines)}"}
    count = lambda units, rows: {unit: rows if unit == "blob" else 0 for unit in units}
    header = {
        "schema": "https://withhold.dev/manifest/1", "schema_version": "1.0.0",
        "tool": {"name": "withhold", "version": "0.1.0"}, "created_at": "2026-01-01T00:00:00Z",
        "lists": [{"name": "bench/filter", "serial": 1, "digest": "sha256:" + "0" * 64}],
        "policy_digest": "sha256:" + "0" * 64, "purposes": PURPOSES, "profile": "keys",
        "counts": {
            "entries": count(["blob", "commit", "lines", "path", "repo", "tag"], len(entries)),
            "coverage": count(["blob", "commit", "path", "ref", "tag"], len(coverage)),
        },
        "merged_from": [], "critical": [], **sets,
    }
    (folder / "manifest.json").write_text(json.dumps(header, sort_keys=True, separators=(",", ":")))


def tree_hash(rows):
    """RFC 6962, bottom up: a node without a neighbour moves up as it is."""
    level = [hashlib.sha256(b"\0" + row).digest() for row in rows] or [hashlib.sha256().digest()]
    while len(level) > 1:
        pairs = [hashlib.sha256(b"\1" + a + b).digest() for a, b in zip(level[::2], level[1::2])]
        level = pairs + ([level[-1]] if len(level) % 2 else [])
    return level[0].hex()


class Bench:
    def __init__(self, args, ids):
        self.args, self.ids, self.results = args, ids, {}
        self.cache = args.work / "cache"

    def ours(self, command, part, data, *more):
        manifest = self.args.work / f"m-{part}-{self.args.rows}"
        return [self.args.withhold, command, "-q", "--cache", self.cache, "-m", manifest, data, "--key", "hexsha=git_sha1", *more]

    def parquet(self, part, data):
        work, rows = self.args.work, self.args.rows
        keys = work / f"keys-{part}-{rows}.parquet"
        out = {name: work / f"out-{name}.parquet" for name in ("ours", "again", "duckdb", "polars")}
        duckdb = (f"COPY (SELECT * FROM '{data}' WHERE hexsha NOT IN (SELECT hexsha FROM '{keys}')) TO '{out['duckdb']}' "
                  "(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 10000)")
        polars = (f"pl.scan_parquet('{data}').join(pl.scan_parquet('{keys}'), on='hexsha', how='anti', maintain_order='left')"
                  f".sink_parquet('{out['polars']}', compression='zstd', row_group_size=10000, maintain_order=True)")
        shutil.rmtree(self.cache, ignore_errors=True)
        first = measure(self.ours("filter", part, data, "-o", out["ours"]))
        self.report(f"parquet, {part}", {
            "withhold": (self.ours("filter", part, data, "-o", out["ours"]), None),
            "duckdb": (sql(duckdb), None),
            "polars": (pl(polars), None),
        }, {"withhold, keys of the manifest not kept yet": first})
        measure(self.ours("filter", part, data, "-o", out["again"]))
        if digest(out["ours"]) != digest(out["again"]):
            sys.exit("two runs differ")
        same_rows(data, self.ids[part], out["ours"], out["duckdb"])
        for path in out.values():
            path.unlink(missing_ok=True)

    def verify(self, data):
        keys = self.args.work / f"keys-spread-{self.args.rows}.parquet"
        covered = self.args.work / f"covered-{self.args.rows}.parquet"
        if not covered.exists():
            subprocess.run(sql(f"COPY (SELECT DISTINCT hexsha FROM '{data}' UNION SELECT hexsha FROM '{keys}') TO '{covered}'"),
                           check=True, stdout=subprocess.DEVNULL)
        both = (f"SELECT (SELECT count(*) FROM '{data}' WHERE hexsha IN (SELECT hexsha FROM '{keys}')), "
                f"(SELECT count(*) FROM '{data}' WHERE hexsha NOT IN (SELECT hexsha FROM '{covered}'))")
        # Short, so that more runs cost little and say more.
        self.report("parquet, verify", runs=max(self.args.runs, 9), programs={
            "withhold": (self.ours("verify", "spread", data), 1),
            "duckdb": (sql(f"SELECT count(*) FROM '{data}' WHERE hexsha IN (SELECT hexsha FROM '{keys}')"), None),
            "duckdb, also what is not covered": (sql(both), None),
            "polars": (pl(f"print(pl.scan_parquet('{data}').join(pl.scan_parquet('{keys}'), on='hexsha', how='semi')"
                          ".select(pl.len()).collect())"), None),
        })

    def lines(self, part, data):
        work, rows = self.args.work, self.args.rows
        keys = work / f"keys-{part}-{rows}.parquet"
        ours, again, theirs = (work / f"out-{name}.jsonl.zst" for name in ("ours", "again", "polars"))
        polars = (f"pl.scan_ndjson('{data}').join(pl.scan_parquet('{keys}'), on='hexsha', how='anti', "
                  f"maintain_order='left').sink_ndjson('{theirs}', compression='zstd', compression_level=3)")
        self.report(f"jsonl.zst, {part}", {
            "withhold": (self.ours("filter", part, data, "-o", ours), None),
            "polars": (pl(polars), None),
        })
        measure(self.ours("filter", part, data, "-o", again))
        if digest(ours) != digest(again):
            sys.exit("two runs differ")
        gone = set(self.ids[part])
        expected = (line for line in lines_of(data) if json.loads(line)["hexsha"] not in gone)
        for line, want in zip(lines_of(ours), expected, strict=True):
            if line != want:
                sys.exit("a row that stays differs")
        for path in (ours, again, theirs):
            path.unlink(missing_ok=True)

    def report(self, what, programs, more=(), runs=None):
        all_runs = {name: [] for name in programs}
        for _ in range(runs or self.args.runs):
            for name, (command, status) in programs.items():
                all_runs[name].append(measure(command, status or 0))
        print(f"\n{what}")
        mine = statistics.median(run["cpu"] for run in all_runs["withhold"])
        medians = {name: {key: statistics.median(run[key] for run in all_) for key in all_[0]} for name, all_ in all_runs.items()}
        for name, run in [*medians.items(), *dict(more).items()]:
            ratio = "" if name.startswith("withhold") else f"  {run['cpu'] / mine:5.2f}x"
            print(f"  {name:45} {run['cpu']:7.2f} CPU s {run['wall']:7.2f} s {run['anon']:6.0f} MB anonymous{ratio}")
        self.results[what] = medians | dict(more)
        sys.stdout.flush()


def sql(text):
    return [sys.executable, "-c", f"import duckdb; print(duckdb.sql(\"SET threads=2\"), duckdb.sql({text!r}))"]


def pl(text):
    return ["env", "POLARS_MAX_THREADS=2", sys.executable, "-c", f"import polars as pl; {text}"]


def measure(command, status=0):
    """CPU and wall seconds, and the most anonymous memory in MB."""
    begun = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    most, over = [0], threading.Event()

    def watch():
        while not over.wait(0.01):
            try:
                for line in open(f"/proc/{process.pid}/status"):
                    if line.startswith("RssAnon"):
                        most[0] = max(most[0], int(line.split()[1]) / 1024)
            except OSError:
                return

    watching = threading.Thread(target=watch)
    watching.start()
    said = process.stderr.read()
    _, ended, used = os.wait4(process.pid, 0)
    over.set()
    watching.join()
    if os.waitstatus_to_exitcode(ended) != status:
        sys.exit(f"{command}: {said.decode()}")
    return {"cpu": used.ru_utime + used.ru_stime, "wall": time.perf_counter() - begun, "anon": most[0]}


def digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def same_rows(data, gone, ours, theirs):
    """Ours are the rows of the data set that do not go, in their order; theirs are the same, as a join may mix them."""
    import pyarrow.parquet as pq

    kept = rows_hash(pq.ParquetFile(data), set(gone))
    mine, other = rows_hash(pq.ParquetFile(ours)), rows_hash(pq.ParquetFile(theirs))
    if mine != kept:
        sys.exit(f"the rows that stay are not those that should: {mine}, {kept}")
    if mine[::2] != other[::2]:
        sys.exit(f"the rows that stay differ from DuckDB's: {mine}, {other}")


def rows_hash(file, gone=frozenset()):
    """How many rows, a hash of all in their order, and one that does not depend on it."""
    ordered, unordered, count = hashlib.sha256(), 0, 0
    names = ["hexsha", "blob_id", "size", "lang", "repo_name", "path", "stars", "content"]
    for batch in file.iter_batches(10_000, columns=names):
        for row in zip(*(batch.column(name).to_pylist() for name in names)):
            if row[0] in gone:
                continue
            count += 1
            hashed = hashlib.sha256(repr(row).encode()).digest()
            ordered.update(hashed)
            unordered = (unordered + int.from_bytes(hashed)) % 2**256
    return count, ordered.hexdigest(), unordered


def lines_of(path):
    import io
    import zstandard

    with open(path, "rb") as file:
        stream = zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True)
        yield from io.BufferedReader(stream, 1 << 20)


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main()
