"""A script runs once: a page names its entry modules with a version, so another module must not import them too."""

from __future__ import annotations

import re

from tests.architecture.source import ROOT, templates, text

SCRIPTS = ROOT / "inbox/static/js"
_ENTRY = re.compile(r"asset\('js/([\w.]+)'\)")
_IMPORT = re.compile(r"""(?:from|import)\s+"\./([\w.]+)\"""")


def entries(template: str) -> list[str]:
    """The modules that a template loads."""
    return _ENTRY.findall(template)


def imports(module: str) -> list[str]:
    """The modules beside it that a module imports."""
    return _IMPORT.findall(module)


def test_no_module_imports_what_a_page_loads_by_itself() -> None:
    # The browser knows a module by its address: with and without ?v= it is two modules, and every click acts twice.
    loaded = {name for _, template in templates() for name in entries(template)}
    assert {"app.js", "inbox.js", "entry.js"} <= loaded
    twice = {path.name: sorted(loaded & set(imports(text(path)))) for path in SCRIPTS.glob("*.js")}
    assert {name: found for name, found in twice.items() if found} == {}


def test_what_is_imported_exists() -> None:
    for path in SCRIPTS.glob("*.js"):
        assert [name for name in imports(text(path)) if not (SCRIPTS / name).exists()] == [], path.name


def test_the_finders_find() -> None:
    assert entries("<script src=\"{{ asset('js/app.js') }}\"></script>") == ["app.js"]
    assert imports('import "./a.js";\nimport { b } from "./b.js";\nexport { c } from "./c.js";') == [
        "a.js",
        "b.js",
        "c.js",
    ]
