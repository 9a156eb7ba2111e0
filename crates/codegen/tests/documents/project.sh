# shellcheck shell=bash
# What `compile` and `call` share: a project is made of a document as a user makes one, and built.
# The dependencies of all projects are built once, in `documents` below the target folder.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../../.." && pwd)
target=${CARGO_TARGET_DIR:-$root/target}
export CARGO_TARGET_DIR=$target/documents

codegen() {
  cargo run --quiet --locked --manifest-path "$root/Cargo.toml" --target-dir "$target" --package openapi-mcp-codegen -- "$@"
}

# make_project DOCUMENT NAME FOLDER: a project in which every operation is a tool where that is possible; prints how many are
make_project() {
  codegen init --document "$1" --name "$2" --all --into "$3" > "$3.txt"
  # the same versions as here
  cp "$root/Cargo.lock" "$3/Cargo.lock"
  sed -n 's/^wrote .*: //p' "$3.txt"
}

build_project() {
  cargo build --quiet --manifest-path "$1/Cargo.toml"
}
