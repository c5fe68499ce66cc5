package millrace.peer;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;

/** A message as its bytes, without a schema registry's prefix. */
final class ProtobufSerde<M extends MessageLite> implements Serde<M> {
  private final Parser<M> parser;

  ProtobufSerde(Parser<M> parser) {
    this.parser = parser;
  }

  @Override
  public Serializer<M> serializer() {
    return (topic, message) -> message == null ? null : message.toByteArray();
  }

  @Override
  public Deserializer<M> deserializer() {
    return (topic, bytes) -> {
      try {
        return bytes == null ? null : parser.parseFrom(bytes);
      } catch (InvalidProtocolBufferException e) {
        throw new SerializationException("in topic " + topic, e);
      }
    };
  }
}
