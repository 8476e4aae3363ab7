"""Callers of the partners' API, as other firms' programs are: keys for every change, connections that stay open and new ones."""

import http.client
import json
import threading
import time
import uuid

PHOTO = b"\xff\xd8\xff\xe0photo"


def cpf(number):
    """A valid CPF of nine digits and its two check digits."""
    digits = [int(digit) for digit in f"{number:09d}"]
    for _ in range(2):
        rest = sum(digit * weight for digit, weight in zip(digits, range(len(digits) + 1, 1, -1))) * 10 % 11
        digits.append(rest % 10)
    return "".join(map(str, digits))


class Failed(Exception):
    """An answer that is not the expected one, or none at all."""


class Caller:
    """One program of a partner. It counts its calls, and notes each failure with its moment."""

    def __init__(self, address, port, token, patience_s=0.0):
        self.address, self.port, self.token, self.patience_s = address, port, token, patience_s
        self.connection, self.calls = None, 0
        # Time that the sender of a body takes between its halves, as on a poor line.
        self.pause_s = 0.0
        # Tries that failed and were repeated, and the time of each call, with their moments.
        self.troubles, self.times = [], []

    def call(self, method, path, body=None, fresh=False, content="application/json", expected=(200, 201)):
        """One request with one key. With patience it is repeated for so long; without, the first failure is raised."""
        key, began = str(uuid.uuid4()), time.monotonic()
        while True:
            self.calls += 1
            try:
                status, answer = self.once(method, path, body, fresh, content, key)
                problem = f"{method} {path} answered {status}: {answer[:300]!r}"
                # A refusal is final; the other failures may pass.
                if status in expected:
                    self.times.append((began, time.monotonic() - began))
                    return json.loads(answer)
                if status < 500 and status not in (408, 425, 429):
                    raise Failed(problem)
            except (OSError, http.client.HTTPException) as error:
                self.close()
                problem = f"{method} {path} got no answer: {error!r}"
            if time.monotonic() - began >= self.patience_s:
                raise Failed(problem)
            self.troubles.append((time.monotonic(), problem))
            time.sleep(0.3)

    def once(self, method, path, body, fresh, content, key):
        if fresh:
            self.close()
        if self.connection is None:
            self.connection = http.client.HTTPConnection(self.address, self.port, timeout=20)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": content}
        if method != "GET":
            headers["Idempotency-Key"] = key
        data = json.dumps(body).encode() if isinstance(body, dict) else body
        if data and self.pause_s:
            headers["Content-Length"] = str(len(data))
            data = in_halves(data, self.pause_s)
        self.connection.request(method, path, data, headers)
        answer = self.connection.getresponse()
        return answer.status, answer.read()

    def close(self):
        if self.connection:
            self.connection.close()
        self.connection = None


