"""The servers and the browser that the fixtures promise are real."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable

import psycopg
import pytest
from kafka import KafkaAdminClient
from playwright.sync_api import Page
from sqlalchemy import create_engine, text

from deploy.kafka import broker as script
from tests.support.broker import Broker, container_environment


def test_the_shared_broker_serves(kafka_bootstrap: str) -> None:
    """A client finds one broker at the shared address."""
    with KafkaAdminClient(bootstrap_servers=kafka_bootstrap) as client:
        assert len(client.describe_cluster()["brokers"]) == 1


def test_a_private_broker_keeps_its_topics(private_broker: Callable[[], Broker]) -> None:
    """Stopped or killed, a broker is gone; started again, it has the same address and topics."""
    broker = private_broker()
    host, port = broker.bootstrap.split(":")
    with KafkaAdminClient(bootstrap_servers=broker.bootstrap) as client:
        client.create_topics({"kept": {"num_partitions": 3, "replication_factor": 1}})
    for end in (broker.kill, broker.stop):
        end()
        assert not script.serves(int(port), host)
        broker.start()
        with KafkaAdminClient(bootstrap_servers=broker.bootstrap) as client:
            assert "kept" in client.list_topics()


def test_a_broker_in_a_container_has_the_same_settings() -> None:
    """A container gets the plain broker's settings, but listens inside and is told its outer address."""
    environment = container_environment(23456)
    lines = [line for line in script.TEMPLATE.read_text().splitlines() if not line.startswith("#")]
    assert len(environment) == len(lines)
    assert environment["KAFKA_ADVERTISED_LISTENERS"] == "PLAINTEXT://127.0.0.1:23456"
    assert environment["KAFKA_LOG_FLUSH_INTERVAL_MESSAGES"] == "1"
    assert not any("{" in value for value in environment.values())


@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_has_an_empty_database(postgres_url: str, turn: int) -> None:
    """A table made in one test is not there in the next."""
    engine = create_engine(postgres_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE mark (turn int)"))
        connection.execute(text("INSERT INTO mark VALUES (:turn)"), {"turn": turn})
    engine.dispose()


def test_the_database_wants_its_password(postgres_url: str) -> None:
    """No other user of the machine can sign in to a server that these tests started."""
    if os.environ.get("DATABASE_URL"):
        pytest.skip("the server of DATABASE_URL has its own ways to let people in")
    url = postgres_url.replace("+psycopg", "").replace("://barograph:", "://barograph:not")
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(url)


def test_the_browser_shows_chinese(browser_page: Callable[..., Page]) -> None:
    """A page has the size and the language asked for."""
    page = browser_page(width=390, height=844, locale="zh-CN")
    page.set_content("<h1>诉求</h1>")
    assert page.locator("h1").inner_text() == "诉求"
    assert page.evaluate("[innerWidth, navigator.language]") == [390, "zh-CN"]


async def test_asynchronous_tests_run_after_the_browser() -> None:
    """The browser of the test before has left no event loop behind."""
    await asyncio.sleep(0)
