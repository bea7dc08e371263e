"""The page in a real browser: no script error, nothing fetched, figures and sorting, two themes, two widths."""

from __future__ import annotations

import shutil
from functools import lru_cache
from typing import TYPE_CHECKING, Callable, Iterator

import pytest

from tests.helpers import saved_runs
from tests.helpers.commands import report

for library in ("playwright", "matplotlib", "jinja2"):
    pytest.importorskip(library)

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PROGRAM = next(filter(None, map(shutil.which, NAMES)), None)  # the system's: nothing is downloaded
OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND",  # what would leave finds no network
]
PATIENCE = 60_000  # milliseconds: a cold start on a busy machine takes long
pytestmark = pytest.mark.skipif(PROGRAM is None, reason="no Chromium on the PATH: on Debian, apt-get install chromium")

TIMES = 'document.querySelector("#table-times table")'
COLUMN = f"[...{TIMES}.tBodies[0].rows].map((row) => row.cells[%d].textContent)"
HEAD = "[...%s.tHead.rows[0].cells].findIndex((head) => head.textContent === '%s')"


class Heard:
    """What a page asks for and complains of, from before it is opened."""

    def __init__(self, page: Page) -> None:
        self.requests: list[str] = []
        self.errors: list[str] = []
        self.console: list[str] = []  # also what the browser itself logs: a script that it refused, a file not found
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda message: self.console.append(message.text))


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=PROGRAM, args=OPTIONS, timeout=PATIENCE)
        yield browser
        browser.close()


def opened(chromium: Browser, width: int) -> Page:
    """An empty page so many pixels wide, in a profile of its own."""
    page = chromium.new_page(viewport={"width": width, "height": 900}, is_mobile=width < 600, color_scheme="light")
    page.set_default_timeout(PATIENCE)
    return page


@pytest.fixture
def blank(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """An empty page, 1280 pixels wide or as wide as the test's parameter says."""
    page = opened(chromium, getattr(request, "param", 1280))
    yield page
    page.close()


@pytest.fixture(scope="module")
def reports(chromium: Browser, url: str) -> Callable[[int], tuple[Page, Heard]]:
    """By its width the page that all tests of that width look at, and what was heard of it; it is opened once."""

    @lru_cache(maxsize=None)
    def report(width: int) -> tuple[Page, Heard]:
        page = opened(chromium, width)
        heard = Heard(page)
        page.goto(url)
        return page, heard

    return report


@pytest.fixture
def page(reports: Callable[[int], tuple[Page, Heard]], request: pytest.FixtureRequest) -> Page:
    """The report on a light screen, 1280 pixels wide or as wide as the test's parameter says."""
    page, _ = reports(getattr(request, "param", 1280))
    page.emulate_media(media="screen", color_scheme="light")
    return page


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    return (saved_runs.report(tmp_path_factory) / "index.html").as_uri()


def test_page_runs_without_an_error_and_nothing_leaves_it(reports, url):
    page, heard = reports(1280)
    assert page.evaluate("document.readyState") == "complete"
    assert heard.errors == []
    assert heard.console == []
    assert heard.requests == [url]


def test_what_leaves_a_page_or_fails_on_it_is_heard(blank):
    heard = Heard(blank)
    picture = "http://elsewhere.invalid/picture.png"
    blank.set_content(f'<img src="{picture}"><script>throw new Error("broken")</script>')
    assert heard.requests == [picture]
    assert heard.errors == ["broken"]
    assert "ERR_NAME_NOT_RESOLVED" in heard.console[0]


def test_page_may_run_no_script_but_its_own(blank, url):
    page, heard = blank, Heard(blank)
    page.goto(url)
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.ran = 1\">')")
    page.evaluate(
        "() => { const made = document.createElement('script'); made.text = 'window.ran = 1';"
        " document.body.append(made) }"
    )
    page.wait_for_timeout(100)  # for the picture to be missed
    assert page.evaluate("window.ran") is None
    assert any("Content Security Policy" in line for line in heard.console)


def test_every_figure_is_there_and_has_a_size(page):
    sizes = page.evaluate(
        "[...document.querySelectorAll('figure svg')].map((svg) => svg.getBoundingClientRect())"
        ".map(({ width, height }) => [width, height])"
    )
    assert len(sizes) > 15
    assert all(width > 300 and height > 100 for width, height in sizes)


def test_click_on_a_heading_sorts_and_another_turns_round(page):
    index = page.evaluate(HEAD % (TIMES, "wall s / model s"))
    head = page.locator("#table-times table thead th").nth(index)
    before = page.evaluate(COLUMN % index)
    head.locator("button").click()
    ascending = page.evaluate(COLUMN % index)
    assert ascending != before
    numbers = [float(cell.replace(",", "")) for cell in ascending]
    assert numbers == sorted(numbers)
    assert head.get_attribute("aria-sort") == "ascending"
    head.locator("button").click()
    assert page.evaluate(COLUMN % index) == ascending[::-1]
    assert page.locator("#table-times table [aria-sort=descending]").count() == 1


