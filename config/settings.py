"""Typed, validated settings of each program.

Order, later beats earlier: `config/motcua.toml` (every key with its default) < the site's file < environment
(`MOTCUA_SECTION__KEY`). The defaults live in the file alone, so that file and code cannot disagree.
"""

import os
import tomllib
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)
from pydantic_settings import SettingsError as SourceError

from config.errors import MotcuaError
from config.input.files import read_toml_file
from config.input.validation_messages import LIMIT, plain_reason
from config.package_data import package_folder
from config.text.types import is_storable

SMALLEST_WINDOW = (480, 800)  # pixels, the shorter side first
DEFAULTS_FILE = package_folder("config") / "motcua.toml"
ENVIRONMENT_PREFIX = "MOTCUA_"


class SettingsError(MotcuaError):
    """A setting that is unknown, of the wrong type or out of range. The text names file and key."""

    exit_code = 2


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


def _web_address(text: str) -> str:
    """`text`, an address that paths may follow; or nothing."""
    if text:
        parts = urlsplit(text)
        _ = parts.port  # ValueError where it is none
        strange = parts.username is not None or parts.query or parts.fragment or not text.isprintable() or " " in text
        if parts.scheme not in {"http", "https"} or not parts.hostname or strange:
            raise ValueError("an address such as https://xep-hang.example.vn is needed")
    return text


Limit = Annotated[str, Field(pattern=LIMIT)]
"""So many in a span of time, in the notation of the library limits."""


class ServerSettings(Section):
    host: str
    port: int = Field(ge=0, le=65535)
    database: str = Field(min_length=1)
    key_file: Path
    public_url: Annotated[str, AfterValidator(_web_address)]
    names: tuple[str, ...]
    always_open: bool
    max_body_kib: int = Field(ge=1, le=65_536)
    secure_cookies: bool
    behind_proxy: bool
    sign_in_limit: Limit
    trusted_networks: tuple[IPv4Network | IPv6Network, ...]
    pin_names: Literal["recent", "all", "none"]
    second_factor_roles: tuple[Literal["clerk", "hall", "supervisor", "administrator", "province"], ...]
    page_limit: Limit
    hall_limit: Limit
    pairing_limit: Limit
    kiosk_ticket_limit: Limit
    kiosk_hand_in_limit: Limit
    session_hours: float = Field(gt=0, le=168)
    session_after_closing_minutes: float = Field(ge=0, le=1440)


class SingleSignOnSettings(Section):
    issuer: str = Field(pattern=r"^(https?://.+)?$")
    client_id: str
    client_secret: str
    scope: str
    claim: str
    bind: Literal["confirm", "first", "claim"]
    bind_claim: str
    bind_value: str
    label: str

    @model_validator(mode="after")
    def _rule_is_whole(self) -> Self:
        if self.bind == "claim" and not (self.bind_claim and self.bind_value):
            raise ValueError('bind = "claim" needs bind_claim and bind_value')
        return self


class CounterSettings(Section):
    finish_on_next: bool
    undo_seconds: float = Field(ge=0, le=120)
    recalls: int = Field(ge=0, le=20)
    grace_seconds: float = Field(ge=0, le=600)
    announce_seconds: float = Field(ge=0, le=600)
    no_show: Literal["out", "back"]
    no_show_places: int = Field(ge=1, le=50)
    no_show_times: int = Field(ge=1, le=10)
    button_debounce_ms: int = Field(ge=0, le=5000)
    button_opens: bool
    clerks_give_numbers: bool


class HallSettings(Section):
    public: bool
    latest_calls: int = Field(ge=1, le=50)
    counts_per_second: float = Field(gt=0, le=100)
    ping_seconds: float = Field(gt=0, le=60)
    show_seconds: float = Field(ge=3, le=60)
    fresh_seconds: float = Field(gt=0, le=3600)
    silent_seconds: float = Field(gt=0, le=600)
    report_seconds: float = Field(ge=1, le=60)
    night: bool
    media_dir: Path | Literal[""]
    media_max_mib: int = Field(ge=1, le=10_240)
    picture_seconds: float = Field(ge=2, le=600)
    rating: bool
    rating_seconds: float = Field(ge=5, le=600)
    rating_file: Path | Literal[""]


QuietHours = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$")]


class VoiceSettings(Section):
    speakers: Literal["one", "all", "none"]
    bank: str = Field(min_length=1)
    data_dir: Path
    order: tuple[Annotated[str, Field(pattern=r"^([a-z]{2,3}|visitor)$")], ...] = Field(min_length=1)
    digits: Literal["spelled", "read"]
    repeat: int = Field(ge=1, le=3)
    pause_seconds: float = Field(ge=0, le=5)
    volume: int = Field(ge=1, le=100)
    quiet_hours: tuple[QuietHours, ...]


class PrivacySettings(Section):
    note_days: int = Field(ge=0, le=366)
    visit_days: int = Field(ge=31, le=3660)
    sign_in_days: int = Field(ge=1, le=3660)
    staff_days: int = Field(ge=0, le=3660)
    request_days: int = Field(ge=2, le=31)
    contact: str = Field(max_length=300)


def too_small(width: int, height: int) -> str:
    """Why a kiosk's window of this size cannot be used; "" where it can. Smaller ones have no room for a keyboard."""
    fits = min(width, height) >= SMALLEST_WINDOW[0] and max(width, height) >= SMALLEST_WINDOW[1]
    return "" if fits else "a kiosk needs a window of 480x800 or 800x480 at least"


