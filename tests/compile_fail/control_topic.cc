// COMPILES
// The same program as topic_value_without_serde.cc, with the serde.
#include <string>

#include "millrace/topic.h"

struct Like {
  int post = 0;
};

template <>
struct millrace::Serde<Like> {
  static void Encode(const Like& like, std::string* out) { out->append(std::to_string(like.post)); }
  static absl::Status Decode(std::string_view bytes, Like* out) {
    out->post = static_cast<int>(bytes.size());
    return absl::OkStatus();
  }
};

const millrace::Topic<std::string, Like> kLikes{"likes"};
