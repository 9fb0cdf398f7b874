#include "cli/plots.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>

namespace scaleplan::cli {
namespace {

// the first of these that says anything decides, as for every program (POSIX, locale categories)
std::string character_set() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
    if (value != nullptr && *value != '\0') {
      std::string text(value);
      std::transform(text.begin(), text.end(), text.begin(),
                     [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
      return text;
    }
  }
  return {};
}

}  // namespace

Option plot_option() {
  return {"--plot", "", "", "draw the curve with characters, above the tables and in markdown", "", false};
}

report::PlotStyle plot_style() {
  const std::string locale = character_set();
  report::PlotStyle style;
  style.ascii = locale.find("utf-8") == std::string::npos && locale.find("utf8") == std::string::npos;
  return style;
}

}  // namespace scaleplan::cli
