"""Whether a request was sent by a page of another site, by what browsers say of that.

A program that is no browser says nothing, and is believed: whoever can send what he likes has no
need of somebody else's browser.
"""

from urllib.parse import urlsplit

from flask import Request

from shared.setting_values import LOOPBACK

_OWN = ("none", "same-origin")  # "none": typed in, or a bookmark


def is_foreign(request: Request) -> bool:
    """Whether another site has sent it, a neighbour below the same domain being one too."""
    if request.headers.get("Sec-Fetch-Site", "none") not in _OWN:
        return True
    origin = request.headers.get("Origin")
    return origin is not None and _place(origin) != request.headers.get("Host", "").lower()


def is_page_opened(request: Request) -> bool:
    """Whether it opens a page in a tab, as a link from another site may."""
    told = request.headers.get("Sec-Fetch-Mode"), request.headers.get("Sec-Fetch-Dest")
    return told == ("navigate", "document") and request.method == "GET"


def names_loopback(request: Request) -> bool:
    """Whether it was meant for this machine.

    A name of somebody else's may lead here too, and then his page counts as this very site.
    """
    try:
        return urlsplit(f"//{request.headers.get('Host', '')}").hostname in LOOPBACK
    except ValueError:  # a bracket that does not end
        return False


def _place(origin: str) -> str:
    """Host and port; nothing for `null`, which is anybody's."""
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""
