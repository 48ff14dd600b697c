# Sourced by the scripts that need a local stack, after infra/environment.sh.

# start_stack OPTIONS: builds the workspace and starts a local stack in memory on a free port.
# Leaves where it answers in $url, where its DynamoDB does in $dynamodb, its token in $token, and
# its process in $stack, which the caller ends with stop_stack. Its log is $target/stack.log.
start_stack() {
  # The same selection as the tests make, so that nothing is built twice.
  cargo build --quiet --workspace --locked --bins --test end_to_end
  local line said
  exec {said}< <(exec "$target/debug/subledger-local" --memory --port 0 "$@" 2>"$target/stack.log")
  stack=$!
  while read -r line <&"$said"; do
    case $line in
      "subledger answers at "*) url=${line#subledger answers at } url=${url%%,*} ;;
      "DynamoDB "*) line=${line#DynamoDB } dynamodb=${line%%,*} dynamodb=${dynamodb// /} ;;
      # The last line of interest.
      "token "*) token=${line#token } token=${token// /}; return ;;
    esac
  done
  echo "the local stack did not start:" >&2
  cat "$target/stack.log" >&2
  return 1
}

stop_stack() {
  kill "$stack" 2>/dev/null || true
}
