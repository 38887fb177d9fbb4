"""What has to be carried over to Render by hand, because a Blueprint cannot hold secrets."""

from collections.abc import Callable

from deploy_settings import ROOT, DeploySettings

SECRET_FILE = "render-key.json"  # noqa: S105  its name on Render, as deploy/render.yaml expects it


def show_token(
    say: Callable[[str], None], settings: DeploySettings, target: str, token: str
) -> None:
    """For whoever copies it: once the function has it, no run shows it again."""
    of = f" of {target}" if settings.targets else ""
    say(f"\nSNAPSHOT_TOKEN{of}, to copy to Render now:\n\n    {token}\n")


def what_render_needs(settings: DeploySettings) -> str:
    """Where each thing goes."""
    lines = [
        "",
        "On Render (README, Set-up, step 3):",
        *(
            f"  {target}: GCP_PROJECT_ID={settings.gcp_project_id} "
            f"GCS_BUCKET_NAME={settings.gcs_bucket_name} SERVICE_NAME={target}"
            + (f" BACKUP_PREFIX={settings.backup_prefix}" if settings.backup_prefix else "")
            for target in settings.addresses
        ),
        "  SNAPSHOT_TOKEN is shown when it is made; lost it? deploy/google.sh rotate-token",
    ]
    if (ROOT / settings.render_key_file).is_file():
        lines.append(
            f"  {settings.render_key_file} goes into Environment, Secret Files, as {SECRET_FILE}; "
            "then delete it here"
        )
    return "\n".join([*lines, ""])
