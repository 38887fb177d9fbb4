"""All that a browser is shown: the parts of the page in order, and the pages beside it."""

from flask import Blueprint

from browsing.stored_backups import StoredBackups
from dashboard.backup_pages import backup_pages
from dashboard.backups_part import backups_part
from dashboard.dashboard_routes import assets, dashboard_routes
from dashboard.exchanges_part import exchanges_part
from dashboard.front_routes import front_routes
from dashboard.job_pages import job_pages
from dashboard.jobs_part import jobs_part
from dashboard.prices_part import prices_part
from dashboard.restore_pages import restore_pages
from dashboard.safety_part import safety_part
from dashboard.session_routes import session_routes
from dashboard.state_part import state_part
from operating.operations import Operations
from serving.access import Access
from serving.backups import Backups
from serving.streams import Streams

BESIDE = [("Backups", "backup_pages.all"), ("Restore", "restore_pages.form")]


def dashboard(
    backups: Backups,
    operations: Operations,
    access: Access,
    stored: StoredBackups,
    streams: Streams,
) -> list[Blueprint]:
    """For the web server."""
    health = backups.health
    parts = [
        state_part(backups),
        jobs_part(backups),
        prices_part(health.watched.settings),
        backups_part(health.watched.archives),
        safety_part(health),
        exchanges_part(health),
    ]
    return [
        front_routes(),
        session_routes(access),
        dashboard_routes(parts, health.watched, access, BESIDE),
        backup_pages(health.watched.archives, stored, access, streams),
        job_pages(backups, operations, access),
        restore_pages(backups, operations, access),
        assets(),
    ]
