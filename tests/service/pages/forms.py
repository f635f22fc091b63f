"""A browser without JavaScript, as far as forms go: fills in what the page offers and presses one of its buttons."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode
from starlette.testclient import TestClient

Pairs = list[tuple[str, str]]


@dataclass
class Page:
    """A page that came back, ready for the next step."""

    client: TestClient
    status: int
    html: str
    path: str

    @property
    def tree(self) -> LexborHTMLParser:
        return LexborHTMLParser(self.html)

    @property
    def text(self) -> str:
        """What a reader sees, in one line."""
        body = self.tree.css_first("body")
        assert body is not None
        return " ".join(body.text(separator=" ").split())

    def heading(self) -> str:
        node = self.tree.css_first("h1")
        return " ".join(node.text().split()) if node else ""

    def all(self, selector: str) -> list[str]:
        """The texts of all elements."""
        return [" ".join(node.text(separator=" ").split()) for node in self.tree.css(selector)]

    def value(self, name: str) -> list[str]:
        """The values that a field would send now."""
        return [value for form in self.tree.css("form") for key, value in _fields(form) if key == name]

    def press(self, button: str, **filled: str | list[str]) -> Page:
        """Press the button with this text (or its start), after filling in fields; a list fills several, in order."""
        form, pressed = self._button(button)
        sent = _with(list(_fields(form)), filled)
        if name := pressed.attributes.get("name"):
            sent.append((name, pressed.attributes.get("value") or ""))
        target = pressed.attributes.get("formaction") or form.attributes.get("action") or ""
        return self.send(target, sent)

    def send(self, target: str, sent: Pairs) -> Page:
        data: dict[str, list[str]] = {}
        for key, value in sent:
            data.setdefault(key, []).append(value)
        response = self.client.post(target, data=data, headers={"Accept": "text/html"})
        return Page(self.client, response.status_code, response.text, response.url.path)

    def _button(self, text: str) -> tuple[LexborNode, LexborNode]:
        for form in self.tree.css("form"):
            for node in form.css("button"):
                if " ".join(node.text().split()).startswith(text):
                    return form, node
        raise AssertionError(f"no button {text!r}")


def visit(client: TestClient) -> Page:
    """The empty form."""
    response = client.get("/")
    return Page(client, response.status_code, response.text, "/")


def ask(client: TestClient, **filled: str | list[str]) -> Page:
    """The suggestions for a form filled in like this."""
    return visit(client).press("Find services", **filled)


def _fields(form: LexborNode) -> Iterator[tuple[str, str]]:
    """What the form sends as it stands, in the order of the page."""
    for node in form.css("input, select, textarea"):
        attributes, name = node.attributes, node.attributes.get("name")
        kind = attributes.get("type", "text")
        if not name or kind == "file":
            continue
        if node.tag == "textarea":
            yield name, node.text()
        elif node.tag == "select":
            chosen = node.css_first("option[selected]") or node.css_first("option")
            yield name, (chosen.attributes.get("value") or "") if chosen else ""
        elif kind != "checkbox" or "checked" in attributes:
            yield name, attributes.get("value") or ""


def _with(sent: Pairs, filled: dict[str, str | list[str]]) -> Pairs:
    """The fields with new values: in place where the page has the field, else added (a tick); an empty list unticks."""
    for name, given in filled.items():
        values = [given] if isinstance(given, str) else list(given)
        places = [i for i, (key, _) in enumerate(sent) if key == name]
        for place, value in zip(places, values, strict=False):
            sent[place] = (name, value)
        sent += [(name, value) for value in values[len(places) :]]
        if isinstance(given, list):
            dropped = set(places[len(values) :])
            sent = [pair for i, pair in enumerate(sent) if i not in dropped]
    return sent
