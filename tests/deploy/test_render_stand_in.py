"""The stand-in for Render deploys, moves the traffic and ends instances as Render's pages say."""

import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from threading import Thread
from typing import Any, Protocol

import pytest

from deploy.scripted_service import Visitor, script, scripted, visit
from emulators.render import Render
from emulators.render_events import What
from emulators.render_instance import Instance
from emulators.render_service import Times

MINUTE = 0.3  # of ours
TIMES = Times(scale=MINUTE / 60)
AFTER_CRASH = [What.LIVE, What.KILLED, What.ENDED, What.STARTED]


class Platforms(Protocol):
    """Makes platforms with the scripted service, closed at the test's end."""

    def __call__(self, *words: str, times: Times = TIMES, **changed: Any) -> Render:
        """One on which nothing is deployed."""


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Platforms]:
    """Makes them."""
    with ExitStack() as opened:

        def make(*words: str, times: Times = TIMES, **changed: Any) -> Render:
            service = scripted(tmp_path, *words, **changed)
            return opened.enter_context(Render(service, tmp_path / "render", times))

        yield make


def kinds(render: Render, instance: str | None = None) -> list[What]:
    """What happened, in order."""
    return [event.what for event in render.events.all(instance)]


def seconds_between(render: Render, first: What, then: What, of: str, then_of: str) -> float:
    """From one event to another."""
    events = render.events
    return events.wait_for(then, then_of).at - events.wait_for(first, of).at


def test_before_the_first_deploy_there_is_nothing_behind_the_address(platform: Platforms) -> None:
    """The proxy says so."""
    assert visit(platform().url) == (502, {})


def test_a_service_sees_what_render_sets_and_no_shell(platform: Platforms, tmp_path: Path) -> None:
    """Its own settings, its own /tmp, and the command's words as they are."""
    settings = {"COLOUR": "blue", "KEPT_IN": "{tmp}/kept"}
    render = platform("$COLOUR", "a word", environment=settings, name="btc")
    assert render.deploy()
    _, told = visit(render.url)
    environment = told["environment"]
    assert told["words"] == ["$COLOUR", "a word"]
    assert told["files"] == ["service.py"]
    assert environment["RENDER"] == "true"
    assert environment["RENDER_SERVICE_NAME"] == "btc"
    assert environment["RENDER_EXTERNAL_URL"] == render.url
    assert environment["COLOUR"] == "blue"
    assert environment["KEPT_IN"] == f"{environment['TMPDIR']}/kept"
    assert Path(environment["TMPDIR"]).is_relative_to(tmp_path / "render")


def test_the_old_instance_serves_until_the_new_one_is_healthy(platform: Platforms) -> None:
    """Then the traffic moves, and connections to the old one stay until they end."""
    render = platform()
    assert render.deploy()
    old = render.instance
    with Visitor(render.url) as visitor:
        assert visitor.ask()[1]["instance"] == old.id
        assert render.deploy()
        assert visitor.ask()[1]["instance"] == old.id
    assert visit(render.url)[1]["instance"] == render.instance.id != old.id


def test_the_old_instance_gets_sigterm_a_minute_later_and_its_disk_goes(
    platform: Platforms,
) -> None:
    """Until then both run."""
    render = platform()
    assert render.deploy()
    old = render.instance
    assert render.deploy()
    assert old.code is None
    render.events.wait_for(What.WIPED, old.id)
    live, terminated, ended = render.events.all(old.id)[1:4]
    assert [live.what, terminated.what, ended.what] == [What.LIVE, What.TERMINATED, What.ENDED]
    assert ended.code == 3
    assert not old.disk.exists()
    moved = render.events.wait_for(What.LIVE, render.instance.id)
    assert terminated.at - moved.at >= MINUTE


def test_who_ignores_sigterm_is_killed_after_the_shutdown_delay(platform: Platforms) -> None:
    """Not before."""
    render = platform("stubborn", max_shutdown_delay_seconds=60)
    assert render.deploy()
    old = render.instance.id
    assert render.deploy()
    ended = render.events.wait_for(What.ENDED, old)
    assert ended.code == -9
    assert seconds_between(render, What.TERMINATED, What.KILLED, old, old) >= MINUTE


def test_pre_deploy_runs_on_a_machine_of_its_own(platform: Platforms) -> None:
    """It has the source, and what it writes is seen by nobody."""
    write = script("import os; print(os.listdir()); open('written', 'w')")
    render = platform(pre_deploy_command=write)
    assert render.deploy()
    machine = render.events.wait_for(What.PRE_DEPLOY)
    assert machine.code == 0
    assert kinds(render)[:4] == [What.ENDED, What.WIPED, What.PRE_DEPLOY, What.STARTED]
    assert visit(render.url)[1]["files"] == ["service.py"]
    (log,) = (render.instance.log.parent).glob(f"{machine.instance}.log")
    assert "service.py" in log.read_text()


