// Owners for what the client library hands out.
#pragma once

#include <librdkafka/rdkafka.h>

#include <memory>

namespace millrace::kafka {

template <auto destroy>
struct RdDeleter {
  template <class T>
  void operator()(T* object) const {
    destroy(object);
  }
};

template <class T, auto destroy>
using RdPtr = std::unique_ptr<T, RdDeleter<destroy>>;

using RdConfig = RdPtr<rd_kafka_conf_t, rd_kafka_conf_destroy>;
using RdTopic = RdPtr<rd_kafka_topic_t, rd_kafka_topic_destroy>;
using RdQueue = RdPtr<rd_kafka_queue_t, rd_kafka_queue_destroy>;
using RdEvent = RdPtr<rd_kafka_event_t, rd_kafka_event_destroy>;
using RdError = RdPtr<rd_kafka_error_t, rd_kafka_error_destroy>;
using RdMessage = RdPtr<rd_kafka_message_t, rd_kafka_message_destroy>;
using RdHeaders = RdPtr<rd_kafka_headers_t, rd_kafka_headers_destroy>;
using RdPartitions = RdPtr<rd_kafka_topic_partition_list_t, rd_kafka_topic_partition_list_destroy>;
using RdGroupMetadata =
    RdPtr<rd_kafka_consumer_group_metadata_t, rd_kafka_consumer_group_metadata_destroy>;

}  // namespace millrace::kafka
