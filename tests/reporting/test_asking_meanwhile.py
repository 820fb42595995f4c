"""Many ask while others write and the index is made anew: every answer is one that was right at the time."""

from __future__ import annotations

import threading

from tests.reporting.counter import Counter, a_query

from postcall.reporting.index import wait_until_ready


def test_nobody_notices_a_rebuild(small_counter: Counter) -> None:
    """Eight ask and two write while the index is made anew again and again."""
    counter = small_counter
    counter.index.start()
    assert wait_until_ready(counter.index, timeout_s=20)
    counter.take(20, metrics={"PRICE": 2})
    writing = threading.Event()
    faults: list[str] = []
    committed = [0, 0]

    def write(writer: int) -> None:
        for number in range(40):
            counter.write(f"writer-{writer}-{number}", {"PRICE": 2})
            committed[writer] = number + 1

    def ask(seen: int = 0) -> None:
        try:
            while not writing.is_set():
                least = 20 + sum(committed)
                result = counter.ask(a_query("sum", "metric.PRICE"))
                calls, total = result.calls, result.rows[0].numbers[0].value
                if total != 2 * calls:
                    faults.append(f"{calls} calls have a sum of {total}")
                if calls < max(least, seen):
                    faults.append(f"{calls} calls, of which {least} were committed and {seen} seen before")
                seen = calls
        except Exception as error:  # noqa: BLE001 - told below
            faults.append(repr(error))

    askers = [threading.Thread(target=ask) for _ in range(8)]
    writers = [threading.Thread(target=write, args=(writer,)) for writer in range(2)]
    for thread in [*askers, *writers]:
        thread.start()
    rebuilds = 0
    while any(thread.is_alive() for thread in writers) or rebuilds < 3:
        counter.index.rebuild("the test asked for it")
        rebuilds += 1
    for thread in writers:
        thread.join()
    writing.set()
    for thread in askers:
        thread.join()
    assert faults == []
    assert counter.count() == 100
    assert counter.number("sum", "metric.PRICE").value == 200


def test_first_writes_of_names_are_right_for_whoever_asked_meanwhile(small_counter: Counter) -> None:
    """The first call that writes a name twice changes how the name is read."""
    counter = small_counter
    counter.index.start()
    assert wait_until_ready(counter.index, timeout_s=20)
    stop = threading.Event()
    current = ["FIRST"]
    faults: list[str] = []
    counter.write("FIRST", {"FIRST": 1})

    def ask() -> None:
        while not stop.is_set():
            name = current[0]
            value = counter.number("sum", f"metric.{name}").value
            if value not in (1, 11):
                faults.append(f"{name}: {value}")

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for number in range(25):
        name = f"NAME_{number}"
        counter.write(f"one-{number}", {name: 1})
        current[0] = name
        counter.write(f"two-{number}", {name: [3, 7]})
        for _ in range(3):
            value = counter.number("sum", f"metric.{name}").value
            if value != 11:
                faults.append(f"{name} stays {value}")
    stop.set()
    for thread in threads:
        thread.join()
    assert faults == []
