#!/usr/bin/env python3
"""Makes the report of scripts/gpu-check.sh: one JSON file with every figure, and a page of tables for docs/gpu-log.md.

    report.py --collect WORK --json FILE --markdown FILE     of what the parts left in their work folder
    report.py --join FILE.json... --json FILE --markdown FILE    of several reports; of a part that is in two of them the later one counts
"""
import argparse
import json
import pathlib
import statistics
import sys
import xml.etree.ElementTree

OURS = "generalizer"


# ---- From the work folder to the report's JSON ----

def read(path):
    """A JSON file, or None where there is none or it was cut short."""
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError):
        return None


def conformance(work):
    """Passed, failed and skipped test cases of each suite, by CTest's record."""
    suites = {}
    try:
        cases = xml.etree.ElementTree.parse(work / "conformance.xml").getroot().iter("testcase")
    except (OSError, xml.etree.ElementTree.ParseError):
        return {}
    for case in cases:
        name, _, title = case.get("name").partition(":")  # the suite has no colon in it
        suite = suites.setdefault(name, {"passed": 0, "failed": [], "skipped": []})
        if case.get("status") == "run":
            suite["passed"] += 1
        elif case.find("skipped") is not None:
            suite["skipped"].append(title.strip())
        else:
            suite["failed"].append(title.strip())
    return {"suites": suites}


def parity(work):
    graphs = []
    for path in sorted((work / "parity").glob("*.json")):
        name, precision = path.name.removesuffix(".json").rsplit(".", 1)
        report = read(path)
        graph = report["graphs"][0] if report and report["graphs"] else {"graph": name, "agrees": False, "error": "it did not come to an end; logs.tar.gz says why"}
        graphs.append({**graph, "precision": precision, "tolerance": report["tolerance"] if report else None})
    return {"graphs": graphs}


def sanitizer(work, tool):
    try:
        cases = [line for line in (work / tool / "cases").read_text().splitlines() if line]
        ended = dict(reversed(line.split("\t", 1)) for line in (work / f"{tool}.tsv").read_text().splitlines())
    except OSError:
        return {}
    why = {"77": "skipped", "99": "findings", "124": "out of time"}
    bad = {case: why.get(ended[case], f"exit status {ended[case]}") if case in ended else "not reached" for case in cases if ended.get(case) != "0"}
    return {"cases": len(cases), "clean": len(cases) - len(bad), "not_clean": bad}


def bench(work, net):
    result = read(work / f"bench-{net}.json") or {}
    steps = {}
    for path in sorted(work.glob(f"check-{net}-*.json")):
        check = read(path)
        if check:
            steps[path.stem.rsplit("-", 1)[1]] = step_cost(check)
    return {**result, "steps": steps}


def step_cost(check):
    """Of one step of every player: FLOPs, and the bytes that must move whatever is fused: weights read; Adam's two moments read and written; the
    weights that are trained, half as large as their moments, written."""
    steps = [step for step in check["steps"] if step["player"]]
    return {"flops": sum(step["flops"] for step in steps), "bytes": sum(step["weight_bytes"] + 2.5 * step["moment_bytes"] for step in steps)}


def collect(work):
    figures = {"conformance": lambda: conformance(work), "parity": lambda: parity(work), "memcheck": lambda: sanitizer(work, "memcheck"),
               "racecheck": lambda: sanitizer(work, "racecheck"), "rates": lambda: read(work / "rates.json") or {},
               "bench-published": lambda: bench(work, "published"), "bench-conv": lambda: bench(work, "conv")}
    parts = {}
    for path in sorted(work.glob("*.part.json"), key=lambda path: path.stat().st_mtime):
        ended = read(path)
        name = ended.pop("part")
        parts[name] = {**ended, **figures.get(name, dict)()}
    backend = read(work / "backend.json")
    return {"machine": read(work / "machine.json") or {}, "backend": backend[0]["report"] if backend else {}, "parts": parts}


