"""Who is logged in to the web page, and the codes to log in with: of both only hashes are kept."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base
from app.models.types import BigId, UtcDateTime, utc_now


class WebSession(Base):
    """A browser that a key was traded in for; it ends at `expires_at`, or with its key."""

    __tablename__ = "web_sessions"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    api_key_id: Mapped[int] = mapped_column(BigId, ForeignKey("api_keys.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class LoginCode(Base):
    """A code that opens one session in the name of a key, once, until `expires_at`."""

    __tablename__ = "login_codes"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    api_key_id: Mapped[int] = mapped_column(BigId, ForeignKey("api_keys.id"))
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class SigningSecret(Base):
    """The secret that signs links and names cookies, where several machines share a database."""

    __tablename__ = "signing_secrets"

    id: Mapped[int] = mapped_column(primary_key=True)
    secret: Mapped[str] = mapped_column(String(200))
