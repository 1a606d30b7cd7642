#!/usr/bin/env python3
"""Holds the Parquet filter against pyarrow, DuckDB and Polars, on random tables.

    scripts/parquet_peers.py PROGRAM [--tables N] [--seed S]

PROGRAM is the example `parquet_filter`. Each table has flat, nested, dictionary and list columns, and is written by pyarrow
in a random way. What is left of it must be what is left when pyarrow's rows are filtered in Python: the same values in the
same order, with the schema and its metadata; twice the same bytes; and all three must read it. Needs all three.
"""

import argparse
import datetime
import decimal
import pathlib
import random
import subprocess
import sys
import tempfile

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

FILE = pa.struct([("id", pa.string()), ("tags", pa.list_(pa.string())), ("n", pa.int64())])
SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("repo", pa.dictionary(pa.int32(), pa.string())),
        ("size", pa.int32()),
        ("ratio", pa.float64()),
        ("fork", pa.bool_()),
        ("at", pa.timestamp("us", "UTC")),
        ("price", pa.decimal128(20, 3)),
        ("hash", pa.binary(4)),
        ("who", pa.list_(pa.string())),
        ("files", pa.list_(FILE)),
        ("meta", pa.struct([("lang", pa.string()), ("deep", pa.struct([("x", pa.int16())]))])),
        ("more", pa.map_(pa.string(), pa.int64())),
        pa.field("must", pa.string(), nullable=False),
        ("content", pa.large_string()),
    ],
    metadata={"huggingface": '{"info": {}}', "other": "ü"},
)
# Of each the columns that are looked at.
LOOKS = [["id"], ["repo"], ["hash"], ["who"], ["meta.lang", "id"], ["files[].id"], ["repo", "files[].tags", "files[].id"],
         ["must"], ["id", "content"]]


def row(chance, number):
    def maybe(make, share=0.15):
        return None if chance.random() < share else make()

    def word():
        return f"w{chance.randrange(30)}"

    def words():
        return [maybe(word) for _ in range(chance.choice([0, 1, 1, 2, 5]))]

    def file():
        return {"id": maybe(word), "tags": maybe(words), "n": maybe(lambda: chance.randrange(9))}

    return {
        "id": maybe(word, 0.05),
        "repo": maybe(word),
        "size": maybe(lambda: chance.randrange(-(2**31), 2**31)),
        "ratio": maybe(chance.random),
        "fork": maybe(lambda: chance.random() < 0.5),
        "at": maybe(lambda: datetime.datetime.fromtimestamp(chance.randrange(10**9), datetime.timezone.utc)),
        "price": maybe(lambda: decimal.Decimal(chance.randrange(10**9)) / 1000),
        "hash": maybe(lambda: b"w%03d" % chance.randrange(30)),
        "who": maybe(words),
        "files": maybe(lambda: [maybe(file, 0.1) for _ in range(chance.choice([0, 1, 2, 3, 8]))]),
        "meta": maybe(lambda: {"lang": maybe(word), "deep": maybe(lambda: {"x": maybe(lambda: 7)})}),
        "more": maybe(lambda: [(f"k{at}", maybe(lambda: at)) for at in range(chance.randrange(3))]),
        "must": word(),
        "content": maybe(lambda: f"{number} {word()} " + "text " * chance.choice([0, 3, 50, 2000])),
    }


