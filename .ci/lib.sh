# Sourced by the scripts here.

# step COMMAND...: runs it, with the seconds since the start before it and what it took after it.
step() {
  local start=$SECONDS
  printf '== %4ds  %s\n' "$start" "$*"
  "$@"
  printf '== %4ds  took %ds: %s\n' "$SECONDS" $((SECONDS - start)) "$*"
}
