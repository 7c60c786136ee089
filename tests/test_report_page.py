"""The report as people meet it: in the machine's Chromium, on a wide screen, a phone, paper, and by keyboard.

Playwright drives it and brings no browser of its own; where the machine has none, these tests are skipped.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from test_report import EXAMPLE, called, chains_of_example, folder_of, hostile, judged, page_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Dialog, Page

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

__all__ = ["hostile"]  # a fixture


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("there is no Chromium on this machine")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of the example."""
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(page_of(EXAMPLE), "utf-8")
    return path


class Visit:
    """A page that is open, and all that it should not do: complaints, dialogs, requests."""

    def __init__(self, browser: Browser, path: Path, width: int = 1280, **options: Any) -> None:
        self.page: Page = browser.new_page(viewport={"width": width, "height": 900}, **options)
        self.unwanted: list[str] = []
        self.page.on("console", lambda message: self.unwanted.append(message.text))
        self.page.on("pageerror", lambda error: self.unwanted.append(str(error)))
        self.page.on("dialog", self.dismissed)
        self.page.on("request", lambda request: self.asked(request.url, path))
        self.page.goto(path.as_uri())

    def dismissed(self, dialog: Dialog) -> None:
        self.unwanted.append(dialog.message)
        dialog.dismiss()

    def asked(self, url: str, path: Path) -> None:
        if url != path.as_uri():
            self.unwanted.append(url)

    def shown(self, what: str) -> list[str]:
        """The text of what can be seen of a kind."""
        return [
            " ".join((each.text_content() or "").split()) for each in self.page.locator(what).all() if each.is_visible()
        ]


@pytest.mark.parametrize("width", [1280, 768, 360])
@pytest.mark.parametrize("name", ["example", "hostile"])
def test_no_width_is_too_small(
    browser: Browser, report: Path, hostile: Path, tmp_path: Path, width: int, name: str
) -> None:
    """The page is never wider than the window, complains of nothing, asks for nothing and opens no dialog."""
    if name == "hostile":
        report = tmp_path / "hostile.html"
        report.write_text(page_of(hostile), "utf-8")
    visit = Visit(browser, report, width)

    assert width == visit.page.evaluate("document.documentElement.scrollWidth")
    assert [] == visit.unwanted
    visit.page.close()


def test_long_names_do_not_widen_the_page(browser: Browser, tmp_path: Path) -> None:
    """Words without a space in them are broken, or scroll in their table."""
    long = "unbroken" * 40
    codings = [
        {
            "incident": long,
            "code": code,
            "valence": "positive",
            "bearer": long,
            "segment": long,
            "coder": long,
            "id": f"{long}{code}",
        }
        for code in ("Delight", "Review", "SocialValue")
    ]
    incidents = [{"incident": long, "channel": "Forum", "narrative": long, "platform": long, "corpus": long}]
    path = tmp_path / "long.html"
    path.write_text(
        page_of(
            folder_of(
                tmp_path / long[:200],
                codings=codings,
                incidents=incidents,
                actors=[{"actor": long, "role": "customer"}],
            )
        ),
        "utf-8",
    )
    visit = Visit(browser, path, 360)

    assert 360 == visit.page.evaluate("document.documentElement.scrollWidth")
    visit.page.close()


def test_filter(browser: Browser, report: Path) -> None:
    """Verdicts and incidents are narrowed by proposition, verdict, coder and words together, and the count is told."""
    visit = Visit(browser, report)
    page = visit.page
    chains, verdicts = chains_of_example(), judged()
    whole = f"{len(verdicts)} of {len(verdicts)} verdicts, {len(chains)} of {len(chains)} incidents"
    everything = visit.shown("#verdict-table tbody tr")
    page.get_by_label("proposition", exact=True).select_option("Z-techfailure")
    by_proposition = visit.shown("#verdict-table tbody th"), visit.shown("article > h3")
    page.get_by_label("verdict", exact=True).select_option("contradicts")
    by_verdict = visit.shown("#verdict-table tbody th"), visit.shown("article > h3")
    told = visit.shown(".status")
    page.get_by_role("button", name="show all").click()
    page.locator(".status", has_text=whole).wait_for()
    after = visit.shown("#verdict-table tbody tr")
    page.get_by_label("proposition", exact=True).select_option("J-cycle")
    of_chain = visit.shown("article > h3")
    page.get_by_role("button", name="show all").click()
    page.get_by_label("coder", exact=True).select_option("marc")
    by_coder = len(visit.shown("#verdict-table tbody tr"))
    page.get_by_role("button", name="show all").click()
    page.get_by_label("words", exact=True).fill("CRÈME brûlée")
    both, marcs = (
        {(one.unit_iri, one.proposition, one.verdict) for one in judged(coders)} for coders in ("any", "marc")
    )
    by_words = visit.shown("article > h3"), visit.shown("#verdict-table tbody tr")

    failures = [one for one in verdicts if one.proposition == "Z-techfailure"]
    units = sorted(called(one) for one in failures)
    against = sorted(called(one) for one in failures if one.verdict == "contradicts")
    cycles = {one.unit for one in verdicts if one.proposition == "J-cycle"}

    assert len(verdicts) == len(everything)
    assert 0 < len(against) < len(units) < len(verdicts)
    assert (units, units) == by_proposition
    assert (against, against) == by_verdict
    assert [
        f"{len(against)} of {len(verdicts)} verdicts, {len(against)} of {len(chains)} incidents",
    ] == told
    assert everything == after
    assert [name for name, first in chains.items() if first in cycles] == of_chain
    assert {"I05", "I06", "I07"} < set(of_chain) < set(chains)
    assert len(both & marcs) == by_coder
    assert 0 < by_coder < len(verdicts)
    assert (["I02"], []) == by_words
    assert [] == visit.unwanted
    page.close()


