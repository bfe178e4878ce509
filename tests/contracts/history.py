"""What Git knows of files of the past, and how contracts of the past compare with those of today."""

import json
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

_PROSE = frozenset({"description", "title", "examples"})


class Blob(NamedTuple):
    """A file as it stood at some commit; each content of each path once."""

    path: str
    content: bytes


def run(*command: str | Path, cwd: Path | None = None) -> bytes:
    """What a command prints. Raises CalledProcessError, which holds its complaints."""
    return subprocess.run(command, cwd=cwd, check=True, capture_output=True).stdout  # noqa: S603 - no input of strangers


def _git(root: Path, *arguments: str) -> bytes:
    return run("git", "-C", root, *arguments)


def none_because(root: Path) -> str:
    """Why there is no history to hold anything against; empty when there is."""
    try:
        shallow = _git(root, "rev-parse", "--is-shallow-repository").strip()
        top = Path(_git(root, "rev-parse", "--show-toplevel").decode().strip())
    except (OSError, subprocess.CalledProcessError):
        return "there is no Git history here"
    if top.resolve() != root.resolve():
        return "this folder is no Git checkout of its own"
    return "the Git history is cut off (shallow clone): fetch it whole" if shallow != b"false" else ""


def blobs(root: Path, where: str) -> Iterator[Blob]:
    """Yield every content that files below a path ever had, in all commits that led to this one."""
    commits = _git(root, "rev-list", "--full-history", "HEAD", "--", where).decode().split()
    seen = set()
    for commit in commits:
        for line in _git(root, "ls-tree", "-r", "-z", commit, "--", where).decode().split("\0"):
            about, _, path = line.partition("\t")
            is_link = about.startswith("120000")  # what it leads to has a history of its own
            if path and not is_link and (found := (about.split()[2], path)) not in seen:
                seen.add(found)
                yield Blob(path, _git(root, "cat-file", "blob", found[0]))


def edited(root: Path, where: str) -> list[str]:
    """Paths below ``where`` that were committed once and are not there now to the letter, or were ever others."""
    found = []
    for blob in blobs(root, where):
        now = root / blob.path
        if blob.path.endswith(".json") and (not now.exists() or now.read_bytes() != blob.content):
            found.append(blob.path)
    return sorted(set(found))


def broken(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """What of an AsyncAPI document a reader of the old one, or a reader of old events, would stumble over now."""
    before, after = (one["components"]["schemas"] for one in (old, new))
    found = []
    for name in before:
        if name not in after:
            found.append(f"{name} is gone")
        elif name != "Headers":
            found += _broken(name, before[name], after[name])
    was, now = ({one["address"] for one in doc["channels"].values()} for doc in (old, new))
    return found + [f"{address} is gone" for address in sorted(was - now)]


def _broken(name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    for field, schema in old["properties"].items():
        if field not in new["properties"]:
            yield f"{name}.{field} is gone"
        elif _plain(schema) != _plain(new["properties"][field]):
            yield f"{name}.{field} is of another type, or absent it means something else"
    was, now = set(old.get("required", ())), set(new.get("required", ()))
    yield from (f"{name}.{field} must be there now" for field in sorted(now - was))
    yield from (f"{name}.{field} may be absent now" for field in sorted(was - now))


def _plain(schema: Any) -> str:
    """A schema without what it says to people."""

    def bare(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: bare(one) for key, one in value.items() if key not in _PROSE}
        return [bare(one) for one in value] if isinstance(value, list) else value

    return json.dumps(bare(schema), sort_keys=True)
