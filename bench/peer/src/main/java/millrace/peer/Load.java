package millrace.peer;

import java.util.Properties;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/** Writes orders at a steady rate, stamped with the time of writing: the load under which both
 * sides' latency and paced CPU are measured. A plain producer, as most services have. */
final class Load {
  private static final long NANOS = 1_000_000_000;
  private static final String NOTE = "paced order, delivered to the usual address of the customer";

  private Load() {}

  static void main(Options options) throws Exception {
    Properties config = new Properties();
    config.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, options.required("bootstrap"));
    config.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
    config.put(ProducerConfig.LINGER_MS_CONFIG, options.text("linger-ms", "5"));
    long rate = options.number("rate", 20_000);
    long records = options.number("records", 20 * rate);
    String topic = options.text("topic", "orders");
    long keys = options.number("keys", 100_000);
    options.nothingElse();

    AtomicReference<Exception> failure = new AtomicReference<>();
    try (var producer = new KafkaProducer<>(config, new StringSerializer(),
        new ProtobufSerde<>(Order.parser()).serializer())) {
      producer.partitionsFor(topic);
      long start = System.nanoTime();
      for (long i = 0; i < records; i++) {
        waitUntil(start + i * NANOS / rate);
        producer.send(order(topic, i, keys), (metadata, error) -> {
          if (error != null) failure.compareAndSet(null, error);
        });
      }
    }
    if (failure.get() != null) throw failure.get();
    System.out.println("loaded " + records);
  }

  private static void waitUntil(long time) {
    // Nothing is gained by waking up for every single record.
    long left = time - System.nanoTime();
    while (left > 200_000) {
      LockSupport.parkNanos(left);
      left = time - System.nanoTime();
    }
  }

  private static ProducerRecord<String, Order> order(
      String topic, long i, long keys) {
    // The names of bench/kafka/order_source.cc, so that every order has a customer.
    String customer = String.format("c%07d", Math.floorMod(i * 2_654_435_761L, keys));
    Order order = Order.newBuilder().setId(i).setProduct((int) (i % 5_000)).setCents(i % 10_000)
        .setNote(NOTE).build();
    return new ProducerRecord<>(topic, customer, order);
  }
}
