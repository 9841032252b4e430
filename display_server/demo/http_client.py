"""The HTTP APIs of the parts, as their own clients use them: with a device's token, or signed in as people do."""

import http.client
import json
import re
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode

from display_server.demo.errors import DemoError

ANSWER_SECONDS = 20.0
FORM_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
PAGE_TOKEN = re.compile(r'name="csrf-token"[^>]*content="([^"]+)"')


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    def text(self) -> str:
        return self.body.decode()


class ApiClient:
    """HTTP at `host`:`port`; `headers` go with every request. Trouble with the connection is an `OSError`."""

    def __init__(self, host: str, port: int, headers: dict[str, str] | None = None) -> None:
        self.host, self.port = host, port
        self._headers = headers or {}

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    def with_token(self, token: str) -> "ApiClient":
        """The same API for the device that holds `token`."""
        return ApiClient(self.host, self.port, {"Authorization": f"Bearer {token}"})

    def get(self, path: str) -> Answer:
        return self.ask("GET", path)

    def post(self, path: str, body: Any) -> Answer:
        return self.ask("POST", path, json.dumps(body), {"Content-Type": "application/json"})

    def ask(self, method: str, path: str, body: str | None = None, headers: dict[str, str] | None = None) -> Answer:
        connection = http.client.HTTPConnection(self.host, self.port, timeout=ANSWER_SECONDS)
        try:
            connection.request(method, path, body, self._headers | (headers or {}) | {"Connection": "close"})
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        except http.client.HTTPException as error:
            raise ConnectionError(f"{self.url}{path}: {error!r}") from error
        finally:
            connection.close()


class Session(ApiClient):
    """A person's browser: signed in through the form, with the cookie and the page's CSRF token."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(host, port)
        self._cookies: dict[str, str] = {}

    def sign_in(self, name: str, password: str, page: str) -> None:
        """Sign in and open `page`. Raises `DemoError` when the server does not let them in."""
        form = self._look(f"/sign-in?{urlencode({'next': page})}")
        fields = {"name": name, "password": password, "next": page, "csrf_token": _token(FORM_TOKEN, form)}
        answer = self.ask("POST", "/sign-in", urlencode(fields), {"Content-Type": "application/x-www-form-urlencoded"})
        self._keep_cookies(answer)
        if answer.status not in (http.HTTPStatus.FOUND, http.HTTPStatus.SEE_OTHER):
            raise DemoError(f"{name} cannot sign in: status {answer.status}")
        self._headers["X-CSRFToken"] = _token(PAGE_TOKEN, self._look(page))

    def _look(self, path: str) -> str:
        answer = self.get(path)
        self._keep_cookies(answer)
        if answer.status != http.HTTPStatus.OK:
            raise DemoError(f"{path}: status {answer.status}")
        return answer.text()

    def _keep_cookies(self, answer: Answer) -> None:
        for line in answer.headers.get_all("Set-Cookie", []):
            self._cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        self._headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self._cookies.items())


def _token(pattern: re.Pattern[str], page: str) -> str:
    found = pattern.search(page)
    if found is None:
        raise DemoError("a page came without its CSRF token")
    return found.group(1)
