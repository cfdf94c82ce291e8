"""Style sheets and scripts: what `collectstatic` makes of them."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project
from django.core.management import call_command

from config.static import HashedStaticFiles


@pytest.fixture
def files(settings: Any, tmp_path: Path) -> HashedStaticFiles:
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "config.static.HashedStaticFiles"},
    }
    return HashedStaticFiles(location=str(tmp_path))


def test_every_reference_leads_to_a_hashed_name(files: HashedStaticFiles, tmp_path: Path) -> None:
    call_command("collectstatic", interactive=False, verbosity=0)
    collected = HashedStaticFiles(location=str(tmp_path))
    for folder, pattern in (("css", "*.css"), ("js", "*.js")):
        sources = list((project.BASE_DIR / "static" / folder).glob(pattern))
        assert sources
        for source in sources:
            name = collected.stored_name(f"{folder}/{source.name}")
            assert re.search(r"\.[0-9a-f]{12}\.\w+$", name)
            text = (tmp_path / name).read_text()
            for reference in re.findall(r"""(?:from|import|url\()\s*["']?(\.{1,2}/[^"')]+)""", text):
                assert re.search(r"\.[0-9a-f]{12}\.\w+$", reference), f"{name}: {reference}"
            assert (tmp_path / f"{name}.gz").exists() or source.stat().st_size < 1000


def test_an_embedded_installation_serves_what_has_not_been_collected(files: HashedStaticFiles) -> None:
    assert files.url("css/base.css") == "/static/css/base.css"


def test_a_production_installation_says_that_nothing_was_collected(
    files: HashedStaticFiles, settings: Any
) -> None:
    settings.EMBEDDED = False
    with pytest.raises(ValueError, match="Missing staticfiles manifest entry"):
        files.url("css/base.css")
