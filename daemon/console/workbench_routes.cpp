// What the workbench's form orders: a try, another record, a test that is saved.
#include "daemon/console/pages.hpp"
#include "daemon/console/site.hpp"

namespace assembly_sync::console {
namespace {

using core::Value;

/// A browser ends the lines that it sends with CR and LF; files here have LF.
std::string lines_of(std::string text) {
  std::size_t at = 0;
  while ((at = text.find("\r\n", at)) != std::string::npos) text.erase(at, 1);
  return text;
}

Draft draft_of(const Visit& visit) {
  return {visit.field("file"),   lines_of(visit.field("text")),   visit.field("base"),
          visit.field("object"), lines_of(visit.field("record")), visit.field("name")};
}

/// As begin() gives it, with what was written since.
Value form_of(const Value& begun, const Draft& draft, const Visit& visit) {
  Value form = begun;
  form.set("text", draft.text);
  form.set("base", draft.base);
  form.set("object", draft.object);
  form.set("record", draft.record);
  form.set("name", draft.name);
  form.set("id", visit.field("id"));
  return form;
}

Answer refused(const Value& answer) {
  return tl::unexpected(Refusal{404, answer.text_or("error")});
}

bool failed(const Value& answer) {
  return answer.find("error") != nullptr;
}

class Routes {
 public:
  explicit Routes(const WorkbenchPorts& ports) : ports_(ports) {}

  Answer open(const Visit& visit) const {
    Value form = ports_.begin(visit.parameter("file"));
    if (failed(form)) return refused(form);
    Draft draft{form.text_or("file"),
                form.text_or("text"),
                form.text_or("base"),
                visit.parameter("object"),
                "",
                ""};
    form.set("object", draft.object);
    const std::string id = visit.parameter("id");
    std::string told;
    if (!draft.object.empty() && !id.empty()) told = fetch(draft, id);
    form.set("id", id);
    form.set("record", draft.record);
    return page(std::move(form), ports_.try_out(draft), told);
  }

  Answer try_out(const Visit& visit) const {
    return answer(visit, [&](const Draft& draft) { return ports_.try_out(draft); });
  }

  Answer save_test(const Visit& visit) const {
    return answer(visit, [&](const Draft& draft) { return ports_.save_test(draft); });
  }

  Answer record(const Visit& visit) const {
    const Value begun = ports_.begin(visit.field("file"));
    if (failed(begun)) return refused(begun);
    Draft draft = draft_of(visit);
    const std::string told = fetch(draft, visit.field("id"));
    return page(form_of(begun, draft, visit), ports_.try_out(draft), told);
  }

 private:
  /// Puts the record into the draft; why not, when there is none.
  std::string fetch(Draft& draft, const std::string& id) const {
    const Value found = ports_.record(draft.object, id);
    if (failed(found)) return found.text_or("error");
    draft.record = found.text_or("record");
    return {};
  }

  Answer answer(const Visit& visit, const std::function<Value(const Draft&)>& work) const {
    const Value begun = ports_.begin(visit.field("file"));
    if (failed(begun)) return refused(begun);
    Draft draft = draft_of(visit);
    Value tried = work(draft);
    if (failed(tried)) return refused(tried);
    if (tried.at("saved") == Value(true)) {
      draft.text = tried.text_or("text");
      draft.base = tried.text_or("base");
    }
    return page(form_of(begun, draft, visit), std::move(tried), "");
  }

  static Answer page(Value form, Value tried, const std::string& told) {
    if (failed(tried)) return refused(tried);
    Value out = Value::object({{"form", std::move(form)}, {"tried", std::move(tried)}});
    if (!told.empty()) out.set("told", told);
    return out;
  }

  const WorkbenchPorts& ports_;
};

}  // namespace

void add_workbench(Site& site, const WorkbenchPorts& ports) {
  const Routes routes(ports);
  site.questions.push_back(
      {"workbench", [routes](const Visit& visit) { return routes.open(visit); }, workbench_page});
  site.orders.push_back({"workbench",
                         [routes](const Visit& visit) { return routes.try_out(visit); },
                         workbench_page});
  site.orders.push_back({"workbench/record",
                         [routes](const Visit& visit) { return routes.record(visit); },
                         workbench_page});
  site.orders.push_back({"workbench/test",
                         [routes](const Visit& visit) { return routes.save_test(visit); },
                         workbench_page});
}

}  // namespace assembly_sync::console
