// Last step of active-users: the lists of all partitions become one.
#pragma once

#include <cstdint>
#include <string>

#include "millrace/processor.h"
#include "schemas/user_list.h"

namespace millrace::topologies::active {

// Keeps the newest list of every partition; one that is an hour behind counts no more. A user is in
// one partition, so the first hundred of all are among the first hundred of each. Tells a list when
// it differs from the last one.
class WholeList final
    : public Processor<int32_t, schemas::UserList, std::string, schemas::UserList> {
 public:
  static constexpr const char* kKey = "1h";

  void Init(Context& context) override;
  void Process(const Record<int32_t, schemas::UserList>& record, Context& context) override;

 private:
  KeyValueStore<int32_t, schemas::UserList> parts_;
  KeyValueStore<std::string, schemas::UserList> told_;
};

}  // namespace millrace::topologies::active