def test_a_failing_pre_deploy_fails_the_deploy(platform: Platforms, tmp_path: Path) -> None:
    """The old instance goes on, and no new one is started."""
    proof = tmp_path / "proof"
    proof.touch()
    render = platform(pre_deploy_command=script(f"open({str(proof)!r})"))
    assert render.deploy()
    old = render.instance.id
    proof.unlink()
    assert not render.deploy()
    assert render.events.wait_for(What.DEPLOY_FAILED).code == 1
    assert kinds(render).count(What.STARTED) == 1
    assert visit(render.url)[1]["instance"] == old


def test_a_pre_deploy_command_that_is_not_there_fails_the_deploy(platform: Platforms) -> None:
    """As a shell would say it."""
    render = platform(pre_deploy_command="./nowhere.sh")
    assert not render.deploy()
    assert render.events.wait_for(What.DEPLOY_FAILED).code == 127


def test_a_deploy_that_is_never_healthy_is_cancelled(platform: Platforms, tmp_path: Path) -> None:
    """After its fifteen minutes; the old instance goes on, and of the new one nothing is left."""
    render = platform(times=Times(scale=MINUTE / 60, start=5 * 60))
    assert render.deploy()
    old = render.instance.id
    scripted(tmp_path)
    (tmp_path / "source" / "health").write_text("500")
    assert not render.deploy()
    failed = render.events.wait_for(What.DEPLOY_FAILED).instance
    assert seconds_between(render, What.STARTED, What.DEPLOY_FAILED, failed, failed) >= 5 * MINUTE
    render.events.wait_for(What.WIPED, failed)
    assert visit(render.url)[1]["instance"] == old


def test_a_deploy_whose_command_ends_has_failed(platform: Platforms) -> None:
    """There is nothing to wait for."""
    render = platform("broken")
    assert not render.deploy()
    assert render.events.wait_for(What.DEPLOY_FAILED).code == 4
    assert visit(render.url) == (502, {})


@pytest.mark.parametrize(("status", "healthy"), [("204", True), ("302", True), ("404", False)])
def test_healthy_is_any_2xx_or_3xx(
    platform: Platforms, tmp_path: Path, status: str, healthy: bool
) -> None:
    """Anything else is not."""
    render = platform(times=Times(scale=MINUTE / 60, start=600 if healthy else 60))
    (tmp_path / "source" / "health").write_text(status)
    assert render.deploy() is healthy


def test_without_a_health_check_path_a_connection_is_enough(platform: Platforms) -> None:
    """Whatever the service would answer."""
    assert platform("unhealthy", health_check_path=None).deploy()


def test_one_deploy_runs_at_a_time(platform: Platforms) -> None:
    """A second one begins when the traffic has moved for the first."""
    render = platform(pre_deploy_command=script("pass"))
    deploys = [Thread(target=render.deploy) for _ in range(2)]
    for deploy in deploys:
        deploy.start()
    for deploy in deploys:
        deploy.join()
    seen = [what for what in kinds(render) if what in (What.PRE_DEPLOY, What.STARTED, What.LIVE)]
    assert seen == 2 * [What.PRE_DEPLOY, What.STARTED, What.LIVE]


def test_a_restart_is_a_new_instance_on_an_empty_disk(platform: Platforms) -> None:
    """Like a deploy, without its pre-deploy command."""
    render = platform(pre_deploy_command=script("pass"))
    assert render.deploy()
    old = render.instance
    (old.source / "rows.csv").touch()
    assert render.restart()
    told = visit(render.url)[1]
    assert (told["instance"], told["files"]) == (render.instance.id, ["service.py"])
    assert kinds(render).count(What.PRE_DEPLOY) == 1
    assert render.events.wait_for(What.ENDED, old.id).code == 3


@pytest.mark.parametrize("keep_disk", [True, False])
def test_after_a_crash_the_service_starts_by_itself(platform: Platforms, keep_disk: bool) -> None:
    """With what was on the disk, or without."""
    render = platform()
    assert render.deploy()
    crashed, happened = render.instance, render.events.count
    (crashed.source / "rows.csv").touch()
    render.crash(keep_disk=keep_disk)
    render.events.wait_for(What.LIVE, after=happened)
    told = visit(render.url)[1]
    assert ("rows.csv" in told["files"]) is keep_disk
    assert (told["instance"] == crashed.id) is keep_disk
    assert render.events.wait_for(What.ENDED, crashed.id).code == -9
    assert crashed.disk.exists() is keep_disk


def test_a_disk_outlasts_several_crashes(platform: Platforms) -> None:
    """Each of them starts the service once."""
    render = platform()
    assert render.deploy()
    instance = render.instance
    (instance.source / "rows.csv").touch()
    for _ in range(3):
        happened = render.events.count
        render.crash(keep_disk=True)
        render.events.wait_for(What.LIVE, after=happened)
    assert "rows.csv" in visit(render.url)[1]["files"]
    assert kinds(render) == [What.STARTED, *3 * AFTER_CRASH, What.LIVE]


