"""The ontology's page as people meet it: in the machine's Chromium, at a desk, on a phone, with and without scripts."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from test_report_page import Visit, browser

from kgtools.docs import write_site
from kgtools.theory import read_theories
from kgtools.vocabulary import Vocabulary

if TYPE_CHECKING:
    from playwright.sync_api import Browser

__all__ = ["browser"]  # a fixture

HABIT = Path(__file__).parent / "cases" / "theory" / "habit.ttl"

LONG = """
h:Unbroken a owl:Class ; rdfs:subClassOf h:Habit ; rdfs:label "{0}"@en ; skos:definition "{0} <b>{0}</b>"@en ;
    dcterms:source "{0}" .
""".format("unbroken" * 30)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page, with a theory of a user's in which a class has a long name."""
    place = tmp_path_factory.mktemp("docs")
    theory = place / "long.ttl"
    theory.write_text(HABIT.read_text("utf-8") + LONG, "utf-8")
    return write_site(place / "site", Vocabulary.read([theory]), read_theories([theory]))[0]


@pytest.mark.parametrize("width", [1280, 390])
def test_no_width_is_too_small(browser: Browser, page: Path, width: int) -> None:
    """The page is never wider than the window, complains of nothing and asks for nothing but itself."""
    visit = Visit(browser, page, width)

    assert width == visit.page.evaluate("document.documentElement.scrollWidth")
    assert [] == visit.unwanted
    visit.page.close()


def test_what_goes_on_beyond_the_edge_says_so(browser: Browser, page: Path) -> None:
    """Above each picture and table that is wider than its place, and above no other, stands that it can be scrolled;
    turning a phone adds and takes away. The numbers of the head stand in pairs there."""
    visit = Visit(browser, page, 390)
    count = """() => [...document.querySelectorAll(".picture, .scroll")].map(
        box => [box.scrollWidth > box.clientWidth + 1, box.previousElementSibling?.textContent === "scroll →"])"""
    narrow = visit.page.evaluate(count)
    tops = visit.page.evaluate(
        "() => [...document.querySelectorAll('.totals > div')].map(one => Math.round(one.getBoundingClientRect().top))"
    )
    visit.page.set_viewport_size({"width": 1280, "height": 900})
    visit.page.wait_for_function("() => document.querySelectorAll('.wide').length < 40")
    wide = visit.page.evaluate(count)

    assert all(beyond == told for beyond, told in [*narrow, *wide])
    assert 40 < sum(told for _, told in narrow) < len(narrow)
    assert 0 < sum(told for _, told in wide) < 40
    assert [2, 2] == [tops.count(one) for one in sorted(set(tops))]
    visit.page.close()


def test_texts_stay_inside_their_boxes(browser: Browser, page: Path) -> None:
    """In the font that the page gets, no text of a picture reaches beyond its box, so none lies over another."""
    visit = Visit(browser, page)
    beyond = visit.page.evaluate("""() => [...document.querySelectorAll("svg .box")].flatMap(box => {
        const outer = box.querySelector("rect").getBBox();
        return [...box.querySelectorAll("text")].filter(text => {
            const inner = text.getBBox();
            return inner.width === 0 || inner.x < outer.x || inner.x + inner.width > outer.x + outer.width
                || inner.y < outer.y || inner.y + inner.height > outer.y + outer.height;
        }).map(text => text.textContent);
    })""")

    assert [] == beyond
    visit.page.close()


def listed(visit: Visit) -> list[str]:
    """The terms that the list shows, in its order."""
    shown: list[str] = visit.page.evaluate("""() => [...document.querySelectorAll(".index li")]
        .filter(item => item.offsetParent).map(item => item.textContent.trim())""")
    return shown


def found_by(visit: Visit, words: str) -> list[str]:
    """The terms that the list shows for some words."""
    visit.page.locator("#place\\:words").fill(words)
    return listed(visit)


def test_find_a_term(browser: Browser, page: Path) -> None:
    """Words narrow the list to the terms that have them in their name, definition, examples or notation,
    those with the name first. The words that the field itself gives as examples find some; where none is, it says so.
    """
    visit = Visit(browser, page)
    everything = len(listed(visit))
    field = visit.page.locator("#place\\:words")
    field.fill("Delight")
    by_name = listed(visit)
    example = (field.get_attribute("placeholder") or "").removeprefix("such as ").split(", ")
    by_example = [found_by(visit, word) for word in example]
    by_notation = found_by(visit, "not-applicable")
    by_nothing = found_by(visit, "delight nonsense")
    told_of_nothing = visit.shown("#place\\:filter .status")
    field.fill("contentment expected")
    by_definition = listed(visit)
    told = visit.shown("#place\\:filter .status")
    visit.page.locator("#place\\:index .index a:visible").click()
    field.fill("")

    assert "refund" in example
    assert all(1 <= len(one) < everything / 4 for one in by_example)
    assert "service recovery class" in by_example[example.index("refund")]
    assert ["not applicable individual"] == by_notation
    assert [] == by_nothing
    assert ["Nothing has all these words. Try fewer of them, or the beginning of one."] == told_of_nothing
    assert ["delight class", "Z-delight delight and co-creation proposition"] == by_name[:2]
    assert ["delight class"] == by_definition
    assert [f"1 of {everything}"] == told
    assert visit.page.url.endswith("#Delight")
    assert 0 <= visit.page.evaluate("document.getElementById('Delight').getBoundingClientRect().top") < 100
    assert everything == len(listed(visit)) > 250
    visit.page.close()


def test_what_is_called_elsewhere_is_folded(browser: Browser, page: Path) -> None:
    """What a coder does not need is folded, with how much it is; it opens where a link leads to it, and on paper."""
    visit = Visit(browser, page)
    inside = visit.page.locator("#elsewhere\\:MobilizingBehavior li").first
    folded = inside.is_visible(), visit.shown("#elsewhere\\:MobilizingBehavior summary")
    visit.page.locator("#Boycott a[href='#elsewhere:MobilizingBehavior']").click()
    visit.page.wait_for_selector("#elsewhere\\:MobilizingBehavior[open]")
    opened = inside.is_visible()
    other = visit.page.locator("#elsewhere\\:bearer li").first
    visit.page.emulate_media(media="print")
    printed = other.evaluate("one => one.checkVisibility({contentVisibilityAuto: true}) && one.offsetHeight > 0")
    visit.page.emulate_media(media="screen")
    visit.page.goto(f"{page.as_uri()}#elsewhere:bearer")
    visit.page.reload()

    assert not folded[0]
    assert re.fullmatch(r"\d+ mappings?(, .*)?", folded[1][0])
    assert opened
    assert printed
    assert other.is_visible()
    assert [] == visit.unwanted
    visit.page.close()


def test_without_scripts(browser: Browser, page: Path) -> None:
    """Where scripts are off there is no field that does nothing; the list and the queries open all the same."""
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    opened = context.new_page()
    opened.goto(page.as_uri())
    opened.locator("#place\\:index summary").click()
    opened.locator("#Z-delight summary").first.click()

    assert not opened.locator("#place\\:filter").is_visible()
    assert opened.locator("#place\\:index .index a").first.is_visible()
    assert opened.locator("#Z-delight pre").first.is_visible()
    context.close()
