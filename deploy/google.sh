#!/usr/bin/env bash
# Sets the system up on Google Cloud: deploy/google.sh --help says what it can do.
# The work is done by deploy/google_cloud/, in an environment of its own that this makes first.
set -euo pipefail
cd -P -- "$(dirname -- "$(readlink -f -- "$0")")/.."

# PYTHON is an interpreter that has deploy/requirements.txt already.
if [ -z "${PYTHON:-}" ]; then
  environment=.local/deploy
  PYTHON=$environment/bin/python
  if [ ! deploy/requirements.txt -ot "$environment/ready" ]; then
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
      { echo "error: Python 3.11 or newer is needed, found: $(python3 --version)" >&2; exit 2; }
    echo "setting up $environment ..." >&2
    python3 -m venv "$environment"
    "$PYTHON" -m pip install --quiet --disable-pip-version-check -r deploy/requirements.txt
    touch "$environment/ready"
  fi
fi
PYTHONPATH=deploy exec "$PYTHON" -m google_cloud "$@"
