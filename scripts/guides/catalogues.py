"""Checks the portal's texts beside the guides: the catalogues of events and errors, the links, and llms.txt."""

import json
import re
import tomllib

from guide import Fault

GENERATIONS = ("reference", "sdk")
TEXTS = ("when", "order", "do")
# Pages of the portal and of the server that texts may link to.
PAGES = re.compile(r"/(docs|docs/(reference|events|errors|changelog|search)(#[\w.-]+)?|docs/(pt-BR|en)(/[\w-]+)?|"
                   r"docs/reference/(v3|sdk|sandbox)(/\w+)?|sandbox/mailbox|console|status|llms\.txt|"
                   r"(v3|api/v3|sandbox)/openapi\.json)")


def sent(root):
    """The types of events of each generation, by its OpenAPI document."""
    return {name: set(json.loads((root / f"openapi/{name}.json").read_text())["webhooks"]) for name in GENERATIONS}


def events(root, portal):
    """Checks both catalogues of events against the OpenAPI documents and each other. Returns the number of types."""
    types, catalogues = sent(root), {}
    for language in ("pt-BR", "en"):
        path = portal / f"events.{language}.toml"
        catalogues[language] = entries = tomllib.loads(path.read_text())["event"]
        for entry in entries:
            name = entry.get("type", "(no type)")
            generations = {generation for generation in GENERATIONS if name in types[generation]}
            if set(entry.get("generations", [])) != generations:
                raise Fault(f"{path.name}: {name} is an event of {sorted(generations)}, by the OpenAPI documents")
            for key in TEXTS:
                if not entry.get(key, "").strip():
                    raise Fault(f"{path.name}: {name} has no text `{key}`")
            flag = "" if "reference" in generations else " --generation sdk"
            if entry.get("trigger") != f"dinie trigger {name}{flag}":
                raise Fault(f"{path.name}: the line of {name} must be `dinie trigger {name}{flag}`")
        listed = [entry["type"] for entry in entries]
        if len(listed) != len(set(listed)) or set(listed) != types["reference"] | types["sdk"]:
            wrong = set(listed) ^ (types["reference"] | types["sdk"])
            raise Fault(f"{path.name}: these types are missing, unknown or twice there: {sorted(wrong) or listed}")
    if [entry["type"] for entry in catalogues["pt-BR"]] != [entry["type"] for entry in catalogues["en"]]:
        raise Fault("the catalogues of events have different orders")
    for one, other in zip(*catalogues.values()):
        if set(one) != set(other):
            raise Fault(f"the catalogues of events have different texts of {one['type']}: {set(one) ^ set(other)}")
    return len(catalogues["en"])


def triggers(portal):
    """The type of each event, and the line that makes it happen."""
    return [(entry["type"], entry["trigger"]) for entry in tomllib.loads((portal / "events.en.toml").read_text())["event"]]


def errors(root, portal):
    """Checks that both catalogues of errors have the causes of every code of the server's table. Returns their number."""
    table = (root / "crates/wire/src/problem.rs").read_text()
    order = re.findall(r'^ {4}\w+ = "(\w+)", \d+', table, re.MULTILINE)
    catalogues = {language: tomllib.loads((portal / f"errors.{language}.toml").read_text())["error"]
                  for language in ("pt-BR", "en")}
    for language, entries in catalogues.items():
        if [entry["code"] for entry in entries] != order:
            raise Fault(f"errors.{language}.toml: its codes must be those of wire/src/problem.rs, in that order")
    for one, other in zip(*catalogues.values()):
        same = ("code", "repeat", "kept")
        if any(one[key] != other[key] for key in same) or len(one["causes"]) != len(other["causes"]):
            raise Fault(f"the catalogues of errors disagree about {one['code']}")
        if one["repeat"] not in ("no", "changed", "token", "later") or not all(one["causes"] + other["causes"]):
            raise Fault(f"the catalogues of errors have no causes, or a wrong word, for {one['code']}")
    return len(order)


def codes(root):
    """Every code of a problem and every slug of the server's table."""
    table = (root / "crates/wire/src/problem.rs").read_text()
    rows = re.findall(r'^ {4}\w+ = "(\w+)", \d+, "([\w-]+)"', table, re.MULTILINE)
    return {code for code, _ in rows} | {slug for _, slug in rows}


def operations(root):
    """Every operation of the OpenAPI documents, as `GET /v3/loans/{}`."""
    paths = (json.loads((root / f"openapi/{name}.json").read_text())["paths"] for name in (*GENERATIONS, "sandbox"))
    return {f"{method.upper()} {re.sub(r'{.*?}', '{}', path)}"
            for of_document in paths for path, methods in of_document.items() for method in methods}


def named_operations(name, text, known):
    """Checks that each operation in backticks exists. A path with `…` is a part of one."""
    for found in re.finditer(r"`((?:GET|POST|PATCH|DELETE) )(/[^`\s?…]*)(?:[?\s][^`]*)?`", text):
        operation = found[1] + re.sub(r"{.*?}", "{}", found[2])
        if operation not in known:
            raise Fault(f"{name}:{text[: found.start()].count(chr(10)) + 1}: there is no operation {operation}")


def checks(portal, guides):
    """Checks that README.md of the portal explains every check of the checklists, and no other one."""
    table = (portal / "README.md").read_text().split("**Checks.**")[1]
    explained = {check for row in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE) for check in re.findall(r"`(\w+)`", row)}
    for guide in guides:
        named = set(re.findall(r"<!-- check: (\w+) -->", guide.text))
        if named and named != explained:
            raise Fault(f"{guide.name}: the portal's README.md has other checks: {sorted(named ^ explained)}")


def links(name, text, guides, known):
    """Checks the links of a text: to guides beside it, to codes and events, to pages of the server."""
    text = re.sub(r"^```.*?^```$", lambda block: "\n" * block[0].count("\n"), text, flags=re.DOTALL | re.MULTILINE)
    for found in re.finditer(r"\]\(([^)\s]+)\)", text):
        target, line = found[1], text[: found.start()].count("\n") + 1
        page, _, anchor = target.partition("#")
        if target.startswith("https://"):
            continue
        if page.endswith(".md"):
            if page.removesuffix(".md") not in guides:
                raise Fault(f"{name}:{line}: there is no guide {page}")
            if anchor and anchor not in guides[page.removesuffix(".md")]:
                raise Fault(f"{name}:{line}: {page} has no heading #{anchor}")
        elif page.startswith("/errors/"):
            if page.removeprefix("/errors/") not in known:
                raise Fault(f"{name}:{line}: there is no error {page}")
        elif page == "/docs/events" and anchor and anchor not in known:
            raise Fault(f"{name}:{line}: there is no event {anchor}")
        elif not PAGES.fullmatch(target):
            raise Fault(f"{name}:{line}: links to {target}, which no page has")


def anchors(text):
    """The anchors of a guide's headings: lower case, without punctuation, a hyphen for each space."""
    text = re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}
