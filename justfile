# Recipes for people who work on Withhold; `just` lists them.

_default:
    @just --list

# Everything that must hold before a change lands.
ci:
    .ci/run

# The tests, in parallel (cargo-nextest).
test *ARGS:
    cargo nextest run --locked {{ARGS}}

# Formatting, lints and documentation.
lint:
    cargo fmt --check
    cargo clippy --locked --all-targets -- -D warnings
    RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps --lib

# Every line of a repository against `git blame`, with and without -w: just equality ~/src/ripgrep
equality REPO *ARGS:
    cargo build --release --locked
    scripts/equality.py {{REPO}} {{ARGS}}
    scripts/equality.py {{REPO}} -w {{ARGS}}

# The line diff on every pair of versions of a repository, against libgit2 and git: just line-diff ~/src/git
line-diff REPO *ARGS:
    cargo build --release --locked --example line_diff_oracle
    scripts/line_diff_oracle.py {{REPO}} {{ARGS}}
    scripts/line_diff_oracle.py {{REPO}} -w {{ARGS}}

# Time and memory beside the peers, JSON in target/bench.json: just bench --runs 3 ~/src/redis ~/src/git
bench *ARGS:
    cargo build --release --locked
    scripts/bench.py {{ARGS}}

# filter and verify beside DuckDB and Polars, which are fetched with pip into target/peers: just bench-filter ~/src/*.git
bench-filter *ARGS:
    cargo build --release --locked
    python3 -m venv target/peers
    target/peers/bin/pip install -q duckdb polars pyarrow zstandard
    target/peers/bin/python scripts/bench_filter.py {{ARGS}}

# Time and memory of `manifest merge` on made-up manifests, in target/merge: just bench-merge --manifests 20 --rows 500000
bench-merge *ARGS:
    cargo build --release --locked
    scripts/merge_bench.py target/release/withhold {{ARGS}}

# Manifests in Parquet held against pyarrow, DuckDB and Polars, and the SQL of docs/manifest-format.md; fetched with pip into target/peers.
manifest-peers *ARGS:
    cargo build --locked
    python3 -m venv target/peers
    target/peers/bin/pip install -q duckdb polars pyarrow
    target/peers/bin/python scripts/manifest_peers.py target/debug/withhold {{ARGS}}

# The picture and the tables in docs/performance.md, from what was measured: just chart target/bench.json
chart *FILES:
    scripts/chart.py {{FILES}}

# More cases for the properties than CI has time for.
soak CASES="5000":
    PROPTEST_CASES={{CASES}} cargo nextest run --release --locked

# Rows of two gigabytes, which take minutes, and gigabytes of memory and disk.
heavy:
    cargo test --release --locked --test it filter::heavy -- --ignored --test-threads 1

# Our hooks beside the real lefthook, husky, pre-commit and git-lfs, fetched with npm and pip into a temporary folder; where there is no npm, that too.
hook-peers *ARGS:
    scripts/hook_peers.py {{ARGS}}

# Config hooks with a real Git 2.54 or newer, such as one built from git's sources: just new-git /tmp/git/bin/git
new-git GIT:
    WITHHOLD_NEW_GIT={{GIT}} cargo test --locked --test it hook_install::setting::a_new_git -- --ignored

# Time and memory for the keys of a large manifest, made up in target/ (110 bytes a key): just keys 100000000
keys COUNT *ARGS:
    cargo run --release --locked --example keys -- {{COUNT}} {{ARGS}}

# The picture in README, from the program's real output.
picture:
    cargo build --release --locked
    scripts/picture.py docs/scan.svg

# The server's gate under a real gitolite (apt-get install gitolite3).
gitolite:
    cargo build --locked
    scripts/gitolite.sh target/debug/withhold
