#!/usr/bin/env python3
"""Holds manifests in Parquet against pyarrow, DuckDB and Polars.

    scripts/manifest_peers.py PROGRAM [REPOSITORY]

PROGRAM is `withhold`, REPOSITORY one of Git (default: this one). All three must read the rows that its JSON Lines have; what they
write of them must be sound, but where a reader may refuse it; and the SQL in docs/manifest-format.md must give what JSON Lines and
Python give. Needs all three.
"""

import hashlib
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

HERE = pathlib.Path(__file__).resolve().parent.parent
SETS = ("entries", "coverage")


def run(program, *args):
    done = subprocess.run([program, *args], capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def made(program, *args):
    code, _, said = run(program, *args)
    assert code == 0, f"{args}: {said}"


def there(row):
    return {name: value for name, value in row.items() if value is not None}


def reads(table, lines):
    """Everybody reads the same rows."""
    for name in SETS:
        expected = [json.loads(line) for line in (lines / f"{name}.jsonl").read_text().splitlines()]
        path = str(table / f"{name}.parquet")
        relation = duckdb.sql(f"FROM '{path}'")
        found = {
            "pyarrow": pq.read_table(path).to_pylist(),
            "Polars": pl.read_parquet(path).to_dicts(),
            "DuckDB": [dict(zip(relation.columns, row)) for row in relation.fetchall()],
        }
        for peer, rows in found.items():
            assert [there(row) for row in rows] == expected, f"{peer} reads other {name}"
        print(f"{name}: {len(expected)} rows, the same in {', '.join(found)}")


WRITERS = {
    "pyarrow": lambda source, to: pq.write_table(pq.read_table(source), to),
    "pyarrow, pages 2.0": lambda source, to: pq.write_table(
        pq.read_table(source), to, data_page_version="2.0", compression="zstd", use_dictionary=False, row_group_size=1000
    ),
    "Polars": lambda source, to: pl.read_parquet(source).write_parquet(to),
    "Polars, streamed": lambda source, to: pl.scan_parquet(source).sink_parquet(to),
    "DuckDB": lambda source, to: duckdb.sql(f"COPY (FROM '{source}') TO '{to}' (FORMAT parquet)"),
}
REFUSED = {
    "gzip": lambda source, to: pq.write_table(pq.read_table(source), to, compression="gzip"),
    "DuckDB, version 2": lambda source, to: duckdb.sql(
        f"COPY (FROM '{source}') TO '{to}' (FORMAT parquet, PARQUET_VERSION v2)"
    ),
    "other rows": lambda source, to: pq.write_table(pq.read_table(source).slice(1), to),
    "another order": lambda source, to: pl.read_parquet(source).reverse().write_parquet(to),
}


def writes(program, table, folder):
    """What others write of the rows is sound, or refused with a reason."""
    for peer, write in (WRITERS | REFUSED).items():
        again = folder / "again"
        shutil.rmtree(again, ignore_errors=True)
        again.mkdir()
        shutil.copy(table / "manifest.json", again)
        for name in SETS:
            write(str(table / f"{name}.parquet"), str(again / f"{name}.parquet"))
        code, _, said = run(program, "manifest", "validate", again)
        assert code == (5 if peer in REFUSED else 0), f"{peer}: {code} {said}"
        assert "panic" not in said, said
        print(f"written by {peer}: {said.splitlines()[0] if said else 'sound'}")


def joins(table, lines, repository, folder):
    """The SQL of the page gives what is covered and not excluded."""
    page = (HERE / "docs/manifest-format.md").read_text()
    sql = page.split("```sql\n")[1].split("```")[0]
    rows = {name: [json.loads(line) for line in (lines / f"{name}.jsonl").read_text().splitlines()] for name in SETS}
    excluded = {row.get("git_sha1") for row in rows["entries"] if "train-ai" in row["purposes"]}
    covered = {row["git_sha1"] for row in rows["coverage"] if row["unit"] == "blob" and "git_sha1" in row}
    unknown = hashlib.sha1(b"never looked at").hexdigest()
    keys = sorted(covered) + [unknown]
    expected = [key for key in keys if key in covered - excluded]
    assert 0 < len(expected) < len(keys) - 1, "the repository shows nothing: all or none of it is excluded"

    def clear(keys):
        pq.write_table(pa.table({"content_id": pa.array(keys, pa.string()), "n": range(len(keys))}), folder / "data.parquet")
        here = duckdb.connect()
        here.execute(f"SET file_search_path = '{folder}'")
        here.execute(sql.replace("'clear.parquet'", f"'{folder}/clear.parquet'"))
        return sorted(pq.read_table(folder / "clear.parquet")["content_id"].to_pylist())

    shutil.copytree(table, folder / "manifest")
    assert clear(keys) == sorted(expected), "SQL gives other rows"
    try:
        clear(keys + [None])
        raise AssertionError("a NULL key passed")
    except duckdb.Error as error:
        assert "a row has no key" in str(error), error
    header = json.loads((folder / "manifest/manifest.json").read_text())
    header["purposes"].remove("train-ai")
    (folder / "manifest/manifest.json").write_text(json.dumps(header))
    try:
        clear(keys)
        raise AssertionError("a purpose passed that was not decided")
    except duckdb.Error as error:
        assert "decides nothing about train-ai" in str(error), error
    print(f"SQL: {len(expected)} of {len(keys)} rows are clear, as in Python; a NULL key is refused")


def main():
    program = str(pathlib.Path(sys.argv[1]).resolve())
    repository = sys.argv[2] if len(sys.argv) > 2 else str(HERE)
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        table, lines = folder / "table", folder / "lines"
        optout = folder / "optout.toml"
        # Half of the files, whoever wrote them.
        optout.write_text('schema = 1\nlist = "x/y"\nserial = 1\n[[rule]]\nid = "r-1"\npaths = ["src/**"]\n')
        made(program, "scan", repository, "-l", optout, "-o", table, "--no-cache", "-q", "--encoding", "parquet")
        made(program, "manifest", "convert", table, "-o", lines, "-q")
        made(program, "manifest", "convert", lines, "-o", folder / "back", "-q", "--encoding", "parquet")
        for name in ("manifest.json", "entries.parquet", "coverage.parquet"):
            assert (table / name).read_bytes() == (folder / "back" / name).read_bytes(), name
        reads(table, lines)
        writes(program, table, folder)
        joins(table, lines, repository, folder)


if __name__ == "__main__":
    main()
