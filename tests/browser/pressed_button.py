"""A button of the dashboard that begins a job, and what becomes of that."""

import re

from playwright.sync_api import Page, expect


def press(page: Page, name: str) -> str:
    """What the list of jobs says of the new one, once it has ended."""
    jobs = page.locator("#jobs ol.jobs > li[id]")
    known = {job.get_attribute("id") for job in jobs.all()}
    page.get_by_role("button", name=name).click()
    expect(jobs.first).not_to_have_id(re.compile("|".join(filter(None, known)) or "^$"))
    expect(jobs.first.locator(".badge").first).to_have_text("done")
    return jobs.first.inner_text()
