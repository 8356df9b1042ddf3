// The workbench behind the console: a configuration that is being written, tried on a record before
// it is saved, and kept together with a test. Loads with the same reader as `check` and maps with
// the same rules as the pipeline; puts nothing in force. A part of the composition root.
// Thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/value.hpp"
#include "daemon/config/config.hpp"
#include "daemon/console/console.hpp"
#include "daemon/http/client.hpp"
#include "daemon/intake/pipeline.hpp"
#include "daemon/store/store.hpp"
#include "daemon/surroundings.hpp"

namespace assembly_sync::app {

class Workbench {
 public:
  /// `in_force` gives the configuration that is. Without `around.secrets` nothing can be tried.
  Workbench(store::Store& store, Surroundings around,
            std::function<std::shared_ptr<const config::Config>()> in_force);

  /// The rules in force, with the labels that the store knows; asks no source for others.
  intake::Mapper mapper() const;

  /// {file, files: [path], text, base, objects: [SOURCE.OBJECT]}: the text of `file` (empty = the
  /// main one) as it is on disk now. `base` names that text: save() wants it back. {error} when it
  /// can't be read, or is no file of the configuration.
  core::Value begin(const std::string& file) const;

  /// {record: text}, as the mirror has it; {error} when it has none.
  core::Value record(const std::string& object, const std::string& id) const;

  using Draft = console::Draft;
  /// {problems: [{file, line, column, key, message, hint, excerpt, here}], tests{passed, failed},
  /// record_problem, map: map_document}. `here`: it is in the text that is being written. `map` is
  /// null where the rules can't be used, or there is no record.
  core::Value try_out(const Draft& draft) const;

  /// Adds a test that expects what comes of the record now, checks everything, and writes the file.
  /// {saved, text: the new text, test: the entry, why: why it was not written, kept: the file with
  /// what it was}.
  core::Value save_test(const Draft& draft) const;

 private:
  config::LoadResult load(const Draft& draft, const std::string& text) const;
  std::shared_ptr<intake::Catalogues> catalogues() const;

  store::Store& store_;
  const Surroundings around_;
  mutable http::PooledTransport transport_;  // asked for nothing
  const std::function<std::shared_ptr<const config::Config>()> in_force_;
};

}  // namespace assembly_sync::app
