"""Actions are verbs that write, queries are nouns that read: both say what they do and take what they need in one order."""

from __future__ import annotations

import ast

from tests.architecture.source import Function, public_functions, python_files

# Functions of these folders that run outside a transaction, and why.
WITHOUT_TX = {
    "inbox/actions/channels.py:channel_token": "a random text",
    "inbox/actions/events.py:new_id": "reads the key off a result",
    "inbox/queries/candidates.py:is_present": "arithmetic of moments",
    "inbox/queries/access.py:visible_conversations": "a condition, not a query",
    "inbox/queries/counters.py:mentioned_in": "a query to be narrowed",
    "inbox/queries/message_details.py:message_abilities": "asks the declaration",
    "inbox/queries/report_counts.py:needed_columns": "names of columns",
    "inbox/queries/report_facts.py:of_fact": "a condition, not a query",
    "inbox/queries/report_facts.py:over_between": "conditions, not a query",
    "inbox/queries/report_facts.py:unindexed": "an expression, not a query",
    "inbox/queries/report_filter.py:day_parts": "arithmetic of days",
    "inbox/queries/report_filter.py:began_at": "a column, not a query",
    "inbox/queries/report_filter.py:facts_of": "a table, not a query",
    "inbox/queries/report_filter.py:ending_column": "a column, not a query",
    "inbox/queries/report_filter.py:local_midnight": "arithmetic of days",
    "inbox/queries/report_filter.py:narrowing": "conditions, not a query",
    "inbox/queries/report_filter.py:fact_conditions": "conditions, not a query",
    "inbox/queries/reports.py:figures": "shapes what was counted",
    "inbox/queries/reports.py:report_target": "reads the row it is given",
    "inbox/queries/report_people.py:handed_on_conditions": "builds conditions",
    "inbox/queries/report_people.py:rated_conditions": "builds conditions",
    "inbox/queries/stored_turns.py:definition_conditions": "conditions, not a query",
    "inbox/queries/stored_turns.py:length_column": "a column, not a query",
    "inbox/queries/timeline.py:group": "shapes rows that were read",
}

_WRITES = {"insert", "update", "delete"}


def parameters(function: Function) -> list[str]:
    """Names of the positional parameters."""
    return [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]


def misplaced(source: str) -> list[str]:
    """Public functions whose first parameter is not `tx`, or which take `actor` anywhere but second."""
    found = []
    for function in public_functions(ast.parse(source)):
        names = parameters(function)
        if names[:1] != ["tx"] or ("actor" in names and names.index("actor") != 1):
            found.append(function.name)
    return found


def undocumented(source: str) -> list[str]:
    """Public functions and classes without a docstring."""
    tree = ast.parse(source)
    classes = (node for node in tree.body if isinstance(node, ast.ClassDef) and not node.name.startswith("_"))
    return [node.name for node in (*public_functions(tree), *classes) if not ast.get_docstring(node)]


def asynchronous(source: str) -> list[str]:
    """Coroutines: an action runs inside a transaction on a thread and waits for nobody."""
    return [node.name for node in ast.walk(ast.parse(source)) if isinstance(node, ast.AsyncFunctionDef)]


def writing(source: str) -> list[str]:
    """Calls of a query that would change something."""
    tree = ast.parse(source)
    names = [node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    return sorted(_WRITES.intersection(names))


def thawed(source: str) -> list[str]:
    """Dataclasses that are not frozen: what a query returns is ready to render and stays as it was read."""
    found = []
    for node in ast.parse(source).body:
        if isinstance(node, ast.ClassDef):
            for mark in node.decorator_list:
                if "dataclass" in ast.unparse(mark) and "frozen=True" not in ast.unparse(mark):
                    found.append(node.name)
    return found


def test_the_transaction_comes_first_and_the_actor_second() -> None:
    found = {
        f"{name}:{function}"
        for name, source in python_files("inbox/actions", "inbox/queries")
        for function in misplaced(source)
    }
    assert found == set(WITHOUT_TX)


def test_everything_public_says_what_it_does() -> None:
    found = {
        name: undocumented(source) for name, source in python_files("inbox/actions", "inbox/queries", "inbox/rules")
    }
    assert {name: missing for name, missing in found.items() if missing} == {}


def test_actions_and_queries_wait_for_nobody() -> None:
    found = {name: asynchronous(source) for name, source in python_files("inbox/actions", "inbox/queries")}
    assert {name: waiting for name, waiting in found.items() if waiting} == {}


def test_queries_change_nothing() -> None:
    found = {name: writing(source) for name, source in python_files("inbox/queries")}
    assert {name: calls for name, calls in found.items() if calls} == {}


def test_what_queries_return_is_frozen() -> None:
    found = {name: thawed(source) for name, source in python_files("inbox/queries")}
    assert {name: classes for name, classes in found.items() if classes} == {}


def test_the_checks_can_fail() -> None:
    assert misplaced("def rename(actor, tx): ...\ndef merge(tx, contact, actor): ...\ndef tag(tx, actor): ...") == [
        "rename",
        "merge",
    ]
    assert undocumented("def rename(tx): ...\nclass Name: ...\ndef _own(): ...") == ["rename", "Name"]
    assert asynchronous("async def rename(tx): ...") == ["rename"]
    assert writing("tx.execute(update(Tag))") == ["update"]
    assert writing("counts.update(more)") == []
    assert thawed("@dataclass\nclass Row: ...\n@dataclass(frozen=True)\nclass Line: ...") == ["Row"]