def test_what_is_not_finite_sorts_as_the_largest_and_what_is_missing_last(page):
    table = "document.querySelector('#table-not-right table')"
    page.evaluate(f"[...{table}.tHead.rows[0].cells].at(-1).querySelector('button').click()")
    cells = page.evaluate(f"[...{table}.tBodies[0].rows].map((row) => row.cells[row.cells.length - 1].textContent)")
    assert "not finite" in cells
    assert cells[cells.index("not finite") :].count("–") == cells.count("–")
    assert all(float(cell.replace(",", "")) for cell in cells[: cells.index("not finite")])


def test_keyboard_sorts(page):
    index = page.evaluate(HEAD % (TIMES, "backend"))
    page.locator("#table-times table thead th").nth(index).locator("button").focus()
    page.keyboard.press("Enter")
    names = page.evaluate(COLUMN % index)
    assert names == sorted(names)
    assert page.evaluate("document.activeElement.parentElement.getAttribute('aria-sort')") == "ascending"


@pytest.mark.parametrize("page", [390, 1280], indirect=True)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_page_fits_both_widths_and_follows_both_themes(page, theme):
    page.emulate_media(color_scheme=theme)
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    paper, ink = page.evaluate(
        "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]"
    )
    letter = page.evaluate("getComputedStyle(document.querySelector('figure svg text')).fill")
    assert luminance(paper) > 0.9 if theme == "light" else luminance(paper) < 0.1
    assert letter == ink
    assert abs(luminance(paper) - luminance(ink)) > 0.7


# Ids that fit a line of a phone are whole; longer ones may break at a hyphen, and nothing within a word.
WORDS = """() => {
  const broken = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), range = new Range();
  for (let node; (node = walker.nextNode()); ) {
    if (!node.parentElement.checkVisibility() || node.parentElement.closest("svg, script")) continue;
    for (const { 0: word, index } of node.data.matchAll(/(?<!\\S)(?=\\S{1,40}(?!\\S))\\S*\\w-\\w\\S*|\\w+/g)) {
      range.setStart(node, index);
      range.setEnd(node, index + word.length);
      const tops = [...range.getClientRects()].map((box) => Math.round(box.top));
      if (new Set(tops).size > 1) broken.push(word);
    }
  }
  return broken;
}"""


@pytest.mark.parametrize(("page", "media"), [(390, "screen"), (1280, "screen"), (1280, "print")], indirect=["page"])
def test_no_id_and_no_word_breaks(page, media):
    page.emulate_media(media=media)
    assert page.evaluate(WORDS) == []


def test_a_word_that_breaks_is_found(page):
    page.evaluate("document.querySelector('h1').style.cssText = 'width: 1ch; overflow-wrap: anywhere'")
    found = page.evaluate(WORDS)
    page.evaluate("document.querySelector('h1').style.cssText = ''")
    assert "right" in found


@pytest.mark.parametrize("page", [390, 1280], indirect=True)
def test_links_and_buttons_are_large_enough_for_a_finger(page):
    sizes = page.evaluate(
        "[...document.querySelectorAll('a, button')].map((it) => [it.textContent, it.getBoundingClientRect()])"
        ".map(([name, { width, height }]) => [name, width, height])"
    )
    assert len(sizes) > 50
    assert [size for size in sizes if min(size[1:]) < 24] == []


def test_printed_pages_break_between_panels_alone(page):
    """A figure's heading and caption hold to its first panels, and no panel is cut."""
    page.emulate_media(media="print")
    style = "[...document.querySelectorAll('%s')].map((it) => getComputedStyle(it).%s)"
    for selector, name in (("figure", "breakInside"), (".head", "breakInside"), (".head", "breakAfter")):
        found = page.evaluate(style % (selector, name))
        assert len(found) > 5
        assert set(found) == {"avoid"}
    first = page.evaluate("[...document.querySelectorAll('.head')].map((it) => it.nextElementSibling.tagName)")
    assert set(first) == {"FIGURE"}


def luminance(colour):
    """Of an rgb(…) colour, from 0 to 1, roughly."""
    channels = [int(part) for part in colour.removeprefix("rgb(").removesuffix(")").split(",")]
    return sum(channels) / 3 / 255


@pytest.mark.parametrize("blank", [390], indirect=True)
def test_history_fits_a_phone_with_ids_in_lists_of_lists(blank, tmp_path):
    for night, best in enumerate([1.0] * 6 + [2.0] * 6):
        times = {"jax-cpu-f32": best, "numpy-cpu-f64": 1.0, "tensorflow-cpu-f32": 1.0}
        rows = [saved_runs.timed(f"lif-connected-{name}-n=64", [seconds] * 3) for name, seconds in times.items()]
        saved_runs.save(tmp_path / str(night) / "run.json", rows, day=night + 1)
    assert report(["--history", tmp_path, "-o", tmp_path / "out"]) == 0
    blank.goto((tmp_path / "out" / "history.html").as_uri())
    assert blank.locator("#steps li li").count() == 1
    assert blank.evaluate("document.documentElement.scrollWidth") <= 390
