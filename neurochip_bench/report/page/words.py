"""Words as a page breaks them: between the words of a command alone, and in no id that fits a line."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

ID = re.compile(r"(?<!\S)(\S*\w-\w\S*)")
LINE = 40  # characters that a line of a phone has


def code(sentence: str) -> Markup:
    """Escaped, ids whole, what stands between backticks as code that breaks between its words alone."""
    parts = str(sentence).split("`")
    if len(parts) % 2 == 0:  # the last has no partner, and is a sign like any other
        parts[-2:] = ["`".join(parts[-2:])]
    return Markup("").join(_command(part) if i % 2 else whole(part) for i, part in enumerate(parts))


def _command(words: str) -> Markup:
    """Code, each of its words whole."""
    return Markup("<code>{}</code>").format(Markup(" ").join(_unbroken(word, LINE) for word in words.split(" ")))


def whole(sentence: str, longest: int = LINE) -> Markup:
    """Escaped, ids such as `jax-cpu-f32` whole, up to a length: a browser would break them at a hyphen."""
    parts = ID.split(str(sentence))
    return Markup("").join(_unbroken(part, longest) if i % 2 else escape(part) for i, part in enumerate(parts))


def _unbroken(word: str, longest: int) -> Markup:
    return Markup("<span class=id>{}</span>").format(word) if len(word) <= longest else escape(word)
