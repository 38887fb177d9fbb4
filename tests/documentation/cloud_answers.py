"""The commands that would ask Google: what is run of each in its place.

Of gcloud's the real program says whether it would take them, by its own parser; the set-up's have
tests of their own beside stand-ins, `tests/deploy/`, and their help is asked for here.
"""

from shlex import quote

from documentation.expected import Expected, Place

_GCLOUD = (
    "gcloud auth login",
    "gcloud config set project your-gcp-project",
    "gcloud auth application-default login",
    "gcloud scheduler jobs run btc-backup-backup-btc-logger --location=us-central1",
    'gcloud functions call btc-backup --gen2 --region=us-central1 --data=\'{"action": "status"}\'',
    "gcloud functions logs read btc-backup --gen2 --region=us-central1 --limit=20",
    'gcloud storage ls "gs://your-btc-data-bucket/btc-logger/**" --soft-deleted',
    'gcloud storage restore "gs://your-btc-data-bucket/btc-logger/**" --async',
    "gcloud storage operations list gs://your-btc-data-bucket",
    "gcloud functions delete btc-backup --gen2 --region=us-central1 --project=your-gcp-project",
    *(
        f"gcloud storage cp gs://your-old-bucket/btc-logger{paths} --recursive --no-clobber"
        for paths in (
            "/chunks gs://your-btc-data-bucket/btc-logger/",
            " gs://your-btc-data-bucket",
        )
    ),
)
_GOOGLE_SH = (
    "",
    "--no-doctor",
    "doctor",
    "rotate-token",
    "rotate-key",
    "delete-old-keys",
    "remove",
)
_SCHEDULER = (
    *("list", "run backup --wait", "run daily --wait", "pause backup", "resume backup"),
    *("pause all", "resume all"),
)


def _parsed(command: str) -> Expected:
    return Expected(
        not_run="it would ask Google",
        instead=f"gcloud meta lint-gcloud-commands --command-string={quote(command)}",
        output='"success": true',
        needs=("gcloud",),
    )


def _helped(script: str, action: str) -> Expected:
    return Expected(
        Place.CHECKOUT,
        not_run="it would ask Google; tests/deploy runs it",
        instead=f"{script} --help",
        output=action or "usage|Usage",
    )


CLOUD: dict[str, Expected] = {
    "source .local/deploy/bin/activate": Expected(
        Place.CHECKOUT,
        not_run="deploy/google.sh makes it",
        instead="grep environment= deploy/google.sh",
        output="/.local/deploy$",
    ),
    **{command: _parsed(command) for command in _GCLOUD},
    "cp deploy/settings.example.env deploy/settings.env": Expected(Place.CHECKOUT),
    "GCS_BUCKET_NAME=your-old-bucket python restore_job/main.py --file '*'": Expected(
        Place.CHECKOUT,
        not_run="it would ask Google",
        instead="python restore_job/main.py --file '*'",
        output=r"restored \d+ files",
    ),
    "deploy/google.sh --dry-run": _helped("deploy/google.sh", "--dry-run"),
    **{
        f"deploy/google.sh {action}".strip(): _helped("deploy/google.sh", action)
        for action in _GOOGLE_SH
    },
    **{
        f"python deploy/scheduler.py {words}": _helped(
            "python deploy/scheduler.py", words.split()[0]
        )
        for words in _SCHEDULER
    },
    "GCP_REGION=us-central1 python deploy/scheduler.py delete all": _helped(
        "python deploy/scheduler.py", "delete"
    ),
}
