// The check behind ProcessorContext::Store<K, V>(): types are erased in the topology, so a step
// that asks for the wrong ones is found out when its task starts.
#include <cxxabi.h>

#include <cstdlib>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/text.h"
#include "millrace/processor.h"
#include "millrace/status.h"

namespace millrace::detail {
namespace {

std::string NameOf(const std::type_info& type) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> name(
      abi::__cxa_demangle(type.name(), nullptr, nullptr, &status), &std::free);
  return status == 0 ? name.get() : type.name();
}

std::string NameOf(StoreKind kind, const std::type_info& key, const std::type_info& value) {
  const char* store = kind == StoreKind::kWindow      ? "a window"
                      : kind == StoreKind::kSession   ? "a session"
                      : kind == StoreKind::kVersioned ? "a versioned"
                      : kind == StoreKind::kCustom    ? "a custom"
                                                      : "a key-value";
  return absl::StrCat(store, " store of <", NameOf(key), ", ", NameOf(value), ">");
}

}  // namespace

void CheckStoreTypes(const ErasedStore* store, std::string_view name, StoreKind kind,
                     const std::type_info& key, const std::type_info& value) {
  MR_CHECK(store != nullptr, absl::StrCat("there is no store \"", AbslView(name), "\""));
  const StoreSpec& spec = store->spec();
  MR_CHECK(spec.kind == kind && *spec.key->type == key && *spec.value->type == value,
           absl::StrCat("store \"", AbslView(name), "\" is ",
                        NameOf(spec.kind, *spec.key->type, *spec.value->type),
                        ", but a step asks for ", NameOf(kind, key, value)));
}

CustomObject* CheckedObject(ErasedStore* store, std::string_view name, const std::type_info& type) {
  MR_CHECK(store != nullptr, absl::StrCat("there is no store \"", AbslView(name), "\""));
  const StoreSpec& spec = store->spec();
  const bool is_custom = spec.kind == StoreKind::kCustom;
  MR_CHECK(is_custom && *spec.custom == type,
           absl::StrCat("store \"", AbslView(name), "\" is ",
                        is_custom ? NameOf(*spec.custom)
                                  : NameOf(spec.kind, *spec.key->type, *spec.value->type),
                        ", but a step asks for ", NameOf(type)));
  return static_cast<ErasedCustomStore*>(store)->object();
}

}  // namespace millrace::detail