def in_halves(data, pause_s):
    yield data[:len(data) // 2]
    time.sleep(pause_s)
    yield data[len(data) // 2:]


class Book:
    """What the callers were told: customers and loans by their external ids. The judge compares it with the server."""

    def __init__(self):
        self.lock, self.numbers = threading.Lock(), iter(range(1, 900_000_000))
        self.customers, self.loans, self.failures = {}, {}, []

    def number(self):
        with self.lock:
            return next(self.numbers)

    def failed(self, error):
        with self.lock:
            self.failures.append(f"{time.strftime('%H:%M:%S')} {error}")


def register(caller, book, fresh=False):
    number = book.number()
    company = {"cpf": cpf(number), "cnpj": "12.345.678/0001-95", "name": "Ana Souza", "email": "ana@example.com",
               "phone": "+5511999999999", "external_id": f"loja-{number}"}
    customer = caller.call("POST", "/v3/customers", company, fresh)["id"]
    book.customers[customer] = f"loja-{number}"
    return customer


def upload(caller, customer, kind):
    mark = uuid.uuid4().hex
    parts = (f'--{mark}\r\nContent-Disposition: form-data; name="type"\r\n\r\n{kind}\r\n--{mark}\r\n'
             'Content-Disposition: form-data; name="file"; filename="photo.jpg"\r\nContent-Type: image/jpeg\r\n\r\n')
    body = parts.encode() + PHOTO + f"\r\n--{mark}--\r\n".encode()
    caller.call("POST", f"/v3/customers/{customer}/documents", body, content=f"multipart/form-data; boundary={mark}",
                expected=(200, 201, 202))


def until(caller, path, found, stop):
    """Asks until something is found. Returns None if the load ends first."""
    while not stop.is_set():
        if result := found(caller.call("GET", path)):
            return result
        time.sleep(0.2)
    return None


def loan(caller, book, stop):
    """A customer's whole way to an active loan."""
    customer = register(caller, book)
    for kind in ("cnh", "ccmei", "selfie"):
        upload(caller, customer, kind)
    offers = f"/v3/customers/{customer}/credit-offers?status=available"
    offer = until(caller, offers, lambda answer: answer["data"] and answer["data"][0]["id"], stop)
    if not offer:
        return
    asked = {"requested_amount": "10000.00", "installment_count": 12}
    simulated = caller.call("POST", f"/v3/credit-offers/{offer}/simulations", asked)
    wanted = {"credit_offer_id": offer, "simulation_id": simulated["id"], "installments": simulated["number_of_installments"],
              "installments_value": simulated["installments_value"], "first_due_date": simulated["first_due_date"]}
    made = caller.call("POST", "/v3/loans", wanted)["id"]
    book.loans[made] = customer
    until(caller, f"/v3/loans/{made}", lambda answer: answer["status"] == "active", stop)


def registrations(caller, book, stop):
    """New connections, one after the other."""
    while not stop.is_set():
        register(caller, book, fresh=True)
        time.sleep(0.05)


def slow_registrations(caller, book, stop):
    """Requests that take a second and a half: one is under way at almost every moment."""
    caller.pause_s = 1.5
    while not stop.is_set():
        register(caller, book)


def reads(caller, book, stop):
    """A connection that stays open."""
    while not stop.is_set():
        caller.call("GET", "/v3/customers?limit=5")
        time.sleep(0.02)


def loans(caller, book, stop):
    while not stop.is_set():
        loan(caller, book, stop)


class Load:
    """Callers in threads. Each goes on after a failure, which the book has."""

    def __init__(self, book, callers_of, kinds):
        self.book, self.stop = book, threading.Event()
        self.callers = [(kind, callers_of()) for kind in kinds]
        self.threads = [threading.Thread(target=self.run, args=pair, daemon=True) for pair in self.callers]
        for thread in self.threads:
            thread.start()

    def run(self, kind, caller):
        while not self.stop.is_set():
            try:
                kind(caller, self.book, self.stop)
            except Failed as failed:
                self.book.failed(failed)
                time.sleep(0.2)

    def end(self):
        """Ends the load. Returns the number of calls."""
        self.stop.set()
        for thread in self.threads:
            thread.join(timeout=120)
        return sum(caller.calls for _, caller in self.callers)


def judge(caller, book):
    """Whether everything that was acknowledged is there once. Yields what is not."""
    listed, after = {}, ""
    while True:
        page = caller.call("GET", f"/v3/customers?limit=100{after}")
        for customer in page["data"]:
            if listed.setdefault(customer["external_id"], customer["id"]) != customer["id"]:
                yield f"{customer['external_id']} is there twice"
        if not page.get("has_more"):
            break
        after = f"&starting_after={page['data'][-1]['id']}"
    for customer, external in book.customers.items():
        if listed.get(external) != customer:
            yield f"{external} was acknowledged as {customer}, and is {listed.get(external)}"
    for made, customer in book.loans.items():
        if (found := caller.call("GET", f"/v3/loans/{made}"))["id"] != made or found["customer_id"] != customer:
            yield f"the loan {made} of {customer} is {found}"
