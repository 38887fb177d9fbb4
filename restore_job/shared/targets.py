"""Several loggers behind one function: how the settings of each are called.

TARGETS gives each logger's address by its name, which is its service's name and its folder of the
bucket, too; what belongs to one alone stands in variables that begin with that name.
"""


def prefix_of(target: str) -> str:
    """How the variables of one logger begin: `ETH_LOGGER_` for `eth-logger`.

    No two begin alike, because names have no underscore.
    """
    return f"{target.upper().replace('-', '_')}_"
