"""Reads a guide: its front matter and its blocks of code.

A fence names the block's language, and then what the runner does with the block:

    run              one session for each language runs these blocks in order. `bash` is a shell, `python` and `javascript` are
                     one script each. All three keep their variables from block to block
    file=NAME        the block becomes a file of the session's folder
    output           what the block before it prints. Ids and times are compared by their form. `…` stands for any text in
                     a line; a line of `…` alone, for any lines
    figures          the numbers of this output depend on the day and are not compared
    for=LANG,…       the block belongs to the sessions of these languages; `all` is every language of the guide. Without
                     it a block belongs to its own language
    problem          curl's answer in this block is a problem. Elsewhere a problem fails the block

JSON and TOML blocks without such words are only parsed. `text` blocks without `output` are pictures.
"""

import json
import re
import tomllib
from dataclasses import dataclass, field

# The languages that may have blocks, and the program that runs each one.
TOOLS = {"bash": "bash", "python": "python3", "javascript": "node", "ruby": "ruby", "java": "java", "go": "go",
         "php": "php"}
COMMENT = {"bash": "#", "python": "#", "ruby": "#", "javascript": "//", "java": "//", "go": "//", "php": "//"}
SESSIONS = ("bash", "python", "javascript")
FENCE = re.compile(r"^```(?:(\w+)(?: (.*))?)?$")

# The first line of a session's script, and the line at each fence of its blocks. The session prints the mark and waits.
# At the end of each block the shell also writes down what it has exported, for the other session of the track. In the shell `curl`
# fails on a problem, unless the block expects one.
PRELUDE = {
    "bash": r'''set -euo pipefail; mark() { [[ $1 = begin:* ]] || env -0 > "$GUIDE_ENV"; printf "\n\036%s\n" "$1"; '''
            r'''read -rn 1 _ <&"$GUIDE_GATE" || true; }; curl() { if [ "$GUIDE_PROBLEM" = 1 ]; then '''
            r'''command curl "$@"; else command curl --fail-with-body "$@"; fi; }''',
    "python": "import os as _os, sys as _sys; _sys.path.insert(0, _os.environ['GUIDE_HOME']); "
              "from gate import gate as _gate; _sys.path[0] = ''",
    "javascript": "const { gate: _gate } = await import(`file://${process.env.GUIDE_HOME}/gate.mjs`);",
}
MARK = {
    "bash": "GUIDE_PROBLEM={problem}; mark {mark}",
    "python": '_gate("{mark}")',
    "javascript": '_gate("{mark}");',
}


class Fault(Exception):
    """A guide that does not do what it says. The message begins with its file and line."""


@dataclass
class Block:
    """A block of code."""

    language: str
    words: list
    line: int
    code: str
    tracks: list = field(default_factory=list)
    output: "Block | None" = None

    @property
    def file(self):
        return next((word.removeprefix("file=") for word in self.words if word.startswith("file=")), None)

    @property
    def runs(self):
        return "run" in self.words

    @property
    def end(self):
        """The line of the closing fence."""
        return self.line + self.code.count("\n") + 1

    def without_comments(self):
        """The block's identity in both languages: everything but its comments."""
        mark = COMMENT.get(self.language)
        lines = self.code.splitlines()
        if mark:
            lines = [line for line in lines if not line.strip().startswith(mark)]
        return self.language, self.words, lines