def write(table, path, chance):
    codec = chance.choice(["none", "snappy", "gzip", "brotli", "zstd", "lz4"])
    dictionary = chance.choice([True, False, ["repo", "id"]])
    options = {}
    if dictionary is False and chance.random() < 0.7:
        options["column_encoding"] = {
            "id": chance.choice(["PLAIN", "DELTA_BYTE_ARRAY", "DELTA_LENGTH_BYTE_ARRAY"]),
            "size": chance.choice(["PLAIN", "DELTA_BINARY_PACKED", "BYTE_STREAM_SPLIT"]),
            "ratio": chance.choice(["PLAIN", "BYTE_STREAM_SPLIT"]),
            "content": chance.choice(["PLAIN", "DELTA_BYTE_ARRAY", "DELTA_LENGTH_BYTE_ARRAY"]),
        }
    pq.write_table(
        table, path, compression=codec, use_dictionary=dictionary, data_page_version=chance.choice(["1.0", "2.0"]),
        row_group_size=chance.choice([7, 100, 1000]), data_page_size=chance.choice([64, 4096, 1 << 20]),
        dictionary_pagesize_limit=chance.choice([64, 1 << 20]), write_batch_size=chance.choice([1, 64, 1024]),
        write_page_index=chance.random() < 0.5, write_page_checksum=chance.random() < 0.5,
        use_compliant_nested_type=chance.random() < 0.7, **options,
    )
    return codec, dictionary, options


def left(rows, look, drop):
    """What is left of rows, by the rules of the program."""

    def has(value):
        if isinstance(value, list):
            return any(has(one) for one in value)
        value = value.encode() if isinstance(value, str) else value
        return value is not None and value in drop

    def of(one, path):
        for part in path:
            one = None if one is None else one[part]
        return one

    for one in rows:
        own = any(has(of(one, name.split("."))) for name in look if "[]" not in name and name != "content")
        fields = [name.split("[].")[1] for name in look if "[]." in name]
        text = one["content"]
        if "content" in look and text is not None and any(word in text.encode() for word in drop):
            # The program looks at the content first.
            yield {**one, "content": text[:5]}
            continue
        if not fields or not one["files"]:
            if not own:
                yield one
            continue
        files = [file for file in one["files"] if not own and not any(has(of(file, [field])) for field in fields)]
        if files:
            yield {**one, "files": files}


def check(program, number, chance, folder):
    table = pa.Table.from_pylist([row(chance, at) for at in range(chance.choice([0, 1, 50, 700, 3000]))], SCHEMA)
    source, out, keys = folder / "in.parquet", folder / "out.parquet", folder / "keys"
    how = write(table, source, chance)
    look = chance.choice(LOOKS)
    drop = {b"w%d" % chance.randrange(30) for _ in range(chance.choice([0, 1, 3, 30]))}
    drop |= {b"w%03d" % chance.randrange(30) for _ in range(3)} if look == ["hash"] else set()
    keys.write_bytes(b"".join(word + b"\n" for word in drop))
    case = f"table {number}: {how} {look} {drop}"
    written = []
    for _ in range(2):
        run = subprocess.run([program, "filter", source, out, keys, *look], capture_output=True, text=True)
        assert run.returncode == 0, f"{run.stderr}; {case}"
        written.append(out.read_bytes())
    assert written[0] == written[1], f"two runs differ; {case}"
    expected = list(left(table.to_pylist(), look, drop))
    new = pq.read_table(out)
    assert new.to_pylist() == expected, f"other rows; {case}"
    new.validate(full=True)
    old = pq.read_table(source)
    assert new.schema.equals(old.schema, check_metadata=True), f"another schema; {case}"
    assert duckdb.sql(f"select count(*) from '{out}'").fetchall() == [(len(expected),)], case
    texts = [one["content"] for one in expected]
    assert [text for (text,) in duckdb.sql(f"select content from '{out}'").fetchall()] == texts, f"DuckDB; {case}"
    assert pl.read_parquet(out)["content"].to_list() == texts, f"Polars; {case}"
    return len(table), len(expected)


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("program")
    args.add_argument("--tables", type=int, default=200)
    args.add_argument("--seed", type=int, default=1)
    args = args.parse_args()
    rows = kept = partly = 0
    with tempfile.TemporaryDirectory() as folder:
        for number in range(args.tables):
            chance = random.Random(args.seed * 1_000_003 + number)
            read, written = check(args.program, number, chance, pathlib.Path(folder))
            rows, kept, partly = rows + read, kept + written, partly + (0 < written < read)
    print(f"{args.tables} tables, {rows} rows, {kept} left; {partly} tables lost some of their rows")
    if not partly:
        sys.exit("no table lost some of its rows: nothing was shown")


if __name__ == "__main__":
    main()
