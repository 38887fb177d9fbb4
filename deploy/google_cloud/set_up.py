"""From nothing, or from whatever there is, to what the settings want.

Each step looks first and changes what differs, so that it can be run again at any time; an
interrupted run is finished by the next one.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from deploy_settings import DeploySettings
from google_cloud.accounts import bring_accounts
from google_cloud.bucket import bring_bucket
from google_cloud.function import Deployed, Pins, bring_function
from google_cloud.function_found import refuse_first_generation, tell_what_goes
from google_cloud.gcloud import Gcloud
from google_cloud.jobs import UNCHANGED, bring_jobs
from google_cloud.moved_loggers import former_addresses
from google_cloud.pins import Show, bring_secrets, destroy_older, left_over
from google_cloud.project import enable_services, log_accesses, project_number
from google_cloud.render_key import bring_key
from google_cloud.rights import bring_rights, bucket, project, service
from google_cloud.secret_versions import Secrets


@dataclass
class SetUp:
    """One run; `show` is given each token that the function has not had yet.

    `moved` are the former addresses of loggers that have another one now, by their names.
    """

    gcloud: Gcloud
    settings: DeploySettings
    show: Show
    delete_left_over: bool = False
    moved: dict[str, str] = field(default_factory=dict)

    def bring(self) -> None:
        """All of it, in the order in which one thing needs another."""
        gcloud, settings = self.gcloud, self.settings
        with self._step(f"project {settings.gcp_project_id}"):
            number = project_number(gcloud, settings)
            enable_services(gcloud)
            log_accesses(gcloud, settings)
        with self._step(f"bucket gs://{settings.gcs_bucket_name}"):
            bring_bucket(gcloud, settings, number)
        with self._step("service accounts, and what they may do"):
            bring_accounts(gcloud, settings)
            bring_rights(gcloud, settings, bucket(settings))
            bring_rights(gcloud, settings, project(settings))
        with self._step("secrets"):
            secrets, deployed = Secrets(gcloud, settings), Deployed.find(gcloud, settings)
            refuse_first_generation(settings, deployed)
            self.moved = former_addresses(settings, deployed)
            pinned = deployed.pins if deployed else {}
            pins = bring_secrets(gcloud, settings, secrets, pinned, self.show)
        with self._step(f"function {settings.function_name}"):
            tell_what_goes(gcloud, settings, deployed, pins)
            deployed = bring_function(gcloud, settings, pins, deployed)
            bring_rights(gcloud, settings, service(settings))
            self._tidy(secrets, pins)
        with self._step("jobs of Cloud Scheduler"):
            url = deployed.url if deployed else ""
            bring_jobs(gcloud, settings, url, delete_left_over=self.delete_left_over)
        with self._step("key for Render"):
            bring_key(gcloud, settings)

    def _tidy(self, secrets: Secrets, pins: Pins) -> None:
        """What nothing reads any more, now that the function has what it should."""
        destroy_older(secrets, pins)
        for name in left_over(secrets, pins):
            if self.delete_left_over:
                secrets.delete(name)
            else:
                self.gcloud.tell(f"  ! secret {name} is not read any more; --delete-left-over")

    @contextmanager
    def _step(self, title: str) -> Iterator[None]:
        before = self.gcloud.changes
        self.gcloud.tell(title)
        yield
        if self.gcloud.changes == before:
            self.gcloud.tell(f"  {UNCHANGED}")
