package millrace.peer;

import org.apache.kafka.common.utils.AppInfoParser;

/** The Kafka Streams side of `./dev bench kafka`: run, load or version, then --name=value. */
public final class Peer {
  private Peer() {}

  public static void main(String[] arguments) throws Exception {
    String command = arguments.length > 0 ? arguments[0] : "";
    switch (command) {
      case "run" -> Run.main(new Options(arguments, 1));
      case "load" -> Load.main(new Options(arguments, 1));
      case "version" -> System.out.println(AppInfoParser.getVersion());
      default -> {
        System.err.println("usage: peer run|load|version --name=value…");
        System.exit(2);
      }
    }
  }
}
