"""What a person calls a kind of provider."""

_NAMES = {"gcs": "Google Cloud Storage", "local": "Local directory"}


def provider_name(kind: str) -> str:
    """Of one that has no other name it is the kind."""
    return _NAMES.get(kind, kind)
