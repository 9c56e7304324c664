"""The parts of docs/reference/ that the code can tell better than a person: each function returns Markdown."""

import ast
import inspect
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import click
from django.urls import URLPattern, URLResolver, get_resolver

from playhead.cli import main
from playhead.core import errors
from playhead.core.credit import Reason
from playhead.core.events import as_table
from playhead.lms.api.document import document
from playhead.lms.words import REASONS

SOURCE = Path(__file__).parent.parent / "src" / "playhead"
_HELP_WIDTH = 100
_KINDS: dict[str, type[errors.PlayheadError]] = {
    name: kind
    for name, kind in vars(errors).items()
    if inspect.isclass(kind) and issubclass(kind, errors.PlayheadError) and kind is not errors.Retryable
}


def markdown_table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


# ---------------------------------------------------------------- settings


def settings() -> str:
    return markdown_table(("setting", "default", "meaning"), list(_settings()))


def _settings() -> Iterator[tuple[str, str, str]]:
    """Every name that settings.py asks the environment for, with its default and the comment above it."""
    text = (SOURCE / "settings.py").read_text(encoding="utf-8")
    lines = text.splitlines()
    body = ast.parse(text).body
    readers = {node.name for node in body if isinstance(node, ast.FunctionDef) and _asks_for_a_name(node)}
    for node in body:
        for call in _calls(node, readers):
            name, default = _literals(call)
            meaning = _comment_above(lines, node.lineno)
            if not meaning:
                raise SystemExit(f"settings.py says nothing above {name}: a comment there is its documentation.")
            yield f"`{name}`", f"`{default}`" if default != "" else "(empty)", meaning


def _asks_for_a_name(function: ast.FunctionDef) -> bool:
    """Whether it is one of those of settings.py that ask the environment: what they ask for comes first."""
    return [argument.arg for argument in function.args.args[:1]] == ["name"]


def _calls(node: ast.AST, names: set[str]) -> list[ast.Call]:
    if not isinstance(node, ast.Assign):
        return []
    calls = [found for found in ast.walk(node) if isinstance(found, ast.Call)]
    return [call for call in calls if isinstance(call.func, ast.Name) and call.func.id in names]


def _literals(call: ast.Call) -> tuple[str, str]:
    """The name and the default of `_text(name, default)` or `_flag(name, default=...)`."""
    given = [*call.args, *(keyword.value for keyword in call.keywords if keyword.arg == "default")]
    name, default = (ast.literal_eval(value) for value in given[:2])
    return name, str(int(default)) if isinstance(default, bool) else str(default)


def _comment_above(lines: list[str], number: int) -> str:
    said: list[str] = []
    for line in reversed(lines[: number - 1]):
        if not line.startswith("# ") or line.startswith("# ---"):
            break
        said.insert(0, line[2:].strip())
    return " ".join(said)


# ---------------------------------------------------------------- commands


def commands() -> str:
    return "\n".join(_help(main, click.Context(main, info_name="playhead", **main.context_settings)))


def _help(command: click.Command, context: click.Context) -> Iterator[str]:
    context.terminal_width = _HELP_WIDTH
    yield f"## {context.command_path}\n\n```text\n{command.get_help(context).rstrip()}\n```\n"
    if isinstance(command, click.Group):
        for name, inner in sorted(command.commands.items()):
            yield from _help(inner, click.Context(inner, info_name=name, parent=context, **inner.context_settings))


# ---------------------------------------------------------------- routes


def addresses() -> list[str]:
    """Every address the server answers, as the page of routes writes it; what each is for is told there by hand."""
    return [*_beside_django(), *_addresses(get_resolver().url_patterns, "/")]


def _beside_django() -> list[str]:
    """The paths that asgi.py keeps for the collector and for media."""
    tree = ast.parse((SOURCE / "asgi.py").read_text(encoding="utf-8"))
    texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return sorted({text for text in texts if re.fullmatch(r"/\S+", text)})


def _addresses(patterns: Sequence[URLPattern | URLResolver], before: str) -> Iterator[str]:
    for pattern in patterns:
        address = before + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", str(pattern.pattern))
        if isinstance(pattern, URLPattern) or pattern.app_name == "admin":
            yield address
        else:
            yield from _addresses(pattern.url_patterns, address)


def api_operations() -> str:
    """The operations of the REST API, as its OpenAPI document names them."""
    rows = [
        (f"`{method.upper()}`", f"`{path}`", _scope(told), told["summary"])
        for path, methods in document()["paths"].items()
        for method, told in methods.items()
        if path.startswith("/api/")
    ]
    return markdown_table(("method", "address", "scope", "what"), rows)


def _scope(operation: dict[str, Any]) -> str:
    return ", ".join(f"`{scope}`" for one in operation["security"] for scope in one["key"]) or "any key"


# ---------------------------------------------------------------- events, reasons, errors


def events() -> str:
    return "\n".join(_event(event) for event in as_table())


def _event(event: dict[str, object]) -> str:
    fields, natives = event["fields"], event["natives"]
    assert isinstance(fields, list)
    assert isinstance(natives, dict)
    rows = [(f"`{field['name']}`", _type(field), field["unit"], field["meaning"]) for field in fields[2:]]
    parts = [f"### {event['name']}", f"{event['meaning']} Known to: {event['source']}."]
    if natives:
        parts.append("Sent for " + "; ".join(f"{player}'s {_codes(names)}" for player, names in natives.items()) + ".")
    if rows:
        parts.append(markdown_table(("field", "type", "unit", "meaning"), rows))
    return "\n\n".join(parts) + "\n"


def _codes(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _type(field: dict[str, object]) -> str:
    return f"{field['type']}, required" if field["required"] else str(field["type"])


def reasons() -> str:
    rows = [(f"`{reason}`", str(REASONS[reason].short), str(REASONS[reason].sentence)) for reason in Reason]
    return markdown_table(("reason", "in a table", "what the student reads"), rows)


def error_kinds() -> str:
    rows = [(f"{kind.status}", f"`{name}`", kind.title, inspect.getdoc(kind) or "") for name, kind in _KINDS.items()]
    return markdown_table(("status", "kind", "title", "meaning"), sorted(rows))


def error_codes() -> str:
    return _codes_raised(path for path in SOURCE.rglob("*.py") if "interop" not in path.parts)


def import_reasons() -> str:
    return _codes_raised((SOURCE / "interop").rglob("*.py"))


def _codes_raised(paths: Iterable[Path]) -> str:
    found: dict[tuple[str, str], str] = {}
    for path in sorted(paths, key=lambda path: (path.parent == SOURCE, path)):  # first what the rooms say
        for code, status, detail in _raised(ast.parse(path.read_text(encoding="utf-8"))):
            found.setdefault((code, status), detail)
    rows = [(f"`{code}`", status, detail) for (code, status), detail in sorted(found.items())]
    return markdown_table(("code", "status", "said with it"), rows)


def _raised(tree: ast.AST) -> Iterator[tuple[str, str, str]]:
    """Every error that is made with a literal code: code, HTTP status, detail with … for what varies."""
    for node in ast.walk(tree):
        kind = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
        if isinstance(node, ast.Call) and kind in _KINDS and node.args and isinstance(node.args[0], ast.Constant):
            yield str(node.args[0].value), str(_KINDS[kind].status), _detail(node.args[1:])


def _detail(given: list[ast.expr]) -> str:
    if given and isinstance(given[0], ast.Constant):
        return str(given[0].value)
    if given and isinstance(given[0], ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in given[0].values)
    return "(what was wrong)"
