"""What happens in a soak is drawn so that nothing is left out, and can be had again."""

from soak.plan import MEANWHILE, Kind, draw


def test_each_kind_comes_once_before_any_comes_again() -> None:
    """So that few events have all kinds too."""
    kinds = [event.kind for event in draw(3 * len(Kind), seed=5)]
    for start in range(0, len(kinds), len(Kind)):
        assert set(kinds[start : start + len(Kind)]) == set(Kind)


def test_all_that_may_happen_meanwhile_happens() -> None:
    """In four rounds of a kind."""
    drawn = draw(4 * len(Kind), seed=5)
    for kind, choices in MEANWHILE.items():
        assert {event.meanwhile for event in drawn if event.kind is kind} == set(choices)


def test_only_troubles_from_outside_have_something_meanwhile() -> None:
    """The others are changes of the instance themselves."""
    drawn = draw(4 * len(Kind), seed=5)
    assert all(event.meanwhile is None for event in drawn if event.kind not in MEANWHILE)


def test_the_same_seed_brings_the_same_events() -> None:
    """So that what was found once is found again."""
    assert draw(50, seed=7) == draw(50, seed=7) != draw(50, seed=8)
