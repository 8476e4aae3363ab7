"""What all journeys share, whichever document their client is generated from."""

import os

ORIGIN = os.environ["DINIE_ORIGIN"]
GRANT = {
    "grant_type": "client_credentials",
    "client_id": os.environ["DINIE_CLIENT_ID"], "client_secret": os.environ["DINIE_CLIENT_SECRET"],
}
COMPANY = {"cnpj": "12.345.678/0001-95", "name": "Ana Souza", "email": "ana@example.com", "phone": "+5511999999999"}


def done(answer):
    """The parsed body of a successful answer."""
    assert answer.status_code < 300, f"{answer.status_code} {answer.content.decode()}"
    return answer.parsed
