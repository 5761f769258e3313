#!/usr/bin/env python3
"""How long the sources are: no file of src/ has more than 400 lines, and no function more than 60.

    size.py SOURCE_TREE          says each file and function that is longer, and each exception that stands here in vain
    size.py --self-test          tests the check itself, on a tree of a few files

A function counts from the first line of its definition to its last brace, with the lambdas and local classes inside of it.
Where it ends is read from the indentation, which clang-format gives: see tests/quality/style/format.sh. A lambda that a namespace
names is a value, and not counted.
"""

import pathlib
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from tree_check import expect, main, tree_of  # noqa: E402

LONGEST_FILE = 400
LONGEST_FUNCTION = 60
MOST_EXCEPTIONS = 5  # of files, and as many of functions

# Why one may be longer: a file, "src/a/b.cc", or a function, "src/a/b.cc Class::name".
EXCEPTIONS = {
}

# Comments, texts, characters and directives, whose braces mean nothing. Numbers are kept: their ' is no quote.
NO_CODE = re.compile(
    r"""(?P<number>\b[0-9][\w.]*(?:'\w+)*)
      | //[^\n]* | /\*.*?\*/
      | \bR"(?P<mark>[^()\s\\]{0,16})\(.*?\)(?P=mark)"
      | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])+'
      | ^[ \t]*\#(?:\\\n|[^\n])*""",
    re.DOTALL | re.MULTILINE | re.VERBOSE,
)
NAME = re.compile(r"((?:\w+\s*::\s*)*(?:operator\s*(?:\(\)|[^(]+)|~?\w+))\s*\(")


def code_only(text):
    """The same lines; of what is no code, blanks are left, and quotes of texts."""

    def blank(match):
        if match["number"]:
            return match[0]
        return re.sub(r"[^\n]", " ", match[0])

    return NO_CODE.sub(blank, text)


def without_arguments(head):
    """A definition's first lines without what its templates are given."""
    head = re.sub(r"\[\[.*?\]\]|\balignas\([^()]*\)", "", head)
    if "operator" in head:
        return re.sub(r"^\s*template\s*<.*?>\s*(?=\S)", "", head)
    while (shorter := re.sub(r"<[^<>]*>", "", head)) != head:
        head = shorter
    return head


def is_class(head):
    head = without_arguments(head)
    return re.search(r"\b(?:class|struct|union)\b", head) and not re.search(r"\benum\b|[(=]", head)


def name_of(head):
    name = NAME.search(without_arguments(head))
    return re.sub(r"\s+", " ", name[1].strip()) if name else "a function"


def functions_of(text):
    """Each function that is defined in namespaces and classes: name, first and last line.

    @raise ValueError  when a definition has no end, so that it is not read as it is written
    """
    indent = 0  # of what is declared here: functions of namespaces stand at 0, those of a class 2 behind it
    head, first = "", 0  # what is read of a declaration, and its first line
    in_body = False
    for number, (line, code) in enumerate(zip(text.split("\n"), code_only(text).split("\n")), 1):
        code = code.rstrip()
        place = len(code) - len(code.lstrip())
        if in_body:
            if place > indent or not code.lstrip().startswith("}") or code.endswith("{"):
                continue
            if code.lstrip() == "}":  # a value ends with };
                yield name_of(head), first, number
            in_body, head = False, ""
        elif not line.strip():
            head = ""
        elif not code.strip():
            continue  # a comment, perhaps between the lines of a declaration
        elif place < indent and code.lstrip().startswith("}"):
            indent -= 2
            head = ""
        elif place < indent or (place > indent and not head):
            continue  # public: and the like; what belongs to a macro's line
        else:
            if not head:
                first = number
            head += code + "\n"
            if code.endswith("{"):
                if re.match(r"\s*(?:inline\s+)?(?:namespace|extern\s*\{)", head):
                    head = ""
                elif is_class(head):
                    indent, head = indent + 2, ""
                else:
                    in_body = True
            elif code.endswith("}") and code.strip() != "}":
                yield name_of(head), first, number
                head = ""
            elif code[-1] in ";}":
                head = ""
    if in_body or indent != 0:
        raise ValueError(f"a definition that begins in line {first} has no end")


