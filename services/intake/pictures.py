"""Pictures without what cameras write into them: where and when they were taken, and with what."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from PIL import Image, ImageOps

from contracts.grievance import MediaType
from services.intake.files import DAMAGED_PICTURE, TOO_MANY_PIXELS, FileFault, FileRefusedError

MAX_PIXELS = 64_000_000
"""All frames together: 256 MB once unpacked, more than any telephone's camera makes."""

FORMATS: dict[MediaType, str] = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
_ORIENTATION = 0x0112
_QUALITY = 92
_KEPT = ("icc_profile", "transparency", "duration", "loop", "disposal", "blend", "background")
"""What a picture needs to look as it did."""


def is_picture(media_type: MediaType) -> bool:
    """Whether this is a picture that `without_metadata` takes."""
    return media_type in FORMATS


def refuse_bomb(content: bytes, media_type: MediaType) -> None:
    """Raise FileRefusedError for a picture that would fill the memory of whoever opens it, or is none."""
    with _opened(content, media_type):
        pass


def without_metadata(content: bytes, media_type: MediaType) -> bytes:
    """The picture upright, without EXIF (the GPS position in it), XMP, comments and thumbnails.

    Colours keep their profile. Raises FileRefusedError where it cannot be opened whole.
    """
    with _opened(content, media_type) as image:
        turned = image.getexif().get(_ORIENTATION, 1) != 1 and not _is_animated(image)
        upright = ImageOps.exif_transpose(image) if turned else image
        upright.info = {name: value for name, value in image.info.items() if name in _KEPT}
        written = io.BytesIO()
        if media_type == "image/jpeg":
            # What was not turned keeps its own quantisation, so that hardly anything is lost.
            quality = _QUALITY if turned or image.format != "JPEG" else "keep"
            _save(upright, written, "JPEG", quality=quality, icc_profile=upright.info.get("icc_profile"))
        else:
            _save(upright, written, FORMATS[media_type], save_all=_is_animated(image), quality=_QUALITY)
        return written.getvalue()


def _save(image: Image.Image, file: io.BytesIO, kind: str, **options: Any) -> None:
    image.save(file, kind, exif=b"", **options)


def _is_animated(image: Image.Image) -> bool:
    return getattr(image, "n_frames", 1) > 1 and image.format in ("PNG", "WEBP")


@contextmanager
def _opened(content: bytes, media_type: MediaType) -> Iterator[Image.Image]:
    """The picture, of a size that is safe to unpack; only its own format's reader is tried."""
    try:
        with Image.open(io.BytesIO(content), formats=[FORMATS[media_type]]) as image:
            _refuse_large(image)
            yield image
    except Image.DecompressionBombError:
        raise FileRefusedError(FileFault(413, TOO_MANY_PIXELS)) from None
    except FileRefusedError:
        raise
    except Exception:  # noqa: BLE001 - readers of broken pictures stumble in many ways; none may come through
        raise FileRefusedError(FileFault(415, DAMAGED_PICTURE)) from None


def _refuse_large(image: Image.Image) -> None:
    if image.width * image.height * int(getattr(image, "n_frames", 1)) > MAX_PIXELS:
        raise FileRefusedError(FileFault(413, TOO_MANY_PIXELS))
