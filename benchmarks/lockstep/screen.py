"""From the click on save to the other portal's pixels, in both directions; by push, and by polling alone."""

from __future__ import annotations

from typing import Any

from benchmarks.figures import Figure, Report, p50_p99
from benchmarks.lockstep.browser import await_text, chromium, click, painted, signed_in
from benchmarks.lockstep.product import ADMIN, CANDIDATE, Product, running_product

_VALUE = ".st-key-value_basics_label"
_FIELD = ".st-key-basics_label input"
_EDIT = ".st-key-edit_basics button"
_SAVE = ".st-key-save_basics button"


def run(report: Report, *, quick: bool) -> None:
    """screen_p50_ms and screen_p99_ms are of the slower direction; each direction has its own figures, too."""
    count = 8 if quick else 30
    with running_product() as product, chromium() as browser:
        admin = _candidate_page(browser, product)
        user = _profile_page(browser, product, push=True)
        to_user = _measure(admin, user, count, "from the admin")
        to_admin = _measure(user, admin, count, "from the candidate")
        user.context.close()
        deaf = _profile_page(browser, product, push=False)
        polled = _measure(admin, deaf, count, "polled")
        deaf.context.close()
        deaf_admin = _candidate_page(browser, product, push=False)
        user = _profile_page(browser, product, push=True)
        polled_back = _measure(user, deaf_admin, count, "polled back")
    directions = {"admin_to_user": p50_p99(to_user), "user_to_admin": p50_p99(to_admin)}
    polling = {"admin_to_user": p50_p99(polled), "user_to_admin": p50_p99(polled_back)}
    p50, p99 = (max(values) for values in zip(*directions.values(), strict=True))
    beside = "polling alone, admin to user: {} / {} ms".format(*polling["admin_to_user"])
    report.add(Figure("screen_p50_ms", p50, "ms", 150, "lower", beside))
    report.add(Figure("screen_p99_ms", p99, "ms", 500, "lower", beside))
    for name, (median, slowest) in directions.items():
        report.add(Figure(f"screen_{name}_p50_ms", median, "ms"))
        report.add(Figure(f"screen_{name}_p99_ms", slowest, "ms"))
    slowest_poll = max(p99 for _p50, p99 in polling.values())
    beside = f"by push: {p50} / {p99} ms"
    report.add(Figure("screen_polling_p99_ms", slowest_poll, "ms", 1000, "lower", beside))


def _candidate_page(browser: Any, product: Product, *, push: bool = True) -> Any:
    page = signed_in(browser, product.settings.admin_url, ADMIN, push=push)
    page.goto(f"{product.settings.admin_url}/candidate?id={product.candidate_id}")
    page.locator(_VALUE).first.wait_for(state="attached", timeout=30_000)
    return page


def _profile_page(browser: Any, product: Product, *, push: bool) -> Any:
    page = signed_in(browser, product.settings.user_url, CANDIDATE, push=push)
    page.goto(f"{product.settings.user_url}/profile")
    page.locator(_VALUE).first.wait_for(state="attached", timeout=30_000)
    # Until the tab has noticed whether its push is up.
    page.wait_for_timeout(3_000)
    return page


def _measure(writer: Any, reader: Any, count: int, words: str) -> list[float]:
    elapsed = []
    for number in range(count):
        text = f"Engineer {words} {number}"
        if not writer.locator(_FIELD).count():
            writer.locator(_EDIT).click()
        field = writer.locator(_FIELD)
        field.wait_for(state="visible")
        field.fill(text)
        await_text(reader, _VALUE, text)
        begin = click(writer, _SAVE)
        elapsed.append(painted(reader) - begin)
        # The form closes when the writer's own page has been drawn again; then the next edit begins.
        writer.locator(_SAVE).first.wait_for(state="detached", timeout=20_000)
        writer.wait_for_timeout(250)
    return elapsed
