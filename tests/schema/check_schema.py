#!/usr/bin/python3
"""Checks `generalizer schema` with a validator that is not ours (Debian's python3-jsonschema, of Python 3.11 or later).

  check_schema.py PROGRAM SOURCE   PROGRAM: the built generalizer; SOURCE: the project's folder

The schema must be a sound one, take every graph of graphs/, examples/ and every resolved graph, and refuse the wrong ones of tests/wrong_graphs, but for
those whose mistake is none that a schema can see (`unseen.txt` beside this file says why each), and those of `refused.toml`.
"""
import json
import pathlib
import subprocess
import sys
import tomllib

try:
    import jsonschema
except ImportError:
    sys.exit(f"{sys.executable} has no jsonschema. On Debian: apt-get install python3-jsonschema; scripts/setup.sh does it.")

HERE = pathlib.Path(__file__).resolve().parent


def schema_of(program, *arguments):
    run = subprocess.run([program, "schema", *arguments], capture_output=True, text=True, check=True)
    schema = json.loads(run.stdout)
    jsonschema.Draft7Validator.check_schema(schema)
    return schema


def mistakes(schema, graph):
    return [f"{'.'.join(map(str, e.absolute_path))}: {e.message}" for e in jsonschema.Draft7Validator(schema).iter_errors(graph)]


def cases(path):
    """The cases of a file of graphs: each a name under which it stands, and its text."""
    return tomllib.loads(path.read_text()).items()


def with_known_data(graph):
    """The wrong graphs' data is of a type that their own test brings along; here idx stands for it."""
    data = graph.get("data")
    if isinstance(data, dict) and data.get("type") == "given":
        graph["data"] = data | {"type": "idx", "root": "."}
    return graph


class Report:
    def __init__(self):
        self.failures = []
        self.checks = 0

    def check(self, holds, message):
        self.checks += 1
        if not holds:
            self.failures.append(message)


def check_good(report, program, schema, source):
    graphs = sorted([*source.glob("graphs/*.toml"), *source.glob("examples/**/graph*.toml")])
    report.check(len(graphs) >= 12, f"only {len(graphs)} graphs were found under {source}")
    for path in graphs:
        graph = tomllib.loads(path.read_text())
        if graph.get("plugins"):  # its own plugins' types are known only where they have been built
            continue
        found = mistakes(schema, graph)
        report.check(not found, f"{path} is refused: {found[:3]}")
        resolved = subprocess.run([program, "check", str(path), "--dump", "resolved"], capture_output=True, text=True)
        report.check(resolved.returncode == 0, f"{path} can't be resolved: {resolved.stderr}")
        found = mistakes(schema, tomllib.loads(resolved.stdout))
        report.check(not found, f"{path}, resolved, is refused: {found[:3]}")
    for name, text in cases(HERE / "taken.toml"):
        found = mistakes(schema, tomllib.loads(text))
        report.check(not found, f"\"{name}\" of taken.toml is refused: {found[:3]}")


def check_wrong(report, schema, source):
    unseen = dict(line.split(": ", 1) for line in (HERE / "unseen.txt").read_text().splitlines() if line and line[0] != "#")
    wrong = sorted(source.glob("tests/wrong_graphs/*.toml"))
    report.check(len(wrong) >= 80, f"only {len(wrong)} wrong graphs were found")
    for path in wrong:
        try:
            found = mistakes(schema, with_known_data(tomllib.loads(path.read_text())))
        except tomllib.TOMLDecodeError:
            continue
        if path.stem in unseen:
            report.check(not found, f"{path.stem} stands in unseen.txt, and the schema refuses it: {found[:3]}")
        else:
            report.check(found, f"{path} passes; if no schema can see what is wrong there, say why in unseen.txt")
    for name in unseen:
        report.check((source / "tests/wrong_graphs" / (name + ".toml")).exists(), f"unseen.txt names {name}, which is not there")
    for name, text in cases(HERE / "refused.toml"):
        report.check(mistakes(schema, tomllib.loads(text)), f"\"{name}\" of refused.toml passes")


def check_wording(report, schema):
    """A mistake is told by what is wrong, at its place, and not by a choice of types of which none fits."""
    graph = tomllib.loads(dict(cases(HERE / "refused.toml"))["a misspelt key of a layer"])
    found = mistakes(schema, graph)
    report.check(len(found) == 1 and "'unitz' was unexpected" in found[0] and "classifier.layers.1" in found[0], f"unclear: {found}")


def main(program, source):
    report = Report()
    schema = schema_of(program)
    check_good(report, program, schema, source)
    check_wrong(report, schema, source)
    check_wording(report, schema)
    for failure in report.failures:
        print(failure)
    print(f"{report.checks} checks, {len(report.failures)} failed")
    return 1 if report.failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], pathlib.Path(sys.argv[2])))
