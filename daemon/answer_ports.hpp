// What answers ask of the parts that they can't see: connectors and the mapping, of one
// configuration. A part of the composition root, for verbs and console alike. Thread-safe.
#pragma once

#include <memory>

#include "daemon/answers/orders.hpp"
#include "daemon/answers/quarantine.hpp"
#include "daemon/answers/waiting.hpp"
#include "daemon/answers/why.hpp"
#include "daemon/config/config.hpp"
#include "daemon/intake/pipeline.hpp"

namespace assembly_sync::app {

answers::ReadsOf reads_of(std::shared_ptr<const config::Config> config);
answers::Recheck recheck_of(std::shared_ptr<const config::Config> config);
/// Labels are those that `mapper` knows already; no source is asked.
answers::WouldSend would_send_of(intake::Mapper mapper);
answers::Steps steps_of(intake::Mapper mapper);

}  // namespace assembly_sync::app
