#!/usr/bin/env python3
"""Prints the tables of the study in Markdown, from the sweeps that scripts/study.sh has run.

    scripts/study_tables.py FOLDER PART...

A row is a combination; figures are means over seeds with 95 % intervals by Student's t, as sweep.json has them. What is not finished is said.
"""
import json
import pathlib
import sys

# key in sweep.json, head of the column, factor, decimals, unit
FIGURES = [
    ("test_accuracy", "test accuracy", 100, 2, " %"),
    ("train_accuracy", "training accuracy", 100, 2, " %"),
    ("decoder_loss", "in-loop decoder, mse", 1, 4, ""),
    ("best_attacker_mse", "best attacker, mse", 1, 4, ""),
    ("gap_closed", "gap closed", 100, 1, " %"),
    ("noise_on_attacker_mse", "best attacker, noise on, mse", 1, 4, ""),
    ("noise_on_gap_closed", "gap closed, noise on", 100, 1, " %"),
    ("noise_off_attacker_mse", "best attacker, noise off, mse", 1, 4, ""),
    ("noise_off_gap_closed", "gap closed, noise off", 100, 1, " %"),
    ("membership_auc", "membership AUC", 1, 3, ""),
]


def shown(estimate, factor, decimals, unit):
    if estimate is None:
        return "–"
    text = f"{factor * estimate['mean']:.{decimals}f}"
    if estimate["high"] is not None:
        text += f" ± {factor * (estimate['high'] - estimate['mean']):.{decimals}f}"
    return text + unit


def keys_of(combinations):
    keys = []
    for combination in combinations:
        keys += [key for key in combination["set"] if key not in keys]
    return keys


def table(combinations):
    keys = keys_of(combinations)
    figures = [figure for figure in FIGURES if any(figure[0] in combination["figures"] for combination in combinations)]
    heads = [f"`{key}`" for key in keys] + ["seeds"] + [figure[1] for figure in figures] + ["Pareto"]
    lines = ["| " + " | ".join(heads) + " |", "|" + " ---: |" * (len(heads) - 1) + " :---: |"]
    for combination in combinations:
        done = sum(run["state"] == "done" for run in combination["runs"])
        cells = [combination["set"].get(key, "–") for key in keys] + [str(done)]
        cells += [shown(combination["figures"].get(key), factor, decimals, unit) for key, _, factor, decimals, unit in figures]
        lines.append("| " + " | ".join(cells + ["●" if combination["pareto"] else ""]) + " |")
    return "\n".join(lines)


def yardsticks(combinations):
    """The mse of knowing nothing, and of knowing the class alone, of all combinations with the same data."""
    words = []
    for key, name in [("mean_image_mse", "mean image"), ("class_mean_mse", "class mean")]:
        means = sorted({round(c["figures"][key]["mean"], 4) for c in combinations if key in c["figures"]})
        if means:
            words.append(f"{name} {means[0]:.4f}" + (f" to {means[-1]:.4f}" if len(means) > 1 else ""))
    return "Yardsticks (mse): " + ", ".join(words) + "." if words else ""


def missing(combinations):
    runs = [run for combination in combinations for run in combination["runs"]]
    done = sum(run["state"] == "done" for run in runs)
    failed = sum(run["state"] == "failed" for run in runs)
    if done == len(runs):
        return f"All {done} runs are done."
    return f"{done} of {len(runs)} runs are done{f', {failed} failed' if failed else ''}; the others are left out."


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    folder = pathlib.Path(sys.argv[1])
    for part in sys.argv[2:]:
        file = folder / part / "sweep.json"
        print(f"### {part}\n")
        sweep = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
        if not sweep.get("combinations"):
            print("Not run yet.\n")
            continue
        arguments = sweep["arguments"]
        combinations = sweep["combinations"]
        settings = ", ".join(f"`{text}`" for text in arguments["set"])
        print(f"`{pathlib.Path(arguments['graph']).name}` with {settings}. {missing(combinations)} {yardsticks(combinations)}\n")
        print(table(combinations) + "\n")


if __name__ == "__main__":
    main()
