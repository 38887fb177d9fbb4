"""The commands of the pages that ask Google, in the order in which a reader types them.

`make gcloud` runs each beside stand-ins for Google and Render, and compares what it says and what
has changed there.
"""

from documentation import cloud_acts as acts
from documentation import cloud_facts as facts
from documentation.expected import Place
from documentation.reader import Step

_CALL = (
    """gcloud functions call btc-backup --gen2 --region=us-central1 --data='{"action": "status"}'"""
)
_COPY = "gcloud storage cp gs://your-old-bucket/btc-logger{} --recursive --no-clobber"
_ROWS = r"\Ats_utc,source,[^\n]*\n.*replay-coinbase[^\n]*\Z"

_SET_UP = {
    "gcloud auth login": Step(output=r"You are now logged in as \[owner@example\.com\]"),
    "gcloud config set project your-gcp-project": Step(
        output=r"^Updated property \[core/project\]"
    ),
    "cp deploy/settings.example.env deploy/settings.env": Step(Place.CHECKOUT),
    "deploy/google.sh --dry-run": Step(
        Place.CHECKOUT,
        before=acts.edit_settings,
        output=r"\+ gcloud functions deploy btc-backup.*^\d+ changes would be made",
        then=(facts.nothing_has_changed,),
    ),
    "deploy/google.sh": Step(
        Place.CHECKOUT,
        when={acts.TOKEN: acts.remember_token},
        output=r"^\d+ changes made.*render-key.json goes into Environment.*"
        r"^  wait  btc-logger, the logger: .* Deploy it on Render",
        then=(facts.all_is_set_up,),
    ),
    "deploy/google.sh doctor": Step(
        Place.CHECKOUT,
        before=acts.set_up_render,
        output=r"^  ok    btc-logger, the newest test restore: of backup 1, \d+ files, passed",
        then=(facts.both_jobs_have_run,),
    ),
}
_CLOUD_SIDE = {
    "source .local/deploy/bin/activate": Step(Place.CHECKOUT, stays=True),
    "python deploy/scheduler.py list": Step(
        Place.CHECKOUT,
        output=r"^btc-backup-daily-btc-logger: 17 3 [^\n]*, enabled, [^\n]*: ok$",
    ),
    "python deploy/scheduler.py run backup --wait": Step(
        Place.CHECKOUT, output=": ok after", then=(facts.a_backup_has_run,)
    ),
    "python deploy/scheduler.py pause backup": Step(
        Place.CHECKOUT, output=": paused$", then=(facts.the_backup_job_is_paused,)
    ),
    "python deploy/scheduler.py resume backup": Step(
        Place.CHECKOUT, output=": goes on$", then=(facts.both_jobs_go_on,)
    ),
    "gcloud scheduler jobs run btc-backup-backup-btc-logger --location=us-central1": Step(
        Place.CHECKOUT, then=(facts.a_backup_has_run,)
    ),
    _CALL: Step(
        Place.CHECKOUT, output=r'"action":\s+"status".*"backups":\s+[1-9].*"passed":\s+true'
    ),
    "gcloud functions logs read btc-backup --gen2 --region=us-central1 --limit=20": Step(
        Place.CHECKOUT,
        before=acts.wait_for_the_log,
        output=r"^I +btc-backup +[\d-]+ [\d:.]+ +backup: created$",
    ),
    "deploy/google.sh rotate-token": Step(
        Place.CHECKOUT,
        when={acts.TOKEN: acts.change_token},
        output="^btc-logger: the function has the new token, and the old one is gone",
        then=(facts.the_function_has_the_new_token,),
    ),
    "deploy/google.sh rotate-key": Step(
        Place.CHECKOUT, output="delete-old-keys$", then=(facts.there_is_a_second_key,)
    ),
    "deploy/google.sh delete-old-keys": Step(
        Place.CHECKOUT,
        before=acts.change_key,
        when={acts.QUESTION: acts.confirm},
        output="^1 change made",
        then=(facts.render_has_the_only_key,),
    ),
}
_RECIPES = {
    "gcloud auth application-default login": Step(
        output="Credentials saved to file", then=(facts.programs_may_speak_for_the_reader,)
    ),
    "export GCP_PROJECT_ID=your-gcp-project GCS_BUCKET_NAME=your-btc-data-bucket": Step(
        Place.RESTORE_JOB, stays=True
    ),
    "../.venv/bin/python main.py --list": Step(
        Place.RESTORE_JOB, output=r"number 1, made at .*, by function, files \d+"
    ),
    "../.venv/bin/python main.py --to ~/btc-data": Step(
        Place.RESTORE_JOB,
        output=r"restored \d+ files, .* of gs://",
        then=(facts.the_history_is_on_the_laptop,),
    ),
    r"""jq -r '.files[] | select(.path == "BTC-USD/2026-11-22.1a2b3c4d.csv") | .chunks[]
       | "gs://BUCKET/PREFIX/chunks/\(.[0:2])/\(.).zst"' newest.json \
  | xargs gcloud storage cat | zstd -d > 2026-11-22.csv""": Step(
        before=acts.fetch_newest_manifest,
        file="2026-11-22.csv",
        output=_ROWS,
        needs=("jq", "zstd"),
    ),
    "python deploy/scheduler.py pause all": Step(
        Place.CHECKOUT, output=": paused\n.*: paused$", then=(facts.both_jobs_are_paused,)
    ),
    'gcloud storage ls "gs://your-btc-data-bucket/btc-logger/**" --soft-deleted': Step(
        Place.CHECKOUT, before=acts.lose_backups, then=(facts.the_lost_are_listed,)
    ),
    'gcloud storage restore "gs://your-btc-data-bucket/btc-logger/**" --async': Step(
        Place.CHECKOUT, output="^Created: projects/_/buckets/", then=(facts.the_lost_are_back,)
    ),
    "gcloud storage operations list gs://your-btc-data-bucket": Step(
        Place.CHECKOUT, then=(facts.the_operation_has_ended,)
    ),
    "python deploy/scheduler.py resume all": Step(
        Place.CHECKOUT, output=": goes on\n.*: goes on$", then=(facts.both_jobs_go_on,)
    ),
    "python deploy/scheduler.py run daily --wait": Step(
        Place.CHECKOUT, output=": ok after", then=(facts.a_daily_job_has_run,)
    ),
}
_ANOTHER_BUCKET = {
    "deploy/google.sh --no-doctor": Step(
        Place.CHECKOUT,
        before=acts.choose_another_bucket,
        output=r"it is paused: .*^\d+ changes made",
        then=(facts.both_jobs_are_paused,),
    ),
    _COPY.format("/chunks gs://your-btc-data-bucket/btc-logger/"): Step(
        Place.CHECKOUT, output="^Copying gs://.*/chunks/", then=(facts.the_chunks_are_copied,)
    ),
    _COPY.format(" gs://your-btc-data-bucket"): Step(
        Place.CHECKOUT,
        output=r"^Skipping existing destination item \(no-clobber\): .*/chunks/",
        then=(facts.all_is_copied,),
    ),
    "GCS_BUCKET_NAME=your-old-bucket python restore_job/main.py --file '*'": Step(
        Place.RENDER,
        before=acts.move_render,
        output=r"restored [1-9]\d* files, .* of gs://",
        then=(facts.render_has_all_files,),
    ),
}
_THE_END = {
    "GCP_REGION=us-central1 python deploy/scheduler.py delete all": Step(
        Place.CHECKOUT,
        before=acts.choose_another_region,
        output=": deleted\n.*: deleted$",
        then=(facts.the_jobs_of_the_new_region_are_left,),
    ),
    "gcloud functions delete btc-backup --gen2 --region=us-central1 --project=your-gcp-project": (
        Step(
            Place.CHECKOUT,
            output=r"^Deleted \[.*btc-backup\]",
            then=(facts.the_function_of_the_new_region_is_left,),
        )
    ),
    "deploy/google.sh remove": Step(
        Place.CHECKOUT,
        when={acts.QUESTION: acts.confirm},
        output=r"^\d+ changes made",
        then=(facts.the_buckets_alone_are_left,),
    ),
}
BY_HAND: dict[str, Step] = _SET_UP | _CLOUD_SIDE | _RECIPES | _ANOTHER_BUCKET | _THE_END
