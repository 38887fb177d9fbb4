"""What became of a job's last attempt, what that means, and where to read more."""

from google.cloud.scheduler_v1 import Job
from google.rpc.code_pb2 import Code

from deploy_settings import DeploySettings

NO_RESULT = -1  # the code of a job that has not run yet, or is running
_MEANINGS = {
    Code.INVALID_ARGUMENT: "the function does not know what the job asks for (400): "
    "run deploy/google.sh",
    Code.DEADLINE_EXCEEDED: "no answer within the attempt's deadline; what was done is kept",
    Code.NOT_FOUND: "no function at the job's address (404): run deploy/google.sh",
    Code.PERMISSION_DENIED: "the scheduler's account may not call the function (403): "
    "run deploy/google.sh",
    Code.UNAUTHENTICATED: "the function's address is not the audience of the job's token (401): "
    "run deploy/google.sh",
    Code.UNAVAILABLE: "the function does not answer, or storage fails, or a drill found damage "
    "(503)",
}
_ELSE = "the function answered with an error"


def outcome(job: Job) -> str:
    """In a word or two."""
    if not job.last_attempt_time:
        return "never run"
    if job.status.code == NO_RESULT:
        return "running"
    return f"{code_name(job)} {job.status.message}".strip()


def code_name(job: Job) -> str:
    """Google's word for its status, such as `ok`."""
    code: int = job.status.code
    return Code.Name(code).lower() if code in Code.values() else f"code {code}"


def meaning(job: Job) -> str:
    """Of a status that is an error, as the function or Cloud Run gives it."""
    return _MEANINGS.get(job.status.code, _ELSE)


def log_command(settings: DeploySettings) -> str:
    """What shows the function's log, which says why."""
    return (
        f"gcloud functions logs read {settings.function_name} --gen2 "
        f"--region={settings.gcp_region} --project={settings.gcp_project_id} --limit=20"
    )
