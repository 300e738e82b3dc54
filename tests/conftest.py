"""What every test can use: servers, a browser, and hypothesis settings."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

pytest_plugins = [
    "tests.support.servers",
    "tests.support.broker",
    "tests.support.postgres",
    "tests.support.browser",
    "tests.support.houses",
]

# No deadlines: the machine is shared, and a slow example is not a wrong one.
settings.register_profile("dev", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("dev"), derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "dev")
