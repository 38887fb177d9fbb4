"""The form in which a person says what a restore is to bring, and what is wrong with it."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import url_for

from operating.orders import RestoreOrder, parse_order
from operating.places import Place
from shared.errors import BackupError

FIELDS = ("backup", "at", "provider", "files", "earlier")


def filled(given: Mapping[str, str]) -> dict[str, str]:
    """Each field's text, of those that have one."""
    texts = {name: given.get(name, "").strip() for name in FIELDS}
    return {name: text for name, text in texts.items() if text}


def faults_of(texts: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with each field, and if nothing is, with all of them together."""
    faults = {name: _fault({name: text}) for name, text in texts.items()}
    found = {name: fault for name, fault in faults.items() if fault}
    if not found and (fault := _fault(texts)):
        found["backup"] = fault
    return found


def said_of(error: BackupError) -> str:
    """Its message as it stands beside the field that it is about."""
    return error.message.removeprefix(f"{error.name}: ")


def order_of(texts: Mapping[str, str]) -> RestoreOrder:
    """A preview of what the form says; raises BackupError, 400."""
    return parse_order(RestoreOrder, {**texts, "dry_run": True})


def form_of(asked: Mapping[str, Any], places: Sequence[Place]) -> str:
    """The address of the form, filled in with what a job was asked."""
    texts: dict[str, Any] = {name: _text(asked[name]) for name in FIELDS if asked.get(name)}
    provider = texts.pop("provider", "")
    kind = next((one.kind for one in places if provider in (one.kind, one.address)), "")
    return url_for("restore_pages.form", provider=kind or None, **texts)


def _text(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return "true" if value is True else str(value)


def _fault(texts: Mapping[str, str]) -> str:
    try:
        order_of(texts)
    except BackupError as error:
        return said_of(error)
    return ""
