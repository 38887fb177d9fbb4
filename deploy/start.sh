#!/bin/sh
# The platform's start command: bring the history back, then become the logger.
# All of it is in this one file, because no shell reads the platform's command.
set -eu
cd -P -- "$(dirname -- "$(readlink -f -- "$0")")/.."

end() {
  # A background process ignores SIGINT, so SIGTERM whatever came. It has often ended by itself.
  kill -TERM "${!:-}" 2>/dev/null && wait "$!" || :
  exit "$1"
}
trap 'end 129' HUP
trap 'end 130' INT
trap 'end 143' TERM

# In the background: a shell that waits for a foreground process sees no signal until that ends.
python restore_job/main.py &
code=0
wait "$!" || code=$?
trap - HUP INT TERM

# With bad settings the logger could not start either. All else is for the logger to judge.
[ "$code" -ne 2 ] || exit 2
export RESTORE_EXIT_CODE="$code"
# The same process: the platform's signals reach the logger itself.
exec python logger_service/main.py