def join(paths):
    reports = [json.loads(path.read_text()) for path in paths]
    cards = {report["machine"].get("card") for report in reports}
    if len(cards) > 1:
        sys.exit(f"report: these reports are of different cards ({', '.join(sorted(map(str, cards)))}) and can't be joined.")
    joined = {"machine": dict(reports[-1]["machine"]), "backend": reports[-1]["backend"], "parts": {}}
    joined["machine"]["command"] = "; ".join(report["machine"].get("command", "") for report in reports)
    for report in reports:
        joined["parts"].update(report["parts"])
    return joined


# ---- From the JSON to the page ----

def ended(part):
    if part["exit"] == 0:
        return "passed"
    return "out of time" if part["exit"] == 124 else f"failed ({part['exit']})"


def detail(name, part):
    if name == "conformance" and part.get("suites"):
        cells = []
        for suite, counts in sorted(part["suites"].items()):
            cells.append(f"{suite}: {counts['passed']} passed" + (f", {len(counts['failed'])} failed" if counts["failed"] else "")
                         + (f", {len(counts['skipped'])} skipped" if counts["skipped"] else ""))
        return "; ".join(cells)
    if name == "parity" and part.get("graphs"):
        return f"{sum(graph['agrees'] for graph in part['graphs'])} of {len(part['graphs'])} curves followed"
    if "cases" in part:
        return f"{part['clean']} of {part['cases']} cases clean"
    if name == "rates" and "flops" in part:
        flops = ", ".join(f"{kind} {figure['median'] / 1e12:.1f}" for kind, figure in part["flops"].items())
        return f"copy {part['copy_bytes_per_second']['median'] / 1e9:.0f} GB/s (read and written); matmul, TFLOP/s: {flops}"
    return ""


def failures(parts):
    """A line for everything that went wrong by name."""
    lines = []
    for suite, counts in parts.get("conformance", {}).get("suites", {}).items():
        lines += [f"- {suite}: {title}: failed" for title in counts["failed"]] + [f"- {suite}: {title}: skipped" for title in counts["skipped"]]
    for graph in parts.get("parity", {}).get("graphs", []):
        if not graph["agrees"]:
            lines.append(f"- parity: {graph['graph']} in {graph['precision']}: {graph.get('error', 'goes off its curve by more than rounding does')}")
    for tool in ("memcheck", "racecheck"):
        lines += [f"- {tool}: {case}: {why}" for case, why in parts.get(tool, {}).get("not_clean", {}).items()]
    for name in ("bench-published", "bench-conv"):
        for row in parts.get(name, {}).get("rows", []):
            lines += [f"- bench: {row['net']}, {row['precision']}, batch {row['batch']}: {who}: {why}" for who, why in row["absent"].items()]
    return lines


def worst(graph):
    """Greatest deviation of any player, the first step above the tolerance, what rounding alone does, and the verdict: cells of the table."""
    players = graph.get("players", [])
    if not players:
        return "–", "–", "–", "no figures"
    deviations = [player["greatest"] for player in players]
    greatest = "no number" if any(not isinstance(value, (int, float)) for value in deviations) else f"{max(deviations):.1e}"
    first = min((player["above_tolerance_from"] for player in players if player["above_tolerance_from"]), default=None)
    rounding = max((player["rounding_alone"] or 0 for player in players if "rounding_alone" in player), default=None)
    verdict = "within the tolerance" if graph.get("within_tolerance") else "within rounding" if graph["agrees"] else "**off**"
    return greatest, str(first - 1) if first else f"{graph['steps']}, all", f"{rounding:.1e}" if rounding is not None else "–", verdict


def parity_table(part):
    lines = ["", "Parity: greatest relative deviation of any player's loss over the steps.", "",
             "| graph | precision | batch | deviation | steps within the tolerance | rounding alone | verdict |", "| --- | --- | --- | --- | --- | --- | --- |"]
    for graph in sorted(part["graphs"], key=lambda graph: (graph["graph"], graph["precision"])):
        greatest, within, rounding, verdict = worst(graph)
        tolerance = f" ({graph['tolerance']:g})" if graph.get("tolerance") else ""
        lines.append(f"| {graph['graph']} | {graph['precision']}{tolerance} | {graph.get('batch', '–')} | {greatest} | {within} | {rounding} | {verdict} |")
    return lines


