"""HTML as PDF, by WeasyPrint: what is handed out on paper or filed. Chinese text needs Debian's Noto CJK fonts."""

from __future__ import annotations


class PdfUnavailableError(Exception):
    """This machine lacks what WeasyPrint draws with: on Debian, libpangoft2-1.0-0 and fonts-noto-cjk."""


def pdf(html: str) -> bytes:
    """The pages of a whole HTML document, whose styles and pictures (as data:) are in it: nothing is fetched.

    Blocks, for about a tenth of a second a page. Raises PdfUnavailableError.
    """
    try:
        from weasyprint import HTML
        from weasyprint.urls import URLFetcher
    except OSError as error:
        raise PdfUnavailableError from error
    written: bytes = HTML(string=html, url_fetcher=URLFetcher(allowed_protocols=["data"])).write_pdf()
    return written
