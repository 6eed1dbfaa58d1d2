"""People at their browsers: signed-in tabs, and what was wrong in any of them."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Error, Page, expect

from shared_backend.identity.portals import Portal
from tests.browser.journeys.product import Person, Product

ADMIN, USER = "admin_portal", "user_portal"
DESK = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}


class Contexts:
    """Browsers to use again: as if new for a page, but they have fetched Streamlit's 60 scripts before."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._sizes: dict[BrowserContext, tuple[int, int]] = {}
        self._free: list[BrowserContext] = []

    def take(self, size: dict[str, int]) -> BrowserContext:
        wanted = (size["width"], size["height"])
        for context in self._free:
            if self._sizes[context] == wanted:
                self._free.remove(context)
                return context
        context = self._browser.new_context(viewport=size)  # type: ignore[arg-type]
        self._sizes[context] = wanted
        return context

    def give_back(self, context: BrowserContext) -> None:
        for page in context.pages:
            leave(page)
        context.clear_cookies()
        self._free.append(context)


def leave(page: Page) -> None:
    """Closes a tab. `page.close()` alone waits without a limit, and now and then for ever, for a tab that is just being
    loaded again, as after signing out; leaving the page first has a limit, and the tab then goes by itself."""
    with suppress(Error):
        page.goto("about:blank")
        page.close(run_before_unload=True)


class Visitors:
    """Opens tabs for one test, and keeps what their pages complain of."""

    def __init__(self, contexts: Contexts, product: Product) -> None:
        self.product = product
        self.pages: list[Page] = []
        self.problems: list[str] = []
        self._contexts = contexts

    def stranger(self, portal: str, path: str = "", *, size: dict[str, int] = DESK, beside: Page | None = None) -> Page:
        """A tab of a browser of its own in which nobody is signed in; or one more tab of the browser of `beside`."""
        page = self.tab(size=size, beside=beside)
        page.goto(self.product.address(portal) + path)
        return page

    def visit(
        self, person: Person, portal: str, path: str = "", *, size: dict[str, int] = DESK, push: bool = True
    ) -> Page:
        """A tab of a browser of its own, signed in, on that page. Without `push` its live socket never opens."""
        page = self.tab(size=size)
        self.sign_in(page, person, portal)
        if not push:
            page.route_web_socket("**/live", lambda socket: socket.close())
        page.goto(self.product.address(portal) + path)
        expect(page.locator(".st-key-sign_out")).to_be_attached()
        return page

    def sign_in(self, page: Page, person: Person, portal: str) -> None:
        """Puts a session's cookie into the browser of `page`, without the sign-in page."""
        token = self.product.session(person, portal)
        name = Portal(portal).cookie_name
        page.context.add_cookies([{"name": name, "value": token, "url": self.product.address(portal)}])

    def tab(self, *, size: dict[str, int] = DESK, beside: Page | None = None) -> Page:
        context = beside.context if beside else self._contexts.take(size)
        page = context.new_page()
        page.set_default_timeout(45_000)
        page.on("pageerror", lambda error: self.problems.append(f"error in a page: {error}"))
        page.on("dialog", self._on_dialog)
        self.pages.append(page)
        return page

    def candidate_page(self, person: Person, candidate: Person, view: str = "", **options: Any) -> Page:
        """The admin portal's page of that candidate."""
        page = self.visit(person, ADMIN, f"/candidate?id={candidate.id}{f'&view={view}' if view else ''}", **options)
        if not view:
            expect(value(page, "name")).to_be_visible()
        return page

    def profile_page(self, candidate: Person, **options: Any) -> Page:
        """A candidate's own page in the user portal."""
        page = self.visit(candidate, USER, "/profile", **options)
        expect(value(page, "name")).to_be_visible()
        return page

    def close(self) -> None:
        for context in {page.context for page in self.pages}:
            self._contexts.give_back(context)

    def _on_dialog(self, dialog: Any) -> None:
        self.problems.append(f"a dialog: {dialog.message}")
        dialog.dismiss()


def key(page: Page, name: str) -> Any:
    """The element with this stable key."""
    return page.locator(f".st-key-{name}")


def button(page: Page, name: str) -> Any:
    """The button with this stable key. One with help is drawn twice, for a mouse and for a finger; one is visible."""
    return key(page, name).locator("button").filter(visible=True)


def value(page: Page, name: str) -> Any:
    """A field of the profile's basics as it stands on the page."""
    return key(page, f"value_basics_{name}")


def field(page: Page, name: str) -> Any:
    """A field's input in the open form of the basics."""
    return key(page, f"basics_{name}").locator("input, textarea")


def draft(page: Page, **fields: str) -> None:
    """Types into the form of the basics, which is opened first when it is not."""
    if not key(page, "form_basics").count():
        button(page, "edit_basics").click()
    for name, text in fields.items():
        field(page, name).fill(text)


def save(page: Page) -> None:
    """Saves the form of the basics; it closes when that has succeeded."""
    button(page, "save_basics").click()
    expect(key(page, "form_basics")).to_have_count(0)


def edit(page: Page, **fields: str) -> None:
    """Types and saves."""
    draft(page, **fields)
    save(page)
