"""What an operator may set: by option, by BAROGRAPH_* variable, else these defaults."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Where this installation keeps and finds things.

    `home` holds keys, the vault, accounts and derived files; `log` and `read_model` are addresses, empty for
    the SQLite files in the home; `replication` is the number of brokers that hold each Kafka topic;
    `witnesses` are `VKEY URL` of those that are asked to cosign, divided by `;` (more in the home's `witnesses`).
    """

    model_config = SettingsConfigDict(env_prefix="BAROGRAPH_", frozen=True, extra="ignore")

    home: Path = Path(".barograph")
    log: str = ""
    read_model: str = ""
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    secure_cookies: bool = False
    replication: int = Field(default=1, ge=1, le=9)
    witnesses: str = ""

    @property
    def log_address(self) -> str:
        """The log's address: `sqlite:///PATH` or `kafka://HOST:PORT[/PREFIX]`."""
        return self.log or f"sqlite:///{(self.home / 'log.sqlite').absolute()}"

    @property
    def read_model_address(self) -> str:
        """The read model's address, as SQLAlchemy writes it."""
        return self.read_model or f"sqlite:///{(self.home / 'read-model.sqlite').absolute()}"
