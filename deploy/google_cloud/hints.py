"""What a person can do about what gcloud says; the first pattern that is found in it counts."""

import re

_RUN_AGAIN = "When that is mended run it again: what is done stays done"
_HINTS = {
    r"not currently have an active account|current auth tokens|Reauthentication|UNAUTHENTICATED": (
        "Log in: gcloud auth login"
    ),
    r"SERVICE_DISABLED|has not been used in project": (
        "A service of Google is not enabled yet: deploy/google.sh without an action does that; "
        "where it just has, Google knows it everywhere in a few minutes"
    ),
    r"unable to queue the operation": (
        "Another change of the function is under way: wait for its end"
    ),
    r"[Bb]illing": (
        "Give the project a billing account: https://console.cloud.google.com/billing/projects"
    ),
    r"disableServiceAccountKeyCreation": (
        "The organisation forbids keys, and Render needs one: its administrator can exempt this "
        "project from constraints/iam.disableServiceAccountKeyCreation"
    ),
    r"constraints/|(?i:organization policy|orgpolicy)": (
        "A rule of the organisation is in the way: its administrator can exempt this project"
    ),
    r"unrecognized arguments|Invalid choice": (
        "gcloud is too old: bring it up to date, https://cloud.google.com/sdk/docs/install"
    ),
    r"HTTPError 409: .*(?i:you (already )?own it)": "Another run has made it just now",
    r"storage\.buckets\.get|HTTPError 409|(?i:bucket name .* not available)": (
        "That bucket is somebody else's: choose another GCS_BUCKET_NAME"
    ),
    r"(?i:container failed to start|failed to start and then listen|health ?check)": (
        "The function ended at its start, mostly because of a setting; its log says which: gcloud "
        "functions logs read FUNCTION_NAME --gen2 --region=GCP_REGION --project=GCP_PROJECT_ID, "
        "with the values of the settings"
    ),
    r"(?i:build failed|build service account|buildpack|cloudbuild)": (
        "The log of the build says why; where Google's default account may not build, give it "
        "roles/cloudbuild.builds.builder, or set BUILD_SERVICE_ACCOUNT to one that has it"
    ),
    r"Secret \[.*\] already exists": (
        "Another run has made it just now, or it is somebody else's: then choose another "
        "FUNCTION_NAME, or let this have it by gcloud secrets update NAME "
        "--update-labels=made-by=FUNCTION_NAME --project=GCP_PROJECT_ID"
    ),
    r"Maximum number of keys|Precondition check failed": (
        "An account has ten keys at most: deploy/google.sh delete-old-keys"
    ),
    r"RESOURCE_EXHAUSTED|(?i:quota)": (
        "A limit of Google is reached: wait, or ask for more at "
        "https://console.cloud.google.com/iam-admin/quotas"
    ),
    r"(?i:invalid .*(region|location)|location .*(not found|not valid|is not supported))|"
    r"on 'locations/": (
        "GCP_REGION has to be a region that Cloud Functions, Cloud Scheduler and Cloud Storage "
        "have, such as us-central1 or europe-west1"
    ),
    r"PERMISSION_DENIED|HTTPError 403|status=\[403\]|(?i:forbidden|does not have permission)": (
        "Whoever runs this has to be an owner of the project: check GCP_PROJECT_ID, and who that "
        "is by gcloud config get account"
    ),
}


def hint_for(said: str) -> str:
    """What to do; where nothing is known, gcloud's own words have to do."""
    known = next((hint for pattern, hint in _HINTS.items() if re.search(pattern, said)), "")
    return f"{known}. {_RUN_AGAIN}" if known else _RUN_AGAIN
