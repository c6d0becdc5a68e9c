"""What a document names inside itself, once a part of it has been taken out: only what is still there."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from .elements import Stage, Touchpoint
from .evidence import Cluster
from .lanes import Opportunity, Statement
from .shape import Document
from .wording import Uses, kept


def with_references(document: Document, *, unnamed_clusters: bool, vocabulary_of_stages: bool) -> Document:
    """Return the document whose entries name only clusters and entries that it holds, with the words it uses.

    unnamed_clusters: whether clusters stay that no entry names. vocabulary_of_stages: whether the words of
    stages stay, those of stages that are not there among them.
    """
    clusters = document.clusters
    if not unnamed_clusters:
        named = _clusters_named(document)
        clusters = tuple(cluster for cluster in clusters if cluster.key in named)
    stages = tuple(_stage(stage, clusters) for stage in document.stages)
    uses = _uses(document, stages=document.stage_vocabulary if vocabulary_of_stages else "")
    words = kept(uses, {}, {}, document.wording)
    return document.model_copy(update={"stages": stages, "clusters": clusters, "wording": words})


def _stage(stage: Stage, clusters: Collection[Cluster]) -> Stage:
    known = {cluster.key for cluster in clusters}
    return stage.model_copy(
        update={"touchpoints": tuple(_touchpoint(point, known) for point in stage.touchpoints)}
    )


def _touchpoint(point: Touchpoint, clusters: Collection[str]) -> Touchpoint:
    there = {entry.id for _, entries in point.lanes() for entry in entries}

    def tidied(entry: Any) -> Any:
        update: dict[str, Any] = {}
        if isinstance(entry, Statement) and entry.cluster and entry.cluster not in clusters:
            update["cluster"] = ""
        if isinstance(entry, Opportunity) and not there.issuperset(entry.addresses):
            update["addresses"] = tuple(name for name in entry.addresses if name in there)
        return entry.model_copy(update=update) if update else entry

    return point.with_entries(tidied)


def _clusters_named(document: Document) -> frozenset[str]:
    return frozenset(
        entry.cluster
        for point in document.touchpoints()
        for _, entries in point.lanes()
        for entry in entries
        if isinstance(entry, Statement)
    )


def _uses(document: Document, *, stages: str) -> Uses:
    points = list(document.touchpoints())
    return Uses(
        channels=frozenset(channel for point in points for channel in point.channels),
        touchpoint_kinds=frozenset(point.kind for point in points),
        actor_kinds=frozenset([document.actor_kind, *(entry.actor_kind for entry in document.personas)]),
        stages=stages,
    )
