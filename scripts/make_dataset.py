#!/usr/bin/env python3
"""Makes a data set of real source text, in the shape of The Stack: for `filter` and `verify` to be measured on.

    scripts/make_dataset.py -o FOLDER [--rows 2000000] [--group 10000] [--shards 1] [--format parquet|jsonl.zst] REPO.git…

The text is that of the blobs of the repositories, which are only read. When there are no more blobs they come again, each
with a line at its end that makes it another. The same arguments make the same rows. Needs pyarrow, and zstandard for
JSON Lines.
"""

import argparse
import contextlib
import hashlib
import json
import pathlib
import subprocess
import sys
import threading

LANGS = {
    "c": "C", "h": "C", "rs": "Rust", "py": "Python", "js": "JavaScript", "sh": "Shell", "tcl": "Tcl", "md": "Markdown",
    "txt": "Text", "toml": "TOML", "yml": "YAML", "perl": "Perl", "po": "Gettext", "html": "HTML", "css": "CSS",
}


def git(repo, *args, **options):
    return subprocess.Popen(
        ["git", "-c", "safe.directory=*", "--git-dir", repo, *args], stdout=subprocess.PIPE, **options
    )


def blobs(repo, least, most):
    """The id, path and bytes of every text blob that HEAD reaches, in the order of their ids."""
    paths = {}
    with git(repo, "rev-list", "--objects", "HEAD") as names:
        for line in names.stdout:
            oid, _, path = line.rstrip(b"\n").partition(b" ")
            if path:
                paths.setdefault(oid, path.decode("utf-8", "replace"))
    with git(repo, "cat-file", "--batch-check=%(objectname) %(objecttype) %(objectsize)", stdin=subprocess.PIPE) as asked:
        answer, _ = asked.communicate(b"".join(oid + b"\n" for oid in paths))
    wanted = []
    for line in answer.splitlines():
        oid, kind, size = line.split()
        if kind == b"blob" and least <= int(size) <= most:
            wanted.append(oid)
    # In git's order the versions of a file are neighbours, and compress far better than files of a data set do.
    wanted.sort()
    with git(repo, "cat-file", "--batch", "--buffer", stdin=subprocess.PIPE) as read:
        def ask():
            with contextlib.suppress(BrokenPipeError):
                read.stdin.write(b"\n".join(wanted) + b"\n")
                read.stdin.close()

        asking = threading.Thread(target=ask)
        asking.start()
        try:
            yield from texts(read, wanted, paths)
        finally:
            read.kill()
            asking.join()


def texts(read, wanted, paths):
    """What git answers: each blob that is text."""
    for oid in wanted:
        size = int(read.stdout.readline().split()[2])
        text = read.stdout.read(size)
        read.stdout.read(1)
        if b"\0" not in text:
            with contextlib.suppress(UnicodeDecodeError):
                yield oid.decode(), paths[oid], text.decode()


def rows(repos, count, least, most):
    """So many rows, repository by repository; round by round once every blob was there."""
    found = []
    for repo in repos:
        name = pathlib.Path(repo).name.removesuffix(".git")
        found += [(name, *blob) for blob in blobs(repo, least, most)]
    if not found:
        sys.exit("there are no blobs of text in these repositories")
    print(f"{len(found)} blobs", file=sys.stderr)
    for at in range(count):
        turn, which = divmod(at, len(found))
        name, oid, path, text = found[which]
        if turn:
            text += f"\n# copy {turn}\n"
            name, oid = f"{name}-{turn}", None
        yield row(at, name, path, text, oid)


def row(at, repo, path, text, oid):
    content = text.encode()
    oid = oid or hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
    return {
        "hexsha": oid,
        "blob_id": hashlib.sha1(content).hexdigest(),
        "size": len(content),
        "lang": LANGS.get(path.rpartition(".")[2]),
        # Owners have many repositories: a repository of the data set is a folder of the real one.
        "repo_name": f"owner-{at // 5000}/{repo}-{(path.split('/')[0] if '/' in path else 'root')}",
        "path": "/" + path,
        "stars": at % 977 if at % 3 else None,
        "content": text,
    }


def batches(found, size):
    batch = []
    for one in found:
        batch.append(one)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("-o", "--output", required=True, type=pathlib.Path)
    args.add_argument("--rows", type=int, default=2_000_000)
    args.add_argument("--group", type=int, default=10_000, help="rows of a row group, or of a zstd frame")
    args.add_argument("--shards", type=int, default=1)
    args.add_argument("--format", choices=["parquet", "jsonl.zst"], default="parquet")
    args.add_argument("--least", type=int, default=100, help="bytes of the shortest blob")
    args.add_argument("--most", type=int, default=4_000, help="bytes of the longest blob")
    args.add_argument("repos", nargs="+")
    args = args.parse_args()
    args.output.mkdir(parents=True, exist_ok=True)
    found = rows(args.repos, args.rows, args.least, args.most)
    per_shard = -(-args.rows // args.shards)
    text = 0
    for shard in range(args.shards):
        part = (one for _, one in zip(range(min(per_shard, args.rows - shard * per_shard)), found))
        name = args.output / f"data-{shard:05}-of-{args.shards:05}.{args.format}"
        text += WRITERS[args.format](name, batches(part, args.group), args.group)
    print(f"{args.rows} rows, {text} bytes of content")


def write_parquet(name, groups, size):
    import pyarrow as pa
    import pyarrow.parquet as pq

    string = pa.string()
    schema = pa.schema(
        [("hexsha", string), ("blob_id", string), ("size", pa.int64()), ("lang", string), ("repo_name", string),
         ("path", string), ("stars", pa.int64()), ("content", string)]
    )
    text = 0
    with pq.ParquetWriter(name, schema, compression="zstd", compression_level=3) as writer:
        for group in groups:
            text += sum(one["size"] for one in group)
            writer.write_table(pa.Table.from_pylist(group, schema), row_group_size=size)
    return text


def write_lines(name, groups, _):
    import zstandard

    text = 0
    with open(name, "wb") as out:
        for group in groups:
            text += sum(one["size"] for one in group)
            lines = "".join(json.dumps(one, ensure_ascii=False, separators=(",", ":")) + "\n" for one in group)
            out.write(zstandard.ZstdCompressor(level=3, write_checksum=True).compress(lines.encode()))
    return text


WRITERS = {"parquet": write_parquet, "jsonl.zst": write_lines}

if __name__ == "__main__":
    main()
