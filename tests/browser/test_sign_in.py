"""Signing in, in Chromium: links, passwords, cookies, and what ends a session in an open tab."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from shared_backend.config.backend_config import Settings, child_environment, load_settings, project_root
from shared_backend.identity.actor import Actor
from shared_backend.services.backend import Backend
from tests.support.missing import missing
from tests.support.people import ADMIN, PASSWORD, USER, token_of

pytestmark = pytest.mark.browser

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SYSTEM = Actor.system("test")
MAIN = Path(__file__).with_name("sign_in_portal") / "app.py"


class Company:
    """Two portals in processes of their own, on one database, which the test reaches directly."""

    def __init__(self, folder: Path) -> None:
        ports = dict(zip(("admin_port", "user_port", "gateway_port"), _free_ports(3), strict=True))
        self.settings: Settings = load_settings(environment="test", var_dir=folder / "var", **ports)
        self._backend = Backend.open(self.settings)
        self.people = self._backend.people
        self._log = (folder / "portals.log").open("w+")
        self._processes = [
            self._start("admin_portal", self.settings.admin_port),
            self._start("user_portal", self.settings.user_port),
        ]
        for port in (self.settings.admin_port, self.settings.user_port):
            _wait_until_up(port)

    def address(self, portal: str) -> str:
        return self.settings.admin_url if portal == ADMIN else self.settings.user_url

    def account(self, role: str, email: str) -> str:
        return self.people.create_account(email, role, f"The {role}", PASSWORD, actor=SYSTEM).id

    def log(self) -> str:
        self._log.flush()
        return Path(self._log.name).read_text()

    def close(self) -> None:
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            process.wait(10)
        self._log.close()
        self._backend.close()

    def _start(self, process: str, port: int) -> subprocess.Popen[str]:
        options = {
            "server.port": port,
            "server.address": "127.0.0.1",
            "server.corsAllowedOrigins": f"http://127.0.0.1:{port}",
            "browser.serverAddress": "127.0.0.1",
            "browser.serverPort": port,
        }
        command = [sys.executable, "-m", "streamlit", "run", str(MAIN)]
        command += [part for key, value in options.items() for part in (f"--{key}", str(value))]
        environment = child_environment(self.settings, INTELLICV_PROCESS=process, INTELLICV_ENVIRONMENT="test")
        return subprocess.Popen(
            command, cwd=project_root(), env=environment, stdout=self._log, stderr=subprocess.STDOUT, text=True
        )


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("INTELLICV_")]:
            patch.delenv(name)
        opened = Company(tmp_path_factory.mktemp("company"))
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        missing("Chromium is missing")
    expect.set_options(timeout=20_000)  # a busy machine is no failure
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    opened = browser.new_context(viewport={"width": 1280, "height": 800})
    opened.set_default_timeout(20_000)
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


def field(page: Page, key: str) -> Any:
    return page.locator(f".st-key-{key} input")


def fill_in(page: Page, email: str, password: str = PASSWORD) -> None:
    field(page, "sign_in_email").fill(email)
    field(page, "sign_in_password").fill(password)
    page.locator(".st-key-sign_in_submit button").click()


def expect_in(page: Page, text: str) -> None:
    expect(page.get_by_text(text)).to_be_visible()
    expect(page.locator(".st-key-sign_out button")).to_be_visible()


def test_a_deep_link_asks_for_the_sign_in_and_then_leads_where_it_should(company: Company, page: Page) -> None:
    # First of all tests: the portal's process has not drawn a page yet, and so knows of none.
    company.account("analyst", "deep@example.org")
    page.goto(f"{company.address(ADMIN)}/candidates")
    expect(field(page, "sign_in_email")).to_be_visible()
    page.wait_for_timeout(1000)
    expect(page.get_by_role("dialog")).to_have_count(0)
    if os.environ.get("SCREENSHOTS"):
        page.screenshot(path=f"{os.environ['SCREENSHOTS']}/sign-in-deep.png")
    fill_in(page, "deep@example.org")
    expect(page.get_by_role("heading", name="Candidates")).to_be_visible()


def test_the_owner_comes_in_by_link_and_no_secret_is_left_behind(
    company: Company, page: Page, context: BrowserContext
) -> None:
    seen: list[str] = []
    page.on("request", lambda request: seen.append(request.url))
    page.on("websocket", lambda socket: seen.append(socket.url))
    link = company.people.owner_link(actor=SYSTEM)
    assert link is not None
    page.goto(link)
    expect(field(page, "link_email")).to_be_visible()
    assert page.url == f"{company.address(ADMIN)}/"
    expect(field(page, "link_name")).to_be_focused()

    page.keyboard.type("Olga **Ö** עולגה")
    page.keyboard.press("Tab")
    page.keyboard.type("olga@example.org")
    page.keyboard.press("Tab")
    page.keyboard.type("too short")
    page.keyboard.press("Enter")
    expect(page.get_by_text("at least 10 characters")).to_be_visible()
    field(page, "link_password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect_in(page, "Olga **Ö** עולגה is here as owner.")

    (cookie,) = [each for each in context.cookies() if each["name"] == "intellicv_admin_session"]
    assert (cookie["httpOnly"], cookie["sameSite"], cookie["path"]) == (True, "Lax", "/")
    page.reload()
    expect_in(page, "is here as owner.")
    page.goto(link)
    page.wait_for_url(f"{company.address(ADMIN)}/")
    expect(page.get_by_text("used or has expired")).to_be_visible()
    page.get_by_role("button", name="Go on without it").click()
    expect_in(page, "is here as owner.")

    everything = company.log() + repr(seen) + page.evaluate("JSON.stringify([sessionStorage, localStorage])")
    for secret in (token_of(link), PASSWORD, cookie["value"]):
        assert secret not in everything


def test_by_keyboard_alone_wrong_and_then_right(company: Company, page: Page) -> None:
    company.account("admin", "ada@example.org")
    page.goto(company.address(ADMIN))
    expect(field(page, "sign_in_email")).to_be_focused()
    page.keyboard.type("Ada@Example.org")
    page.keyboard.press("Tab")
    page.keyboard.type("wrong password")
    page.keyboard.press("Enter")
    expect(page.get_by_text("The e-mail or password is wrong.")).to_be_visible()
    expect(field(page, "sign_in_password")).to_have_value("")
    expect(field(page, "sign_in_email")).to_have_value("Ada@Example.org")
    field(page, "sign_in_password").focus()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect_in(page, "The admin is here as admin.")


def test_signing_out_ends_the_other_tab_too(company: Company, context: BrowserContext) -> None:
    company.account("admin", "tabs@example.org")
    one, two = context.new_page(), context.new_page()
    one.goto(company.address(ADMIN))
    fill_in(one, "tabs@example.org")
    expect_in(one, "is here as admin.")
    two.goto(f"{company.address(ADMIN)}/candidates")
    expect(two.get_by_role("heading", name="Candidates")).to_be_visible()
    before = [each["value"] for each in context.cookies() if each["name"] == "intellicv_admin_session"]

    one.locator(".st-key-sign_out button").click()
    expect(field(one, "sign_in_email")).to_be_visible()
    expect(two.get_by_text("You have been signed out, here or in another window.")).to_be_visible()
    assert "intellicv_admin_session" not in {each["name"] for each in context.cookies()}
    assert company.people.who(before[0], ADMIN) is None


def test_a_lock_reaches_the_open_tab(company: Company, page: Page) -> None:
    account = company.account("candidate", "locked@example.org")
    page.goto(company.address(USER))
    fill_in(page, "locked@example.org")
    expect_in(page, "is here as candidate.")
    company.people.lock(account, "script", actor=SYSTEM)
    expect(page.get_by_text("Your account was locked")).to_be_visible()
    expect(page.locator(".st-key-sign_out")).to_have_count(0)
    fill_in(page, "locked@example.org")
    expect(page.get_by_text("This account is locked.")).to_be_visible()


def test_the_wrong_portal_and_the_other_portal_s_cookie(company: Company, page: Page, context: BrowserContext) -> None:
    company.account("candidate", "cleo@example.org")
    page.goto(company.address(ADMIN))
    fill_in(page, "cleo@example.org")
    expect(page.get_by_text(f"your account is for the user portal: {company.address(USER)}")).to_be_visible()
    page.goto(company.address(USER))
    fill_in(page, "cleo@example.org")
    expect_in(page, "is here as candidate.")
    (cookie,) = [each for each in context.cookies() if each["name"] == "intellicv_user_session"]
    context.add_cookies([{"name": "intellicv_admin_session", "value": cookie["value"], "url": company.address(ADMIN)}])
    page.goto(company.address(ADMIN))
    expect(page.get_by_text("Your sign-in is no longer valid.")).to_be_visible()


def test_an_invitation_that_is_opened_in_the_wrong_portal(company: Company, page: Page) -> None:
    link = company.people.invite("ina@example.org", "Ina <b>", "candidate", ADMIN, actor=SYSTEM)
    page.goto(f"{company.address(ADMIN)}/#link={token_of(link)}")
    expect(page.get_by_text("This link is for the user portal.")).to_be_visible()
    with page.expect_popup() as opened:
        page.locator(".st-key-link_elsewhere a").click()
    there = opened.value
    expect(there.get_by_text("Welcome. Choose a password")).to_be_visible()
    expect(field(there, "link_name")).to_have_value("Ina <b>")
    field(there, "link_password").fill(PASSWORD)
    there.locator(".st-key-link_submit button").click()
    expect_in(there, "Ina <b> is here as candidate.")


def test_a_link_that_is_opened_while_somebody_else_is_in(company: Company, page: Page) -> None:
    company.account("candidate", "first@example.org")
    page.goto(company.address(USER))
    fill_in(page, "first@example.org")
    expect_in(page, "is here as candidate.")
    link = company.people.invite("second@example.org", "Second", "candidate", ADMIN, actor=SYSTEM)
    page.evaluate("token => { location.hash = 'link=' + token }", token_of(link))
    expect(page.get_by_text("Somebody is signed in here now.")).to_be_visible()
    field(page, "link_password").fill(PASSWORD)
    page.locator(".st-key-link_submit button").click()
    expect_in(page, "Second is here as candidate.")


def test_a_browser_that_keeps_no_cookie_is_told_so(company: Company, page: Page) -> None:
    company.account("admin", "nocookie@example.org")
    page.route("**/auth/session", lambda route: route.fulfill(status=204))
    page.goto(company.address(ADMIN))
    fill_in(page, "nocookie@example.org")
    expect(page.get_by_text("Your browser did not keep the sign-in cookie.")).to_be_visible()


def test_a_portal_that_does_not_answer(company: Company, page: Page) -> None:
    company.account("admin", "offline@example.org")
    page.route("**/auth/session", lambda route: route.abort())
    page.goto(company.address(ADMIN))
    fill_in(page, "offline@example.org")
    expect(page.get_by_text("The portal did not answer.")).to_be_visible()
    page.unroute("**/auth/session")
    fill_in(page, "offline@example.org")
    expect_in(page, "is here as admin.")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_nothing_is_cut_off(company: Company, browser: Browser, scheme: Any) -> None:
    phone = browser.new_context(viewport={"width": 390, "height": 844}, color_scheme=scheme)
    page = phone.new_page()
    page.goto(company.address(USER))
    expect(field(page, "sign_in_email")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    for key in ("sign_in_card", "sign_in_email", "sign_in_password", "sign_in_submit"):
        box = page.locator(f".st-key-{key}").bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=f"{folder}/sign-in-phone-{scheme}.png")
    phone.close()


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example", "X-IntelliCV": "1"},
        {"Origin": "{other}", "X-IntelliCV": "1"},
        {"Origin": "null", "X-IntelliCV": "1"},
        {"X-IntelliCV": "1"},
        {"Origin": "{own}"},
    ],
    ids=["foreign", "other portal", "null", "none", "no header"],
)
@pytest.mark.parametrize("path", ["/auth/session", "/auth/sign-out"])
def test_only_the_portal_s_own_pages_reach_the_cookie(company: Company, headers: dict[str, str], path: str) -> None:
    email = f"csrf{time.monotonic_ns()}@example.org"
    company.account("admin", email)
    ticket = company.people.sign_in(email, PASSWORD, ADMIN)
    filled = {
        key: value.format(own=company.address(ADMIN), other=company.address(USER)) for key, value in headers.items()
    }
    token = company.people.exchange(company.people.sign_in(email, PASSWORD, ADMIN), ADMIN)
    status, answered = _post(company, path, f'{{"ticket": "{ticket}"}}', {**filled, **_cookie(token)})
    assert status == 403
    assert "set-cookie" not in answered
    assert company.people.who(token, ADMIN), "the session is still there"
    assert company.people.exchange(ticket, ADMIN), "the ticket was not used up"


@pytest.mark.parametrize(
    ("body", "status"),
    [("", 422), ("{}", 422), ("[]", 422), ('{"ticket": 1}', 422), ('{"ticket": "x"}', 410), ("[" * 900, 422),
     ('{"ticket": "' + "x" * 100_000 + '"}', 413), ('{"ticket": "\\u0000\\ud800"}', 410)],
)  # fmt: skip
def test_a_ticket_that_is_none(company: Company, body: str, status: int) -> None:
    answer, headers = _post(company, "/auth/session", body, {"Origin": company.address(ADMIN), "X-IntelliCV": "1"})
    assert answer == status
    assert "set-cookie" not in headers
    assert headers["cache-control"] == "no-store"


def test_the_cookie_s_words(company: Company) -> None:
    company.account("admin", "words@example.org")
    ticket = company.people.sign_in("words@example.org", PASSWORD, ADMIN)
    own = {"Origin": company.address(ADMIN), "X-IntelliCV": "1"}
    status, headers = _post(company, "/auth/session", f'{{"ticket": "{ticket}"}}', own)
    assert status == 204
    assert re.fullmatch(
        r"intellicv_admin_session=[\w-]{43}; HttpOnly; Max-Age=43200; Path=/; SameSite=lax", headers["set-cookie"]
    )
    token = headers["set-cookie"].split("=")[1].split(";")[0]
    status, headers = _post(company, "/auth/sign-out", "", {**own, **_cookie(token)})
    assert status == 204
    assert 'intellicv_admin_session=""' in headers["set-cookie"]
    assert company.people.who(token, ADMIN) is None


def _cookie(token: str) -> dict[str, str]:
    return {"Cookie": f"intellicv_admin_session={token}"}


def _post(company: Company, path: str, body: str, headers: dict[str, str]) -> tuple[int, dict[str, str]]:
    connection = http.client.HTTPConnection("127.0.0.1", company.settings.admin_port, timeout=10)
    connection.request("POST", path, body=body.encode(), headers=headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status, {key.lower(): value for key, value in answer.getheaders()}


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def _wait_until_up(port: int) -> None:
    deadline = time.monotonic() + 30
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
        try:
            connection.request("GET", "/_stcore/health")
            if connection.getresponse().read() == b"ok":
                return
        except OSError:
            if time.monotonic() > deadline:
                raise
        finally:
            connection.close()
        time.sleep(0.1)
