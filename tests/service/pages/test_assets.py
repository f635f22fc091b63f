"""Third-party files are what the manifest says; nothing of the page comes from elsewhere."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

import service

STATIC = Path(service.__file__).parent / "static"
AXE = Path(__file__).parents[2] / "browser" / "vendor"


def listed(folder: Path) -> dict[str, str]:
    packages = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["packages"]
    assert all(package["licence"] and package["version"] for package in packages)
    return {name: digest for package in packages for name, digest in package["files"].items()}


@pytest.mark.parametrize("folder", [STATIC, AXE], ids=["page", "tests"])
def test_every_vendored_file_is_the_one_of_the_manifest(folder: Path):
    for name, digest in listed(folder).items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest, name


def test_every_file_under_vendor_is_listed():
    found = {str(path.relative_to(STATIC)) for path in (STATIC / "vendor").rglob("*") if path.is_file()}
    assert found == set(listed(STATIC))


def test_no_protected_font_no_logo_no_other_site():
    css = (STATIC / "vendor" / "nhsuk-frontend.min.css").read_text(encoding="utf-8")
    assert "@font-face" not in css
    assert not re.findall(r"url\((?!images/)[^)]*\)", css)
    for path in STATIC.rglob("*.css"):
        assert not re.findall(r"https?://|//[a-z]", path.read_text(encoding="utf-8")), path.name


def test_static_files_are_served_with_their_types(town: TestClient):
    for name, kind in (("page.css", "text/css"), ("page.js", "javascript"), ("vendor/htmx.min.js", "javascript")):
        response = town.get(f"/static/{name}")
        assert response.status_code == 200
        assert kind in response.headers["content-type"]
    assert town.get("/static/../pages.py").status_code == 404
    assert town.get("/static/%2e%2e/pages.py").status_code == 404


def test_our_scripts_store_nothing_and_read_no_address():
    for name in ("page.js", "chips.js"):
        script = (STATIC / name).read_text(encoding="utf-8")
        assert not re.findall(
            r"localStorage|sessionStorage|indexedDB|document\.cookie|innerHTML|eval\(|pushState", script
        )
