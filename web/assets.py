"""Static files, served under `/static` with the hash of their content in the address."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from urllib.parse import parse_qs

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

STATIC_DIR = Path(__file__).parent / "static"
_FOREVER = "public, max-age=31536000, immutable"


class Assets(StaticFiles):
    """The files of several folders; of two files of one name the earlier folder's is served.

    What is asked for by its hash may be kept for ever; without one it must be asked for again.
    """

    def __init__(self, *folders: Path, prefix: str = "/static") -> None:
        """Read every file once, for its hash."""
        super().__init__(directory=folders[0], follow_symlink=False)
        self.all_directories = list(folders)
        self.prefix = prefix
        self._hashes = _hashes(folders)

    def url(self, name: str) -> str:
        """The address of a file. Raises KeyError where there is no such file."""
        return f"{self.prefix}/{name}?v={self._hashes[name]}"

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Serve a file with the cache headers that its address allows."""
        response = await super().get_response(path, scope)
        version = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("v", [""])[0]
        is_current = bool(version) and version == self._hashes.get(path)
        response.headers["Cache-Control"] = _FOREVER if is_current else "no-cache"
        return response


def _hashes(folders: tuple[Path, ...]) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                digest = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
                found.setdefault(path.relative_to(folder).as_posix(), digest)
    return MappingProxyType(found)
