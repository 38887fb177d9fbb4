"""A person who sits before a browser: opens an address, signs in, and allows what is asked.

    signed_out = cloud.signed_out_environment(tmp_path / "gcloud")
    environment = os.environ | signed_out | Person(cloud.operator).environment

gcloud starts this file in the place of a browser, as a program that imports nothing of ours.
"""

import shlex
import sys
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urljoin

import requests

_PATIENCE_SECONDS = 60  # for a page; a program that has ended is noticed at once


@dataclass(frozen=True)
class Person:
    """Somebody with an account, who allows programs what they ask for, or refuses it.

    Where the page itself refuses, gcloud waits on, as after a tab that was closed.
    """

    email: str
    allows: bool = True

    @property
    def environment(self) -> dict[str, str]:
        """What makes gcloud open its pages here, in the background, as with a browser of its own.

        The last of the variables counts as a display to gcloud alone (check_browser.py of gcloud
        528): of another kind, Python would ask which browser is preferred there.
        """
        words = [sys.executable, "-I", __file__, self.email, self._answer]
        return {"BROWSER": f"{shlex.join(words)} %s &", "MIR_SOCKET": "none"}

    @property
    def _answer(self) -> str:
        """The button that is pressed."""
        return "allow" if self.allows else "deny"

    def visit(self, address: str) -> None:
        """Sign in on the page of this address, and follow where it leads."""
        with requests.Session() as session:
            session.trust_env = False  # no proxy stands between us and loopback
            page = session.get(address, timeout=_PATIENCE_SECONDS)
            page.raise_for_status()
            form = _Form(page.text)
            filled = form.hidden | {"email": self.email, "answer": self._answer}
            where = urljoin(page.url, form.action)
            session.post(where, data=filled, timeout=_PATIENCE_SECONDS).raise_for_status()


class _Form(HTMLParser):
    """The form of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.action = ""
        self.hidden: dict[str, str] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note where it goes, and what it says by itself."""
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.action = given["action"]
        elif given.get("type") == "hidden":
            self.hidden[given["name"]] = given["value"]


if __name__ == "__main__":
    Person(sys.argv[1], allows=sys.argv[2] == "allow").visit(sys.argv[3])
