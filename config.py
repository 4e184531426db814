"""Every knob of Proofsheet, typed and strict, read from the environment in this one place.

A setting comes from the environment, else from the file `env` in the instance folder, else from its
default here. An unknown `PROOFSHEET_…` name or a value that does not fit is an error that says what
to do, never a silent default. An empty value counts as not set.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from dotenv import dotenv_values
from pydantic import (
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    HttpUrl,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)

from app.errors import ConfigurationError

PREFIX = "PROOFSHEET_"
# What programs that ask our API take their key from, such as the ones that the viewer shows.
OF_CALLERS = PREFIX + "KEY"
MOST_A_MINUTE = 1_000_000
MOST_DAYS = 36_500
WEBHOOK_KEY_BYTES = range(24, 65)
MOST_USD = 1_000_000
ROOT = Path(__file__).resolve().parent


def _unless_none(value: object) -> object:
    """Read the word that lifts a limit."""
    return None if value == "none" else value


class Settings(BaseModel):
    """The settings of one process; frozen. Times are in seconds, sizes in bytes."""

    # defer_build: what a process never makes it need not prepare, which takes a fiftieth of a second.
    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        populate_by_name=True,
        hide_input_in_errors=True,
        defer_build=True,
    )

    instance: Path = Field(
        ROOT / "instance", description="folder of the database file, the secret and the admin key"
    )
    database_url: str | None = Field(
        None,
        validation_alias="DATABASE_URL",
        description="sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME; "
        "when not set, SQLite in the instance folder",
    )
    secret: SecretStr | None = Field(
        None, min_length=16, description="signs sessions; when not set, made in the instance folder"
    )

    provider: Literal["auto", "gemini", "sketch"] = Field(
        "auto", description="who draws; auto is Gemini with a key, else sketches"
    )
    gemini_api_key: SecretStr | None = Field(
        None,
        validation_alias=AliasChoices("GEMINI_API_KEY", "GOOGLE_API_KEY"),
        description="key of the Gemini API (GOOGLE_API_KEY does as well)",
    )
    gemini_base_url: HttpUrl = Field(
        HttpUrl("https://generativelanguage.googleapis.com"),
        description="where the Gemini API answers",
    )
    model: str | None = Field(
        None, description="model when none is asked for; when not set, the catalog's default"
    )
    provider_deadline: float = Field(
        120, gt=0, le=3600, description="seconds that one picture may take"
    )

    max_prompt_characters: int = Field(20_000, ge=1, le=1_000_000, description="longest prompt")
    max_images: int = Field(10, ge=1, le=100, description="most pictures of one generation")
    max_picture_bytes: int = Field(
        50 * 1024 * 1024, ge=1024, le=1024**3, description="largest picture, in bytes"
    )
    max_picture_pixels: int = Field(
        50_000_000, ge=1, le=250_000_000, description="largest picture, in pixels"
    )
    max_request_bytes: int = Field(
        1024 * 1024, ge=1024, le=1024**3, description="largest request body"
    )
    max_upload_bytes: int = Field(
        100 * 1024 * 1024, ge=1024, le=1024**3, description="largest upload, all its files together"
    )
    max_batch_bytes: int = Field(
        32 * 1024 * 1024, ge=1024, le=1024**3, description="largest body of a batch, in bytes"
    )
    max_running: int = Field(
        32, ge=1, le=1000, description="most generations under way in one worker process"
    )
    max_queued: int = Field(
        20_000,
        ge=1,
        le=1_000_000,
        description="most generations waiting for their turn; of batches as many again",
    )
    max_waiting: int = Field(
        24, ge=0, le=60, description="most requests waiting for a picture in one server process"
    )

    max_queue_hours: Annotated[float | None, BeforeValidator(_unless_none)] = Field(
        24,
        gt=0,
        le=8760,
        description="longest wait for a turn, in hours, but for batches; none lifts it",
    )
    max_running_in_all: Annotated[int | None, BeforeValidator(_unless_none)] = Field(
        None, ge=1, le=100_000, description="most generations under way in all workers together"
    )
    max_running_per_model: Annotated[int | None, BeforeValidator(_unless_none)] = Field(
        None,
        ge=1,
        le=100_000,
        description="most generations of one model under way in all workers together",
    )
    pictures_per_minute: Annotated[int | None, BeforeValidator(_unless_none)] = Field(
        None,
        ge=1,
        le=MOST_A_MINUTE,
        description="most pictures of one model in a minute, in all workers together",
    )
    worker_silence: float = Field(
        20,
        ge=2,
        le=3600,
        description="seconds after which a worker that is not heard of is taken for dead",
    )
    retries: int = Field(
        8,
        ge=0,
        le=100,
        description="how often in a row a picture is tried again when the provider cannot be reached",
    )

    webhook_url: HttpUrl | None = Field(
        None, description="where to tell of each generation and batch that has ended"
    )
    webhook_secret: SecretStr | None = Field(
        None, description="signs what is told there: whsec_ and 24 to 64 random bytes in base64"
    )
    webhook_private: bool = Field(
        False, description="whether that may be an address of this machine or of a private network"
    )
    webhook_prompts: bool = Field(False, description="whether the prompts are told there too")

    trash_days: Annotated[int | None, BeforeValidator(_unless_none)] = Field(
        None, ge=1, le=MOST_DAYS, description="deleted pictures are purged after so many days"
    )
    forget_prompts_days: Annotated[int | None, BeforeValidator(_unless_none)] = Field(
        None,
        ge=1,
        le=MOST_DAYS,
        description="prompts are erased after so many days; the pictures and their cost stay",
    )

    requests_per_minute: Annotated[int | None, BeforeValidator(_unless_none)] = Field(
        6000,
        ge=1,
        le=MOST_A_MINUTE,
        description=(
            "most requests of one key in a minute, in one server process; none lifts it, "
            "and a key may have a limit of its own"
        ),
    )
    wrong_keys_per_minute: Annotated[int | None, BeforeValidator(_unless_none)] = Field(
        60,
        ge=1,
        le=MOST_A_MINUTE,
        description=(
            "most requests with an unknown key from one address in a minute; none lifts it"
        ),
    )

    daily_budget: Annotated[Decimal | None, BeforeValidator(_unless_none)] = Field(
        Decimal(25),
        ge=0,
        le=MOST_USD,
        decimal_places=6,
        description="most that all may spend in a day (UTC), in US dollars; none lifts it",
    )
    monthly_budget: Annotated[Decimal | None, BeforeValidator(_unless_none)] = Field(
        None,
        ge=0,
        le=MOST_USD,
        decimal_places=6,
        description="most that all may spend in a month (UTC), in US dollars",
    )

    image_format: Literal["original", "jpeg", "webp", "png"] = Field(
        "original", description="how generated pictures are kept; original is byte for byte"
    )
    image_quality: int = Field(90, ge=1, le=100, description="quality of JPEG and WebP")
    page_size: int = Field(20, ge=1, le=100, description="entries of a page")
    max_page_size: int = Field(100, ge=1, le=1000, description="most entries of a page")

    timezone: str = Field(
        "UTC",
        description="whose days reports and commands mean, such as Europe/Berlin: a name of IANA's",
    )

    log_format: Literal["auto", "json", "text"] = Field(
        "auto",
        description="how the log is written to standard error; auto is text on a terminal, else "
        "JSON, one object a line",
    )
    log_level: Literal["debug", "info", "warning", "error"] | None = Field(
        None,
        description="least that is logged; when not set, info by server and worker, warning by "
        "other commands",
    )
    log_prompts: bool = Field(
        False, description="whether prompts may be in the log, and what errors quote"
    )

    host: str = Field("127.0.0.1", description="address to serve on")
    port: int = Field(8000, ge=1, le=65535, description="port to serve on")
    workers: int = Field(1, ge=1, le=64, description="web server processes")
    public_url: HttpUrl | None = Field(
        None, description="address that users see, such as https://pictures.example.org"
    )
    trusted_hosts: tuple[str, ...] = Field(
        (), description="further host names to answer to, with commas between"
    )
    proxies: int = Field(
        0, ge=0, le=10, description="reverse proxies in front whose forwarded headers count"
    )

    @field_validator("trusted_hosts", mode="before")
    @classmethod
    def _split_on_commas(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(name.strip() for name in value.split(",") if name.strip())
        return value

    @field_validator("instance")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().resolve()

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str | None) -> str | None:
        return value and _database_url(value)

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        time_zone(value)
        return value

    @field_validator("webhook_url")
    @classmethod
    def _names_no_one(cls, value: HttpUrl | None) -> HttpUrl | None:
        if value and (value.username or value.password):
            raise ValueError("it cannot hold a user or a password: the signature tells who sends")
        return value

    @field_validator("webhook_secret")
    @classmethod
    def _key_of_webhooks(cls, value: SecretStr | None) -> SecretStr | None:
        if value and len(webhook_key(value)) not in WEBHOOK_KEY_BYTES:
            raise ValueError(
                "it must be whsec_ and 24 to 64 random bytes in base64, such as "
                "`echo whsec_$(openssl rand -base64 32)` makes"
            )
        return value

    @model_validator(mode="after")
    def _webhooks_are_signed(self) -> Self:
        if self.webhook_url and not self.webhook_secret:
            raise ValueError("PROOFSHEET_WEBHOOK_URL needs PROOFSHEET_WEBHOOK_SECRET, which signs")
        return self

    @model_validator(mode="after")
    def _pages_fit(self) -> Self:
        if self.page_size > self.max_page_size:
            raise ValueError("PROOFSHEET_PAGE_SIZE is larger than PROOFSHEET_MAX_PAGE_SIZE")
        return self

    @property
    def sqlalchemy_url(self) -> str:
        """The database as SQLAlchemy names it; a relative SQLite path starts at `instance`."""
        if not self.database_url:
            return f"sqlite:///{self.instance / 'proofsheet.db'}"
        if not self.database_url.startswith("sqlite"):
            return self.database_url
        return f"sqlite:///{self.instance / self.database_url.removeprefix('sqlite:///')}"

    @property
    def sqlite_file(self) -> Path | None:
        """The SQLite file, or None on PostgreSQL."""
        if not self.sqlalchemy_url.startswith("sqlite"):
            return None
        return Path(self.sqlalchemy_url.removeprefix("sqlite:///"))

    @property
    def zone(self) -> ZoneInfo:
        """The time zone whose days are meant."""
        return time_zone(self.timezone)

    @property
    def env_file(self) -> Path:
        """The file of settings that `manage.py config set` writes."""
        return self.instance / "env"


def time_zone(name: str) -> ZoneInfo:
    """Return a time zone by its IANA name. Raises ValueError, saying what to write, for another."""
    try:
        return ZoneInfo(name)
    except (ValueError, KeyError, OSError) as error:  # unknown, no name, a folder of zones
        raise ValueError(
            "it must be a time zone by its IANA name, such as Europe/Berlin or UTC"
        ) from error


def webhook_key(secret: SecretStr) -> bytes:
    """Return the key that a secret of webhooks stands for; empty when it is none."""
    prefix, separator, text = secret.get_secret_value().partition("_")
    if prefix != "whsec" or not separator:
        return b""
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return b""


def _database_url(url: str) -> str:
    """Return `url` with the driver that we use; ValueError when it is no database of ours."""
    scheme, separator, rest = url.partition("://")
    if scheme == "sqlite" and rest.startswith("/") and rest.strip("/") and "?" not in rest:
        return url
    if scheme in {"postgres", "postgresql", "postgresql+psycopg"} and separator and rest:
        return f"postgresql+psycopg://{rest}"
    raise ValueError("it must look like sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME")


def variables(name: str) -> tuple[str, ...]:
    """Return the environment variables that set the field `name`, the strongest first."""
    alias = Settings.model_fields[name].validation_alias
    if isinstance(alias, AliasChoices):
        return tuple(str(choice) for choice in alias.choices)
    return (str(alias or PREFIX + name.upper()),)


def field_of(variable: str) -> str:
    """Return the field that `variable` sets. Raises ConfigurationError for an unknown name."""
    for name in Settings.model_fields:
        if variable.upper() in (*variables(name), variables(name)[0].removeprefix(PREFIX)):
            return name
    raise ConfigurationError(
        f"There is no setting {variable}. `manage.py config` lists all that there are."
    )


def load_settings() -> Settings:
    """Read the settings of this process. Raises ConfigurationError, in one line, for a bad one."""
    for variable in os.environ:
        if variable.upper().startswith(PREFIX) and variable.upper() != OF_CALLERS:
            field_of(variable)
    file = settings_file()
    kept = _read_env_file(file)
    if kept.keys() & set(variables("instance")):
        raise ConfigurationError(f"PROOFSHEET_INSTANCE cannot be in {file}, which lies in it.")
    try:
        return Settings.model_validate({**_unknown(kept), **_present(kept)})
    except ValidationError as error:
        raise ConfigurationError(_explain(error, file)) from error


def callers_key() -> str | None:
    """Return the key that a command of ours calls with, as other programs do, or None."""
    return os.environ.get(OF_CALLERS) or None


def source(settings: Settings, name: str) -> str:
    """Return where the value of a field of loaded settings came from, for people to read."""
    if variable := stronger(name):
        return f"environment, {variable}"
    in_file = _read_env_file(settings.env_file)
    for variable in variables(name):
        if in_file.get(variable):
            return f"instance/env, {variable}"
    return "default"


def shown(settings: Settings, name: str) -> str:
    """Return a field's value as a person may see it: secrets and passwords are masked."""
    value = getattr(settings, name)
    if name == "database_url":
        return _without_password(settings.sqlalchemy_url)
    if isinstance(value, tuple):
        return ",".join(value)
    if value is None:
        return (
            "" if Settings.model_fields[name].default is None else "none"
        )  # a limit that was lifted
    return str(value)


