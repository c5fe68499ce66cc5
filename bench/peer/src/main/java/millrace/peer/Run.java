package millrace.peer;

import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.processor.StateRestoreListener;

/** Runs one topology until SIGTERM. Prints, a line each: "running" once all tasks do, "processed N"
 * (records so far) while it works, "restored N" when tasks had to be, "stopped" at a clean end. */
final class Run {
  private static final long REPORT_MS = 50;

  private final KafkaStreams streams;
  private final CountDownLatch stop = new CountDownLatch(1);
  private final AtomicLong restored = new AtomicLong();

  private Run(Options options) {
    String topology = options.required("topology");
    String output = options.required("output");
    Properties config = config(options);
    options.nothingElse();
    streams = new KafkaStreams(Topologies.build(topology, output), config);
  }

  static void main(Options options) throws InterruptedException {
    new Run(options).run();
  }

  private static Properties config(Options options) {
    Properties config = new Properties();
    config.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, options.required("bootstrap"));
    config.put(StreamsConfig.APPLICATION_ID_CONFIG, options.required("app"));
    config.put(StreamsConfig.STATE_DIR_CONFIG, options.required("state"));
    config.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, options.text("threads", "1"));
    config.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG,
        options.text("guarantee", StreamsConfig.EXACTLY_ONCE_V2));
    config.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, options.text("commit-ms", "100"));
    config.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG,
        options.text("cache-bytes", Long.toString(10 << 20)));
    config.put(StreamsConfig.NUM_STANDBY_REPLICAS_CONFIG, options.text("standbys", "0"));
    config.put(StreamsConfig.mainConsumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG),
        "earliest");
    config.put(StreamsConfig.producerPrefix(ProducerConfig.COMPRESSION_TYPE_CONFIG),
        options.text("compression", "lz4"));
    String instance = options.text("instance", "");
    if (!instance.isEmpty()) config.put(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG, instance);
    String session = options.text("session-ms", "");
    if (!session.isEmpty()) config.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, session);
    return config;
  }

  private void run() throws InterruptedException {
    CountDownLatch stopped = new CountDownLatch(1);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> {
      stop.countDown();
      awaitQuietly(stopped);
    }));
    streams.setGlobalStateRestoreListener(new Restores());
    streams.setStateListener((now, before) -> {
      if (now == KafkaStreams.State.RUNNING) {
        if (restored.get() > 0) say("restored " + restored.get());
        say("running");
      }
      if (now == KafkaStreams.State.ERROR) stop.countDown();
    });
    streams.start();
    report();
    boolean failed = streams.state() == KafkaStreams.State.ERROR;
    streams.close();
    say(failed ? "failed" : "stopped");
    stopped.countDown();
  }

  private void report() throws InterruptedException {
    long last = -1;
    while (!stop.await(REPORT_MS, TimeUnit.MILLISECONDS)) {
      long processed = recordsProcessed();
      if (processed != last) say("processed " + processed);
      last = processed;
    }
  }

  /** Of all threads. Counted by Kafka Streams itself: how often a serde is called says nothing, for
   * a join decodes its records twice. */
  private long recordsProcessed() {
    double sum = 0;
    for (Metric metric : streams.metrics().values()) {
      MetricName name = metric.metricName();
      if (name.group().equals("stream-thread-metrics") && name.name().equals("process-total")) {
        sum += (Double) metric.metricValue();
      }
    }
    return (long) sum;
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static synchronized void say(String line) {
    System.out.println(line);
    System.out.flush();
  }

  /** Counts what all tasks together had to read again. */
  private final class Restores implements StateRestoreListener {
    @Override
    public void onRestoreStart(TopicPartition partition, String store, long from, long to) {}

    @Override
    public void onBatchRestored(TopicPartition partition, String store, long end, long count) {
      restored.addAndGet(count);
    }

    @Override
    public void onRestoreEnd(TopicPartition partition, String store, long total) {}
  }
}
