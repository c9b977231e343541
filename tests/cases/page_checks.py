"""Checks of a page as text: well formed, everything within it, no script."""

from __future__ import annotations

import re
from html.parser import HTMLParser

VOID = ("meta", "img", "wbr", "br", "link")


class Reader(HTMLParser):
    """Reads a page: errors in the order of its tags, its links, pictures, headings and text."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.errors: list[str] = []
        self.attributes: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.attributes.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.errors.append(tag)

    def handle_data(self, data):
        self.text.append(data)

    def of(self, tag):
        return [attributes for name, attributes in self.attributes if name == tag]


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert not reader.errors
    assert not reader.open
    return reader


def check_page(page: str) -> Reader:
    """A page is well formed, has every link and picture within, and no script."""
    reader = read(page)
    targets = {attributes["id"] for _, attributes in reader.attributes if "id" in attributes}
    assert all(link["href"].startswith("#") and link["href"][1:] in targets for link in reader.of("a"))
    assert all(picture["src"].startswith("data:image/") and picture["alt"] for picture in reader.of("img"))
    assert not reader.of("script")
    assert not reader.of("link")
    assert "@import" not in page
    assert not re.search(r"url\(", page)
    assert len(reader.of("h1")) == 1
    assert reader.of("html")[0]["lang"] == "en-GB"
    return reader
