#include "worker/run_log.h"

#include <chrono>
#include <utility>

#include "io/json_writer.h"
#include "text/moment.h"

namespace weir::worker {

Xadd run_entry(const std::string& log, const std::string& group, const std::string& consumer, const Ended& ended) {
  constexpr std::uint64_t kKept = 10'000;
  const RunRecord& run = *ended.run;
  const Message& message = ended.messages.front();
  std::string text;
  io::JsonWriter json(text);
  json.object([&] {
    json.member("id", message.id);
    json.member("stream", message.stream);
    json.member("group", group);
    json.member("consumer", consumer);
    json.member("delivery", message.deliveries);
    if (ended.messages.size() > 1) {
      json.member("messages", ended.messages.size());
    }
    run.signal == 0 ? json.member("status", run.status) : json.member("signal", run.signal);
    json.member("started", utc_time(run.started));
    json.member("took_ms", run.took);
    json.member("stdout", run.output);
    json.member("stderr", run.errors);
  });
  Xadd entry;
  entry.stream = log;
  entry.fields = Fields::from_json(std::move(text));
  entry.trim.emplace();
  entry.trim->approximate = true;
  entry.trim->maxlen = kKept;
  return entry;
}

LogPolicy::LogPolicy(Store& store, std::string log)
    : store_(dynamic_cast<Keeping*>(&store)), log_(std::move(log)), set_(store_ != nullptr) {}

bool LogPolicy::is_set() {
  const SteadyTime now = std::chrono::steady_clock::now();
  if (store_ == nullptr || (asked_ && now - *asked_ < std::chrono::seconds(1))) {
    return set_;
  }
  asked_ = now;
  const auto policy = store_->kept(log_);
  if (policy) {
    set_ = policy->has_value();
  } else if (policy.error().failure == Failure::refused) {
    set_ = false;  // the log does not exist yet
  }
  return set_;
}

}  // namespace weir::worker
