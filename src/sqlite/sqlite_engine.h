// The embedded engine, as its own files see it. What others see is sqlite_store.h.
//
// It puts the two halves together: what a command does (tables/), and whose turn it is to write, the disk and the log
// (file/). So here a command is a line: tables/ has its run(), whose type says which transaction it needs.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "sqlite/file/connection.h"
#include "sqlite/file/transaction.h"
#include "sqlite/tables/tables.h"
#include "stream/store.h"

namespace weir::sqlite {

/// Whether what a function of Tables returns says that it writes.
template <typename Found>
inline constexpr bool kWrites = false;
template <typename T>
inline constexpr bool kWrites<Result<Change<T>>> = true;

class SqliteEngine final : public Store {
 public:
  explicit SqliteEngine(std::unique_ptr<Connection> connection)
      : connection_(std::move(connection)), tables_(connection_->database()) {}

  Result<Xlen::Reply> run(const Xlen& request) override { return run_alone(request); }
  Result<Xrange::Reply> run(const Xrange& request) override { return run_whole(request); }
  Result<Xdel::Reply> run(const Xdel& request) override { return run_whole(request); }
  Result<Xtrim::Reply> run(const Xtrim& request) override { return run_whole(request); }
  Result<Xsetid::Reply> run(const Xsetid& request) override { return run_whole(request); }
  Result<XgroupCreate::Reply> run(const XgroupCreate& request) override { return run_whole(request); }
  Result<XgroupSetid::Reply> run(const XgroupSetid& request) override { return run_whole(request); }
  Result<XgroupDestroy::Reply> run(const XgroupDestroy& request) override { return run_whole(request); }
  Result<XgroupCreateConsumer::Reply> run(const XgroupCreateConsumer& request) override { return run_whole(request); }
  Result<XgroupDelConsumer::Reply> run(const XgroupDelConsumer& request) override { return run_whole(request); }
  Result<Xack::Reply> run(const Xack& request) override { return run_whole(request); }
  Result<Xnack::Reply> run(const Xnack& request) override { return run_whole(request); }
  Result<XpendingSummary::Reply> run(const XpendingSummary& request) override { return run_whole(request); }
  Result<Xclaim::Reply> run(const Xclaim& request) override { return run_whole(request); }
  Result<Xautoclaim::Reply> run(const Xautoclaim& request) override { return run_whole(request); }
  Result<XinfoStream::Reply> run(const XinfoStream& request) override { return run_whole(request); }
  Result<XinfoStreamFull::Reply> run(const XinfoStreamFull& request) override { return run_whole(request); }
  Result<XinfoGroups::Reply> run(const XinfoGroups& request) override { return run_whole(request); }
  Result<XinfoConsumers::Reply> run(const XinfoConsumers& request) override { return run_whole(request); }
  Result<Del::Reply> run(const Del& request) override { return run_whole(request); }
  Result<Exists::Reply> run(const Exists& request) override { return run_whole(request); }
  Result<Rename::Reply> run(const Rename& request) override { return run_whole(request); }
  Result<Type::Reply> run(const Type& request) override { return run_alone(request); }
  Result<Keys::Reply> run(const Keys& request) override { return run_alone(request); }
  Result<Flushall::Reply> run(const Flushall& request) override { return run_whole(request); }

  // What is more than one transaction, or waits between two.
  Result<Xadd::Reply> run(const Xadd& request) override;
  Result<AddAnswers> append(std::span<const Xadd> entries, std::span<const Xadd> ahead) override;
  Result<Xpending::Reply> run(const Xpending& request) override;
  Result<Xread::Reply> run(const Xread& request) override;
  Result<Xreadgroup::Reply> run(const Xreadgroup& request) override;
  Result<std::vector<Result<Reply>>> transact(std::span<const Request> requests, OnRefusal on_refusal) override;

  Result<Names> names_from(std::string_view prefix, std::size_t most) override;
  Result<std::string> identity() override { return connection_->identity(); }
  void set_interrupt(int fd) override { interrupt_ = fd; }

 private:
  friend class BlockedGroupRead;

  /// Runs a request in one transaction, of the kind that the type of its run() in tables/ asks for.
  template <typename Request>
  Result<typename Request::Reply> run_whole(const Request& request) {
    return whole([&] { return tables_.run(request); });
  }
  /// Without one: a single statement is of one moment by itself.
  template <typename Request>
  Result<typename Request::Reply> run_alone(const Request& request) {
    return sound(tables_.run(request));
  }

  /// Does in one transaction what returns a Result: of a Change, in a write, which is kept if there is no failure and
  /// something was changed; of anything else, at one moment of the file.
  template <typename Part>
  auto whole(Part part) {
    if constexpr (kWrites<std::invoke_result_t<Part>>) {
      return changed(part);
    } else {
      const ReadTransaction transaction(*connection_);
      return sound(part());
    }
  }
  template <typename Part>
  auto changed(Part part) -> Result<decltype(part()->reply)> {
    WEIR_ASSIGN(WriteTransaction transaction, WriteTransaction::begin(*connection_));
    WEIR_ASSIGN(auto change, sound(part()));
    if (change.worth == Worth::sync) {
      WEIR_TRY(transaction.commit());
    } else if (change.worth == Worth::commit) {
      WEIR_TRY(transaction.commit_without_sync());
    }
    return std::move(change.reply);
  }
  /// What was found is void if a statement failed.
  template <typename T>
  Result<T> sound(Result<T> found) {
    if (Database& db = connection_->database(); db.failed()) {
      return tl::unexpected<Error>(db.take_failure());
    }
    return found;
  }

  // read_blocking.cc
  Result<StreamEntries> read_after(const Xread& request, const std::vector<Id>& after);
  Result<StreamEntries> deliver(const Xreadgroup& request, const std::vector<bool>& served);

  std::unique_ptr<Connection> connection_;
  Tables tables_;
  int interrupt_ = -1;
};

}  // namespace weir::sqlite
