package millrace.peer;

import java.util.concurrent.atomic.LongAdder;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;

/** The serde of an input topic: counts the records that are read. Kafka Streams decodes a record
 * right before it is processed. */
final class InputSerde<T> implements Serde<T> {
  private static final LongAdder READ = new LongAdder();

  private final Serde<T> inner;

  InputSerde(Serde<T> inner) {
    this.inner = inner;
  }

  /** Of all input topics, by all threads. */
  static long recordsRead() {
    return READ.sum();
  }

  @Override
  public Serializer<T> serializer() {
    return inner.serializer();
  }

  @Override
  public Deserializer<T> deserializer() {
    Deserializer<T> decoder = inner.deserializer();
    return (topic, bytes) -> {
      READ.increment();
      return decoder.deserialize(topic, bytes);
    };
  }
}
