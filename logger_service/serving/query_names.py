"""Which parameters a query may have: a misspelled one is told, not passed over."""

from collections.abc import Collection

from flask import Request

from serving.problem import Problem


def check_names(request: Request, known: Collection[str]) -> None:
    """Raises Problem, 400, for a parameter that is not known, or is given twice."""
    for name, values in request.args.lists():
        if name not in known:
            expected = f"some of {', '.join(known)}" if known else "none"
            raise Problem(400, f"{name}: no such parameter", f"Expected {expected}")
        if len(values) > 1:
            raise Problem(400, f"{name}: found {len(values)} times", "Give it once")
