# For `run` and `authorization`, which read it in.

# wait_for FILE EXPRESSION: the first line that sed finds in the file, as soon as it is there
wait_for() {
  local found=
  for _ in $(seq 300); do
    # the file is made by a process that may have just begun
    found=$(sed -n "$2" "$1" 2>/dev/null || true)
    if [ -n "$found" ]; then break; fi
    sleep 0.1
  done
  if [ -z "$found" ]; then
    echo "no line of \`$1\` matches \`$2\` after 30 s; it holds:" >&2
    cat "$1" >&2
    return 1
  fi
  head -n 1 <<<"$found"
}
