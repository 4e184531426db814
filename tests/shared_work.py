"""What tests of one process share, so that each need not do it anew: it comes out the same each time.

An app is made for nearly every test, and most of what that takes depends on the code alone.
"""

from __future__ import annotations

import gc
from collections import OrderedDict
from threading import Lock
from typing import Any, ClassVar

from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import Engine
from werkzeug.routing import Rule

from app.extensions import db
from app.providers.base import GeneratedImage, ImageRequest, Provider
from app.services.provider_choice import ProviderChoice

# The engine by which each kind of database was migrated.
_engines: dict[str, Engine] = {}


def keep_engine(app: Flask) -> None:
    """Let later apps of this process share the statements of this one's engine."""
    with app.app_context():
        _engines[db.engine.name] = db.engine


def share_work(app: Flask) -> None:
    """Let an app use what earlier apps of this process have made: SQL of statements, and sketches."""
    _share_statements(app)
    app.extensions["providers"] = _ChoiceOfKept(app.config["SETTINGS"])


def _share_statements(app: Flask) -> None:
    """To turn statements into SQL anew for each test was a third of all time."""
    with app.app_context():
        engine = db.engine
    if earlier := _engines.get(engine.name):
        # A statement's SQL is kept by its dialect, which is the same but for who made it.
        engine.dialect = earlier.dialect
        engine._compiled_cache = earlier._compiled_cache


class _KeptSketches:
    """The sketch provider, which paints each request once: the same one gives the same picture."""

    name = "sketch"
    most = 200
    kept: ClassVar[OrderedDict[ImageRequest, GeneratedImage]] = OrderedDict()
    lock = Lock()

    def __init__(self, painter: Provider) -> None:
        self._painter = painter

    def load(self) -> None:
        """Load what paints."""
        self._painter.load()

    def generate(self, request: ImageRequest) -> GeneratedImage:
        """Return the picture of a request."""
        with self.lock:
            if request in self.kept:
                self.kept.move_to_end(request)
                return self.kept[request]
        painted = self._painter.generate(request)
        with self.lock:
            self.kept[request] = painted
            if len(self.kept) > self.most:
                self.kept.popitem(last=False)
        return painted


class _ChoiceOfKept(ProviderChoice):
    """The real choice of provider and model, but no sketch is painted twice."""

    def _make(self, name: str) -> Provider:
        provider = super()._make(name)
        return _KeptSketches(provider) if name == "sketch" else provider


def keep_routes() -> None:
    """Let all apps share what werkzeug compiles of a route: more than half of making an app.

    It depends on nothing but the route's own text and what the map makes of it.
    """
    compile_anew = Rule.compile
    kept: dict[tuple[object, ...], dict[str, Any]] = {}
    made = ("_parts", "_trace", "_converters", "arguments")
    builders = ("_build", "_build_unknown")

    def compile_rule(rule: Rule) -> None:
        given = (rule.rule, rule.subdomain, rule.host, str(rule.defaults), rule.merge_slashes)
        map_ = rule.map
        key = (*given, map_.host_matching, *map_.converters.items())
        if key not in kept:
            compile_anew(rule)
            kept[key] = {name: getattr(rule, name) for name in made}
            kept[key] |= {name: getattr(rule, name).__func__ for name in builders}
        for name in made:
            setattr(rule, name, kept[key][name])
        for name in builders:
            setattr(rule, name, kept[key][name].__get__(rule))

    Rule.compile = compile_rule  # type: ignore[method-assign]


class KeptTemplates(BytecodeCache):
    """Lets all apps of this process use what Jinja compiles of a template: a page is made of twenty.

    What it compiles depends on the template's name and text.
    """

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give a template what was compiled of it, if it was."""
        bucket.code = self._kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled of a template."""
        self._kept[bucket.key, bucket.checksum] = bucket.code


def spare_the_collector() -> None:
    """Let the collector of garbage leave alone what was loaded, and come seldom.

    Apps are full of cycles: to look through all that there is, again and again, was a tenth of the time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 100)
