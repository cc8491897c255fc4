#include "failure.h"

#include <new>

namespace generalizer {
namespace {

nlohmann::ordered_json number_or_null(int number) {
  return number > 0 ? nlohmann::ordered_json(number) : nlohmann::ordered_json(nullptr);
}

nlohmann::ordered_json text_or_null(const std::string& text) {
  return text.empty() ? nlohmann::ordered_json(nullptr) : nlohmann::ordered_json(text);
}

nlohmann::ordered_json to_json(const Diagnostic& error) {
  nlohmann::ordered_json json;
  json["file"] = text_or_null(error.where.file);
  json["line"] = number_or_null(error.where.line);
  json["column"] = number_or_null(error.where.column);
  json["message"] = error.message;
  json["hint"] = text_or_null(error.hint);
  if (!error.where.context.empty()) json["context"] = error.where.context;
  return json;
}

ExitCode fail(const Context& context, const std::string& message, ExitCode code) {
  context.terminal.error(message);
  print_errors(context, {{{}, message, {}}});
  return code;
}

}  // namespace

void print_errors(const Context& context, const std::vector<Diagnostic>& errors) {
  if (!context.json) return;
  nlohmann::ordered_json json;
  json["errors"] = nlohmann::ordered_json::array();
  for (const Diagnostic& error : errors) json["errors"].push_back(to_json(error));
  try {
    // A path of bytes that are no UTF-8 must not hide what is said of it.
    print(json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
  } catch (const std::exception& unwritable) {
    context.terminal.error(unwritable.what());
  }
}

ExitCode report_failure(const Context& context) {
  try {
    throw;
  } catch (const GraphError& error) {
    context.terminal.mistakes(error.what());
    print_errors(context, error.diagnostics());
    return ExitCode::usage;
  } catch (const UsageError& error) {
    return fail(context, error.what(), ExitCode::usage);
  } catch (const PluginError& error) {
    return fail(context, error.what(), ExitCode::unavailable);
  } catch (const BackendError& error) {
    return fail(context, error.what(), ExitCode::unavailable);
  } catch (const std::bad_alloc&) {
    return fail(context,
                "The memory is used up. `generalizer check GRAPH` shows what a graph needs; a smaller [train] batch "
                "needs less.",
                ExitCode::failed);
  } catch (const std::exception& error) {
    return fail(context, error.what(), ExitCode::failed);
  }
}

}  // namespace generalizer
