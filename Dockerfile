# `withhold` with the Git that it calls:
#
#   docker build -t withhold .
#   docker run --rm -v "$PWD:/repo" withhold --any-owner check --list optout.toml
#
# --any-owner, because the folder belongs to whoever has mounted it, and not to the user in here.
FROM rust:1-slim-bookworm AS build
COPY . /src
RUN cargo install --locked --path /src --root /out --bin withhold --bin git-withhold

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install --yes --no-install-recommends git \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /out/bin/ /usr/local/bin/
USER nobody
WORKDIR /repo
ENTRYPOINT ["withhold"]
