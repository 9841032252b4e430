"""Which passwords are taken, and in which form they are hashed: NFC, so that the same keys give the same password."""

import unicodedata

from zxcvbn import zxcvbn

from config.text.types import clean_password, is_storable
from display_server.services.errors import Invalid

SHORTEST_PASSWORD = 8  # NIST 800-63B; names are locked after a few failures
LONGEST_PASSWORD = 128
FEWEST_GUESSES = 1_000_000  # fewer: "very guessable" in zxcvbn's words (Wheeler, USENIX Security 2016)
FEWEST_GUESSES_JOINED = 20_000
LOOKED_AT = 72  # letters: zxcvbn takes no more, and its time grows with them
# What people here choose first and English lists do not know, as it is typed without accents.
LOCAL_WORDS = (
    "matkhau", "anhyeuem", "emyeuanh", "yeuem", "vietnam", "hanoi", "saigon", "motcua", "quantri", "hanhchinh",
    "trungtam", "canbo", "ubnd", "xinchao", "camon", "tinyeu", "giadinh", "abc@123456", "abc@123", "abc@1234",
    "abc123456@", "admin@123", "admin@1234", "qwe@123", "123456a@", "aa@123456",
)  # fmt: skip


def check_password(password: str, name: str) -> None:
    """Raises `Invalid` for a password that is too short, too long, or among the first that somebody would try."""
    password = clean_password(password)
    if not is_storable(password):
        raise Invalid("the password has a character that no keyboard types")
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise Invalid(f"a password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} letters")
    if password.casefold() == name.casefold() or is_common(password, name):
        raise Invalid("this password is too easy to guess")


def is_common(password: str, name: str = "") -> bool:
    """Whether few guesses find it: a common password, a row of keys, a date, a name; accents make no difference."""
    said = [*LOCAL_WORDS, *_plain(name).split(), _plain(name).replace(" ", "")]
    words = [word for word in said if word]
    joined = _plain(password).replace(" ", "")  # "mật khẩu 1"; what is common only without its blanks is less so
    bounds = {joined: FEWEST_GUESSES_JOINED} | dict.fromkeys((password, _plain(password)), FEWEST_GUESSES)
    return any(
        zxcvbn(form[:LOOKED_AT], user_inputs=words)["guesses"] < fewest for form, fewest in bounds.items() if form
    )


def forms_of(password: str) -> list[str]:
    """In which forms it may have been hashed: NFC, and as it was typed before passwords were normalised."""
    return list(dict.fromkeys(form[: LONGEST_PASSWORD + 1] for form in (clean_password(password), password)))


def _plain(text: str) -> str:
    parted = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return "".join(letter for letter in parted if not unicodedata.combining(letter))
