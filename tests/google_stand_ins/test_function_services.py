from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
import requests

from emulators.google_cloud import GoogleCloudFake
from emulators.google_deployment import ContainerFailed, Deployment
from emulators.google_services import OFFERED
from google_stand_ins.function_set_up import ACCOUNT, DEPLOY, FUNCTION, HERE, prepare
from google_stand_ins.gcloud_command import Gcloud

INVOKER = f"functions add-invoker-policy-binding {HERE} --member=serviceAccount:{ACCOUNT}"


class Containers:
    """What is deployed, each as a server that says which one it is, or, if broken, nothing."""

    def __init__(self) -> None:
        self.deployments: list[Deployment] = []
        self._servers: list[ThreadingHTTPServer] = []
        self.is_broken = False

    def start(self, deployment: Deployment) -> str:
        """Start one, and return its address."""
        if deployment.environment.get("A") == "broken":
            raise ContainerFailed
        self.deployments.append(deployment)
        text, containers = f"container {len(self.deployments)} got ", self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                if containers.is_broken:
                    return
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(200)
                self.end_headers()
                self.wfile.write(text.encode() + body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                """Say nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._servers.append(server)
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}"

    def stop(self) -> None:
        """Stop all of them."""
        for server in self._servers:
            server.shutdown()
            server.server_close()


@pytest.fixture
def containers() -> Iterator[Containers]:
    """Where functions run."""
    started = Containers()
    yield started
    started.stop()


@pytest.fixture
def cloud(containers: Containers) -> Iterator[GoogleCloudFake]:
    """A stand-in that serves what is deployed."""
    with GoogleCloudFake(serve=containers.start) as started:
        started.services.update(OFFERED)
        yield started


@pytest.fixture
def url(cloud: GoogleCloudFake, gcloud: Gcloud) -> str:
    """The address of a deployed function."""
    prepare(cloud, gcloud)
    gcloud.run(DEPLOY)
    return str(cloud.functions[FUNCTION]["serviceConfig"]["uri"])


def status(url: str, token: str = "") -> int:
    """What a call with a token is answered."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return requests.post(url, b"x", headers=headers, timeout=10).status_code


@pytest.mark.usefixtures("url")
def test_a_container_is_given_what_was_deployed(containers: Containers) -> None:
    """Its source, its variables, and the values of its secrets."""
    (given,) = containers.deployments
    assert (given.name, given.region) == ("btc-backup", "us-central1")
    assert {path.name for path in given.source.iterdir()} == {"main.py", "requirements.txt"}
    assert (given.runtime, given.entry_point) == ("python313", "backup")
    assert given.environment == {"A": "1", "B": "x,y"}
    assert given.secrets == {"TOKEN": "opens the logger"}
    assert given.service_account == ACCOUNT
    assert (given.memory, given.timeout_seconds, given.concurrency) == ("512Mi", 240, 1)


@pytest.mark.usefixtures("url")
def test_whoever_owns_the_project_calls_the_function(gcloud: Gcloud) -> None:
    """With the token of identity that gcloud has for a person."""
    data = '{"action":"status"}'
    assert gcloud.run(f"functions call {HERE} --data={data}").strip().endswith(f"got {data}")


def test_an_account_calls_the_function_once_it_is_an_invoker(
    cloud: GoogleCloudFake, gcloud: Gcloud, url: str
) -> None:
    """With a token for just this address; nobody else does, and no more after a removal."""
    token = cloud.identity_token(ACCOUNT, url)
    assert [status(url), status(url, token)] == [403, 403]
    for _ in range(2):
        gcloud.run(INVOKER)
    assert status(url, token) == 200
    assert status(url, cloud.identity_token(ACCOUNT, f"{url}/other")) == 401
    assert status(url, token[:-8] + "AAAAAAAA") == 401
    assert status(url, cloud.identity_token("b@p1.iam.gserviceaccount.com", url)) == 403
    invoker = f"--member=serviceAccount:{ACCOUNT} --role=roles/run.invoker"
    remove = f"run services remove-iam-policy-binding btc-backup --region=us-central1 {invoker}"
    gcloud.run(remove)
    assert "not found" in gcloud.fail(remove)
    assert status(url, token) == 403


def test_what_a_container_is_asked_is_noted(
    cloud: GoogleCloudFake, containers: Containers, url: str
) -> None:
    """With how it was answered; a 503 is Cloud Run's own where the container ends in the middle."""
    token = cloud.identity_token(cloud.operator, url)
    assert [status(url), status(url, token)] == [403, 200]
    containers.is_broken = True
    assert status(url, token) == 503
    whole, broken = cloud.invocations
    assert whole.headers["Authorization"] == f"Bearer {token}"
    assert (whole.body, whole.status, whole.answer) == (b"x", 200, b"container 1 got x")
    assert whole.ended
    assert whole.began <= whole.ended <= broken.began
    assert broken.status == 503


def test_another_deploy_serves_at_the_same_address(
    cloud: GoogleCloudFake, gcloud: Gcloud, url: str
) -> None:
    """One that does not start leaves the one before where it is."""
    headers = {"Authorization": f"Bearer {cloud.identity_token(cloud.operator, url)}"}
    told = gcloud.fail(DEPLOY.replace("A=1", "A=broken"))
    assert "container failed to start" in told
    assert cloud.functions[FUNCTION]["state"] == "FAILED"
    assert requests.post(url, b"x", headers=headers, timeout=10).text == "container 1 got x"
    gcloud.run(DEPLOY.replace("A=1", "A=2"))
    assert cloud.functions[FUNCTION]["serviceConfig"]["uri"] == url
    assert requests.post(url, b"x", headers=headers, timeout=10).text == "container 2 got x"
