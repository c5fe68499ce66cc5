#include "commit/crash_points.h"

#include <utility>

namespace millrace {
namespace {

CrashHook& Installed() {
  static CrashHook hook;
  return hook;
}

}  // namespace

void InstallCrashHook(CrashHook hook) { Installed() = std::move(hook); }

const CrashHook& InstalledCrashHook() { return Installed(); }

}  // namespace millrace
