"""HTML as PDF: what comes out, and that nothing is fetched for it."""

from __future__ import annotations

import re
import zlib

import pytest

from web.pdf import pdf

PAGE = '<html lang="zh-CN"><style>@page {{ size: A4 }} body {{ font-family: "Noto Sans CJK SC" }}</style>{}</html>'


def objects(file: bytes) -> bytes:
    """Everything in a file, unpacked."""
    streams = re.findall(rb"stream\r?\n(.*?)endstream", file, re.DOTALL)
    found = [file]
    for stream in streams:
        try:
            found.append(zlib.decompressobj().decompress(stream))
        except zlib.error:
            continue
    return b"\n".join(found)


def test_each_page_is_there() -> None:
    """A document of two pages is a file of two pages, with the font that Chinese is set in."""
    found = objects(pdf(PAGE.format('<p>人民调解卷宗</p><p style="page-break-before: always">第二页</p>')))
    assert found.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type\s*/Page\b", found)) == 2
    assert b"Noto-Sans-CJK" in found.replace(b"NotoSansCJK", b"Noto-Sans-CJK")


@pytest.mark.parametrize("address", ["file:///etc/hostname", "http://127.0.0.1:9/x.png"])
def test_nothing_is_fetched(address: str) -> None:
    """A picture elsewhere is left out: no file of this machine and no other machine is asked."""
    with_picture = pdf(PAGE.format(f'<p>字</p><img src="{address}">'))
    assert b"/Subtype /Image" not in objects(with_picture)
