"""Writes what the parts of scripts/gpu-check.sh leave behind, all figures made up, for the test of the report: made_up.py WORK."""
import json
import pathlib
import sys

work = pathlib.Path(sys.argv[1])


def put(name, value):
    path = work / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(value if isinstance(value, str) else json.dumps(value))


put("machine.json", {"card": "MADE UP, 1 MiB, 0.0", "date": "2000-01-01", "commit": "0000000", "command": "scripts/gpu-check.sh", "cuda": "13.0", "gcc": "12.2.0",
                     "cores": "2"})
put("backend.json", [{"report": {"libraries": {"CUDA": "13.0", "cuDNN": "9.0.0"}}}])
for seconds, (part, code) in enumerate([("build", 0), ("conformance", 8), ("parity", 1), ("memcheck", 1), ("racecheck", 124), ("rates", 0), ("bench-published", 1)]):
    put(f"{part}.part.json", {"part": part, "exit": code, "seconds": 10 + seconds, "limit": 60})
put("conformance.xml", """<?xml version="1.0"?><testsuite>
<testcase name="conformance, cuda/f32:a sum" status="run"/><testcase name="conformance, cuda/f32:a root" status="fail"><failure/></testcase>
<testcase name="conformance, cuda/f64:a sum" status="run"/><testcase name="onnx, cuda/f32:cases" status="notrun"><skipped/></testcase></testsuite>""")


def parity(graph, precision, greatest, above, wrong, rounding=None):
    player = {"player": "classifier", "greatest": greatest, "at_step": 200, "above_tolerance_from": above, "wrong_from": wrong}
    if rounding is not None:
        player["rounding_alone"] = rounding
    put(f"parity/{graph}.{precision}.json", {"tolerance": 1e-6 if precision == "f64" else 1e-4, "graphs": [
        {"graph": graph, "steps": 200, "batch": 8, "players": [player], "within_tolerance": above is None, "agrees": wrong is None}]})


parity("calm", "f64", 1e-12, None, None)
parity("calm", "f32", 2e-6, None, None, 3e-7)
parity("wild", "f32", 0.02, 60, None, 0.05)
parity("wrong", "f32", "no number", 4, 4, 1e-7)
put("parity/cut.f64.json", "")
put("memcheck/cases", "a sum\na root, of 2\n")
put("memcheck.tsv", "0\ta sum\n99\ta root, of 2\n")
put("racecheck/cases", "a sum\na root, of 2\n")
put("racecheck.tsv", "0\ta sum\n")
figure = {"median": 2e12, "lowest": 1e12, "highest": 3e12}
put("rates.json", {"torch": "0.0", "copy_bytes_per_second": figure, "flops": {"f32": figure, "tf32": figure, "bf16": figure, "f64": figure}})
put("bench-published.json", {"rows": [
    {"net": "published", "precision": "f32", "batch": 32, "ours": [3000.0, 3200.0, 3100.0], "absent": {},
     "peers": {"eager, host": [1000.0, 1000.0, 1000.0], "graph, host": [1500.0, 1600.0, 1550.0], "eager, resident": [2000.0, 2000.0, 2000.0]}},
    {"net": "published", "precision": "bf16", "batch": 32, "ours": [], "absent": {"generalizer": "the backend doesn't offer bf16"}, "peers": {"eager, host": [1.0]}}]})
put("check-published-32.json", {"steps": [{"player": "classifier", "flops": 4e8, "weight_bytes": 4e6, "moment_bytes": 6e6},
                                          {"player": "autoencoder", "flops": 2e8, "weight_bytes": 4e6, "moment_bytes": 2e6}, {"player": "", "flops": 1e9}]})