def complaints(tree, exceptions):
    tree = pathlib.Path(tree)
    found = []
    needed = set()

    def too_long(key, text):
        needed.add(key)
        if key not in exceptions:
            found.append(text)

    for path in sorted([*tree.glob("src/**/*.cc"), *tree.glob("src/**/*.h")]):
        name = str(path.relative_to(tree))
        text = path.read_text()
        lines = text.count("\n")
        if lines > LONGEST_FILE:
            too_long(name, f"{name}: {lines} lines, {LONGEST_FILE} are allowed")
        try:
            for function, first, last in functions_of(text):
                length = last - first + 1
                if length > LONGEST_FUNCTION:
                    too_long(f"{name} {function}",
                             f"{name}:{first}: {function} has {length} lines, {LONGEST_FUNCTION} are allowed")
        except ValueError as error:
            found.append(f"{name}: {error}; is it formatted?")

    for key, reason in exceptions.items():
        if key not in needed:
            found.append(f"{key}: an exception that is not needed any more; take it out of EXCEPTIONS")
        if not reason.strip():
            found.append(f"{key}: an exception without a reason")
    functions = sum(" " in key for key in exceptions)
    for kind, number in {"files": len(exceptions) - functions, "functions": functions}.items():
        if number > MOST_EXCEPTIONS:
            found.append(f"{number} exceptions of {kind}, {MOST_EXCEPTIONS} are allowed")
    return found


READ_RIGHT = r"""#ifndef A_H_
#define MACRO(x) \
  void x() {

namespace {
constexpr const char* kText = R"(
}
void no() {
)";
constexpr int kMillion = 1'000'000;
struct Open {
  Open() : brace('{'), text{"}"} {}
  template <class T>
    requires std::integral<T>
  explicit Open(T value)
      : brace([&] {
          return value;
        }()),
        text{} {
    // }
  }
  enum class Kind {
    kOne,
  };
  std::map<int, int> operator()(std::function<void(int)> f) const {
    return {};
  }

 private:
  char brace;
};

const auto kLambda = [](int a) {
  return a;
};

// Two lines of a comment:
// void no() {
std::map<std::string, int>
a::Class<int>::of(int a,
                  // not b {
                  int c) try {
  if (a) {
    return;
  }
#if X
  f({
#else
  g({
#endif
  });
} catch (...) {
}

bool operator<(const Open& a, const Open& b) { return false; }

extern "C" {
int c(void) {
}
}
}  // namespace
#endif
"""


def self_test():
    expect(list(functions_of(READ_RIGHT)),
           [("Open", 12, 12), ("Open", 13, 21), ("operator()", 25, 27), ("a::Class::of", 39, 53), ("operator<", 55, 55),
            ("c", 58, 59)])
    body = "  work();\n"
    with tree_of({
        "src/a/as_long_as_may_be.cc": "void f() {\n" + body * 58 + "}\n" + "// more\n" * 340,
        "src/a/long_file.h": "// more\n" * 401,
        "src/a/long_function.cc": "namespace a {\n\nint A::f(\n    int a) {\n" + body * 58 + "}\n\n}  // namespace a\n",
        "src/a/long_member.h": "class A {\n public:\n  void f() {\n" + ("  " + body) * 59 + "  }\n};\n",
        "src/a/unformatted.cc": "void f() {\n" + body + " }\n",
    }) as tree:
        unformatted = "src/a/unformatted.cc: a definition that begins in line 1 has no end; is it formatted?"
        expect(complaints(tree, {}),
               ["src/a/long_file.h: 401 lines, 400 are allowed",
                "src/a/long_function.cc:3: A::f has 61 lines, 60 are allowed",
                "src/a/long_member.h:3: f has 61 lines, 60 are allowed",
                unformatted])
        expect(complaints(tree, {"src/a/long_file.h": "a table", "src/a/long_function.cc A::f": "a table",
                                 "src/a/long_member.h f": " ", "src/a/gone.cc": "a table"}),
               [unformatted,
                "src/a/long_member.h f: an exception without a reason",
                "src/a/gone.cc: an exception that is not needed any more; take it out of EXCEPTIONS"])
        many = {f"src/a/gone.cc f{number}": "a table" for number in range(6)}
        expect(complaints(tree, many)[-1:], ["6 exceptions of functions, 5 are allowed"])


if __name__ == "__main__":
    main(__doc__, lambda tree: complaints(tree, EXCEPTIONS), self_test)
