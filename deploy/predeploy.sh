#!/bin/sh
# The platform's pre-deploy command: a deploy whose start could not restore must not begin.
# It runs on another machine with an empty disk, so it proves what is stored and writes nothing.
set -eu
cd -P -- "$(dirname -- "$(readlink -f -- "$0")")/.."
# Well below the platform's 30 minutes: what cannot be read by then neither passes nor fails.
exec python restore_job/main.py --check --if-auto-restore --seconds 1200
