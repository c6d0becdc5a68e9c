"""The change log: what changed, in the order of the story, as Markdown that people read."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from .changes import Change
from .parts import Part, Place, Plain, lists_of, parts_of
from .phrases import altered, lane_name, quoted, safe

_HEADS = {"map": "The map", "persona": "Personas", "lane": "Lanes", "transition": "Ways"}
_DERIVED = frozenset({"format"})  # follows from the rest


def change_log(changes: Sequence[Change], old: Plain, new: Plain, *, title: str) -> str:
    """Return the changes from `old` to `new` as CommonMark, stage by stage, each under its touchpoint.

    `title` says what is compared; it is escaped here.
    """
    told = [change for change in changes if change.field not in _DERIVED]
    lines = [f"# {safe(title)}", "", _summary(told), *_Story(told, old, new).lines()]
    return "\n".join(lines) + "\n"


def _summary(changes: Sequence[Change]) -> str:
    if not changes:
        return "Nothing changed."
    counts = Counter[str](change.verb for change in changes)
    verbs = ("added", "removed", "moved", "renamed", "changed")
    return ", ".join(f"{counts[verb]} {verb}" for verb in verbs if counts[verb]) + "."


class _Story:
    """Changes by the thing under whose heading they stand."""

    def __init__(self, changes: Iterable[Change], old: Plain, new: Plain) -> None:
        self.before, self.after = parts_of(old), parts_of(new)
        self.within: dict[str, list[Part]] = defaultdict(list)
        for part in self._all("touchpoint"):
            self.within[part.place.parent if part.place and part.place.parent else ""].append(part)
        self.general: dict[str, list[Change]] = defaultdict(list)
        self.of: dict[tuple[str, str], list[Change]] = defaultdict(list)
        for change in changes:
            if change.kind in _HEADS:
                self.general[change.kind].append(change)
            elif change.kind in ("stage", "touchpoint"):
                self.of[change.kind, change.id].append(change)
            else:
                self.of["touchpoint", _home(change)].append(change)

    def lines(self) -> Iterator[str]:
        for kind in ("map", "persona", "lane"):
            yield from self._section(kind)
        for stage in self._all("stage"):
            yield from self._stage(stage)
        yield from self._section("transition")

    def _section(self, kind: str) -> Iterator[str]:
        if self.general[kind]:
            yield from ("", f"## {_HEADS[kind]}", "")
            yield from (f"- {self._sentence(change)}" for change in self.general[kind])

    def _stage(self, stage: Part) -> Iterator[str]:
        own = list(self._bullets(stage))
        inner = [line for touchpoint in self.within[stage.id] for line in self._touchpoint(touchpoint)]
        if own or inner:
            yield from ("", f"## {safe(stage.name)}", *([""] if own else []), *own, *inner)

    def _touchpoint(self, touchpoint: Part) -> Iterator[str]:
        own = list(self._bullets(touchpoint))
        if own:
            yield from ("", f"### {safe(touchpoint.name)}", "", *own)

    def _bullets(self, part: Part) -> Iterator[str]:
        for change in self.of[part.kind, part.id]:
            if change.kind != part.kind:
                yield f"- {self._entry(change)}"
                continue
            yield f"- {_capital(self._event(change))}"
            if change.verb in ("added", "removed"):
                yield from self._content(change)

    def _content(self, change: Change) -> Iterator[str]:
        content: Plain = change.after or change.before
        for lane, entries in lists_of(content) if change.kind == "touchpoint" else ():
            for entry in entries:
                name = Part("item", "", None, entry, entry).name
                yield f"  - {lane_name(lane)}: {quoted(name)}"

    def _event(self, change: Change) -> str:
        if change.verb == "moved" and change.source and change.target:
            return self._way(change.source, change.target)
        return altered(change) if change.field else change.verb

    def _way(self, source: Place, target: Place) -> str:
        if source.parent != target.parent:
            return f"moved here from {self._called(source.parent)}, now at place {target.index + 1}"
        return f"moved from place {source.index + 1} to {target.index + 1}"

    def _entry(self, change: Change) -> str:
        place = change.target or change.source
        lane = lane_name(place.member) if place else ""
        head = f"{_capital(lane)}: {quoted(change.name)}"
        if change.verb == "moved" and change.source and change.source.parent == _home(change):
            if change.source.member != (place and place.member):
                return f"{head} moved here from {lane_name(change.source.member)}"
            return f"{head} {self._event(change)}"
        return f"{head} {self._event(change)}" if not change.field else f"{head}: {altered(change)}"

    def _sentence(self, change: Change) -> str:
        if change.kind == "map":
            return _capital(altered(change))
        name = self._ends(change) if change.kind == "transition" else f"**{safe(change.name)}**"
        return f"{name}: {self._event(change)}"

    def _ends(self, change: Change) -> str:
        part = self.after.get((change.kind, change.id)) or self.before[change.kind, change.id]
        return f"{self._called(part.own['from'])} → {self._called(part.own['to'])}"

    def _called(self, own: str | None) -> str:
        name = own or ""
        for parts in (self.after, self.before):
            if found := parts.get(("touchpoint", name)) or parts.get(("stage", name)):
                return f"**{safe(found.name)}**"
        return quoted(name)

    def _all(self, kind: str) -> list[Part]:
        """Return what stands now in its order, then what is gone in its former one."""
        gone = (part for key, part in self.before.items() if key not in self.after)
        return [part for part in (*self.after.values(), *gone) if part.kind == kind]


def _home(change: Change) -> str:
    place = change.target or change.source
    return str(place.parent) if place else ""


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
