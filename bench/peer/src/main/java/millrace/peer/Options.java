package millrace.peer;

import java.util.HashMap;
import java.util.Map;

/** The arguments of the program: --name=value, each with a default but for those that are asked
 * for with required(). */
final class Options {
  private final Map<String, String> values = new HashMap<>();

  Options(String[] arguments, int from) {
    for (int i = from; i < arguments.length; i++) {
      String argument = arguments[i];
      int equals = argument.indexOf('=');
      if (!argument.startsWith("--") || equals < 0) {
        throw new IllegalArgumentException("not --name=value: " + argument);
      }
      values.put(argument.substring(2, equals), argument.substring(equals + 1));
    }
  }

  String required(String name) {
    String value = values.remove(name);
    if (value == null) throw new IllegalArgumentException("missing --" + name);
    return value;
  }

  String text(String name, String otherwise) {
    String value = values.remove(name);
    return value == null ? otherwise : value;
  }

  long number(String name, long otherwise) {
    return Long.parseLong(text(name, Long.toString(otherwise)));
  }

  /** Call when everything was asked for: what is left was misspelt. */
  void nothingElse() {
    if (!values.isEmpty()) throw new IllegalArgumentException("unknown: " + values.keySet());
  }
}
