#!/usr/bin/env bash
# Sets the system up on Google Cloud: deploy/google.sh --help says what it can do.
# The work is done by deploy/google_cloud/, in an environment of its own that this makes first.
set -euo pipefail
root=$(cd -P -- "$(dirname -- "$(readlink -f -- "$0")")/.." && pwd)

# PYTHON is an interpreter that has deploy/requirements.txt already.
if [ -z "${PYTHON:-}" ]; then
  environment=$root/.local/deploy
  PYTHON=$environment/bin/python
  # Its interpreter is a link, which leads nowhere once the system has a newer one.
  if [ ! -x "$PYTHON" ] || [ ! "$root/deploy/requirements.txt" -ot "$environment/ready" ]; then
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
      { echo "error: Python 3.11 or newer is needed, found: $(python3 --version)" >&2; exit 2; }
    echo "setting up $environment ..." >&2
    python3 -m venv --clear "$environment"
    "$PYTHON" -m pip install --quiet --disable-pip-version-check -r "$root/deploy/requirements.txt"
    touch "$environment/ready"
  fi
fi
# It stays in the caller's folder, of which a path of the command line is meant; -P: and which holds
# none of its modules.
PYTHONPATH=$root/deploy exec "$PYTHON" -P -m google_cloud "$@"
