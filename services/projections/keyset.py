"""One page of a list by where it begins: its cost does not grow with what lies before it."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, Table, func, literal, select, tuple_

from web.paging import MOST_COUNTED, Cursor, Page


class Order(NamedTuple):
    """What a list is ordered by. Together the columns tell any two rows apart; all go the same way."""

    columns: tuple[ColumnElement[Any], ...]
    descending: bool = False


class Part(NamedTuple):
    """One page of rows, how many there are in all, and the places of the pages before and after it."""

    rows: tuple[tuple[Any, ...], ...]
    total: int
    before: Cursor | None
    after: Cursor | None


def part_of(
    connection: Connection, table: Table, where: tuple[ColumnElement[bool], ...], order: Order, page: Page
) -> Part:
    """The rows of the table that meet all conditions, from where the page begins.

    What lies before a place is shown from the beginning where it does not fill a page.
    """
    found = _rows(connection, table, where, order, page)
    back = page.at is not None and page.at.back
    if back and len(found) <= page.size:
        page, back = page._replace(at=None), False
        found = _rows(connection, table, where, order, page)
    more, shown = len(found) > page.size, found[: page.size]
    if back:
        shown.reverse()
    width = len(table.columns)
    before = after = None
    if shown and (more if back else page.at is not None):
        before = Cursor(tuple(shown[0][width:]), back=True)
    if shown and (back or more):
        after = Cursor(tuple(shown[-1][width:]))
    return Part(tuple(tuple(row[:width]) for row in shown), counted(connection, table, where), before, after)


def counted(connection: Connection, table: Table, where: tuple[ColumnElement[bool], ...]) -> int:
    """How many rows meet all conditions; MOST_COUNTED + 1 where there are more than that."""
    some = select(literal(1)).select_from(table).where(*where).limit(MOST_COUNTED + 1).subquery()
    return int(connection.execute(select(func.count()).select_from(some)).scalar_one())


def _rows(
    connection: Connection, table: Table, where: tuple[ColumnElement[bool], ...], order: Order, page: Page
) -> list[Row[Any]]:
    """What stands at the page, nearest first, and one more row where there is one."""
    descending = order.descending
    query = select(table, *(key.label(f"key{at}") for at, key in enumerate(order.columns))).where(*where)
    if page.at is not None:
        descending ^= page.at.back
        pairs = zip(page.at.values, order.columns, strict=True)
        place = tuple_(*(literal(value, key.type) for value, key in pairs))
        keys = tuple_(*order.columns)
        query = query.where(keys < place if descending else keys > place)
    ordered = (key.desc() if descending else key.asc() for key in order.columns)
    return list(connection.execute(query.order_by(*ordered).limit(page.size + 1)))
