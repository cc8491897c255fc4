#pragma once

#include <string_view>

namespace generalizer {

// What a report's page is made of beside its own words, built into the program so that it needs no file beside it.

/// Chart.js 3 (https://www.chartjs.org, MIT licence), minified, as the system's package has it.
std::string_view chart_library();
std::string_view report_script();
std::string_view report_style();

}  // namespace generalizer
