"""The page in a real browser: no script error, nothing fetched, figures and sorting, two themes, two widths."""

from __future__ import annotations

import pytest

from tests.helpers import saved_runs
from tests.helpers.browser import browser, missing

pytest.importorskip("matplotlib")
pytest.importorskip("jinja2")
pytestmark = pytest.mark.skipif(missing() is not None, reason=str(missing()))

TIMES = 'document.querySelector("#table-times table")'
COLUMN = f"(i) => [...{TIMES}.tBodies[0].rows].map((row) => row.cells[i].textContent)"
HEAD = "[...%s.tHead.rows[0].cells].findIndex((head) => head.textContent === '%s')"


@pytest.fixture(scope="module")
def chromium(tmp_path_factory):
    with browser(tmp_path_factory.mktemp("profile")) as driven:
        yield driven


@pytest.fixture
def page(chromium, tmp_path_factory):
    chromium.open((saved_runs.report(tmp_path_factory) / "index.html").as_uri())
    chromium.look(1280, "light")
    return chromium


def test_page_runs_without_an_error_and_nothing_leaves_it(page):
    assert page.run("document.readyState") == "complete"
    assert page.of("Runtime.exceptionThrown") == []
    assert page.of("Log.entryAdded") == []
    urls = [request["request"]["url"] for request in page.of("Network.requestWillBeSent")]
    assert urls
    assert all(url.startswith(("file://", "data:")) for url in urls)
    assert sum(url.startswith("file://") for url in urls) == 1


def test_page_may_run_no_script_but_its_own(page):
    page.run("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.ran = 1\">')")
    page.run("const made = document.createElement('script'); made.text = 'window.ran = 1'; document.body.append(made)")
    assert page.run("window.ran") is None


def test_every_figure_is_there_and_has_a_size(page):
    sizes = page.run(
        "[...document.querySelectorAll('figure svg')].map((svg) => svg.getBoundingClientRect())"
        ".map(({ width, height }) => [width, height])"
    )
    assert len(sizes) > 15
    assert all(width > 300 and height > 100 for width, height in sizes)


def test_click_on_a_heading_sorts_and_another_turns_round(page):
    index = page.run(HEAD % (TIMES, "wall s / model s"))
    column = f"({COLUMN})({index})"
    head = f"{TIMES}.tHead.rows[0].cells[{index}]"
    before = page.run(column)
    page.run(f"{head}.querySelector('button').click()")
    ascending = page.run(column)
    assert ascending != before
    numbers = [float(cell.replace(",", "")) for cell in ascending]
    assert numbers == sorted(numbers)
    assert page.run(f"{head}.getAttribute('aria-sort')") == "ascending"
    page.run(f"{head}.querySelector('button').click()")
    assert page.run(column) == ascending[::-1]
    assert page.run(f"{TIMES}.querySelectorAll('[aria-sort=descending]').length") == 1


def test_what_is_not_finite_sorts_as_the_largest_and_what_is_missing_last(page):
    table = "document.querySelector('#table-not-right table')"
    page.run(f"[...{table}.tHead.rows[0].cells].at(-1).querySelector('button').click()")
    cells = page.run(f"[...{table}.tBodies[0].rows].map((row) => row.cells[row.cells.length - 1].textContent)")
    assert "not finite" in cells
    assert cells[cells.index("not finite") :].count("–") == cells.count("–")
    assert all(float(cell.replace(",", "")) for cell in cells[: cells.index("not finite")])


def test_keyboard_sorts(page):
    index = page.run(HEAD % (TIMES, "backend"))
    page.run(f"{TIMES}.tHead.rows[0].cells[{index}].querySelector('button').focus()")
    for kind in ("keyDown", "keyUp"):
        page.call("Input.dispatchKeyEvent", type=kind, key="Enter", code="Enter", windowsVirtualKeyCode=13, text="\r")
    names = page.run(f"({COLUMN})({index})")
    assert names == sorted(names)
    assert page.run("document.activeElement.parentElement.getAttribute('aria-sort')") == "ascending"


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_page_fits_both_widths_and_follows_both_themes(page, width, theme):
    page.look(width, theme)
    assert page.run("document.documentElement.scrollWidth <= window.innerWidth")
    paper, ink = page.run("[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]")
    letter = page.run("getComputedStyle(document.querySelector('figure svg text')).fill")
    assert luminance(paper) > 0.9 if theme == "light" else luminance(paper) < 0.1
    assert letter == ink
    assert abs(luminance(paper) - luminance(ink)) > 0.7


def luminance(colour):
    """Of an rgb(…) colour, from 0 to 1, roughly."""
    channels = [int(part) for part in colour.removeprefix("rgb(").removesuffix(")").split(",")]
    return sum(channels) / 3 / 255
