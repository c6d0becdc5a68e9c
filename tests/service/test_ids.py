"""UUIDv7: the bits of the RFC, the order within a process, and what a fork must not share."""

import itertools
import os
import threading
import time
import uuid

import pytest

from service import ids


def test_an_id_carries_the_version_the_variant_and_the_millisecond() -> None:
    before = time.time_ns() // 1_000_000
    made = ids.new_id()
    after = time.time_ns() // 1_000_000
    assert made.version == 7
    assert made.variant == uuid.RFC_4122
    assert before <= made.int >> 80 <= after


def test_ids_ascend_as_numbers_as_text_and_are_distinct() -> None:
    made = [ids.new_id() for _ in range(20_000)]
    assert all(a < b for a, b in itertools.pairwise(made))
    assert [str(i) for i in made] == sorted(str(i) for i in made)


def test_ids_of_many_threads_are_distinct_and_ascend_in_each() -> None:
    found: list[list[uuid.UUID]] = [[] for _ in range(8)]

    def mint(mine: list[uuid.UUID]) -> None:
        for _ in range(2_000):
            mine.append(ids.new_id())

    threads = [threading.Thread(target=mint, args=(mine,)) for mine in found]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(mine == sorted(mine) for mine in found)
    assert len({one for mine in found for one in mine}) == 16_000


@pytest.mark.parametrize("shift_ms", [0, -1, -3_600_000])
def test_ids_ascend_when_the_clock_stands_or_steps_back(
    monkeypatch: pytest.MonkeyPatch, shift_ms: int
) -> None:
    base = time.time_ns() + 5_000_000
    clock = iter([base, *[base + shift_ms * 1_000_000] * 1_000])
    monkeypatch.setattr(ids.time, "time_ns", lambda: next(clock))
    made = [ids.new_id() for _ in range(1_001)]
    assert made == sorted(set(made))
    assert all(one.version == 7 and one.variant == uuid.RFC_4122 for one in made)


def test_a_full_tail_borrows_the_next_millisecond(monkeypatch: pytest.MonkeyPatch) -> None:
    mint = ids._Mint()
    monkeypatch.setattr(ids, "_mint", mint)
    millisecond = (time.time_ns() // 1_000_000) + 60_000
    mint.last = (millisecond + 1 << ids._TAIL_BITS) - 1
    made = ids.new_id()
    assert made.int >> 80 == millisecond + 1
    assert made.version == 7
    assert made.variant == uuid.RFC_4122


def test_a_forked_child_does_not_repeat_its_parent_and_does_not_hang_on_a_held_lock() -> None:
    ids.new_id()
    reader, writer = os.pipe()
    with ids._mint.lock:  # as if another thread were minting at the instant of the fork
        child = os.fork()
        if child == 0:
            os.close(reader)
            os.write(writer, b"".join(ids.new_id().bytes for _ in range(200)))
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        told = pipe.read()
    assert os.waitpid(child, 0)[1] == 0
    children = {uuid.UUID(bytes=told[i : i + 16]) for i in range(0, len(told), 16)}
    assert len(children) == 200
    assert children.isdisjoint({ids.new_id() for _ in range(200)})
