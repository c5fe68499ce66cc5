#include "connectors/kafka/src/metadata.h"

#include "absl/strings/str_cat.h"
#include "millrace/status.h"

namespace millrace::kafka {
namespace {

// One question; short, so that a refusal that another connection met is seen soon.
constexpr int kSliceMs = 500;

}  // namespace

absl::StatusOr<RdMetadata> AskMetadata(Client* client, rd_kafka_topic_t* only,
                                       const Attempt& attempt, const Deadline& deadline) {
  while (true) {
    const rd_kafka_metadata_t* metadata = nullptr;
    const rd_kafka_resp_err_t code = rd_kafka_metadata(client->get(), only == nullptr ? 1 : 0, only,
                                                       &metadata, deadline.LeftMs(kSliceMs));
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return RdMetadata(metadata);
    absl::Status failure = client->Failure(code, attempt);
    if (absl::IsUnauthenticated(failure) || !IsPassing(code) || !deadline.Pause()) return failure;
  }
}

absl::StatusOr<TopicView> LookAt(Client* client, rd_kafka_topic_t* topic,
                                 const Deadline& deadline) {
  const std::string name = absl::StrCat("topic '", rd_kafka_topic_name(topic), "'");
  const Attempt attempt{absl::StrCat("describe ", name), absl::StrCat("DESCRIBE on ", name)};
  while (true) {
    MR_ASSIGN_OR_RETURN(const RdMetadata metadata, AskMetadata(client, topic, attempt, deadline));
    if (metadata->topic_cnt != 1) return TopicView{};
    const rd_kafka_metadata_topic_t& found = metadata->topics[0];
    if (IsUnknownTopic(found.err)) return TopicView{};
    if (found.err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      TopicView view{.partitions = found.partition_cnt};
      for (int32_t i = 0; i < found.partition_cnt; ++i) {
        view.leaders += found.partitions[i].leader >= 0 ? 1 : 0;
      }
      return view;
    }
    if (!IsPassing(found.err) || !deadline.Pause()) return ToStatus(found.err, attempt);
  }
}

}  // namespace millrace::kafka
