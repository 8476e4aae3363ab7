"""Gives Schemathesis what a document cannot: unused idempotency keys, and bodies that name existing resources."""

import copy
import json
import os
import uuid

import schemathesis
from schemathesis.generation import GenerationMode
from schemathesis.generation.meta import TestPhase

KEYS = ("Idempotency-Key", "X-Idempotency-Key")
REAL = json.loads(os.environ["DINIE_REAL_BODIES"])
_sent = set()
_examples = set()


@schemathesis.hook
def before_call(context, case, kwargs):
    own_key(case)
    real_body(case)


def own_key(case):
    """Gives each request its own key. The tool sends one well-formed key with different requests, and the server must
    refuse the second one."""
    for name in KEYS:
        key = (case.headers or {}).get(name)
        if isinstance(key, str) and 0 < len(key) < 256 and all("!" <= letter <= "~" for letter in key):
            case.headers[name] = str(uuid.uuid4())


def real_body(case):
    """If a body must name existing resources, the first valid request of each phase does so. So each operation succeeds
    at least once."""
    if case.meta is None or case.meta.generation.mode != GenerationMode.POSITIVE:
        return
    prefix = case.operation.path.rsplit("/v", 1)[0]
    operation = f"{prefix} {case.operation.definition.raw['operationId']}"
    body = REAL.get(operation)
    phase = case.meta.phase.name
    # Outside the phase of examples, the tool judges the bytes of a file as an invalid body.
    if body is None or (operation, phase) in _sent or ("file" in body and phase != TestPhase.EXAMPLES):
        return
    _sent.add((operation, phase))
    if phase == TestPhase.EXAMPLES:
        _examples.add(case.id)
    case.body = copy.deepcopy(body)
    if "file" in body:
        case.body["file"] = body["file"].encode("latin-1")


@schemathesis.check
def real_body_is_taken(ctx, response, case):
    """The first example of such an operation succeeds."""
    if case.id in _examples and response.status_code >= 400:
        raise AssertionError(f"a real body was refused: {response.status_code} {response.text}")