def is_secret(name: str) -> bool:
    """Tell whether a field's value must not be seen or typed in the open."""
    return "SecretStr" in str(Settings.model_fields[name].annotation) or name == "database_url"


def write_setting(name: str, value: str) -> Path:
    """Write one setting to the file of settings (mode 600), whole or not at all; empty unsets it.

    Return the file. Works beside other settings that do not fit, so that they can be mended. Raises
    ConfigurationError when the value does not fit, and changes nothing then.
    """
    variable = variables(name)[0]
    file = settings_file()
    if name == "instance":
        raise ConfigurationError(
            f"{variable} says where this file lies, so it cannot be in it. Set it in the environment."
        )
    if any(character in value for character in "\r\n\0'\\"):
        raise ConfigurationError(f"{variable} cannot hold line ends, quotes or backslashes.")
    if value:
        _check(name, value, file)
    kept = _read_env_file(file)
    for each in variables(name):
        kept.pop(each, None)
    if value:
        kept[variable] = value
    _replace(file, "".join(f"{key}='{text}'\n" for key, text in kept.items()))
    return file


def stronger(name: str) -> str | None:
    """Return the variable of the environment that sets a field, or None."""
    return next((variable for variable in variables(name) if os.environ.get(variable)), None)


def environment_with(**more: str) -> dict[str, str]:
    """Return the environment for a program that is started: this process's own, and more."""
    return {**os.environ, **more}


