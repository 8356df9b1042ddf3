// Everything that can grow has its limit here (I12). At a limit the source is told to wait or the
// input is refused with a reason; nothing is dropped silently.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace assembly_sync::core::limits {

using namespace std::chrono_literals;

// Intake
inline constexpr std::size_t kWebhookBodyBytes = 1024 * 1024;
inline constexpr std::size_t kWebhookRecords = 10'000;  // in one body; they are planned together
inline constexpr std::size_t kHttpHeadBytes = 32 * 1024;
inline constexpr std::size_t kHttpHeaderCount = 100;
inline constexpr std::size_t kListenerConnections = 4096;
inline constexpr auto kRequestDeadline = 10s;  // first byte of a request to its last
inline constexpr auto kKeepAliveIdle = 30s;    // an idle connection costs no thread, only a socket
inline constexpr std::size_t kQuarantineRows = 1000;
inline constexpr std::size_t kQuarantineBytes = 64 * 1024 * 1024;
inline constexpr std::size_t kOpenReceipts = 100'000;  // received, not yet decoded
inline constexpr std::size_t kOpenNotices = 5'000'000;
inline constexpr std::size_t kWaitingForAPerson = 1'000'000;  // dead letters and held, together
inline constexpr std::size_t kOutboxPending = 10'000'000;

// JSON
inline constexpr std::size_t kJsonDepth = 64;
inline constexpr std::size_t kJsonDocumentBytes = 64 * 1024 * 1024;
inline constexpr std::size_t kRecordBytes = 4 * 1024 * 1024;

// Configuration
inline constexpr std::size_t kConfigFiles = 200;              // the main one among them
inline constexpr std::size_t kConfigBytes = 4 * 1024 * 1024;  // all files together
inline constexpr std::size_t kConfigDepth = 32;
inline constexpr std::size_t kConfigNodes = 200'000;    // all files together
inline constexpr std::size_t kSecretBytes = 64 * 1024;  // one secret, from a file

// What a source says its records hold, as far as it is kept: the options of one object's properties
inline constexpr std::size_t kCatalogueBytes = 8 * 1024 * 1024;

// Expressions
inline constexpr std::size_t kExpressionBytes = 4096;
inline constexpr std::size_t kExpressionDepth = 32;
inline constexpr std::size_t kProducedTextBytes = 64 * 1024;
inline constexpr std::size_t kProducedListItems = 10'000;
inline constexpr std::size_t kPatternBytes = 4 * 1024 * 1024;  // memory of one regular expression

// A value of an additional property or of a usage log's metadata, all that it holds together
inline constexpr std::size_t kPropertyDepth = 16;
inline constexpr std::size_t kPropertyItems = 10'000;
inline constexpr std::size_t kPropertyBytes = 256 * 1024;

// CSV
inline constexpr std::size_t kCsvRowBytes = 1024 * 1024;
inline constexpr std::size_t kCsvColumns = 2000;

// Usage logs: what is read of Assembly's list to find one that was perhaps stored. Beyond, it is
// held for a person.
inline constexpr std::size_t kUsageSearchPages = 2000;
inline constexpr std::size_t kUsageSuspects = 1000;  // logs read one by one
inline constexpr std::size_t kUsageSearches =
    10'000;  // begun ones; one that is dropped starts anew

// Console
inline constexpr std::size_t kConsoleBodyBytes =
    4 * 1024 * 1024;  // a configuration in the workbench
inline constexpr std::size_t kConsoleConnections = 128;
inline constexpr std::size_t kConsoleWaiting = 64;  // requests; beyond, 503

// HTTP client
inline constexpr std::size_t kHttpResponseBytes = 64 * 1024 * 1024;

// Store
inline constexpr std::size_t kBulkRowsPerTransaction =
    100;  // longer holds the write lock into live latency
inline constexpr std::size_t kDeliveryRows = 200'000;
inline constexpr auto kLineageAge = std::chrono::days{90};
inline constexpr std::size_t kLineageBytes = 256 * 1024 * 1024;
inline constexpr std::size_t kSettledReceiptRows = 50'000;
inline constexpr std::int64_t kSettledReceiptBytes = 512LL * 1024 * 1024;
inline constexpr std::size_t kSettledNoticeRows = 200'000;
inline constexpr std::size_t kConfigVersions = 50;  // whose text is kept
inline constexpr std::size_t kPersonOrders = 1000;  // that can be taken back
inline constexpr std::size_t kFinishedRuns = 1000;
// The write-ahead log: cut off beyond this as soon as no reader is in the way.
inline constexpr std::size_t kLogBytes = 64 * 1024 * 1024;
// Pages of the file that hold nothing: kept for what comes next, given back beyond this.
inline constexpr std::size_t kFreePages = 2000;
// Asked for one by one after a refresh of the directory: what its lists do not show. More missing
// at once is no accident, and is not acted on before a human or the next refresh looked.
inline constexpr int kDirectoryChecks = 100;
// A claim may be taken back after this: far beyond the longest call (timeout_seconds, at most 300)
// with the label calls before it, so that a slow call is never taken for a dead one.
inline constexpr auto kLease = 1800s;

static_assert(kWebhookBodyBytes <= kJsonDocumentBytes);
static_assert(kRecordBytes <= kJsonDocumentBytes);

}  // namespace assembly_sync::core::limits
