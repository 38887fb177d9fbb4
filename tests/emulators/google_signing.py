"""RSA keys, and the JSON Web Tokens that are signed with them (RS256, RFC 7515 and 7519)."""

import base64
import json
import time
from functools import cached_property

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256

from emulators.google_api import Json

_BITS = 2048


class PrivateKey:
    """An RSA key, made when it is first needed."""

    @cached_property
    def _key(self) -> RSAPrivateKey:
        return generate_private_key(public_exponent=65537, key_size=_BITS)

    @cached_property
    def pem(self) -> str:
        """The key as it stands in the file of a service account."""
        kind, coding = serialization.PrivateFormat.PKCS8, serialization.Encoding.PEM
        return self._key.private_bytes(coding, kind, serialization.NoEncryption()).decode()

    def signed(self, claims: Json, seconds: int) -> str:
        """A token that is valid for some seconds from now."""
        now = int(time.time())
        head, body = {"alg": "RS256", "typ": "JWT"}, {"iat": now, "exp": now + seconds, **claims}
        told = f"{_encoded(json.dumps(head).encode())}.{_encoded(json.dumps(body).encode())}"
        signature = self._key.sign(told.encode(), PKCS1v15(), SHA256())
        return f"{told}.{_encoded(signature)}"

    def verified(self, token: str) -> Json:
        """What a token says; ValueError unless this key signed it, and it is still valid."""
        told, _, signature = token.rpartition(".")
        try:
            self._key.public_key().verify(_decoded(signature), told.encode(), PKCS1v15(), SHA256())
        except InvalidSignature as error:
            raise ValueError("the token's signature is not of this key") from error
        _, claims = unverified(token)
        if claims["exp"] < time.time():
            raise ValueError(f"the token was valid until {claims['exp']}")
        return claims


def unverified(token: str) -> tuple[Json, Json]:
    """A token's head and claims, whoever signed it; ValueError where it is none."""
    head, claims, _ = token.split(".")
    return json.loads(_decoded(head)), json.loads(_decoded(claims))


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
