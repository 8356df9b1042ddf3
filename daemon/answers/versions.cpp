#include "daemon/answers/versions.hpp"

#include <algorithm>

#include "core/clock.hpp"
#include "core/json.hpp"

namespace assembly_sync::answers {
namespace {

using core::Value;

Value head_of(const store::ConfigVersion& one, bool in_force) {
  return Value::object({{"version", one.version},
                        {"hash", one.hash},
                        {"loaded_at", core::format_utc(core::from_ms(one.loaded_ms))},
                        {"in_force", in_force}});
}

Value files_of(const std::string& kept, const ShownText& shown) {
  Value files = Value::list();
  const auto list = core::parse_json(kept);
  if (!list || !list->is_list()) return files;
  for (const Value& file : list->as_list()) {
    files.as_list().push_back(
        Value::object({{"path", file.text_or("path")}, {"text", shown(file.text_or("text"))}}));
  }
  return files;
}

}  // namespace

Value versions(const store::View& view) {
  Value list = Value::list();
  for (const store::ConfigVersion& one : view.config_versions()) {
    list.as_list().push_back(head_of(one, list.as_list().empty()));
  }
  return Value::object({{"versions", std::move(list)}});
}

Value version(const store::View& view, store::RowId version, const ShownText& shown) {
  const auto all = view.config_versions();
  const auto found = std::find_if(all.begin(), all.end(), [&](const store::ConfigVersion& one) {
    return version == 0 || one.version == version;
  });
  if (found == all.end()) return {};
  Value out = head_of(*found, found == all.begin());
  out.set("files", files_of(view.config_files(found->version).value_or("[]"), shown));
  const auto before = std::next(found);
  out.set("before", before == all.end() ? Value() : Value(before->version));
  return out;
}

}  // namespace assembly_sync::answers
