"""README and docs as a list of fenced blocks, each with the marker that stands before it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
DOCS = ROOT / "docs"
PAGES = (ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(DOCS.glob("*.md")))

_BLOCK = re.compile(
    r"(?:^<!-- (?P<marker>[^\n]*?) -->\n)?^```(?P<language>[a-z]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
_HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)
_LINK = re.compile(r"\]\(([^)\s]+)\)|\b(?:src|srcset|href)=\"([^\"]+)\"")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


@dataclass(frozen=True)
class Block:
    """One fenced example."""

    page: str
    line: int
    language: str
    marker: str
    """The HTML comment on the line before, such as `reply`; empty where there is none."""
    text: str

    @property
    def name(self) -> str:
        """The marker's first word or words, before its colon."""
        return self.marker.partition(":")[0]

    @property
    def detail(self) -> str:
        """What stands behind the marker's colon."""
        return self.marker.partition(":")[2].strip()

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def read_blocks(page: Path) -> list[Block]:
    """The fenced blocks of a page, in order."""
    text = page.read_text()
    name = str(page.relative_to(ROOT))
    return [
        Block(name, text.count("\n", 0, found.start()) + 1, found["language"], found["marker"] or "", found["text"])
        for found in _BLOCK.finditer(text)
    ]


def prose(page: Path) -> str:
    """A page without its fenced blocks and comments."""
    return _COMMENT.sub("", _BLOCK.sub("", page.read_text()))


def links(page: Path) -> list[str]:
    """Where a page's links and images point."""
    return [found[0] or found[1] for found in _LINK.findall(prose(page))]


def anchors(page: Path) -> set[str]:
    """The places within a page that a link can name, as GitHub makes them from the headings."""
    return {
        re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower()).replace(" ", "-")
        for heading in _HEADING.findall(_BLOCK.sub("", page.read_text()))
    }
