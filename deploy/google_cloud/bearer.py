"""The token that a request carries, and nothing else."""

from requests import PreparedRequest
from requests.auth import AuthBase


class Bearer(AuthBase):
    """An empty token is a stranger's request.

    Where a request names an authentication, requests does not look for one in ~/.netrc:
    https://requests.readthedocs.io/en/latest/user/authentication/#netrc-authentication
    """

    def __init__(self, token: str = "") -> None:
        self._token = token

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Put the token into its headers."""
        if self._token:
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request
