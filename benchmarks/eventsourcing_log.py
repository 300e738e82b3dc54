"""The audit's yardstick: the same records as events of the library `eventsourcing`, on its SQLite recorder."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import orjson
from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, datetime_now_with_tzinfo
from eventsourcing.persistence import StoredEvent

_PAGE = 1000
"""Events selected at a time."""

_STREAM = 6
"""Events of one aggregate: a case's way."""


class Recorded(Aggregate.Event):
    """An event that says what one of our records says."""

    record: dict[str, Any]


def opened(path: Path) -> Application[uuid.UUID]:
    """The library's application on an SQLite file, with its own JSON transcoder."""
    return Application(env={"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": str(path)})


def write(path: Path, values: Iterable[bytes]) -> int:
    """Store an event for each record's value; return the mean size of their states in bytes."""
    application = opened(path)
    events = list(_events(application, values))
    for at in range(0, len(events), _PAGE):
        application.recorder.insert_events(events[at : at + _PAGE])
    application.close()
    return sum(len(event.state) for event in events) // len(events)


def _events(application: Application[uuid.UUID], values: Iterable[bytes]) -> Iterator[StoredEvent]:
    now = datetime_now_with_tzinfo()
    for number, value in enumerate(values):
        event = Recorded(  # type: ignore[call-arg]  # the library's metaclass makes a dataclass of it
            originator_id=uuid.UUID(int=number // _STREAM),
            originator_version=number % _STREAM + 1,
            timestamp=now,
            record=orjson.loads(value),
        )
        yield application.mapper.to_stored_event(event)


def read(path: Path) -> float:
    """Select and decode every event; return how many a second."""
    application = opened(path)
    recorder, mapper = application.recorder, application.mapper
    count = 0
    began = time.perf_counter()
    while page := recorder.select_notifications(count + 1, _PAGE):
        for stored in page:
            mapper.to_domain_event(stored)
        count += len(page)
    seconds = time.perf_counter() - began
    application.close()
    return count / seconds
