"""What a report's page holds, for tests."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any


class PageText(HTMLParser):
    """Collects what a page would load, and its text without drawings and styles."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.loads: list[str] = []
        self.ids: list[str] = []
        self.words: list[str] = []
        self._skip = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self._skip += tag in ("svg", "style")
        for name, value in attrs:
            if name in ("src", "href", "xlink:href", "data", "action", "poster", "srcset") and not (
                value or ""
            ).startswith("#"):
                self.loads.append(f"{tag} {name}={value}")
            if name == "id" and value:
                self.ids.append(value)

    def handle_endtag(self, tag: str) -> None:
        self._skip -= tag in ("svg", "style")

    def handle_data(self, data: str) -> None:
        if not self._skip:
            self.words.append(data)


def numbers_in(value: Any) -> list[float]:
    """Every number of a JSON document."""
    if isinstance(value, bool) or value is None:
        return []
    if isinstance(value, (int, float)):
        return [value]
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return [number for child in children for number in numbers_in(child)]
