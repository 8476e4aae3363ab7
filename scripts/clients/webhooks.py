"""Verifies every webhook of both generations with the unmodified Python package `standardwebhooks`, on a live server."""

import json
import os
import threading
import unittest
import urllib.request
from datetime import datetime, timezone

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from server import Receiver, Sandbox

BINARY = os.environ["DINIE"]
OFFERS = ["credit_offer.available", "credit_offer.expired"]
CUSTOMERS = [f"customer.{name}" for name in ("created", "under_review", "active", "denied", "kyc_updated")]
LOANS = {
    "/v3": "created contract_generated awaiting_signatures signed disbursing active payment_received finished cancelled "
           "error",
    "/api/v3": "created signature_received processing active payment_received finished cancelled error",
}
NAMES = {
    generation: CUSTOMERS + OFFERS + [f"loan.{name}" for name in names.split()] for generation, names in LOANS.items()
}


class Keeper(Receiver):
    """Keeps every request unchanged."""

    def __init__(self):
        self.received, self._come = [], threading.Condition()
        super().__init__()
        self.url = f"{self.origin}/"

    def receive(self, headers, body):
        with self._come:
            self.received.append((dict(headers), body))
            self._come.notify_all()
        return 204

    def wait_for(self, count, seconds=120):
        with self._come:
            if not self._come.wait_for(lambda: len(self.received) >= count, timeout=seconds):
                raise AssertionError(f"{len(self.received)} of {count} webhooks came")
            return list(self.received)


class Webhooks(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sandbox = Sandbox(BINARY)
        form = f"grant_type=client_credentials&client_id={cls.sandbox.client_id}&client_secret={cls.sandbox.client_secret}"
        request = urllib.request.Request(cls.sandbox.origin + "/v3/auth/token", data=form.encode())
        with urllib.request.urlopen(request) as answer:
            cls.token = json.load(answer)["access_token"]

    @classmethod
    def tearDownClass(cls):
        cls.sandbox.stop()

    def call(self, path, body):
        headers = {"authorization": f"Bearer {self.token}", "content-type": "application/json"}
        request = urllib.request.Request(self.sandbox.origin + path, data=json.dumps(body).encode(), headers=headers)
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def test_every_event_of_both_generations_is_verified(self):
        for generation, names in NAMES.items():
            with self.subTest(generation):
                receiver = Keeper()
                endpoint = self.call(f"{generation}/webhooks/endpoints", {"url": receiver.url})
                for name in names:
                    self.call(f"{generation}/webhooks/endpoints/{endpoint['id']}/test", {"type": name})
                webhook = Webhook(endpoint["secret"])
                come = receiver.wait_for(len(names))
                receiver.stop()
                self.assertEqual({webhook.verify(body, headers)["type"] for headers, body in come}, set(names))
                headers, body = come[0]
                for wrong in (body + b" ", body[:-1] + b",}"):
                    with self.assertRaises(WebhookVerificationError):
                        webhook.verify(wrong, headers)

    def test_both_secrets_verify_during_a_rotation(self):
        receiver = Keeper()
        endpoint = self.call("/v3/webhooks/endpoints", {"url": receiver.url})
        path = f"/v3/webhooks/endpoints/{endpoint['id']}"
        rotated = self.call(f"{path}/secret/rotate", {"expire_current_in": 3600})
        self.call(f"{path}/test", {"type": "loan.active"})
        [(headers, body)] = receiver.wait_for(1)
        receiver.stop()
        for secret in (endpoint["secret"], rotated["secret"]):
            Webhook(secret).verify(body, headers)

    def test_the_published_vectors(self):
        """The server's own tests use both vectors too. Here they show that package and server agree."""
        vectors = [
            ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330,
             '{"test": 2432232314}', "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
            ("whsec_plJ3nmyCDGBKInavdOK15jsl", "msg_loFOjxBNrRLzqYUf", 1731705121,
             '{"event_type":"ping","data":{"success":true}}', "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0="),
        ]
        for secret, message, seconds, body, signature in vectors:
            at = datetime.fromtimestamp(seconds, tz=timezone.utc)
            self.assertEqual(Webhook(secret).sign(msg_id=message, timestamp=at, data=body), signature)


if __name__ == "__main__":
    unittest.main(verbosity=2)
