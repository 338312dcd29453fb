#include "io/simdjson_library.h"

#include "io/json_lines.h"

#ifdef WEIR_SIMDJSON_SONAME

#include <dlfcn.h>

#include <stdexcept>
#include <string>

namespace weir::io {
namespace {

const simdjson::implementation& load() {
  // The only function that is looked up by name; all others are reached through the object that it returns.
  constexpr const char* kGetActiveImplementation = "_ZN8simdjson25get_active_implementationEv";
  void* library = dlopen(WEIR_SIMDJSON_SONAME, RTLD_NOW | RTLD_LOCAL);
  void* symbol = library != nullptr ? dlsym(library, kGetActiveImplementation) : nullptr;
  if (symbol == nullptr) {
    throw std::runtime_error(std::string("reading JSON needs simdjson: ") + dlerror());
  }
  using Function = decltype(&simdjson::get_active_implementation);
  return *static_cast<const simdjson::implementation*>(reinterpret_cast<Function>(symbol)());
}

}  // namespace

const simdjson::implementation& simdjson_implementation() {
  static const simdjson::implementation& loaded = load();
  return loaded;
}

}  // namespace weir::io

#else

namespace weir::io {

const simdjson::implementation& simdjson_implementation() {
  return *static_cast<const simdjson::implementation*>(simdjson::get_active_implementation());
}

}  // namespace weir::io

#endif

namespace weir::io {

std::string simdjson_version() {
  using namespace simdjson;
  return std::to_string(SIMDJSON_VERSION_MAJOR) + "." + std::to_string(SIMDJSON_VERSION_MINOR) + "." +
         std::to_string(SIMDJSON_VERSION_REVISION);
}

}  // namespace weir::io
