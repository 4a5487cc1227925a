"""What is served is small, and is the same program as what was written."""

from __future__ import annotations

import gzip

import orjson

from widget.appearance import loader_settings
from widget.assets import CHAT_PARTS, LOADER_NAMES, STATIC, Assets, bare_script, bare_sheet, short_names
from widget.connector import WidgetConfig

KB = 1024


def served_loader(assets: Assets) -> bytes:
    settings = loader_settings("k" * 22, WidgetConfig(), assets.launcher)
    return assets.loader.replace("__SETTINGS__", orjson.dumps(settings).decode()).encode()


def test_the_loader_and_the_chat_keep_their_budgets() -> None:
    assets = Assets.read()
    loader = len(gzip.compress(served_loader(assets), 9))
    assert loader <= 2 * KB
    assert loader + len(assets.chat.packed) + len(assets.sheet.packed) <= 12 * KB


def test_every_part_of_the_chat_is_served() -> None:
    assert sorted(CHAT_PARTS) == sorted(path.stem for path in (STATIC / "chat").glob("*.js"))


def test_stripping_leaves_literals_alone() -> None:
    source = (
        '  // away\n  const a = "b  //  c";\n\n  const d = `e  {  ${ f }`;\n  g = /[ /]x {2}/.test(h) ? 1 : 2 / 3;\n'
    )
    assert bare_script(source) == 'const a="b  //  c";const d=`e  {  ${ f }`;g=/[ /]x {2}/.test(h)?1:2/3;'


def test_short_names_spare_properties_keys_and_texts() -> None:
    script = 'const more={more:1,x:more.more};f(...more);a?more:"more";\nmore:2'
    assert short_names(script, ["more"]) == 'const A={more:1,x:A.more};f(...A);a?A:"more";\nmore:2'


def test_the_listed_names_are_names_of_the_loader() -> None:
    source = (STATIC / "loader.js").read_text(encoding="utf-8")
    assert [name for name in LOADER_NAMES if name not in source] == []
    assert len(set(LOADER_NAMES)) == len(LOADER_NAMES)


def test_a_sheet_is_stripped() -> None:
    assert (
        bare_sheet("/* x */ a b { color: red; }\n@media (x) { c > d { e: f; } }")
        == "a b{color:red}@media (x){c > d{e:f}}"
    )


def test_line_ends_stay_where_a_statement_may_end() -> None:
    assert bare_script("if (a) {\n  b();\n}\nfunction c() {\n  return (\n    d\n  )\n}\n") == (
        "if(a){b();}\nfunction c(){return(d\n)\n}\n"
    )
