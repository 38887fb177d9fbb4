"""What a set-up finds under the function's name, and says before it changes anything of it.

A function that this has not deployed may be somebody's work: it is replaced, but not in silence.
"""

from collections.abc import Iterator

from deploy_settings import DeploySettings
from google_cloud.function import Deployed, Pins, environment
from google_cloud.gcloud import Gcloud
from shared.errors import BadSettings


def tell_what_goes(
    gcloud: Gcloud, settings: DeploySettings, found: Deployed | None, pins: Pins
) -> None:
    """Say what somebody else would miss, and where another one goes on."""
    if found is None:
        for region in _regions(gcloud, settings):
            gcloud.tell(
                f"  ! there is another {settings.function_name} in {region}, which goes on with "
                f"its jobs: GCP_REGION={region} python deploy/scheduler.py delete all, and gcloud "
                f"functions delete {settings.function_name} --gen2 --region={region} "
                f"--project={settings.gcp_project_id} take them away"
            )
        return
    if not found.is_ours:
        gcloud.tell(f"  ! {settings.function_name} was deployed by somebody else; it is replaced")
    for name in sorted(_others(settings, found, pins)):
        gcloud.tell(f"  ! its variable {name} is none of the settings, and goes")


def refuse_first_generation(settings: DeploySettings, found: Deployed | None) -> None:
    """Google keeps both generations under one name, and makes no second out of a first one.

    Raises:
        BadSettings: the name is taken by a function of the first generation.
    """
    if found and found.is_first_generation:
        raise BadSettings(
            f"FUNCTION_NAME: {settings.function_name} is a function of the first generation, "
            "expected none, or one of the second",
            name="FUNCTION_NAME",
            hint=f"Choose another name, or delete it: gcloud functions delete "
            f"{settings.function_name} --no-gen2 --region={settings.gcp_region} "
            f"--project={settings.gcp_project_id}",
        )


def _regions(gcloud: Gcloud, settings: DeploySettings) -> Iterator[str]:
    for function in gcloud.find("functions", "list", "--v2") or []:
        _, _, _, region, _, name = function["name"].split("/")
        if name == settings.function_name:
            yield region


def _others(settings: DeploySettings, found: Deployed, pins: Pins) -> set[str]:
    """The names of variables and secrets that this has never set."""
    secrets = {name for name, (secret, _) in found.pins.items() if not _is_ours(settings, secret)}
    known = environment(settings, whole=True)
    return (set(found.has["variables"]) - set(known)) | (secrets - set(pins))


def _is_ours(settings: DeploySettings, secret: str) -> bool:
    """By how the secrets of a set-up begin; of a logger that was taken away, too."""
    return secret.startswith(f"{settings.function_name}-")
