package millrace.peer;

import java.time.Duration;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.Joined;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.KTable;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.kstream.WindowedSerdes;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.WindowStore;

/** The topologies of bench/kafka/topologies.cc, in Kafka Streams' words. */
final class Topologies {
  private static final Duration WINDOW = Duration.ofSeconds(10);
  private static final Duration GRACE = Duration.ofSeconds(60);

  private static final Serde<String> NAME = Serdes.String();
  private static final Serde<Long> COUNT = Serdes.Long();
  private static final Serde<Order> ORDER = new ProtobufSerde<>(Order.parser());
  private static final Serde<Customer> CUSTOMER = new ProtobufSerde<>(Customer.parser());
  private static final Serde<Sale> SALE = new ProtobufSerde<>(Sale.parser());

  private Topologies() {}

  static Topology build(String name, String output) {
    StreamsBuilder builder = new StreamsBuilder();
    KStream<String, Order> orders = builder.stream("orders",
        Consumed.with(NAME, ORDER));
    switch (name) {
      case "pass":
        orders.to(output, Produced.with(NAME, ORDER));
        break;
      case "count":
        orders.groupByKey(Grouped.with(NAME, ORDER))
            .count(Materialized.<String, Long, KeyValueStore<Bytes, byte[]>>as("orders-by-customer")
                .withKeySerde(NAME).withValueSerde(COUNT))
            .toStream()
            .to(output, Produced.with(NAME, COUNT));
        break;
      case "window":
        orders.groupByKey(Grouped.with(NAME, ORDER))
            .windowedBy(TimeWindows.ofSizeAndGrace(WINDOW, GRACE))
            .count(Materialized.<String, Long, WindowStore<Bytes, byte[]>>as("orders-by-window")
                .withKeySerde(NAME).withValueSerde(COUNT))
            .toStream()
            .to(output, Produced.with(
                WindowedSerdes.timeWindowedSerdeFrom(String.class, WINDOW.toMillis()), COUNT));
        break;
      case "join":
        KTable<String, Customer> customers = builder.table("customers",
            Consumed.with(NAME, CUSTOMER),
            Materialized.<String, Customer, KeyValueStore<Bytes, byte[]>>as("customers")
                .withKeySerde(NAME).withValueSerde(CUSTOMER));
        orders.join(customers, Topologies::sale, Joined.with(NAME, ORDER, CUSTOMER))
            .to(output, Produced.with(NAME, SALE));
        break;
      default:
        throw new IllegalArgumentException("no such topology: " + name);
    }
    return builder.build();
  }

  private static Sale sale(Order order, Customer customer) {
    return Sale.newBuilder().setOrder(order.getId()).setCents(order.getCents())
        .setRegion(customer.getRegion()).setLevel(customer.getLevel()).build();
  }
}
