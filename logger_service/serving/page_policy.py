"""What a page of this host may do in a browser: ask this host, and nothing else at all."""

from flask import Response

# https://www.w3.org/TR/CSP3/. No script, style or picture within a page's own text.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


def keep_to_this_host(answer: Response) -> Response:
    """Send the policy with each answer: one that a browser takes for a page keeps it, too."""
    answer.headers.update(HEADERS)
    return answer
