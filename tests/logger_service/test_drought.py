from writing.drought import Drought


def told_after(*rows: int) -> list[str]:
    """What is reported of ticks that brought so many rows, where three without any are too many."""
    told: list[str] = []
    drought = Drought(3, told.append)
    for count in rows:
        drought.see(count)
    return told


def test_ticks_without_a_row_are_told_once_when_there_are_too_many() -> None:
    """However long it goes on."""
    assert told_after(3, 0, 0) == []
    assert told_after(3, 0, 0, 0) == ["no source gave a row at 3 ticks in a row"]
    assert len(told_after(*[0] * 50)) == 1


def test_a_single_row_begins_the_count_anew() -> None:
    """One source is enough."""
    assert told_after(0, 0, 1, 0, 0) == []


def test_it_is_told_again_after_rows_came_back() -> None:
    """That is another event."""
    assert len(told_after(0, 0, 0, 0, 1, 0, 0, 0)) == 2
