// kcat's -f format: %s value, %S value length, %k key, %K key length, %T timestamp (ms), %t topic,
// %p partition, %o offset, %h headers (a=b,c=d), %% percent; \n \t \r \\ \xHH escapes. A null
// prints as "NULL" for %s and %k and as -1 for %S and %K, as kcat does.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "millrace/record.h"
#include "type_catalog.h"

namespace millrace::worker {

class KcatFormat {
 public:
  // InvalidArgument names the wrong token and its place.
  static absl::StatusOr<KcatFormat> Parse(std::string_view format);

  // Keys and values print in their declared form (numbers as digits), other bytes as they are.
  std::string Format(const std::string& topic, PartitionId partition, const RecordView& record,
                     const DeclaredTypes& types) const;

 private:
  struct Token {
    char verb;  // 0: literal text
    std::string text;
  };
  std::vector<Token> tokens_;
};

}  // namespace millrace::worker
