"""Settings: typed, strict, from the environment and a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.errors import ConfigurationError
from config import ROOT, Settings, load_settings, shown, source, write_setting


@pytest.fixture
def home(instance: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An instance folder that the environment names."""
    monkeypatch.setenv("PROOFSHEET_INSTANCE", str(instance))
    return instance


def test_without_anything_set_it_sketches_into_sqlite_in_the_project() -> None:
    settings = load_settings()
    assert settings.model_dump() == Settings().model_dump()
    assert settings.sqlite_file == ROOT / "instance" / "proofsheet.db"


def test_the_environment_is_stronger_than_the_file(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "env").write_text("PROOFSHEET_PORT='1'\nPROOFSHEET_HOST='::1'\n")
    monkeypatch.setenv("PROOFSHEET_PORT", "2")
    settings = load_settings()
    assert (settings.port, settings.host) == (2, "::1")
    assert source(settings, "host") == "instance/env, PROOFSHEET_HOST"


def test_an_empty_value_counts_as_not_set(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROOFSHEET_PORT", "")
    assert load_settings().port == 8000


def test_the_key_that_programs_of_users_take_is_no_setting_and_no_error(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROOFSHEET_KEY", "ps_x")
    assert load_settings().model_dump() == Settings(instance=home).model_dump()


def test_gemini_api_key_is_stronger_than_google_api_key(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOOGLE_API_KEY", "google")
    monkeypatch.setenv("GEMINI_API_KEY", "gemini")
    key = load_settings().gemini_api_key
    assert key is not None
    assert key.get_secret_value() == "gemini"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PROOFSHEET_PORT", "0"),
        ("PROOFSHEET_PORT", "8000.5"),
        ("PROOFSHEET_PROVIDER", "Gemini"),
        ("PROOFSHEET_IMAGE_QUALITY", "101"),
        ("PROOFSHEET_PROVIDER_DEADLINE", "-1"),
        ("PROOFSHEET_PUBLIC_URL", "example.org"),
        ("PROOFSHEET_PAGE_SIZE", "101"),
        ("PROOFSHEET_TIMEZONE", "Middle/Earth"),
        ("PROOFSHEET_TIMEZONE", "Europe"),
        ("PROOFSHEET_TIMEZONE", "../UTC"),
        ("PROOFSHEET_SECRET", "short"),
        ("PROOFSHEET_TRASH_DAYS", "0"),
        ("PROOFSHEET_FORGET_PROMPTS_DAYS", "never"),
        ("PROOFSHEET_WEBHOOK_PRIVATE", "perhaps"),
        ("PROOFSHEET_WEBHOOK_URL", "ftp://example.org"),
        ("PROOFSHEET_WEBHOOK_URL", "https://me:hush@example.org"),
        ("PROOFSHEET_WEBHOOK_URL", "https://example.org/without-a-secret"),
        ("PROOFSHEET_WEBHOOK_SECRET", "whsec_c2hvcnQ="),
        ("PROOFSHEET_WEBHOOK_SECRET", "whsec_no base64, but long enough to be a key of some bytes"),
        ("PROOFSHEET_WEBHOOK_SECRET", "c2VjcmV0IG9mIHRoZSB0ZXN0cywgMzIgYnl0ZXMhISE="),
        ("DATABASE_URL", "sqlite://"),
        ("DATABASE_URL", "sqlite:///:memory:?x=y"),
        ("DATABASE_URL", "postgresql://"),
    ],
)
def test_a_value_that_does_not_fit_is_one_line_that_names_it(
    home: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(ConfigurationError) as caught:
        load_settings()
    assert str(caught.value).startswith(variable) or "PROOFSHEET_MAX_PAGE_SIZE" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_secret_that_does_not_fit_is_not_repeated(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROOFSHEET_SECRET", "hush")
    with pytest.raises(ConfigurationError) as caught:
        load_settings()
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize("prefix", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_spelling_of_postgresql_is_taken(prefix: str) -> None:
    settings = Settings(database_url=f"{prefix}://me:hush@here/x")
    assert settings.sqlalchemy_url == "postgresql+psycopg://me:hush@here/x"
    assert settings.sqlite_file is None
    assert "hush" not in shown(settings, "database_url")


def test_a_relative_sqlite_path_starts_at_the_instance(tmp_path: Path) -> None:
    settings = Settings(instance=tmp_path, database_url="sqlite:///other.db")
    assert settings.sqlite_file == tmp_path / "other.db"
    absolute = Settings(instance=tmp_path, database_url="sqlite:////var/x.db")
    assert absolute.sqlite_file == Path("/var/x.db")


def test_what_is_written_is_read_again_to_the_letter(home: Path) -> None:
    write_setting("gemini_api_key", 'a $b #c "d" é')
    write_setting("trusted_hosts", "here,there")
    again = load_settings()
    assert again.gemini_api_key is not None
    assert again.gemini_api_key.get_secret_value() == 'a $b #c "d" é'
    assert again.trusted_hosts == ("here", "there")
    assert shown(again, "trusted_hosts") == "here,there"


@pytest.mark.parametrize("value", ["a'b", "a\nb", "a\\b", "a\0b"])
def test_what_could_not_be_read_again_is_refused(home: Path, value: str) -> None:
    with pytest.raises(ConfigurationError, match="cannot hold"):
        write_setting("model", value)


def test_a_file_that_is_not_text_is_one_line(home: Path) -> None:
    (home / "env").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigurationError, match="env"):
        load_settings()


def test_a_bad_setting_in_the_file_can_be_mended_and_its_place_is_told(home: Path) -> None:
    (home / "env").write_text("PROOFSHEET_PORT='abc'\nPROOFSHEET_HOST='::1'\n")
    with pytest.raises(ConfigurationError, match=r"PROOFSHEET_PORT in .*env: "):
        load_settings()
    write_setting("port", "8003")
    assert load_settings().port == 8003


def test_where_the_file_lies_cannot_be_in_it(home: Path) -> None:
    with pytest.raises(ConfigurationError, match="in the environment"):
        write_setting("instance", "/elsewhere")
    (home / "env").write_text("PROOFSHEET_INSTANCE='/elsewhere'\n")
    with pytest.raises(ConfigurationError, match="cannot be in"):
        load_settings()


def test_a_file_that_cannot_be_written_is_one_line(home: Path) -> None:
    (home / "env.new").mkdir()
    with pytest.raises(ConfigurationError, match="cannot be written"):
        write_setting("port", "8003")


def test_a_limit_is_a_number_or_lifted_by_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    name = "PROOFSHEET_REQUESTS_PER_MINUTE"
    assert shown(load_settings(), "requests_per_minute") == "6000"
    monkeypatch.setenv(name, "none")
    assert load_settings().requests_per_minute is None
    assert shown(load_settings(), "requests_per_minute") == "none"
    for wrong in ("0", "many", "-1", "None"):
        monkeypatch.setenv(name, wrong)
        with pytest.raises(ConfigurationError, match=name):
            load_settings()


def test_a_setting_that_needs_another_is_written_after_that_one(home: Path) -> None:
    with pytest.raises(ConfigurationError, match="PROOFSHEET_WEBHOOK_SECRET"):
        write_setting("webhook_url", "https://example.org")
    write_setting("webhook_secret", f"whsec_{'A' * 32}")
    write_setting("webhook_url", "https://example.org")
    assert load_settings().webhook_url is not None


def test_what_does_not_fit_together_does_not_keep_others_from_being_set(home: Path) -> None:
    (home / "env").write_text("PROOFSHEET_WEBHOOK_URL='https://example.org'\n")
    write_setting("port", "8003")
    write_setting("webhook_url", "")
    assert load_settings().port == 8003
