// Webhook sources for tests, made as the configuration makes them: with the defaults of the table.
#pragma once

#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "connectors/registry.hpp"
#include "connectors/webhook/verify.hpp"

namespace assembly_sync::connectors::test {

inline VerifySettings verify_settings(const std::string& scheme,
                                      const std::vector<std::string>& secrets,
                                      std::map<std::string, std::string> texts = {}) {
  VerifySettings settings{.scheme = scheme};
  for (const std::string& secret : secrets) settings.secrets.emplace_back(secret);
  settings.texts = std::move(texts);
  for (const Setting::Variant& variant : webhook::schemes()) {
    if (variant.name != scheme) continue;
    for (const Setting& setting : variant.settings) {
      if (!setting.default_value.empty()) {
        settings.texts.try_emplace(setting.name, setting.default_value);
      }
    }
    return settings;
  }
  throw std::invalid_argument("no scheme " + scheme);
}

inline std::unique_ptr<Connector> make_webhook_source(VerifySettings verify,
                                                      std::vector<ObjectSettings> objects = {
                                                          {core::ObjectName("things"), "id"}}) {
  SourceSettings settings;
  settings.name = core::SourceName("product");
  settings.verify = std::move(verify);
  settings.objects = std::move(objects);
  return find_type("webhook")->make(settings);
}

}  // namespace assembly_sync::connectors::test
