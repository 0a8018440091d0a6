from core.ui import basket


def test_the_same_position_on_another_page_is_another_article() -> None:
    first = basket.after_ticking(basket.EMPTY, [10, 11, 12], [0, 2])
    second = basket.after_ticking(first, [20, 21, 22], [0])
    assert second == {10, 12, 20}


def test_unticking_takes_out_only_what_the_table_shows() -> None:
    assert basket.after_ticking(frozenset({10, 11, 99}), [10, 11], [1]) == {11, 99}


def test_positions_restore_the_ticks_of_a_page() -> None:
    assert basket.positions(frozenset({12, 10, 99}), [10, 11, 12]) == [0, 2]


def test_a_position_beyond_the_table_is_ignored() -> None:
    assert basket.after_ticking(basket.EMPTY, [10], [0, 7, -1]) == {10}


def test_the_key_changes_with_the_rows_and_with_the_version() -> None:
    keys = {basket.table_key("t", rows, version) for rows in ([1, 2], [2, 1], [12], []) for version in (0, 1)}
    assert len(keys) == 8
    assert basket.table_key("t", [1, 2], 0) == basket.table_key("t", [1, 2], 0)
