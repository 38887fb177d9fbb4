"""What each command that the documentation shows should do: a table, by the command's text.

An answer is told by its exit code, the HTTP status of the last request, fields of the JSON that
comes, and a pattern in whatever it prints.
"""

from documentation.cloud_answers import BY_HAND
from documentation.expected import Expected, Place
from documentation.running import INTERRUPTED

_JOB = ("id", "kind", "state")
_HEALTH = ("status", "data_integrity", "backup_system", "last_log_timestamp")
_THEN, _LOOK = "/tmp/then", "/tmp/look"  # noqa: S108  as the README shows them
_PROVEN = r"backup \d+: restorable; \d+ files"
_RESTORED = r"restored \d+ files, [\d,]+ bytes.*\(backup \d+ of "
_LISTED = r"number \d+, made at .*, by function, files \d+"
_HEADER = r"ts_utc,source,symbol,price,bid,ask,volume_24h,exchange_ts,latency_ms,flags"

_PYTHON = {"../.venv/bin/python": "python"}
_FREE_PORT = {"deploy/start.sh": "env PORT=0 deploy/start.sh"}

_FUNCTION = (
    "SNAPSHOT_URL=http://localhost:10000 SNAPSHOT_TOKEN=$(cat .local/run/snapshot-token) "
    "LOCAL_BACKUP_DIR=.local/by-hand GCS_BUCKET_NAME= \\\n"
    "THREADS=1 .venv/bin/functions-framework "
    "--source backup_function/main.py --target backup --host 127.0.0.1 --port 8081"
)
_FUNCTION_RUNS = Expected(
    Place.TERMINAL,
    replaced={".local/run/snapshot-token": "token"},
    serves="http://localhost:8081",
)


def _shown_by_make(target: str, output: str) -> Expected:
    """A target that CI calls as a step of its own, or that the copy of a checkout cannot run."""
    return Expected(
        Place.CHECKOUT,
        not_run="CI has it as a step of its own",
        instead=f"make -n {target}",
        output=output,
    )