def pass_on(**values: str) -> None:
    """Let the processes that this one starts from now on have these settings, whatever else is set."""
    os.environ.update({variables(name)[0]: value for name, value in values.items()})


def _check(name: str, value: str, file: Path) -> None:
    """Check a value beside the others that are set, unless those do not fit themselves."""
    others = _present(_read_env_file(file))
    others.pop(name, None)
    try:
        Settings.model_validate(others)
    except ValidationError:
        others = {}
    try:
        Settings.model_validate({**others, name: value})
    except ValidationError as error:
        raise ConfigurationError(_explain(error)) from error


def _present(kept: Mapping[str, str]) -> dict[str, str]:
    """Return what the environment and, where that says nothing, the file set, by field."""
    environment = {key.upper(): text for key, text in os.environ.items()}
    texts = {
        name: next(
            (
                found[each]
                for found in (environment, kept)
                for each in variables(name)
                if found.get(each)
            ),
            "",
        )
        for name in Settings.model_fields
    }
    return {name: text for name, text in texts.items() if text}


def _unknown(kept: Mapping[str, str]) -> dict[str, str]:
    """Return what of the file is no setting, so that it is refused by its name."""
    known = {variable for name in Settings.model_fields for variable in variables(name)}
    return {key: text for key, text in kept.items() if text and key not in known}


