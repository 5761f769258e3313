#!/usr/bin/env python3
"""docs/configuration.md has a row for every member of the options structs in the public headers, and for every flag by which
the command is told where Kafka is.

    options.py SOURCE_TREE    says which rows are missing, and which names of the page are not in the code
    options.py --self-test    tests the check itself, on a tree of a few files
"""

import pathlib
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from tree_check import expect, main, tree_of  # noqa: E402

STRUCT = re.compile(r"\bstruct (?:CONVEYOR_EXPORT )?(\w+Options|Config|Freshness) \{")
NAME = re.compile(r"\b(?:\w+Options|Config|Freshness)::\w+(?:\.\w+)*")
# Their members are set through another struct, and stand in the page as its own.
INSIDE = {"TlsOptions": "Config", "SaslOptions": "Config"}
PAGE = "docs/configuration.md"
FLAGS = "src/cli/connection.cc"


def body_from(text, begin):
    """What stands between the brace at `begin` - 1 and the one that closes it."""
    depth = 1
    for at in range(begin, len(text)):
        depth += {"{": 1, "}": -1}.get(text[at], 0)
        if depth == 0:
            return text[begin:at]
    raise ValueError("a brace is not closed")


def statements(body):
    """The parts of a struct's body that a semicolon ends."""
    depth = 0
    begin = 0
    for at, character in enumerate(body):
        depth += {"{": 1, "}": -1}.get(character, 0)
        if character == ";" and depth == 0:
            yield body[begin:at].strip()
            begin = at + 1


def members_of(body):
    """The data members and their types: [("enabled", "bool"), ...]."""
    found = []
    for statement in statements(body):
        declared = re.split(r"[={]", statement, maxsplit=1)[0].strip()
        while "<" in declared:
            plain = re.sub(r"<[^<>]*>", "", declared)
            if plain == declared:
                break
            declared = plain
        if re.match(r"(enum|struct|class|using|static|friend)\b", declared) or "(" in declared:
            continue
        words = declared.replace("*", " ").split()
        found.append((words[-1], words[-2].split("::")[-1]))
    return found


def structs_of(tree):
    """Every options struct of the public headers: {"TlsOptions": [("enabled", "bool"), ...]}."""
    found = {}
    for header in sorted((tree / "include").glob("**/*.h")):
        text = re.sub(r"//[^\n]*", "", header.read_text())
        for struct in STRUCT.finditer(text):
            found[struct[1]] = members_of(body_from(text, struct.end()))
    return found


def functions_of(tree):
    """Config::from_env and the like."""
    text = (tree / "include/conveyor/config.h").read_text()
    return {"Config::" + name for name in re.findall(r"(\w+)\([^()]*\)(?: const)?;", text)}


def rows_of(page):
    return set(re.findall(r"^\| `(\w+::[\w.]+)` \|", page, re.MULTILINE))


def complaints(tree):
    tree = pathlib.Path(tree)
    page = re.sub(r"```.*?```", "", (tree / PAGE).read_text(), flags=re.DOTALL)
    structs = structs_of(tree)
    rows = rows_of(page)
    known = functions_of(tree)
    found = []
    for struct, members in structs.items():
        for name, kind in members:
            whole = f"{struct}::{name}"
            parts = {f"{whole}.{part}" for part, _ in structs.get(kind, [])}
            known |= {whole} | parts
            if struct in INSIDE or whole in rows:
                continue
            for part in sorted(parts if parts & rows else {whole}):
                if part not in rows:
                    found.append(f"{PAGE} has no row for {part}")
    for struct, other in INSIDE.items():
        if struct in structs and not any(kind == struct for _, kind in structs[other]):
            found.append(f"{struct} is no member of {other}")
    for name in sorted(set(NAME.findall(page)) - known):
        found.append(f"{PAGE} names {name}, which is in no header")
    return found + complaints_about_flags(tree, page)


def complaints_about_flags(tree, page):
    found = []
    for flag in re.findall(r'add_option\("(--[\w-]+)"', (tree / FLAGS).read_text()):
        if f"| `{flag}` |" not in page:
            found.append(f"{PAGE} has no row for {flag}")
    sources = "".join(path.read_text() for path in sorted((tree / "src/cli").glob("**/*.*")))
    for flag, default in re.findall(r"^\| `(--[\w-]+)` \|[^|]*\| ([^|]*) \|", page, re.MULTILINE):
        member = re.search(rf'add_option\("{flag}", \w+(?:->|\.)(\w+)', sources)
        value = member and re.search(rf"\b{member[1]} = (\d+);", sources)
        said = f"{value[1]} s" if value else "none"
        if member and default != said:
            found.append(f"{PAGE} says that {flag} is {default}; it is {said}")
    for flag in sorted(set(re.findall(r"`(?:conveyor )?(--[\w-]+)", page)) - {"--help"}):
        if f'"{flag}"' not in sources:
            found.append(f"{PAGE} names {flag}, which no command has")
    return found


def self_test():
    files = {
        "include/conveyor/config.h": """
struct TlsOptions {
  bool enabled = false;   ///< struct OtherOptions { int a; }
};
struct Config {
  std::string group = {};
  TlsOptions tls = {};
  std::map<std::string, std::vector<int>> properties = {};
  [[nodiscard]] static CONVEYOR_EXPORT Config from_env();
  CONVEYOR_EXPORT void validate() const;
};
""",
        "include/conveyor/worker.h": """
struct BatchOptions {
  std::size_t max_batch = 8;
  std::chrono::milliseconds max_delay{5};
};
struct WorkerOptions {
  enum class Order { kKey, kPartition };
  Order order = Order::kKey;
  BatchOptions batch{.max_batch = 1, .max_delay = std::chrono::milliseconds(0)};
  Producer* producer = nullptr;
  std::function<bool(const std::exception&)> also = {};
};
""",
        FLAGS: 'command.add_option("--config", connection.config_file, "..."); command.add_option("--late", options->late);'
        'command.add_option("--wait", options.wait); int wait = 10;',
        PAGE: """
| `Config::group` | |
| `Config::tls.enabled` | |
| `BatchOptions::max_batch` | |
| `BatchOptions::max_delay` | |
| `WorkerOptions::order` | |
| `WorkerOptions::batch.max_batch` | |
| `WorkerOptions::threads` | |
| `--config` | `Config::group` | none | |
| `--wait` | `Config::group` | 30 s | |
| `--nothing` | `Config::group` | none | |
`Config::from_env()`, `WorkerOptions::batch.most`
""",
    }
    expected = [
        f"{PAGE} has no row for Config::properties",
        f"{PAGE} has no row for WorkerOptions::batch.max_delay",
        f"{PAGE} has no row for WorkerOptions::producer",
        f"{PAGE} has no row for WorkerOptions::also",
        f"{PAGE} names WorkerOptions::batch.most, which is in no header",
        f"{PAGE} names WorkerOptions::threads, which is in no header",
        f"{PAGE} has no row for --late",
        f"{PAGE} says that --wait is 30 s; it is 10 s",
        f"{PAGE} names --nothing, which no command has",
    ]
    with tree_of(files) as tree:
        expect(complaints(tree), expected)


if __name__ == "__main__":
    main(__doc__, complaints, self_test)
