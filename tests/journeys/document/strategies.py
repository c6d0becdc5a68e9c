"""Hypothesis strategies for documents: raw ones as a client sends them, and parsed ones.

`documents()` gives valid documents in which everything has its id; `raw_documents()` the JSON of valid
ones, in which ids may be missing, references may be by key and absence is spelled in all its ways.

Hypothesis draws the words, the figures and a seed; the document is then built from these by an ordinary
generator of random numbers. That is ten times as fast as drawing every member, and `size` still shrinks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from random import Random
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from journeys.document.format import format_needed
from journeys.document.lanes import EVIDENCE
from journeys.document.minting import with_ids
from journeys.document.shape import Document
from journeys.document.validate import parse

Json = dict[str, Any]

_ALPHABET = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
_NAMES = ("Find out", "Apply", "Warten", "تقديم الطلب", "支払い", "a/b~c", " x ", "<b>&amp;", "\\u0000")
_DAYS = ("0001-01-01", "2024-02-29", "2026-03-31", "9999-12-31")
_SLUGS = ("web", "e-mail", "0", "a.b_c")
names = st.one_of(
    st.sampled_from(_NAMES),
    st.text(_ALPHABET, min_size=1, max_size=20).filter(lambda text: bool(text.strip())),
)
shares = st.one_of(st.sampled_from([0, 1, 0.0, -0.0, 1.0]), st.floats(0, 1))


def minter(start: int = 1) -> Callable[[], UUID]:
    """Return an id maker that counts: ids are equal from run to run."""
    numbers: Iterator[int] = count(start)
    return lambda: UUID(int=(7 << 76) | (2 << 62) | next(numbers))


@dataclass
class Builder:
    """Builds one raw document of at most `size` of anything; no id and no key comes twice."""

    random: Random
    size: int
    words: list[str]
    figures: list[float]

    def __post_init__(self) -> None:
        self.new_id = minter()
        self.numbers = count()
        self.personas: list[str] = []
        self.touchpoints: list[str] = []
        self.lanes: list[str] = []
        self.clusters: list[str] = []

    def maybe(self) -> bool:
        return self.random.random() < 0.5

    def name(self) -> str:
        return self.random.choice(self.words)

    def share(self) -> float:
        return self.random.choice(self.figures)

    def several(self, make: Callable[[], Any], least: int = 0) -> list[Any]:
        return [make() for _ in range(self.random.randint(min(least, self.size), self.size))]

    def sparse(self, required: Json, **optional: Callable[[], Any]) -> Json:
        """Return the required members and some of the optional ones, of which some are null."""
        some = {
            name: None if self.random.random() < 0.1 else make()
            for name, make in optional.items()
            if self.maybe()
        }
        members = [*required.items(), *some.items()]
        self.random.shuffle(members)
        return dict(members)

    def attributes(self) -> Json:
        return {self.name(): self.random.choice(["", self.name()]) for _ in range(self.random.randint(0, 2))}

    def window(self) -> Json:
        start, end = sorted(self.random.sample(_DAYS, 2))
        return self.sparse({"start": start, "end": end}, label=self.name)

    def slugs(self) -> list[str]:
        return self.random.sample(_SLUGS, self.random.randint(0, 3))

    def identity(self, names_of: list[str] | None = None) -> Json:
        """Return id and key, none or both; note one of them as a name by which others may refer to it."""
        raw: Json = {}
        if self.maybe():
            raw["id"] = str(self.new_id())
        if self.maybe():
            raw["key"] = f"k-{next(self.numbers)}"
        if names_of is not None and raw:
            names_of.append(self.random.choice(sorted(raw.values())))
        return raw

    def persona(self) -> Json:
        if self.random.random() < 0.2:
            return {"id": str(self.new_id())}
        return self.sparse(
            {"name": self.name(), **self.identity(self.personas)},
            goals=lambda: self.several(self.name),
            empathy=lambda: self.sparse(
                {}, says=lambda: self.several(self.name), feels=lambda: [self.name()]
            ),
            quote=self.name,
            selector=lambda: {"segment": self.name()} if self.maybe() else {},
            attributes=self.attributes,
        )

    def statement(self, content: Json, **optional: Callable[[], Any]) -> Json:
        if self.personas:
            optional["persona"] = lambda: self.random.choice(self.personas)
        return self.sparse(
            {**content, **({"id": str(self.new_id())} if self.maybe() else {})},
            evidence=lambda: self.random.choice(EVIDENCE),
            source=self.name,
            date=lambda: self.random.choice(_DAYS),
            **({"cluster": lambda: self.random.choice(self.clusters)} if self.clusters else {}),
            **optional,
        )

    def item(self) -> Json:
        return self.statement({"text": self.name()})

    def emotion(self) -> Json:
        share = self.share()
        return self.statement(
            self.random.choice(
                [
                    {"value": 2 * share - 1},
                    {"scale": "smaply", "value": self.random.randint(-2, 2)},
                    {"scale": "mermaid", "value": 9 * share},
                    {"scale": "lines-10", "value": 1 + 9 * share},
                    {"scale": "five-words", "word": "neutral"},
                    {"scale": "named", "word": "joy"},
                    {"scale": "dramatic-arc", "value": 1 + 4 * share},
                    {"scale": "dimensional", "value": share, "arousal": -share, "dominance": None},
                    {"intensity": share},
                ]
            )
        )

    def touchpoint(self) -> Json:
        pain = {"text": self.name(), "id": str(self.new_id())}
        return self.sparse(
            {"name": self.name(), **self.identity(self.touchpoints), "gains": [pain]},
            kind=lambda: self.random.choice(_SLUGS),
            channels=self.slugs,
            visibility=lambda: self.random.choice(["front", "back"]),
            owner=self.name,
            importance=self.share,
            moment_of_truth=self.maybe,
            perception=self.share,
            time_window=self.window,
            duration_s=lambda: self.share() * 1e6,
            attributes=self.attributes,
            continues=lambda: self.several(lambda: str(self.new_id())),
            pains=lambda: self.several(self.item),
            opportunities=lambda: self.several(
                lambda: self.statement(
                    {"text": self.name()},
                    impact=self.share,
                    effort=self.share,
                    status=lambda: self.random.choice(_SLUGS),
                    addresses=lambda: [pain["id"]],
                )
            ),
            links=lambda: self.several(lambda: {"href": "https://example.org/a?b=c", "text": self.name()}),
            emotions=lambda: self.several(self.emotion),
            lane_items=lambda: {lane: self.several(self.item) for lane in self.lanes},
        )

    def stage(self) -> Json:
        return self.sparse(
            {"name": self.name(), **self.identity(), "touchpoints": self.several(self.touchpoint, 1)},
            customer_goal=self.name,
            funnel_position=lambda: self.random.choice(["tofu", "mofu", "bofu"]),
            sale_phase=lambda: self.random.choice(["pre", "during", "post"]),
            time_window=self.window,
        )

    def transition(self) -> Json:
        ends = {"from": self.random.choice(self.touchpoints), "to": self.random.choice(self.touchpoints)}
        return self.sparse(ends, likelihood=lambda: self.share() / 4, label=self.name)

    def cluster(self, key: str) -> Json:
        note = {"text": self.name()}
        return self.sparse({"key": key, "label": self.name()}, notes=lambda: [note], description=self.name)

    def vocabulary(self) -> Json:
        words = [{"key": key, "label": self.name(), "labels": {"de": "Wort"}} for key in self.slugs()]
        return {"key": "channels", "kind": "channels", "label": self.name(), "words": words}

    def document(self) -> Json:
        self.lanes = self.slugs()
        self.clusters = self.slugs() if self.maybe() else []
        raw = {
            "name": self.name(),
            "lanes": [{"key": lane, "label": self.name()} for lane in self.lanes],
            "personas": self.several(self.persona),
            "stages": self.several(self.stage, 1),
        }
        if self.clusters:
            raw["clusters"] = [self.cluster(key) for key in self.clusters]
        return self.sparse(
            raw,
            format=lambda: self.random.choice([1, 2]),
            outcome=lambda: self.sparse({}, event=self.name, kind=lambda: "sale"),
            wording=lambda: [self.vocabulary()],
            description=self.name,
            actor_kind=lambda: self.random.choice(_SLUGS),
            state=lambda: self.random.choice(["current", "future"]),
            time_window=self.window,
            notice=self.name,
            cyclic=self.maybe,
            language=lambda: self.random.choice(["en", "ar", "pt-BR"]),
            parent_touchpoint=lambda: str(self.new_id()),
            review=lambda: self.sparse({}, owner=self.name, next_on=lambda: self.random.choice(_DAYS)),
            attributes=self.attributes,
            transitions=lambda: self.several(self.transition, 1) if self.touchpoints else [],
        )


def raw_documents() -> st.SearchStrategy[Json]:
    """Raw JSON of valid documents, as clients might send it."""
    return st.builds(
        lambda seed, size, words, figures: Builder(Random(seed), size, words, figures).document(),
        st.integers(0, 2**32),
        st.integers(0, 4),
        st.lists(names, min_size=1, max_size=4),
        st.lists(shares, min_size=1, max_size=4),
    )


def documents() -> st.SearchStrategy[Document]:
    """Valid documents in which everything has its id, and which state the format that they need."""
    return raw_documents().map(_whole)


def _whole(raw: Json) -> Document:
    document = with_ids(parse(raw), minter(1 << 32))
    return document.model_copy(update={"format": format_needed(document)})
