"""Tables of bytes: what is stored once (Blob), what people named it (File), what it says (BlobText), what is
still on its way (Upload, UploadPiece).
"""

from __future__ import annotations

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, new_id

TEXT_READY = "ready"
TEXT_EMPTY = "empty"
TEXT_FAILED = "failed"
TEXT_NOT_APPLICABLE = "none"
TEXT_STATES = (TEXT_READY, TEXT_EMPTY, TEXT_FAILED, TEXT_NOT_APPLICABLE)


class Blob(Base):
    """Bytes kept once in the store under `storage.keys.blob(sha256)`."""

    __tablename__ = "blob"
    __table_args__ = (sa.CheckConstraint("size > 0", name="size_positive"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    sha256: Mapped[str] = mapped_column(sa.String(64), unique=True)
    size: Mapped[int] = mapped_column(sa.BigInteger)
    media_type: Mapped[str] = mapped_column(sa.String(120))
    package: Mapped[str | None] = mapped_column(sa.String(20))
    created_at: Mapped[datetime]


class File(Base):
    """A name somebody gave to bytes; the type is the one found inside, not the one claimed."""

    __tablename__ = "file"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    sha256: Mapped[str] = mapped_column(sa.ForeignKey("blob.sha256"), index=True)
    name: Mapped[str] = mapped_column(sa.String(255))
    size: Mapped[int] = mapped_column(sa.BigInteger)
    media_type: Mapped[str] = mapped_column(sa.String(120))
    package: Mapped[str | None] = mapped_column(sa.String(20))
    created_at: Mapped[datetime]


class BlobText(Base):
    """What the worker read out of a blob, NFC; `extractor` names the reader and its version for re-runs."""

    __tablename__ = "blob_text"
    __table_args__ = (sa.CheckConstraint("state IN ('ready', 'empty', 'failed', 'none')", name="state_known"),)

    sha256: Mapped[str] = mapped_column(sa.ForeignKey("blob.sha256"), primary_key=True)
    state: Mapped[str] = mapped_column(sa.String(10))
    text: Mapped[str] = mapped_column(sa.Text)
    extractor: Mapped[str] = mapped_column(sa.String(60))
    message: Mapped[str | None] = mapped_column(sa.String(300))
    made_at: Mapped[datetime]


class Upload(Base):
    """A file that comes in pieces; `received` bytes of `size` stand in the store."""

    __tablename__ = "upload"
    __table_args__ = (sa.CheckConstraint("received >= 0 AND received <= size", name="received_within_size"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("users.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(255))
    size: Mapped[int] = mapped_column(sa.BigInteger)
    received: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    touched_at: Mapped[datetime] = mapped_column(index=True)


class UploadPiece(Base):
    """Bytes of an upload from `start` on, kept under `storage.keys.piece(id)`."""

    __tablename__ = "upload_piece"
    __table_args__ = (sa.UniqueConstraint("upload_id", "start"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    upload_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("upload.id", ondelete="CASCADE"))
    start: Mapped[int] = mapped_column(sa.BigInteger)
    size: Mapped[int]
