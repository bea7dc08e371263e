"""From a drawing to files and to what stands in the page: SVG whose colours follow the page's theme."""

from __future__ import annotations

import io
import re
import warnings
from typing import Callable, NamedTuple
from xml.etree import ElementTree

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG

from neurochip_bench.report.figures import style

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
NAMES = {style.INK: "ink", style.MUTED: "muted", style.GRID: "grid", style.PAPER: "paper"}
NAMES.update({colour: f"c{i}" for i, colour in enumerate(style.COLOURS)})
DPI = 160


class Files(NamedTuple):
    """What the two files of a drawing hold."""

    svg: bytes
    png: bytes


def render(draw: Callable[[], style.Drawing], dpi: int = DPI) -> Files:
    """The `Files` of a drawing, the same bytes for the same data."""
    with mpl.rc_context(), warnings.catch_warnings():
        mpl.rcdefaults()  # not the user's matplotlibrc
        mpl.rcParams.update(style.RC)
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")  # a name may hold any letter
        warnings.filterwarnings("ignore", message="constrained_layout not applied")  # nor fit, if it is very long
        drawing = draw()
        drawing.set_dpi(72)  # an SVG's points
        if layout := drawing.get_layout_engine():
            layout.execute(drawing)
        drawing.set_layout_engine("none")  # it has been laid out: savefig would do so again, for each file
        svg, png = io.BytesIO(), io.BytesIO()
        FigureCanvasSVG(drawing).print_svg(svg, metadata={"Date": None, "Creator": None})
        drawing.set_dpi(dpi)
        FigureCanvasAgg(drawing).print_png(png, metadata={"Software": None})
    return Files(svg.getvalue(), png.getvalue())


def inline(svg: bytes, key: str, title: str, alt: str) -> str:
    """An SVG for the page: named, described, its ids its own, its colours variables of the page."""
    ElementTree.register_namespace("", SVG)
    ElementTree.register_namespace("xlink", XLINK)
    root = ElementTree.fromstring(svg)
    for node in root.findall(f"{{{SVG}}}metadata"):
        root.remove(node)
    for defs in root.iter(f"{{{SVG}}}defs"):
        for node in defs.findall(f"{{{SVG}}}style"):  # would be of the whole page
            defs.remove(node)
    for node in root.iter():
        for name, value in node.attrib.items():
            node.attrib[name] = _own(name, value, key)
    for attribute in ("width", "height", "version"):
        root.attrib.pop(attribute, None)
    root.attrib.update({"role": "img", "aria-labelledby": f"{key}-title", "aria-describedby": f"{key}-desc"})
    for i, (tag, words) in enumerate((("title", title), ("desc", alt))):
        node = ElementTree.Element(f"{{{SVG}}}{tag}", {"id": f"{key}-{tag}"})
        node.text = words
        root.insert(i, node)
    return ElementTree.tostring(root, encoding="unicode")


def _own(name: str, value: str, key: str) -> str:
    if name == "id":
        return f"{key}-{value}"
    if name == f"{{{XLINK}}}href":
        return value.replace("#", f"#{key}-", 1)
    value = value.replace("url(#", f"url(#{key}-")
    if name == "style":
        value = re.sub("#[0-9a-f]{6}", lambda found: _variable(found[0]), value)
    return value


def _variable(colour: str) -> str:
    return f"var(--{NAMES[colour]})" if colour in NAMES else colour
