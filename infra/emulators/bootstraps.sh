# Sourced by the emulators, after infra/environment.sh and with the workspace built.

# bootstraps [DIRECTORY]: lays the functions out below $lambda, each as FUNCTION/bootstrap. They
# come from a DIRECTORY of the same form, such as target/lambda; without one they are the binaries
# of the debug profile.
bootstraps() {
  local function from
  lambda=$target/emulators/target/lambda
  rm -rf "$lambda"
  for function in functions/*/; do
    function=$(basename "$function")
    from=$target/debug/$function
    if [ -n "${1:-}" ]; then from=$1/$function/bootstrap; fi
    mkdir -p "$lambda/$function"
    cp "$from" "$lambda/$function/bootstrap"
  done
}
