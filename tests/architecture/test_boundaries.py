"""What may stand where: one place for commits, the clock and the network; no channel's name in the product."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import connectors
from tests.architecture.source import PRODUCT, ROOT, calls, python_files, templates, text

# Kinds that exist, and those that are to come: none may creep in early.
KINDS = frozenset(connectors.kinds()) | {
    "telegram", "vk", "max", "whatsapp", "instagram", "messenger", "viber", "ok", "avito", "line", "email", "twilio",
}  # fmt: skip

# Where the same word means something else than a channel.
ALLOWED_LITERALS = {
    ("inbox/rules/attribution.py", "widget"): "how sure a lead source is: the visit to the site told it",
    ("inbox/rules/attribution.py", "vk"): "an advertiser whose click id is known",
    ("inbox/rules/referrers.py", "*"): "names of sites that people come from",
    ("templates/contacts/macros.html", "widget"): "how sure a lead source is: the visit to the site told it",
    ("*", "email"): "the e-mail address of a person: a column, a form field",
    ("*", "ok"): "the state of something healthy",
    ("*", "max"): "the largest of two numbers: an attribute of an input, a filter of Jinja",
}

_QUOTED = re.compile(r"""["']([a-z_]+)["']""")


def is_called(source: str, pattern: str) -> list[int]:
    """Lines with a call whose dotted name matches."""
    return [node.lineno for node, name in calls(ast.parse(source)) if re.fullmatch(pattern, name)]


def files_that_call(pattern: str, *folders: str) -> set[str]:
    """Names of files with such a call."""
    return {name for name, source in python_files(*folders) if is_called(source, pattern)}


def string_constants(source: str) -> set[str]:
    """Every whole string of a file."""
    found = (node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant))
    return {value for value in found if isinstance(value, str)}


def quoted_words(template: str) -> set[str]:
    """Whole quoted words in the expressions and statements of a template; HTML between them is not looked at."""
    parts = re.findall(r"\{[{%](.*?)[%}]\}", template, re.DOTALL)
    return {word for part in parts for word in _QUOTED.findall(part)}


def allowed(name: str, kind: str) -> bool:
    """Whether a kind's word is on the list for this file."""
    return bool({(name, kind), (name, "*"), ("*", kind)} & ALLOWED_LITERALS.keys())


