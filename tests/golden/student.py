#!/usr/bin/env python3
"""Makes golden/student.inc: 95 % intervals by SciPy, which tests/sweep/statistics_test.cc compares ours with.

    python3 tests/golden/student.py > tests/golden/student.inc
"""
import random

import scipy
from scipy import stats

print(f"// Made by tests/golden/student.py with SciPy {scipy.__version__}.")
print("// degrees of freedom, t(0.975)")
print("constexpr std::pair<std::size_t, double> golden_t[] = {")
for degrees in [1, 2, 3, 4, 5, 9, 19, 29, 99, 999]:
    print(f"    {{{degrees}, {stats.t.ppf(0.975, degrees):.15g}}},")
print("};")
print("struct GoldenInterval { std::vector<double> values; double mean, low, high; };")
print("const GoldenInterval golden_intervals[] = {")
numbers = random.Random(7)
for count in [2, 3, 5, 10]:
    for center, spread in [(0.9, 0.004), (0.0164, 0.0008), (120.0, 35.0)]:
        values = [round(numbers.gauss(center, spread), 6) for _ in range(count)]
        mean = sum(values) / count
        low, high = stats.t.interval(0.95, count - 1, loc=mean, scale=stats.sem(values))
        print(f"    {{{{{', '.join(map(str, values))}}}, {mean:.15g}, {low:.15g}, {high:.15g}}},")
print("};")