def test_a_process_that_ends_by_itself_loses_its_disk(platform: Platforms) -> None:
    """The platform starts another one."""
    render = platform()
    assert render.deploy()
    ended, happened = render.instance, render.events.count
    (ended.source / "rows.csv").touch()
    os.kill(ended.process_id, signal.SIGTERM)  # it ends in order, and not for the platform
    live = render.events.wait_for(What.LIVE, after=happened)
    assert render.events.wait_for(What.ENDED, ended.id).code == 3
    assert live.instance != ended.id
    assert visit(render.url)[1]["files"] == ["service.py"]


def test_failing_health_checks_take_the_traffic_away(platform: Platforms) -> None:
    """It comes back with the health, to the same process."""
    render = platform(times=Times(scale=MINUTE / 60, restart=24 * 3600))
    assert render.deploy()
    instance, happened = render.instance, render.events.count
    (instance.source / "health").write_text("500")
    render.events.wait_for(What.NO_TRAFFIC, instance.id)
    assert visit(render.url) == (502, {})
    (instance.source / "health").unlink()
    render.events.wait_for(What.LIVE, instance.id, after=happened)
    assert visit(render.url)[1]["instance"] == instance.id


def test_failing_health_checks_end_in_a_restart_on_an_empty_disk(platform: Platforms) -> None:
    """After a minute of them."""
    render = platform()
    assert render.deploy()
    instance, happened = render.instance, render.events.count
    (instance.source / "health").write_text("500")
    render.events.wait_for(What.LIVE, after=happened)
    events = [What.NO_TRAFFIC, What.UNHEALTHY, What.TERMINATED, What.WIPED]
    assert kinds(render, instance.id)[2:] == events
    assert visit(render.url)[1]["files"] == ["service.py"]


def test_a_free_service_has_one_instance_at_a_time_and_no_pre_deploy(platform: Platforms) -> None:
    """The old one ends before the new one starts."""
    render = platform(is_free=True, pre_deploy_command=script("raise SystemExit(1)"))
    assert render.deploy()
    old, happened = render.instance.id, render.events.count
    assert render.deploy()
    new = render.instance.id
    changes = [(event.what, event.instance) for event in render.events.all()[happened:]]
    assert changes == [
        (What.TERMINATED, old),
        (What.ENDED, old),
        (What.WIPED, old),
        (What.STARTED, new),
        (What.LIVE, new),
    ]


def test_a_free_service_sleeps_without_traffic_and_wakes_with_an_empty_disk(
    platform: Platforms,
) -> None:
    """The request that wakes it waits for its answer."""
    render = platform(is_free=True, times=Times(scale=MINUTE / 60, sleep=300))
    assert render.deploy()
    asleep = render.instance
    (asleep.source / "rows.csv").touch()
    render.events.wait_for(What.WIPED, asleep.id)
    assert kinds(render, asleep.id)[2:] == [
        What.ASLEEP,
        What.TERMINATED,
        What.ENDED,
        What.WIPED,
    ]
    status, told = visit(render.url)
    assert (status, told["files"]) == (200, ["service.py"])
    assert told["instance"] != asleep.id


def test_a_paid_service_does_not_sleep(platform: Platforms) -> None:
    """It only ends when something ends it."""
    render = platform(times=Times(scale=MINUTE / 60, sleep=0))
    assert render.deploy()
    assert render.restart()
    assert What.ASLEEP not in kinds(render)


def test_nothing_is_left_behind_whatever_raises(tmp_path: Path) -> None:
    """No process, also none that has left its session; no port, no disk."""
    render = Render(scripted(tmp_path, "with a daemon", "stubborn"), tmp_path / "render", TIMES)

    def use_it(used: list[Instance]) -> None:
        with render:
            for _ in range(2):
                assert render.deploy()
                used.append(render.instance)
                assert len(render.instance.running()) == 2
            raise ZeroDivisionError

    instances: list[Instance] = []
    with pytest.raises(ZeroDivisionError):
        use_it(instances)
    assert [instance.running() for instance in instances] == [[], []]
    assert list((tmp_path / "render" / "disks").iterdir()) == []
    with pytest.raises(ConnectionRefusedError):
        visit(render.url)


def test_a_failure_of_the_platform_itself_is_told(tmp_path: Path) -> None:
    """To whoever waits for what will not happen, and at the end."""
    service = scripted(tmp_path)
    render = Render(service, tmp_path / "render", TIMES)
    with pytest.RaisesGroup(FileNotFoundError), render:
        assert render.deploy()
        shutil.rmtree(service.source)
        happened = render.events.count
        render.crash(keep_disk=False)
        with pytest.raises(AssertionError, match="did not happen"):
            render.events.wait_for(What.LIVE, after=happened)
