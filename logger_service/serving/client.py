"""Who sends a request, as far as that can be told, and which token he has."""

import base64
import binascii
from ipaddress import IPv6Address, IPv6Network, ip_address

from flask import Request

NETWORK_BITS = 64  # of IPv6: whoever has one address there has all of them


def client_of(request: Request, *, is_proxied: bool) -> str:
    """His address, or its network; behind a proxy the one that it was told of."""
    told = request.headers.get("X-Forwarded-For", "").split(",")[0] if is_proxied else ""
    return _network(told.strip()) or _network(request.remote_addr or "") or "unknown"


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
