# Sourced by the scripts here that run tools written in Python. What they need goes below the
# target directory; the machine only has to have Python 3.10 or later with its module venv.

target=$(mkdir -p "${CARGO_TARGET_DIR:-target}" && cd "${CARGO_TARGET_DIR:-target}" && pwd)
# What Python compiles is kept there too, and only what is used is compiled.
export PYTHONPYCACHEPREFIX=$target/python/compiled

# environment NAME REQUIREMENTS: leaves in $bin the programs of an environment with exactly these
# packages, which is made unless it is there.
environment() {
  local directory=$target/python/$1 requirements=$2
  bin=$directory/bin
  if ! cmp -s "$requirements" "$directory/requirements.txt"; then
    rm -rf "$directory"
    python3 -m venv "$directory"
    "$bin/pip" install --quiet --disable-pip-version-check --no-compile --requirement "$requirements"
    cp "$requirements" "$directory/requirements.txt"
  fi
}
