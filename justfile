# The daily commands. `just` (https://just.systems) is a convenience: every line can be typed by hand.

# Lists the recipes.
default:
    @just --list

# Compiles everything, tests too, as fast as possible.
check:
    cargo check --workspace --all-targets --locked

# Formats all Rust code.
format:
    cargo fmt --all

# Format and lints, as CI demands them.
lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets --locked -- -D warnings

# Tests whose name holds FILTER: `just test loans::`.
test *FILTER:
    cargo test --workspace --locked -- {{ FILTER }}

# Format, lints and all tests on both engines.
fast:
    scripts/test --fast

# Every check that CI makes.
all:
    scripts/test

# Licences, sources and duplicate versions of the dependencies.
deny:
    scripts/deny/run

# Links, paths and decisions in the documents.
docs:
    scripts/docs

# The portal's guides in all their languages, or those named: `just guides webhooks`.
guides *NAMES: release
    scripts/guides/run target/release/dinie {{ NAMES }}

# Known vulnerabilities in the dependencies; needs GitHub.
advisories:
    scripts/deny/run advisories

# Writes changed snapshots and shows the differences. `git checkout -p` takes a wrong one back.
snapshots *FILTER:
    INSTA_UPDATE=always cargo test --workspace --locked -- {{ FILTER }}
    git diff -- '*.snap'

# Writes the OpenAPI documents anew from the routes. Review the difference.
openapi:
    UPDATE_OPENAPI=1 cargo test --workspace --locked the_committed_openapi_documents
    git diff --stat openapi

# Writes the samples of events that the client libraries parse anew. Review the difference.
samples:
    UPDATE_SAMPLES=1 cargo test --workspace --locked the_committed_deliveries
    git diff --stat

# Writes the list of the store's statements anew from what the tests run.
statements:
    rm -rf target/statements && mkdir -p target/statements
    DINIE_STATEMENTS="$PWD/target/statements" cargo test --workspace --locked
    scripts/statements update target/statements

# The program as it ships, stripped, with its symbols in a file beside it.
release:
    cargo build --release --locked

# A sandbox on this machine: http://127.0.0.1:8080.
serve *ARGS:
    cargo run --release --locked -- serve {{ ARGS }}

# A partner's first loan, from the registration to the ledger.
demo *ARGS:
    cargo run --release --locked -- demo {{ ARGS }}

# A long proof: `just prove crash`. docs/PROOFS.md names them.
prove PROOF:
    scripts/prove {{ PROOF }}