def test_sort_by_keyboard(browser: Browser, report: Path) -> None:
    """A heading is a button: it sorts, then sorts the other way, and says which."""
    visit = Visit(browser, report)
    table = visit.page.locator("#verdict-table")
    head = table.locator("th", has_text="verdict").first
    button = head.get_by_role("button")
    button.focus()
    visit.page.keyboard.press("Enter")
    up = head.get_attribute("aria-sort"), visit.shown("#verdict-table tbody td:nth-child(3)")
    visit.page.keyboard.press("Space")
    down = head.get_attribute("aria-sort"), visit.shown("#verdict-table tbody td:nth-child(3)")
    table.get_by_role("button", name="unit").click()
    said = [one.verdict for one in judged()]
    order = [each for verdict in ("supports", "mixed", "contradicts") for each in [verdict] * said.count(verdict)]

    assert ("ascending", order) == up
    assert ("descending", order[::-1]) == down
    assert None is head.get_attribute("aria-sort")
    assert ["I01", "I01"] == visit.shown("#verdict-table tbody th")[:2]
    visit.page.close()


def test_by_keyboard(browser: Browser, report: Path) -> None:
    """The first stop leads past the contents, it can be seen, and so can the focus on what comes after."""
    page = Visit(browser, report).page
    page.keyboard.press("Tab")
    first = page.evaluate(
        "[document.activeElement.textContent, document.activeElement.getBoundingClientRect().top >= 0]"
    )
    page.keyboard.press("Enter")
    there = page.evaluate("document.activeElement.id")
    page.keyboard.press("Tab")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")

    assert ["Skip to the contents", True] == first
    assert "main" == there
    assert "solid" == outline
    page.close()


def test_without_scripts(browser: Browser, report: Path) -> None:
    """Without JavaScript all is there; only the filter, which would do nothing, is not."""
    page = browser.new_page(java_script_enabled=False)
    page.goto(report.as_uri())

    assert len(judged()) == page.locator("#verdict-table tbody tr:visible").count()
    assert len(chains_of_example()) == page.locator("article:visible").count()
    assert 0 == page.locator("form:visible, th button").count()
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast(browser: Browser, report: Path, scheme: str) -> None:
    """All text stands out from what is behind it by 4.5 or more (WCAG 2.2, 1.4.3), by day and by night."""
    visit = Visit(browser, report, color_scheme=scheme)
    faint = visit.page.evaluate(
        """() => {
          const numbers = color => color.match(/[0-9.]+/g).map(Number);
          const light = color => numbers(color).slice(0, 3).map(c => c / 255)
            .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
            .reduce((sum, c, at) => sum + c * [0.2126, 0.7152, 0.0722][at], 0);
          const behind = node => {
            for (; node; node = node.parentElement) {
              const color = getComputedStyle(node).backgroundColor;
              if (numbers(color)[3] !== 0) return color;
            }
            return getComputedStyle(document.documentElement).backgroundColor;
          };
          const found = new Set();
          for (const node of document.querySelectorAll("body *:not(script, title, desc)")) {
            if (![...node.childNodes].some(c => c.nodeType === 3 && c.data.trim())) continue;
            const style = getComputedStyle(node), drawn = node.closest("svg") && node.classList.contains("on");
            const color = node.closest("svg") ? style.fill : style.color;
            const back = drawn ? getComputedStyle(document.querySelector("svg .for")).fill : behind(node);
            const pair = [light(color), light(back)].sort((a, b) => b - a);
            if ((pair[0] + 0.05) / (pair[1] + 0.05) < 4.5)
              found.add(`${node.tagName} ${node.getAttribute("class")}: ${color} on ${back}`);
          }
          return [...found];
        }"""
    )

    assert [] == faint
    visit.page.close()


def test_paper(browser: Browser, report: Path) -> None:
    """The page prints: nothing is cut off, all incidents are there, and what only a screen can do is not."""
    visit = Visit(browser, report, width=640)
    visit.page.emulate_media(media="print")
    wide = visit.page.evaluate(
        """[...document.querySelectorAll("table, svg")]
           .filter(node => node.getBoundingClientRect().right > innerWidth + 1).length"""
    )
    pdf = visit.page.pdf(format="A4")

    assert pdf.startswith(b"%PDF-")
    assert len(pdf) > 50_000
    assert len(chains_of_example()) == visit.page.locator("article:visible").count()
    assert 0 == visit.page.locator("form:visible").count()
    assert 0 == wide
    visit.page.close()
