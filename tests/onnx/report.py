"""docs/onnx.md: which of the cases apply, and why each other one does not."""
import collections

KINDS = {
    "missing": "No counterpart: what the operators are for",
    "narrower": "Ours is narrower",
    "type": "A type that ours has not (ours: f32, f64, i32, i64, u8)",
    "empty": "Tensors without elements",
    "static": "Nothing is left to run",
    "random": "Random numbers",
    "large": "Large",
}

HEAD = """# ONNX's operator test cases

The ONNX project tests its operators by cases: small graphs with inputs and the outputs that are expected of them. Others wrote them for programs
like this one, so they check our ops independently. `tests/onnx/translate.py`, which made this page from onnx {version}, writes each case as a program
of our ops, activations, layers and losses, or says why it does not apply. `test_onnx` runs the programs on the backend `reference` in f64 and in f32
and on `onednn` in f32 (conversions between the two types on `reference` alone, which has both), and fails where an element differs from the expected
one by more than 10⁻⁵ of the largest, or of 1 where all are smaller (10⁻⁴ in the one case whose expected numbers are written out with four digits).

| cases | |
| --- | ---: |
| all | {all} |
| apply, and pass | {apply} |
| do not apply | {left_out} |

A case applies where the operator is one of ours, or a few of our ops one after the other, as our own layers, losses and optimisers are. Some operators ONNX
defines by others, and has each of their cases a second time with that definition in the operator's place: those are counted as *definitions*, and are
translated node by node, with what depends on constants and shapes alone computed beforehand. The cases of optimisers are at step T = 0, where ONNX
does not correct for the first steps; our Adam is run at a step so late that it does not either.

## Cases that apply

| operator | cases | definitions | with our |
| --- | ---: | ---: | --- |
"""


def names_of(programs):
    """Which of ours the programs are made of: layers and the like first, then ops."""
    found = collections.Counter()
    for program in programs:
        for node in program["nodes"]:
            for rank, kind in enumerate(("layer", "loss", "activation", "op")):
                if kind in node:
                    found[rank, f"{kind} `{node[kind]}`" if kind != "op" else f"`{node[kind]}`"] += 1
    return ", ".join(name for (_, name), _ in sorted(found.items(), key=lambda item: (item[0][0], -item[1], item[0][1])))


def applying(cases):
    by_operator = collections.defaultdict(list)
    for case in cases:
        if case.program:
            by_operator[case.operator].append(case)
    for operator, found in sorted(by_operator.items()):
        bodies = sum(case.body for case in found)
        own = [case.program for case in found if not case.body] or [case.program for case in found]
        yield f"| {operator} | {len(found) - bodies} | {bodies} | {names_of(own)} |"


def operators_of(cases):
    """The operators with how many of their cases, and how many of their definitions."""
    counts = collections.Counter((case.operator, case.body) for case in cases)
    words = []
    for (operator, body), count in sorted(counts.items()):
        words.append((f"{operator}'s definition" if body else operator) + (f" {count}" if count > 1 else ""))
    return ", ".join(words)


def left_out(cases):
    for kind, title in KINDS.items():
        reasons = collections.defaultdict(list)
        for case in cases:
            if case.left_out and case.left_out.kind == kind:
                reasons[case.left_out.why].append(case)
        if not reasons:
            continue
        total = sum(map(len, reasons.values()))
        yield f"\n### {title}: {total}\n\n| why | cases | operators |\n| --- | ---: | --- |"
        for why, found in sorted(reasons.items(), key=lambda item: (-len(item[1]), item[0])):
            yield f"| {why} | {len(found)} | {operators_of(found)} |"


def text(cases, version):
    apply = sum(case.program is not None for case in cases)
    head = HEAD.format(version=version, all=len(cases), apply=apply, left_out=len(cases) - apply)
    return (head + "\n".join(applying(cases)) + "\n\n## Cases that do not apply\n" + "\n".join(left_out(cases)) + "\n")