def _replace(path: Path, text: str) -> None:
    draft = path.with_suffix(".new")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(text)
        draft.replace(path)
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be written ({error.strerror}).") from error


def settings_file() -> Path:
    """Return the file of settings in the instance folder that the environment names."""
    folder = os.environ.get(PREFIX + "INSTANCE")
    return (Path(folder).expanduser().resolve() if folder else ROOT / "instance") / "env"


def _read_env_file(path: Path) -> dict[str, str]:
    try:
        values: Mapping[str, str | None] = dotenv_values(path, interpolate=False)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} cannot be read as settings ({error}).") from error
    return {key.upper(): value for key, value in values.items() if value is not None}


def _without_password(url: str) -> str:
    from sqlalchemy import make_url  # a tenth of a second that only this listing needs

    return make_url(url).render_as_string(hide_password=True)


def _explain(error: ValidationError, file: Path | None = None) -> str:
    """Put what pydantic found into one line that names the variables, and where each was set."""
    lines = []
    for problem in error.errors(include_url=False, include_input=False):
        where = str(problem["loc"][0]) if problem["loc"] else ""
        message = problem["msg"].removeprefix("Value error, ")
        if problem["type"] == "extra_forbidden":
            message = "there is no such setting; `manage.py config` lists all that there are"
        name = variables(where)[0] if where in Settings.model_fields else where.upper()
        place = f" in {file}" if file and name and not os.environ.get(name) else ""
        lines.append(f"{name}{place}: {message}" if name else message)
    return "; ".join(lines) + "."