class Guide:
    """A guide in one language."""

    def __init__(self, path, name):
        self.path, self.name = path, name
        self.text = path.read_text()
        self.front = self._front()
        self.blocks = list(self._blocks())
        self._assign()

    def fail(self, line, why):
        raise Fault(f"{self.name}:{line}: {why}")

    def _front(self):
        found = re.match(r"\+\+\+\n(.*?)\n\+\+\+\n", self.text, re.DOTALL)
        if not found:
            self.fail(1, "has no front matter between two lines of +++")
        front = tomllib.loads(found[1])
        for key, kind in (("title", str), ("summary", str), ("order", int)):
            if not isinstance(front.get(key), kind):
                self.fail(1, f"has no {key} in its front matter")
        return front

    def _blocks(self):
        opened = None
        for number, line in enumerate(self.text.splitlines(), 1):
            fence = FENCE.match(line)
            if line.startswith("```") and not fence:
                self.fail(number, "has a fence that the runner cannot read")
            if fence and opened is None:
                if not fence[1]:
                    self.fail(number, "has a block without a language")
                opened, lines = (fence[1], (fence[2] or "").split(), number), []
            elif fence:
                yield Block(*opened, "".join(f"{one}\n" for one in lines))
                opened = None
            elif opened is not None:
                lines.append(line)
        if opened:
            self.fail(opened[2], "has a block without an end")

    def _assign(self):
        """Gives each block its tracks, and each output its block."""
        self.tracks = sorted(set().union(*(self._own(block) for block in self.blocks)))
        before = None
        for block in self.blocks:
            if "output" in block.words:
                if before is None:
                    self.fail(block.line, "has an output without a block before it")
                before.output, before = block, None
                continue
            before = block if block.runs else None
            self._check(block)
            block.tracks = self.tracks if "for=all" in block.words else self._own(block)

    @staticmethod
    def _own(block):
        """The tracks that a block names, or its own language. A block for all tracks makes no track."""
        if not (block.runs or block.file) or "for=all" in block.words:
            return []
        named = [word.removeprefix("for=").split(",") for word in block.words if word.startswith("for=")]
        return named[0] if named else [block.language]

    def _check(self, block):
        try:
            if block.language == "json":
                json.loads(block.code)
            elif block.language == "toml":
                tomllib.loads(block.code)
            elif block.language in TOOLS and not (block.file or (block.runs and block.language in SESSIONS)):
                self.fail(block.line, f"has a {block.language} block that nothing runs")
            elif block.language not in TOOLS and block.language != "text":
                self.fail(block.line, f"has a block of the unknown language {block.language}")
        except ValueError as error:
            self.fail(block.line, f"has a {block.language} block that cannot be parsed: {error}")

    def script(self, track, language):
        """One session's blocks as a script whose line numbers are those of the guide."""
        lines = [PRELUDE[language]] + [""] * self.text.count("\n")
        for place, block in enumerate(self.blocks):
            if block.language != language or not block.runs or track not in block.tracks:
                continue
            lines[block.line - 1] = MARK[language].format(
                mark=f"begin:{place}", problem=int("problem" in block.words))
            lines[block.line:block.end - 1] = block.code.splitlines()
            lines[block.end - 1] = lines[block.line - 1].replace("begin:", "end:")
        return "\n".join(lines)


# Values that differ in every run, and the word that stands for them in a comparison.
VARYING = [
    (r"\b([a-z]+(?:_[a-z]+)*_)[0-9a-f]{24,64}\b", r"\1ID"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z", "TIME"),
    (r"\d{4}-\d\d-\d\d", "DATE"),
    (r"CCB-\d{4}-\d{6}", "CCB"),
    (r"\b\d{10}\b", "SECONDS"),
    (r" +\d+ ms\b", " MS"),
]


def settled(text, figures):
    """A text with one word for each id and time, and with `figures` for every number as well."""
    for pattern, word in VARYING + ([(r"\d+(?:\.\d+)?", "FIGURE")] if figures else []):
        text = re.sub(pattern, word, text)
    return "".join(f"{line.rstrip()}\n" for line in text.strip("\n").splitlines())


def matches(expected, printed, figures):
    """Whether a block printed what the guide shows. Ids and times differ in every run, and `figures` too if they depend
    on the day. `…` stands for any text in a line, and a line of it for any lines."""
    pattern = ""
    for line in settled(expected, figures).splitlines():
        if line.strip() == "…":
            pattern += r"(?:.*\n)*?"
        else:
            pattern += ".*?".join(re.escape(part) for part in line.split("…")) + "\n"
    return re.fullmatch(pattern, settled(printed, figures)) is not None
