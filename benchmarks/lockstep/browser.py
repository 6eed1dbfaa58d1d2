"""Pages of the running product in headless Chromium, and the two moments that are measured: click and paint."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from benchmarks.lockstep.product import PASSWORD
from shared_backend.utils.exception_handler import InvalidInput

# The page's own clock: performance.timeOrigin + now() is one clock for all tabs of a machine.
_CLICK = """
(selector) => {
  window.__clicked = null;
  const button = document.querySelector(selector);
  const note = () => { window.__clicked = performance.timeOrigin + performance.now(); };
  button.addEventListener('click', note, { capture: true, once: true });
}
"""
_PAINT = """
([selector, text]) => {
  window.__painted = null;
  const look = () => {
    const shown = document.querySelector(selector);
    if (!window.__painted && shown && shown.textContent.includes(text)) {
      window.__painted = -1;
      watcher.disconnect();
      // The second frame begins when the first, with the new text in it, has been painted.
      requestAnimationFrame(() => requestAnimationFrame(() => {
        window.__painted = performance.timeOrigin + performance.now();
      }));
    }
  };
  const watcher = new MutationObserver(look);
  watcher.observe(document.body, { childList: true, subtree: true, characterData: true });
  look();
}
"""


@contextmanager
def chromium() -> Iterator[Any]:
    """A browser. Raises InvalidInput where there is none."""
    from playwright.sync_api import sync_playwright

    executable = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if executable is None:
        raise InvalidInput("The screens are measured in Chromium: install Debian's package chromium.")
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=arguments)
        try:
            yield browser
        finally:
            browser.close()


def signed_in(browser: Any, address: str, email: str, *, push: bool = True) -> Any:
    """A page of its own context, signed in; without `push`, its live socket and its POSTs are cut."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    if not push:
        page.route_web_socket(lambda url: url.endswith("/live"), lambda socket: socket.close())
        page.route("**/live/**", lambda route: route.abort())
    page.goto(address)
    page.locator(".st-key-sign_in_email input").fill(email)
    page.locator(".st-key-sign_in_password input").fill(PASSWORD)
    page.locator(".st-key-sign_in_submit button").click()
    page.locator(".st-key-sign_out").wait_for(state="attached", timeout=30_000)
    return page


def await_text(page: Any, selector: str, text: str) -> None:
    """Arms the page: `painted` will be the moment at which the text stands in the element."""
    page.evaluate(_PAINT, [selector, text])


def click(page: Any, selector: str) -> float:
    """Clicks, and answers the moment of the click in ms, as the page saw it."""
    page.evaluate(_CLICK, selector)
    page.locator(selector).click()
    page.wait_for_function("() => window.__clicked !== null")
    return float(page.evaluate("() => window.__clicked"))


def painted(page: Any, timeout_ms: float = 10_000) -> float:
    """The moment in ms at which the awaited text was on the screen."""
    page.wait_for_function("() => window.__painted > 0", timeout=timeout_ms)
    return float(page.evaluate("() => window.__painted"))