def imported(source: str) -> set[str]:
    """Names of all modules that a file imports, at any depth."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def module_state(source: str) -> list[str]:
    """Module-level names bound to something that can change: a list, dict or set that is not a frozen constant."""
    found = []
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [ast.unparse(target) for target in targets]
            changing = isinstance(node.value, ast.List | ast.Dict | ast.Set | ast.ListComp | ast.DictComp | ast.SetComp)
            made = isinstance(node.value, ast.Call) and ast.unparse(node.value.func) in _MAKERS
            constant = all(name == "__all__" or name.strip("_").isupper() for name in names)
            # A table of constants is a dict by nature; it must be named as one and nothing may write to it.
            if made or (changing and not constant):
                found += names
    return found + _written_globals(source)


_MAKERS = {"dict", "list", "set", "defaultdict", "deque", "OrderedDict", "Counter", "WeakValueDictionary"}
_WRITERS = {"append", "add", "update", "pop", "clear", "extend", "setdefault", "remove", "insert", "discard", "popitem"}


def _written_globals(source: str) -> list[str]:
    tree = ast.parse(source)
    known = {ast.unparse(target) for node in tree.body if isinstance(node, ast.Assign) for target in node.targets}
    known |= {ast.unparse(node.target) for node in tree.body if isinstance(node, ast.AnnAssign)}
    found = [name for node in ast.walk(tree) if isinstance(node, ast.Global) for name in node.names]
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
            found += [ast.unparse(node.value)] if ast.unparse(node.value) in known else []
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _WRITERS:
            owner = ast.unparse(node.func.value)
            found += [owner] if owner in known else []
    return found


def test_only_the_database_commits() -> None:
    assert files_that_call(r".*\.commit", *PRODUCT) == {"inbox/runtime/database.py"}


def test_only_the_clock_knows_the_time() -> None:
    pattern = r"(datetime|date|dt)(\.datetime|\.date)?\.(now|utcnow|today)|time\.(time|time_ns|localtime|gmtime)"
    assert files_that_call(pattern, *PRODUCT) == {"inbox/runtime/clock.py"}


def test_only_net_opens_connections() -> None:
    assert files_that_call(r"(.*\.)?(ClientSession|TCPConnector|open_connection|create_connection)", *PRODUCT) == {
        "inbox/runtime/net.py"
    }
    other = {"urllib.request", "http.client", "requests", "httpx", "smtplib", "imaplib", "ftplib"}
    assert {name for name, source in python_files(*PRODUCT) if imported(source) & other} == set()


def test_the_web_asks_queries_and_opens_no_network() -> None:
    pattern = r"(sa\.|sqlalchemy\.)?(select|insert|update|delete|text)"
    assert files_that_call(pattern, "inbox/web") == set()
    # A page may hand the network on to a connector's own check, but asks nobody by itself.
    assert files_that_call(r"(.*\.)?net\.\w+", "inbox/web") == set()
    assert {name for name, source in python_files("inbox/web") if "socket" in imported(source)} == set()


def test_no_channel_is_named_in_the_product() -> None:
    found = [
        f"{name}: {kind}"
        for name, source in python_files("inbox")
        for kind in sorted(string_constants(source) & KINDS)
        if not allowed(name, kind)
    ]
    assert found == []


def test_no_channel_is_named_in_a_template() -> None:
    found = [
        f"{name}: {kind}"
        for name, source in templates()
        for kind in sorted(quoted_words(source) & KINDS)
        if not allowed(name, kind)
    ]
    assert found == []


def test_no_exception_outlives_its_reason() -> None:
    found = {(name, kind) for name, source in python_files("inbox") for kind in string_constants(source) & KINDS}
    found |= {(name, kind) for name, source in templates() for kind in quoted_words(source) & KINDS}
    used = found | {(name, "*") for name, _ in found} | {("*", kind) for _, kind in found}
    assert set(ALLOWED_LITERALS) - used == set()


def test_connectors_keep_no_state_between_calls() -> None:
    found = {name: module_state(source) for name, source in python_files("connectors")}
    assert {name: state for name, state in found.items() if state} == {}


def test_connectors_know_only_the_contract_and_shared_plumbing() -> None:
    declared = {module for _, module in connectors.CONNECTORS}
    for name, source in python_files("connectors"):
        if name != "connectors/__init__.py":
            own = name.removesuffix(".py").replace("/", ".")
            assert imported(source) & declared <= {own}, name


def test_every_module_stands_on_a_floor() -> None:
    config = tomllib.loads(text(ROOT / "pyproject.toml"))["tool"]["importlinter"]
    layers = [part for layer in config["contracts"][0]["layers"] for part in re.split(r"\s*:\s*", layer)]
    floors = {part.strip("()") for part in layers}
    rooms = {f"inbox.{path.stem}" for path in (ROOT / "inbox").iterdir() if is_room(path)}
    assert rooms - floors == set()


def is_room(path: Path) -> bool:
    """Whether a path is a module or a package."""
    return (path.suffix == ".py" and path.stem != "__init__") or (path / "__init__.py").exists()


def test_the_checks_can_fail() -> None:
    assert is_called("connection.commit()", r".*\.commit") == [1]
    assert is_called("x = 1\nrequest.now()", r"(datetime|date|dt)(\.datetime)?\.(now|utcnow|today)") == []
    assert string_constants("if kind == 'telegram': pass") & KINDS == {"telegram"}
    assert string_constants("path = 'widget/frame.html'") & KINDS == set()
    assert quoted_words("{% if kind == 'api' %}<i class='widget'>{% endif %}") & KINDS == {"api"}
    assert not allowed("inbox/web/render.py", "telegram")
    assert imported("from connectors import api\nimport vk.x") == {"connectors", "connectors.api", "vk.x"}
    assert module_state("cache = {}") == ["cache"]
    assert module_state("CACHE: dict[str, int] = dict()") == ["CACHE"]
    assert module_state("LIMITS = {'a': 1}") == []
    assert module_state("LIMITS = {'a': 1}\ndef f():\n    LIMITS['b'] = 2") == ["LIMITS"]
    assert module_state("SEEN = ()\ndef f():\n    global SEEN\n    SEEN = 1") == ["SEEN"]
