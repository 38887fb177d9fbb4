"""OIDC tokens with the claims that Google's have for a job, but signed with a key made here.

`google.oauth2.id_token.verify_token` takes them, with the `certs_url` of the stand-in.
"""

from zlib import crc32

from cryptography.hazmat.primitives import serialization

from emulators.google_signing import PrivateKey

ISSUER = "https://accounts.google.com"
KEY_ID = "scheduler-stand-in"
VALID_SECONDS = 3600


class Tokens:
    """Signs for whoever is named; a token has run out an hour later."""

    def __init__(self, signer: PrivateKey | None = None) -> None:
        self._key = signer or PrivateKey()

    def sign(self, account: str, audience: str) -> str:
        """A token of a service account for an audience."""
        number = str(crc32(account.encode()))  # an account has one of its own, always the same
        claims: dict[str, object] = {"iss": ISSUER, "aud": audience, "azp": number, "sub": number}
        claims |= {"email": account, "email_verified": True}
        return self._key.signed(claims, VALID_SECONDS)

    def certificates(self) -> dict[str, str]:
        """The public part in PEM, by its id, in the form of www.googleapis.com/oauth2/v1/certs."""
        key = serialization.load_pem_private_key(self._key.pem.encode(), password=None)
        public = key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return {KEY_ID: public.decode()}
