"""A small HTTP client that keeps the last requests for the report of a difference."""

import base64
import http.client
import json
import time
import uuid
from collections import deque
from dataclasses import dataclass
from typing import Any

# Tokens live for an hour.
TOKEN_SECONDS = 1800
TOO_MANY_REQUESTS = 429


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any

    def expect(self, *statuses: int) -> Any:
        if self.status not in statuses:
            raise UnexpectedAnswer(f"status {self.status}, expected {statuses}: {self.body}")
        return self.body


class UnexpectedAnswer(Exception):
    """The server refuses what the story needs."""


class Client:
    def __init__(self, address: str, client_id: str, client_secret: str, operator_token: str):
        self.connection = http.client.HTTPConnection(address, timeout=120)
        self.basic = base64.b64encode(f"{client_id}:{client_secret}".encode()).decode()
        self.operator_token = operator_token
        self.partner_token, self.renew_at = "", 0.0
        self.log: deque[str] = deque(maxlen=400)

    def partner(self, method: str, path: str, body: Any = None) -> Answer:
        """A request with the partner's token: /v3 and /sandbox."""
        return self.send(method, path, self.bearer(), body)

    def operator(self, method: str, path: str, body: Any = None) -> Answer:
        return self.send(method, f"/operator/v1{path}", self.operator_token, body)

    def bearer(self) -> str:
        if time.monotonic() >= self.renew_at:
            headers = {"Authorization": f"Basic {self.basic}", "Content-Type": "application/x-www-form-urlencoded"}
            answer = self.exchange("POST", "/v3/auth/token", b"grant_type=client_credentials", headers)
            self.partner_token = answer.expect(200)["access_token"]
            self.renew_at = time.monotonic() + TOKEN_SECONDS
        return self.partner_token

    def send(self, method: str, path: str, token: str, body: Any) -> Answer:
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": uuid.uuid4().hex}
        payload = None
        if body is not None:
            payload = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        answer = self.exchange(method, path, payload, headers)
        if method != "GET":
            self.log.append(f"{method} {path} {json.dumps(body, ensure_ascii=False)} -> {answer.status}")
        return answer

    def upload(self, path: str, kind: str, content: bytes) -> Answer:
        """A document as multipart form data."""
        boundary = uuid.uuid4().hex
        parts = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="type"\r\n\r\n{kind}\r\n'
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{kind}.jpg"\r\n'
            "Content-Type: image/jpeg\r\n\r\n"
        ).encode()
        payload = parts + content + f"\r\n--{boundary}--\r\n".encode()
        headers = {
            "Authorization": f"Bearer {self.bearer()}",
            "Content-Type": f"multipart/form-data; boundary={boundary}",
        }
        return self.exchange("POST", path, payload, headers)

    def form(self, path: str, fields: str) -> Answer:
        """A form of a page for the customer."""
        return self.exchange("POST", path, fields.encode(), {"Content-Type": "application/x-www-form-urlencoded"})

    def exchange(self, method: str, path: str, payload: bytes | None, headers: dict[str, str]) -> Answer:
        """Sends the request, and again after the pause that a 429 asks for."""
        while True:
            response, text = self.attempt(method, path, payload, headers)
            if response.status != TOO_MANY_REQUESTS:
                break
            time.sleep(int(response.getheader("Retry-After", "1")))
        if "json" in (response.getheader("Content-Type") or ""):
            return Answer(response.status, json.loads(text))
        return Answer(response.status, text)

    def attempt(
        self, method: str, path: str, payload: bytes | None, headers: dict[str, str]
    ) -> tuple[http.client.HTTPResponse, str]:
        try:
            self.connection.request(method, path, payload, headers)
            response = self.connection.getresponse()
        except (http.client.RemoteDisconnected, BrokenPipeError):
            # The server closes idle connections. Idempotency keys make a second try safe.
            self.connection.close()
            self.connection.request(method, path, payload, headers)
            response = self.connection.getresponse()
        return response, response.read().decode()