EXPECTED: dict[str, Expected] = {
    # What asks Google; a few of these have a local side, too, which stands below
    **{text: Expected(elsewhere="make gcloud") for text in BY_HAND},
    # The README's first screen
    "make run": Expected(
        Place.CHECKOUT, until="a backup every 10 s; Ctrl-C ends it", exit_code=INTERRUPTED
    ),
    "make demo": Expected(Place.CHECKOUT, fields=("rows", "lost_rows", "files")),
    "make test": _shown_by_make("test", "-m pytest"),
    # The function by hand
    _FUNCTION: _FUNCTION_RUNS,
    "curl -X POST http://localhost:8081 -H 'Content-Type: application/json' "
    """-d '{"action": "backup"}'""": Expected(
        Place.TERMINAL,
        beside={_FUNCTION: _FUNCTION_RUNS},
        status=200,
        fields=("number", "files", "wire_bytes"),
        output='"result": "created", "provider": ".local/by-hand/btc-logger", "number": 1,',
    ),
    # Set-up
    "cp deploy/settings.example.env deploy/settings.env": Expected(Place.CHECKOUT),
    # CONTRIBUTING
    "make lint": _shown_by_make("lint", "ruff check"),
    "make format": _shown_by_make("format", "ruff format"),
    "make vendor": Expected(Place.CHECKOUT, output="copied .* files into"),
    "make setup": _shown_by_make("setup", ""),
    # Render is gone and I have a laptop
    "cd restore_job": Expected(Place.CHECKOUT),
    "export GCP_PROJECT_ID=your-gcp-project GCS_BUCKET_NAME=your-btc-data-bucket": Expected(),
    "../.venv/bin/python main.py --list": Expected(
        Place.RESTORE_JOB, replaced=_PYTHON, output=_LISTED
    ),
    "../.venv/bin/python main.py --to ~/btc-data": Expected(
        Place.RESTORE_JOB, replaced=_PYTHON | {"~/btc-data": "laptop"}, output=_RESTORED
    ),
    "cd ..": Expected(Place.RESTORE_JOB),
    'PATH="$PWD/.venv/bin:$PATH" DATA_DIR=~/btc-data deploy/start.sh': Expected(
        Place.CHECKOUT, replaced=_FREE_PORT | {"~/btc-data": "laptop"}, until="listens on"
    ),
    # The restore job
    "python main.py --check": Expected(Place.RESTORE_JOB, output=_PROVEN),
    "python main.py --check --if-auto-restore": Expected(Place.RESTORE_JOB, output=_PROVEN),
    "python main.py --doctor": Expected(Place.RESTORE_JOB, output="ok +local: never overwrite"),
    "python main.py --list": Expected(Place.RESTORE_JOB, output=_LISTED),
    "python main.py --backup 42 --to /tmp/then": Expected(
        Place.RESTORE_JOB, replaced={"42": "number", _THEN: "then"}, output=_RESTORED
    ),
    "python main.py --at 2026-11-22T18:00Z --dry-run": Expected(
        Place.RESTORE_JOB,
        replaced={"2026-11-22T18:00Z": "moment"},
        output=r"dry run: \d+ files would change",
    ),
    "python main.py --file '*.json' --earlier": Expected(Place.RESTORE_JOB, output=_RESTORED),
    # Steering
    "curl -X POST 'http://localhost:10000/backup/trigger?wait=true'": Expected(
        status=200, fields=_JOB, output='"state":"done"'
    ),
    """curl -X POST 'http://localhost:10000/backup/restore?wait=true' """
    """-d '{"files":["*.csv"],"dry_run":true}'""": Expected(
        status=200, fields=_JOB, output='"state":"done".*"steps":'
    ),
    "curl -X POST 'http://localhost:10000/backup/drill?providers=local'": Expected(
        status=202, fields=_JOB, output='"kind":"drill"'
    ),
    "curl http://localhost:10000/backup/jobs": Expected(status=200, fields=("jobs",)),
    # Monitoring
    "curl -X POST http://localhost:10000/backup/trigger": Expected(status=202, fields=_JOB),
    "curl http://localhost:10000/backup/status": Expected(status=200, fields=("providers",)),
    "curl http://localhost:10000/backup/list": Expected(
        status=200, fields=("backups", "providers", "complete")
    ),
    "curl -X POST http://localhost:10000/backup/restore": Expected(status=202, fields=_JOB),
    "curl http://localhost:10000/health": Expected(
        status=200, fields=_HEALTH, output='"status":"healthy"'
    ),
    """if curl -s http://your-app/health | grep -q '"status":"healthy"'; then
  echo "System is healthy"
else
  echo "System needs attention"
fi""": Expected(status=200, output="^System is healthy$"),
    "curl http://localhost:10000/csv-list": Expected(
        status=200, fields=("files",), output=r'"name":"BTC-USD/[^"]*\.csv"'
    ),
    "curl -o today.csv http://localhost:10000/data.csv": Expected(
        status=200, file="today.csv", output=rf"\A{_HEADER}\n.*replay-coinbase"
    ),
    'curl "http://localhost:10000/prices?from=2026-11-22&to=2026-11-23T12:00Z'
    '&source=kraken,bitstamp"': Expected(status=200, output=rf"\A{_HEADER}$"),
    'curl --compressed "http://localhost:10000/prices?format=json"': Expected(
        status=200, output=r'\A\[\n\{"ts_utc":"[^"]*Z","source":"replay-coinbase"'
    ),
    # Another bucket
    "GCS_BUCKET_NAME=your-old-bucket python restore_job/main.py --file '*'": Expected(
        Place.CHECKOUT,
        not_run="`make gcloud` reads from a bucket",
        instead="python restore_job/main.py --file '*'",
        output=r"restored \d+ files",
    ),
    # Migration
    'export HOST=127.0.0.1 DATA_DIR=~/old-data LOGGER_COMMAND="sleep infinity"': Expected(),
    'PATH="$PWD/.venv/bin:$PATH" deploy/start.sh': Expected(
        Place.CHECKOUT,
        replaced={
            "deploy/start.sh": 'env PORT=0 LOGGER_COMMAND="sleep infinity" deploy/start.sh',
        },
        until="has `sleep infinity` write",
    ),
    "python main.py --list --file '*'": Expected(Place.RESTORE_JOB, output=r"file BTC-USD/.*\.csv"),
    "python main.py --to /tmp/look": Expected(
        Place.RESTORE_JOB, replaced={_LOOK: "look"}, output=_RESTORED
    ),
    # Getting a file back without this software
    r"""jq -r '.files[] | select(.path == "BTC-USD/2026-11-22.1a2b3c4d.csv") | .chunks[]
       | "gs://BUCKET/PREFIX/chunks/\(.[0:2])/\(.).zst"' newest.json \
  | xargs gcloud storage cat | zstd -d > 2026-11-22.csv""": Expected(
        not_run="`make gcloud` reads from a bucket; the same from a directory, and well",
        replaced={
            "BTC-USD/2026-11-22.1a2b3c4d.csv": "path",
            "gs://BUCKET/PREFIX": "archive",
            "gcloud storage cat": "cat",
        },
        file="2026-11-22.csv",
        output=rf"\A{_HEADER}\n.*replay-coinbase[^\n]*\Z",
        needs=("jq", "zstd"),
    ),
}