class KioskSettings(Section):
    server_url: str = Field(pattern=r"^https?://")
    ca_file: Path | Literal[""]
    token: str
    data_dir: Path
    width: int = Field(ge=320, le=16_384)
    height: int = Field(ge=320, le=16_384)
    diagonal_inches: float = Field(ge=7, le=100)
    fullscreen: bool
    language: str = Field(pattern=r"^[a-z]{2,3}$")
    answer_seconds: float = Field(gt=0, le=60)
    result_seconds: float = Field(gt=0, le=600)
    idle_seconds: float = Field(gt=0, le=3600)
    refresh_seconds: float = Field(gt=0, le=600)
    ask_procedure: bool
    start_queues: int = Field(ge=0, le=6)
    priority_by: Literal["touch", "card", "staff"]
    scanner: str
    remote_port: int = Field(ge=0, le=65535)

    @model_validator(mode="after")
    def _window_is_large_enough(self) -> Self:
        if reason := too_small(self.width, self.height):
            raise ValueError(f"{self.width}x{self.height}: {reason}")
        return self


class SpeechSettings(Section):
    player: str
    device: str
    voices: dict[str, str]
    words_per_minute: int = Field(ge=80, le=450)


class KeypadSettings(Section):
    next: tuple[str, ...]
    previous: tuple[str, ...]
    choose: tuple[str, ...]
    repeat: tuple[str, ...]
    back: tuple[str, ...]
    language: tuple[str, ...]
    dark: tuple[str, ...]
    speech: tuple[str, ...]


class PrinterSettings(Section):
    url: str = Field(pattern=r"^[a-z]+://")
    layout: str = Field(min_length=1)
    timeout_seconds: float = Field(gt=0, le=600)


class BackupSettings(Section):
    folder: Path
    recipients: tuple[Annotated[str, Field(pattern=r"^(age1|ssh-)")], ...]


class LogSettings(Section):
    level: Literal["debug", "info", "warning", "error"]
    format: Literal["text", "json"]


class Settings(BaseSettings):
    """All settings. Build one with `load_settings`."""

    model_config = SettingsConfigDict(
        env_prefix=ENVIRONMENT_PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True
    )

    server: ServerSettings
    single_sign_on: SingleSignOnSettings
    counter: CounterSettings
    hall: HallSettings
    voice: VoiceSettings
    privacy: PrivacySettings
    kiosk: KioskSettings
    speech: SpeechSettings
    keypad: KeypadSettings
    printer: PrinterSettings
    backup: BackupSettings
    log: LogSettings

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)


def load_settings(site_file: Path | None = None, **overrides: dict[str, Any]) -> Settings:
    """The settings that hold now.

    `site_file`: a TOML file that may hold any part of the keys; None takes the file named by MOTCUA_CONFIG, if any.
    `overrides`: sections by name, e.g. `server={"port": 0}`, from a command's own flags; they beat everything.
    Raises `SettingsError`, one line that names file (or variable) and key.
    """
    if site_file is None and os.environ.get("MOTCUA_CONFIG"):
        site_file = Path(os.environ["MOTCUA_CONFIG"])
    layers = [(DEFAULTS_FILE.name, _read_toml(DEFAULTS_FILE))]
    if site_file is not None:
        layers.append((str(site_file), _read_toml(site_file)))
    layers.append(("environment", _read_environment()))
    layers.append(("command line", overrides))
    merged: dict[str, Any] = {}
    for _, values in layers:
        _merge(merged, values)
    try:
        return Settings.model_validate(merged)
    except ValidationError as error:
        raise SettingsError(_first_problem(error, layers)) from error


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return read_toml_file(path)
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path}: cannot be read: is not UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path}: not valid TOML: {error}") from error


def _merge(into: dict[str, Any], values: dict[str, Any]) -> None:
    for key, value in values.items():
        if isinstance(value, dict) and isinstance(into.get(key), dict):
            _merge(into[key], value)
        else:
            into[key] = value


def _read_environment() -> dict[str, Any]:
    for name, value in os.environ.items():
        _refuse_unknown_variable(name)
        if name.startswith(ENVIRONMENT_PREFIX) and not is_storable(value):
            raise SettingsError(f"environment: {name}: is not UTF-8")
    try:
        return EnvSettingsSource(Settings)()
    except SourceError as error:  # MOTCUA_SERVER=… is read as JSON
        raise SettingsError(f"environment: {error}") from error


def _refuse_unknown_variable(name: str) -> None:
    if not name.startswith(ENVIRONMENT_PREFIX):
        return
    section_name, _, key = name.removeprefix(ENVIRONMENT_PREFIX).lower().partition("__")
    section = Settings.model_fields.get(section_name)
    if not key:
        # One underscore too few; MOTCUA_CONFIG and others that name no section are not ours to judge.
        wrong = any(section_name.startswith(f"{known}_") for known in Settings.model_fields)
    else:
        wrong = section is None or key not in getattr(section.annotation, "model_fields", {})
    if wrong:
        raise SettingsError(f"environment: {name}: no such setting; one is written MOTCUA_SECTION__KEY")


def _first_problem(error: ValidationError, layers: list[tuple[str, dict[str, Any]]]) -> str:
    problem = error.errors()[0]
    location = [str(part) for part in problem["loc"]]
    source = next((name for name, values in reversed(layers) if _holds(values, location)), layers[0][0])
    reason = "no such setting" if problem["type"] == "extra_forbidden" else plain_reason(problem)
    return f"{source}: {'.'.join(location)}: {reason}"


def _holds(values: Any, location: list[str]) -> bool:
    for key in location:
        if not isinstance(values, dict) or key not in values:
            return False
        values = values[key]
    return True
