#!/usr/bin/env bash
# Sets the system up on Google Cloud: deploy/google.sh --help says what it can do.
# The work is done by deploy/google_cloud/, in an environment of its own that this makes first.
set -euo pipefail
root=$(cd -P -- "$(dirname -- "$(readlink -f -- "$0")")/.." && pwd)
environment=$root/.local/deploy

# Its interpreter is a link, which leads nowhere once the system has a newer one.
is_ready() {
  [ -x "$environment/bin/python" ] && [ "$root/deploy/requirements.txt" -ot "$environment/ready" ]
}

# For one run at a time, until it and all that it has started end. macOS has no flock: Python locks.
set_up_environment() (
  python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    { echo "error: Python 3.11 or newer is needed, found: $(python3 --version)" >&2; exit 2; }
  echo "setting up $environment ..." >&2
  mkdir -p "$root/.local"
  exec 9>"$environment.lock"
  python3 -c 'import fcntl; fcntl.flock(9, fcntl.LOCK_EX)'
  is_ready && exit # another run has done it meanwhile
  python3 -m venv --clear "$environment"
  "$environment/bin/python" -m pip install --quiet --disable-pip-version-check \
    -r "$root/deploy/requirements.txt"
  touch "$environment/ready"
)

# DEPLOY_PYTHON is an interpreter that has deploy/requirements.txt already.
if [ -z "${DEPLOY_PYTHON:-}" ]; then
  is_ready || set_up_environment
  DEPLOY_PYTHON=$environment/bin/python
fi
# What a terminal's encoding lacks is shown as \x…, and ends nothing half-way.
encoding=${PYTHONIOENCODING:-}
export PYTHONIOENCODING=${encoding%%:*}:backslashreplace
# It stays in the caller's folder, of which a path of the command line is meant; -P: and which holds
# none of its modules.
PYTHONPATH=$root/deploy exec "$DEPLOY_PYTHON" -P -m google_cloud "$@"
