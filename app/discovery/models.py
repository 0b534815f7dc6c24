"""Tables of the search itself."""

from __future__ import annotations

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Json, new_id


class SearchWord(Base):
    """A short form, an old name or a usual misspelling that people here type, and what it also means."""

    __tablename__ = "search_words"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    form: Mapped[str] = mapped_column(sa.String(80))
    key: Mapped[str] = mapped_column(sa.String(160), unique=True)
    means: Mapped[list[str]] = mapped_column(Json)
    both: Mapped[bool]
    changed_by: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("users.id"))
    changed_at: Mapped[datetime]
