"""Which buttons there are: a TOML file, validated before anything starts (config/buttons.toml shows all of it)."""

import tomllib
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from config.errors import MotcuaError
from config.input.files import read_toml_file
from config.input.validation_messages import plain_reason

Key = Literal["next", "recall", "start", "finish", "no-show", "park", "open", "close", "break"]


class PlanError(MotcuaError):
    """The file cannot be read or says something impossible. One line with file and key."""

    exit_code = 2


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Button(Part):
    """`token`: of a device of kind button, which is bound to its counter."""

    token: Annotated[str, Field(min_length=16)]


class MqttButton(Button):
    """`keys`: what each payload means; "*" is any other. `feedback`: where the counter's state is published as JSON."""

    topic: Annotated[str, Field(min_length=1, pattern=r"^[^+#]+$")]
    keys: Annotated[dict[str, Key], Field(min_length=1)] = {"*": "next"}
    feedback: str = ""


class Broker(Part):
    """`tls`: by the certificates that the machine trusts."""

    host: str
    port: Annotated[int, Field(ge=1, le=65535)] = 1883
    user: str = ""
    password: str = ""
    tls: bool = False
    button: Annotated[list[MqttButton], Field(min_length=1)]


class Keypad(Button):
    """`keys`: by the key codes of Linux, as `evtest` shows them (96 is Enter of the number pad)."""

    device: Annotated[str, Field(min_length=1)]
    keys: Annotated[dict[int, Key], Field(min_length=1)]


class SerialKeypad(Button):
    """One keypad of a line; `frames`: the bytes of a key, in hex. `feedback`: a frame to send, in hex, or empty.

    In `feedback`, {text} stands for the 16 ASCII signs of the counter's state, {number} for the number in 4 signs.
    """

    frames: Annotated[dict[str, Key], Field(min_length=1)]
    feedback: str = ""

    @field_validator("frames")
    @classmethod
    def _in_hex(cls, frames: dict[str, Key]) -> dict[str, Key]:
        if not all(bytes.fromhex(frame) for frame in frames):
            raise ValueError("an empty frame")
        return frames

    @field_validator("feedback")
    @classmethod
    def _also_in_hex(cls, feedback: str) -> str:
        bytes.fromhex(feedback.replace("{text}", "").replace("{number}", ""))
        return feedback


class SerialPort(Part):
    """A line with one keypad or, on RS-485, with several that say their address in each frame."""

    port: Annotated[str, Field(min_length=1)]
    baud: Annotated[int, Field(ge=300, le=921600)] = 9600
    keypad: Annotated[list[SerialKeypad], Field(min_length=1)]

    @model_validator(mode="after")
    def _told_apart(self) -> Self:
        frames = [bytes.fromhex(frame) for keypad in self.keypad for frame in keypad.frames]
        for one in frames:
            if sum(other.startswith(one) for other in frames) > 1:
                raise ValueError(f"the frame {one.hex(' ')} is the beginning of another one")
        return self


class ButtonsConfig(Part):
    """`answer_seconds`: how long one try may take; `try_seconds`: after so long a press is given up and said."""

    server_url: Annotated[str, Field(pattern=r"^https?://[^/]+$")]
    ca_file: str = ""
    answer_seconds: Annotated[float, Field(gt=0, le=30)] = 2.0
    try_seconds: Annotated[float, Field(gt=0, le=60)] = 6.0
    look_seconds: Annotated[float, Field(gt=0, le=60)] = 2.0
    mqtt: Broker | None = None
    keypad: list[Keypad] = []
    serial: list[SerialPort] = []

    @model_validator(mode="after")
    def _has_buttons(self) -> Self:
        if self.mqtt is None and not self.keypad and not self.serial:
            raise ValueError("there is no button: give [mqtt], [[keypad]] or [[serial]]")
        return self


def load_plan(path: Path) -> ButtonsConfig:
    """The plan in `path`. Raises `PlanError`."""
    try:
        return ButtonsConfig.model_validate(read_toml_file(path))
    except (OSError, UnicodeDecodeError) as error:
        raise PlanError(f"{path}: cannot be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise PlanError(f"{path}: not valid TOML: {error}") from error
    except ValidationError as error:
        problem = error.errors(include_input=False)[0]  # what stands there may be a token
        reason = "no such key" if problem["type"] == "extra_forbidden" else plain_reason(problem)
        raise PlanError(f"{path}: {'.'.join(map(str, problem['loc'])) or 'the file'}: {reason}") from error
