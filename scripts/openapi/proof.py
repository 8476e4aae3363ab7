"""Proves that the OpenAPI documents are valid, that clients generated from them work, and that the server follows them.
See `scripts/openapi/run`.

All generated files are in `target/openapi`."""

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from openapi_spec_validator import OpenAPIV31SpecValidator

import seeds

HERE = Path(__file__).resolve().parent
OUT = HERE.parent.parent / "target" / "openapi"
DOCUMENTS = {"reference": "/v3", "sdk": "/api/v3", "operator": "/operator/v1", "sandbox": "/sandbox"}
FUZZED = ("reference", "sdk", "operator")
# The generator of Python clients supports no other media type of files.
FILES = ("application/pdf", "application/zip", "image/jpeg", "image/png")
# The tools must not send usage data: there may be no network, and the proof does not need it.
QUIET = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true", "CI": "true"}


def tool(name):
    """A program that npm installed."""
    return HERE / "node_modules" / ".bin" / name


def run(*command, cwd=OUT, **environment):
    """Runs a program, and prints its output if it fails."""
    began = time.monotonic()
    ran = subprocess.run(
        [str(part) for part in command], cwd=cwd, env={**os.environ, **QUIET, **environment},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )
    if ran.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\n{ran.stdout}\nfailed with {ran.returncode}")
    took(Path(command[0]).name, began)
    return ran.stdout


def took(what, began):
    print(f"  {what}: {time.monotonic() - began:.1f} s", flush=True)


def fetch(server):
    """Saves the four documents as the server returns them."""
    for name, path in DOCUMENTS.items():
        with urllib.request.urlopen(f"{server.origin}{path}/openapi.json") as answer:
            (OUT / f"{name}.json").write_bytes(answer.read())


def validate():
    faults = []
    for name in DOCUMENTS:
        document = json.loads((OUT / f"{name}.json").read_text())
        for error in OpenAPIV31SpecValidator(document).iter_errors():
            faults.append(f"{name}.json {'/'.join(map(str, error.absolute_path))}: {error.message}")
    if faults:
        sys.exit("openapi-spec-validator:\n" + "\n".join(faults))


def lint():
    for name in DOCUMENTS:
        said = run(tool("redocly"), "lint", "--config", HERE / "redocly.yaml", "--format", "json", OUT / f"{name}.json")
        found = json.loads(said[said.index("{"):said.rindex("}") + 1])
        if found["problems"] or any(found["totals"].values()):
            sys.exit(f"redocly lint {name}.json: {said}")


def render():
    """Renders a reference page of each document."""
    for name in DOCUMENTS:
        run(tool("redocly"), "build-docs", "--config", HERE / "redocly.yaml", "--disableGoogleFont", OUT / f"{name}.json",
            "-o", OUT / "pages" / f"{name}.html")


def generate_typescript():
    folder = OUT / "typescript"
    folder.mkdir()
    (folder / "node_modules").symlink_to(HERE / "node_modules")
    (folder / "package.json").write_text('{"type": "module"}\n')
    for name in DOCUMENTS:
        run(tool("openapi-typescript"), OUT / f"{name}.json", "-o", folder / f"{name}.ts")
    for source in [*HERE.glob("*.ts"), HERE / "tsconfig.json"]:
        shutil.copy(source, folder)
    run(tool("tsc"), "-p", ".", cwd=folder)


def generate_python():
    for name in DOCUMENTS:
        settings = OUT / f"{name}.client.json"
        settings.write_text(json.dumps({
            "package_name_override": f"{name}_client", "post_hooks": [], "literal_enums": True,
            "content_type_overrides": {file: "application/octet-stream" for file in FILES},
        }))
        run(sys.executable, "-m", "openapi_python_client", "generate", "--path", OUT / f"{name}.json", "--meta", "none",
            "--output-path", OUT / "python" / f"{name}_client", "--config", settings, "--fail-on-warning")


def journeys(server):
    environment = {
        "DINIE_ORIGIN": server.origin, "DINIE_CLIENT_ID": server.client_id,
        "DINIE_CLIENT_SECRET": server.client_secret, "DINIE_OPERATOR_TOKEN": server.operator_token,
        "PYTHONPATH": f"{OUT / 'python'}:{HERE}",
    }
    for language in ("typescript", "python"):
        for name in ("reference", "sdk"):
            drive(language, f"journey_{name}", environment)
        customer = server.under_review()
        loan = server.signed_loan()
        drive(language, "journey_operator", {**environment, "DINIE_REVIEWED": customer, "DINIE_SIGNED_LOAN": loan})


def drive(language, name, environment):
    if language == "typescript":
        print(run("node", OUT / "typescript" / f"{name}.js", **environment), end="")
    else:
        print(run(sys.executable, HERE / f"{name}.py", **environment), end="")


def fuzz(binary, name):
    """Starts Schemathesis on one document and a separate server. Its output goes to a file."""
    server = seeds.Server(binary)
    environment = {**os.environ, **QUIET, **seeds.seeded(server, DOCUMENTS[name]), "PYTHONPATH": str(HERE)}
    with open(OUT / f"schemathesis-{name}.log", "wb") as log:
        process = subprocess.Popen(
            [
                sys.executable, "-m", "schemathesis.cli", "--config-file", HERE / "schemathesis.toml", "run",
                f"{server.origin}{DOCUMENTS[name]}/openapi.json", "--no-color",
            ],
            cwd=OUT, env=environment, stdout=log, stderr=subprocess.STDOUT,
        )
    return name, server, process


def judge(name, server, process):
    """Waits for Schemathesis and prints its summary. If it found errors, prints its whole output."""
    failed = process.wait() != 0
    server.stop()
    said = (OUT / f"schemathesis-{name}.log").read_text()
    print(f"--- schemathesis {DOCUMENTS[name]}\n{said if failed else said[said.index('API Operations:'):]}", flush=True)
    return failed


def main():
    binary = str(Path(sys.argv[1]).resolve())
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    server = seeds.Server(binary)
    try:
        fetch(server)
        validate()
        lint()
        render()
        generate_typescript()
        generate_python()
        journeys(server)
    finally:
        server.stop()
    fuzzed = [fuzz(binary, name) for name in FUZZED]
    if any([judge(*run) for run in fuzzed]):
        sys.exit("schemathesis found errors")


if __name__ == "__main__":
    main()