def spread(values):
    return f"{statistics.median(values):,.0f} ({min(values):,.0f}–{max(values):,.0f})"


def best(row, source):
    ways = {name: speeds for name, speeds in row["peers"].items() if name.endswith(source)}
    return max(ways.items(), key=lambda way: statistics.median(way[1])) if ways else None


def against(row, source):
    """PyTorch's fastest way, and our ratio to it, round by round: two cells."""
    found = best(row, source)
    if not found:
        return ["–", "–"]
    way, speeds = found
    ratios = [ours / theirs for ours, theirs in zip(row["ours"], speeds)]
    ratio = f"{statistics.median(ratios):.2f} ({min(ratios):.2f}–{max(ratios):.2f})" if ratios else "–"
    return [f"{way.split(',')[0]}: {spread(speeds)}", ratio]


def fractions(row, cost, rates):
    """Our part of the card's matmul rate and of its copy bandwidth: two cells."""
    if not (cost and row["ours"] and "flops" in rates):
        return ["–", "–"]
    steps_a_second = statistics.median(row["ours"]) / row["batch"]
    matmul, copy = rates["flops"][row["precision"]]["median"], rates["copy_bytes_per_second"]["median"]
    return [f"{cost['flops'] * steps_a_second / matmul:.1%}", f"{cost['bytes'] * steps_a_second / copy:.1%}"]


def bench_table(parts, rates):
    lines = ["", "Images a second, median of the rounds (lowest–highest), and our ratio to PyTorch's fastest way; above 1 ours is faster. Ours reads from host memory.", "",
             "| network | precision | batch | generalizer | PyTorch from host memory | ratio | PyTorch, data on the card | ratio | of matmul rate | of copy bandwidth |",
             "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"]
    for part in parts:
        for row in part.get("rows", []):
            cells = [row["net"], row["precision"], str(row["batch"]), spread(row["ours"]) if row["ours"] else "–", *against(row, "host"), *against(row, "resident"),
                     *fractions(row, part.get("steps", {}).get(str(row["batch"])), rates)]
            lines.append("| " + " | ".join(cells) + " |")
    return lines + ["", "The part of the copy bandwidth counts weights and moments alone, each moved as often as it must be; what stays in the card's cache "
                    "can bring it above 100%."]


def page(report):
    machine, backend, parts = report["machine"], report["backend"], report["parts"]
    versions = [f"{name} {value}" for name, value in backend.get("libraries", {}).items()]
    torch = [part["torch"] for part in parts.values() if "torch" in part][:1]
    lines = [f"## {machine.get('date', 'no date')}: {machine.get('card', 'no card')}", "",
             f"`{machine.get('command', '')}` at commit {machine.get('commit', 'unknown')}; {', '.join(versions + [f'PyTorch {name}' for name in torch])}"
             f"; g++ {machine.get('gcc', 'unknown')}, {machine.get('cores', '?')} cores.", "",
             "| part | result | figures | seconds |", "| --- | --- | --- | --- |"]
    lines += [f"| {name} | {ended(part)} | {detail(name, part)} | {part['seconds']} |" for name, part in parts.items()]
    wrong = failures(parts)
    if wrong:
        lines += ["", "What went wrong:", "", *wrong]
    if parts.get("parity", {}).get("graphs"):
        lines += parity_table(parts["parity"])
    benches = [parts[name] for name in ("bench-published", "bench-conv") if parts.get(name, {}).get("rows")]
    if benches:
        lines += bench_table(benches, parts.get("rates", {}))
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--collect", type=pathlib.Path, metavar="WORK")
    what.add_argument("--join", type=pathlib.Path, nargs="+", metavar="FILE.json")
    parser.add_argument("--json", type=pathlib.Path, required=True)
    parser.add_argument("--markdown", type=pathlib.Path, required=True)
    options = parser.parse_args()
    report = collect(options.collect) if options.collect else join(options.join)
    for path in (options.json, options.markdown):
        path.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n")
    options.markdown.write_text(page(report))


if __name__ == "__main__":
    main()
