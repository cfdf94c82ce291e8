"""Traces of very many rows in little memory."""

import sys

import pytest

from history.trace_lists import FATES, Trace, TraceList


def all_kinds() -> list[Trace]:
    return [
        Trace(2**40 + number, before, touched, fate, deleted, last)
        for number, (before, touched, last) in enumerate(
            [(None, None, None), (7, None, None), (7, 2**40, None), (None, 3, None), (7, None, 2**40)]
        )
        for fate in FATES
        for deleted in (False, True)
    ]


def test_they_come_out_as_they_went_in() -> None:
    traces = TraceList(all_kinds())
    assert list(traces) == all_kinds()
    assert traces[3:5] == all_kinds()[3:5]
    assert traces[-1] == all_kinds()[-1]
    with pytest.raises(IndexError):
        traces[len(traces)]


def test_one_is_found_by_its_row() -> None:
    traces = TraceList([Trace(3, None), Trace(7, 5), Trace(2**40, None)])
    assert [traces.of(key) for key in (3, 7, 2**40)] == list(traces)
    assert [traces.of(key) for key in (1, 5, 2**41)] == [None, None, None]


def test_the_ids_of_untouched_ones_are_told_of_a_part() -> None:
    traces = TraceList(
        [Trace(3, None), Trace(7, 5, touched=4, fate="~"), Trace(9, None, last=4), Trace(11, None)]
    )
    assert traces.untouched_ids(0, 3) == [3, 9]
    assert traces.untouched_ids(3, 10) == [11]


def test_untouched_ones_are_told() -> None:
    assert list(TraceList(all_kinds()).untouched()) == [one for one in all_kinds() if not one.touched]
    untouched = TraceList([Trace(1, None), Trace(2, 5)])
    assert untouched.untouched() is untouched


def test_one_takes_less_than_thirty_bytes() -> None:
    traces = TraceList(Trace(number, None) for number in range(1, 100_001))
    taken = sys.getsizeof(traces._numbers) + sys.getsizeof(traces._marks)
    assert taken < 30 * len(traces)
