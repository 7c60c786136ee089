"""Zip archives that strangers made: what they begin with, and what Python's library raises over broken ones."""

from __future__ import annotations

import struct
import zipfile
import zlib

ZIP = b"PK\x03\x04"
"""What an archive begins with that has any member."""

DAMAGED = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, RuntimeError, ValueError, OverflowError, OSError)
"""What `zipfile` raises over archives that are not what they seem; of encrypted ones, too, RuntimeError."""
