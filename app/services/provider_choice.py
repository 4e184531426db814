"""Which provider draws, and with which model."""

from __future__ import annotations

from contextlib import suppress
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, cast

from flask import current_app
from sqlalchemy import select

from app.errors import InvalidInput, ProofsheetError, ProviderNotConfigured
from app.extensions import db
from app.models import Generation, Worker
from app.models.generation import FREE_PROVIDER
from app.providers.catalog import Catalog, Model, load_catalog
from app.providers.own_catalog import with_own
from config import Settings

if TYPE_CHECKING:
    from app.providers.base import Provider
    from app.providers.gemini_upstream import Upstream

OWN_CATALOG = "catalog.toml"
SET_KEY = "Set GEMINI_API_KEY (`python manage.py config set GEMINI_API_KEY`)"


class ProviderChoice:
    """The providers of one app, each made when it is first needed."""

    def __init__(self, settings: Settings) -> None:
        """Take the settings; read no file and open no connection yet."""
        self._settings = settings
        self._made: dict[str, Provider] = {}
        self._upstream: Upstream | None = None
        self._lock = Lock()

    @cached_property
    def catalog(self) -> Catalog:
        """The models there are, with those of the instance's own `catalog.toml`; read once.

        Raises ConfigurationError.
        """
        return with_own(load_catalog(), self._settings.instance / OWN_CATALOG)

    def read_catalog(self) -> None:
        """Read the catalog now. Raises ConfigurationError: better when a process starts than later."""
        _ = self.catalog

    @property
    def here(self) -> str:
        """The provider that this very process draws with: "gemini" only with a key."""
        has_key = self._settings.gemini_api_key is not None
        return "gemini" if has_key and self._settings.provider != "sketch" else "sketch"

    def can_draw(self, name: str) -> bool:
        """Tell whether this process can draw what was asked of a provider: Gemini needs its key."""
        return name == "sketch" or self._settings.gemini_api_key is not None

    def active(self) -> str:
        """Return the name of the provider that draws, here or in a worker: "gemini" or "sketch".

        `auto` is Gemini with a key, here or in a worker. Without one it is sketches, but not where
        Gemini ever ran: there a lost key must not quietly turn pictures into sketches. Raises
        ProviderNotConfigured when workers are there and none has the key.
        """
        if self.here == "gemini" or self._settings.provider == "sketch":
            return self.here
        workers = set(db.session.scalars(select(Worker.provider).distinct()))
        if "gemini" in workers:
            return "gemini"
        if not self._wants_gemini():
            return "sketch"
        if workers == {"sketch"}:
            raise self._no_key()
        return "gemini"  # its worker may come later

    def require_here(self) -> str:
        """Return the name of the active provider. Raises ProviderNotConfigured.

        For who draws in this very process.
        """
        name = self.active()
        if name != self.here:
            raise self._no_key()
        return name

    def somebody_draws(self, name: str) -> bool:
        """Tell whether a provider can draw just now, here or in a worker."""
        if self.can_draw(name):
            return True
        return db.session.scalar(select(Worker.name).filter_by(provider=name).limit(1)) is not None

    def model(self, name: str | None) -> Model:
        """Return the model of that name, or the active provider's default.

        Raises InvalidInput for a model of another provider, ModelNotFound for an unknown one.
        """
        active = self.active()
        name = name or self._default_name(active)
        known = self.catalog.get(name)
        if known is not None and known.provider != active:
            raise InvalidInput(
                f"{name} is a model of {known.provider}, but {active} draws here.", field="model"
            )
        return self.catalog.resolve(name, active)

    def model_of_catalog(self, name: str) -> Model | None:
        """Return the active provider's model by that name; None where the catalog has none.

        While sketches are drawn here, any model of the catalog is drawn by the sketch: a program can
        be tried out before there is a key. Raises ProviderNotConfigured.
        """
        active = self.active()
        known = self.catalog.get(name)
        if known is None or active not in {known.provider, FREE_PROVIDER}:
            return None
        return known if known.provider == active else self.catalog.default(active)

    def provider(self, name: str) -> Provider:
        """Return the provider of that name. Raises ProviderNotConfigured."""
        with self._lock:
            if name not in self._made:
                self._made[name] = self._make(name)
            return self._made[name]

    def upstream(self) -> Upstream:
        """Return Gemini for whoever speaks its language. Raises ProviderNotConfigured."""
        with self._lock:
            if self._upstream is None:
                self._upstream = self._make_upstream()
            return self._upstream

    def load_upstream(self) -> None:
        """Load it where it can be asked from here: the first call need not wait for that."""
        if self.here == "gemini":
            with suppress(ProofsheetError):  # which the first call will tell
                self.upstream().load()

    def load(self) -> None:
        """Load whoever draws, if anybody can. See `Provider.load`."""
        with suppress(ProviderNotConfigured):
            self.provider(self.require_here()).load()

    def _wants_gemini(self) -> bool:
        wanted = self._settings.provider
        return wanted == "gemini" or (wanted == "auto" and self._gemini_ran())

    def _no_key(self) -> ProviderNotConfigured:
        if self._settings.provider == "gemini":
            return ProviderNotConfigured(f"The provider is gemini, but it has no key. {SET_KEY}.")
        before = "drew here before, but its key is gone"
        elsewhere = "draws in another process here, and this one has no key"
        return ProviderNotConfigured(
            f"Gemini {before if self._gemini_ran() else elsewhere}. {SET_KEY}, "
            "or ask for sketches with PROOFSHEET_PROVIDER=sketch."
        )

    def _default_name(self, active: str) -> str:
        name = self._settings.model
        # A Gemini model in the settings must not break a server that only sketches for now.
        if name is None or (active == "sketch" and name.startswith("gemini")):
            return self.catalog.default(active).name
        return name

    def _make(self, name: str) -> Provider:
        if name == "sketch":
            from app.providers.sketch import SketchProvider  # loads Pillow

            return SketchProvider()
        key = self._gemini_key()
        from app.providers.gemini import GeminiProvider  # loads its tables

        return GeminiProvider(
            api_key=key,
            base_url=str(self._settings.gemini_base_url),
            deadline=self._settings.provider_deadline,
            catalog=self.catalog,
        )

    def _make_upstream(self) -> Upstream:
        key = self._gemini_key()
        from app.providers.gemini_upstream import Upstream  # loads the HTTP client

        return Upstream(
            api_key=key,
            base_url=str(self._settings.gemini_base_url),
            deadline=self._settings.provider_deadline,
            most_bytes=self._settings.max_upload_bytes,
        )

    def _gemini_key(self) -> str:
        key = self._settings.gemini_api_key
        if key is None:
            raise ProviderNotConfigured(f"Gemini has no key. {SET_KEY}.")
        return key.get_secret_value()

    @staticmethod
    def _gemini_ran() -> bool:
        query = select(Generation.id).where(Generation.provider == "gemini").limit(1)
        return db.session.scalar(query) is not None


def provider_choice() -> ProviderChoice:
    """Return the providers of the current app."""
    return cast(ProviderChoice, current_app.extensions["providers"])
