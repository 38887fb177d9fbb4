"""Who sends a request, as far as that can be told, and which token he has."""

import base64
import binascii
from ipaddress import IPv6Address, IPv6Network, ip_address

from flask import Request

NETWORK_BITS = 64  # of IPv6: whoever has one address there has all of them
# Cloudflare, which stands before Render, writes who has connected to it, over whatever was sent
# (its page "HTTP request headers"). Both append to X-Forwarded-For whom they see: before these last
# three anybody may write what he likes.
OUTER_PROXY, APPENDED = "CF-Connecting-IP", 3


def client_of(request: Request, *, is_proxied: bool) -> str:
    """His address, or its network; behind Render's proxies the one that these have seen."""
    told = _seen_by_proxies(request) if is_proxied else ""
    return _network(told) or _network(request.remote_addr or "") or "unknown"


def _seen_by_proxies(request: Request) -> str:
    chain = request.headers.get("X-Forwarded-For", "").split(",")
    return (request.headers.get(OUTER_PROXY) or chain[-APPENDED:][0]).strip()


def token_of(request: Request) -> bytes | None:
    """As a bearer, or as the password of HTTP basic; None where there is no login at all."""
    header = request.headers.get("Authorization")
    if header is None:
        return None
    scheme, _, rest = header.strip().partition(" ")
    if scheme.lower() == "bearer":
        return rest.strip().encode("latin-1", "replace")
    return _password(rest) if scheme.lower() == "basic" else b""


def _password(credentials: str) -> bytes:
    try:
        return base64.b64decode(credentials.strip(), validate=True).partition(b":")[2]
    except (binascii.Error, ValueError):  # the latter for what is not ASCII
        return b""


def _network(text: str) -> str:
    try:
        address = ip_address(text)
    except ValueError:
        return ""
    if not isinstance(address, IPv6Address):
        return str(address)
    return str(address.ipv4_mapped or IPv6Network((address.packed, NETWORK_BITS), strict=False))
