"""What a process keeps: up to a bound, for a while, until it is told to forget."""

from __future__ import annotations

import threading

from service.kept import LIFE, Kept, forget_kept


def test_values_are_kept_up_to_a_bound_and_forgotten_oldest_first() -> None:
    kept: Kept[int | str, bytes] = Kept(100, len)
    for number in range(10):
        kept.put(number, b"x" * 30)
    assert [number for number in range(10) if kept.get(number)] == [7, 8, 9]
    kept.get(7)
    kept.put("new", b"y" * 30)
    assert (kept.get(8), kept.get(7)) == (None, b"x" * 30)
    assert kept.put("huge", b"z" * 101) == b"z" * 101
    assert kept.get("huge") is None
    kept.put("new", b"y" * 40)
    assert kept.size == 100


def test_values_are_kept_by_many_threads() -> None:
    kept: Kept[int, bytes] = Kept(5_000, len)

    def work(seed: int) -> None:
        for number in range(2_000):
            name = (seed * number) % 251
            found = kept.get(name)
            assert found is None or found == bytes([name]) * 50
            kept.put(name, bytes([name]) * 50)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(1, 7)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert kept.size == 50 * len(kept._kept) <= 5_000


def test_no_value_outlives_its_time_however_often_it_is_read() -> None:
    now = 0.0
    kept: Kept[str, bytes] = Kept(100, len, clock=lambda: now)
    kept.put("a", b"secret")
    now = LIFE - 1
    assert kept.get("a") == b"secret"
    now = LIFE
    assert kept.get("a") is None
    kept.put("b", b"x")  # nor does it lie about unread
    assert (list(kept._kept), kept.size) == (["b"], 1)


def test_all_is_forgotten_at_once() -> None:
    one: Kept[str, bytes] = Kept(100, len)
    other: Kept[str, int] = Kept(100)
    one.put("a", b"secret")
    other.put("a", 1)
    forget_kept()
    assert (one.get("a"), one.size, other.get("a"), other.size) == (None, 0, None, 0)
