"""OIDC tokens with the claims that Google's have for a job, but signed with a key made here.

`google.oauth2.id_token.verify_token` takes them, with the `certs_url` of the stand-in.
"""

from zlib import crc32

from emulators.google_signing import PrivateKey

ISSUER = "https://accounts.google.com"
KEY_ID = "scheduler-stand-in"


class Tokens:
    """Signs for whoever is named; a token has run out an hour later."""

    def __init__(self) -> None:
        self._key = PrivateKey()

    def sign(self, account: str, audience: str) -> str:
        """A token of a service account for an audience."""
        number = str(crc32(account.encode()))  # an account has one of its own, always the same
        claims = {"iss": ISSUER, "aud": audience, "azp": number, "sub": number}
        return self._key.signed({**claims, "email": account, "email_verified": True})

    def certificates(self) -> dict[str, str]:
        """The public part in PEM, by its id, in the form of www.googleapis.com/oauth2/v1/certs."""
        return {KEY_ID: self._key.public_pem}
