"""Which folder may include which: the table of ARCHITECTURE.md ("Layers") in a form that runs."""

# An engine layer and the layers that it may include, itself apart. Every arrow points left.
_CHAIN = ["base", "record", "log", "store", "processor", "topology"]
_EDGES = ["source", "sink", "commit"]
LAYERS = {layer: set(_CHAIN[:i]) for i, layer in enumerate(_CHAIN)}
LAYERS.update({edge: set(_CHAIN[:5]) for edge in _EDGES})
LAYERS["dsl"] = set(_CHAIN)
LAYERS["runtime"] = {*_CHAIN, *_EDGES}
LAYERS["testing"] = {*_CHAIN, *_EDGES, "dsl", "runtime"}

# The layer that a public header belongs to: so `base` cannot see the log through millrace/log.h
# either. A header that is not named here is part of the DSL, the rightmost typed layer.
# topology_data.h is plain data that the runtime's layers read, so it sits left of them.
PUBLIC_HEADERS = {
    "base": {"error_policy.h", "ids.h", "metrics.h", "status.h", "time.h", "detail/poison.h"},
    "record": {
        "headers.h", "json.h", "partitioner.h", "record.h", "serde.h", "serde_json.h",
        "serde_protobuf.h", "topic.h", "detail/codec.h", "detail/erased_record.h",
    },
    "log": {
        "forwarding_log.h", "local_log.h", "log.h", "log_url.h", "memory_log.h", "task_group.h",
    },
    "store": {
        "custom_store.h", "session_store.h", "state_cache.h", "store.h", "store_query.h",
        "versioned_store.h", "detail/erased_store.h",
    },
    "processor": {
        "emit.h", "processor.h", "windows.h", "detail/erased_processor.h",
        "detail/foreign_key_operators.h", "detail/invoke.h", "detail/more_operators.h",
        "detail/operators.h", "detail/table_node.h", "detail/table_operators.h",
        "detail/topology_data.h",
    },
    "topology": {"node_observer.h", "topology.h", "detail/graph_builder.h"},
    "runtime": {"engine.h", "runner.h", "runtime.h", "store_reader.h", "stream_worker.h"},
    "testing": {"fault_log.h", "testing.h", "topology_driver.h"},
}

PUBLIC_ROOT = "engine/include/millrace/"
INTERNAL_ROOT = "engine/src/"

# Folders outside the engine, and the path prefixes that they may include beside themselves. What
# is not named here (workers, bench, tests) may include everything but tests/.
_PUBLIC = [PUBLIC_ROOT]
OUTSIDE = {
    "connectors/": _PUBLIC,
    "generator/": [*_PUBLIC, "engine/src/base/"],
    "schemas/": [*_PUBLIC, "connectors/"],
    "topologies/": [*_PUBLIC, "schemas/", "connectors/debezium/"],
    "examples/": [*_PUBLIC, "workers/include/", "schemas/", "topologies/"],
}

# A third-party library (the start of its include path) and the only places that may know it.
# Behind a place stand the headers of ours through which everybody else uses the library.
THIRD_PARTY = {
    "rocksdb/": ["engine/src/log/", "engine/src/store/"],
    "spdlog/": ["engine/src/base/"],
    "fmt/": ["engine/src/base/"],
    "xxhash.h": ["engine/src/base/"],
    "simdjson": ["connectors/debezium/"],
    "librdkafka/": ["connectors/kafka/", "tests/unit/kafka/", "tests/integration/kafka/"],
    "CLI/": ["workers/", "bench/"],
    "toml++/": ["workers/"],
    "boost/json": [
        "connectors/", "workers/", "bench/", "schemas/", "tests/",
        "engine/include/millrace/serde_json.h", "engine/src/record/",
        "engine/src/topology/",  # Describe() as JSON
    ],
    "google/protobuf": [
        "engine/include/millrace/serde_protobuf.h", "workers/", "schemas/", "tests/", "bench/",
    ],
    "benchmark/": ["bench/"],
    "gtest/": ["tests/", "bench/", "examples/"],
    "gmock/": ["tests/", "bench/", "examples/"],
}


def public_layer(path):
    """The layer of engine/include/millrace/<path>."""
    name = path.removeprefix(PUBLIC_ROOT)
    return next((layer for layer, headers in PUBLIC_HEADERS.items() if name in headers), "dsl")


def engine_layer(path):
    """The layer of a file of the engine; None outside of it."""
    if path.startswith(PUBLIC_ROOT):
        return public_layer(path)
    if path.startswith(INTERNAL_ROOT):
        return path.removeprefix(INTERNAL_ROOT).split("/")[0]
    return None


def unit(path):
    """The folder that counts as one piece when we look for cycles between folders."""
    if path.startswith(PUBLIC_ROOT):
        return "engine/include"  # the public headers and their detail/ are one piece
    folder = path.rpartition("/")[0]
    depth = 3 if folder.startswith(INTERNAL_ROOT) else 2
    return "/".join(folder.split("/")[:depth])


def complaint(source, target):
    """Why `source` may not include `target` (paths in the repository), or None if it may."""
    if source.startswith(PUBLIC_ROOT) and target.startswith(INTERNAL_ROOT):
        return "a public header includes an internal one"
    from_layer, to_layer = engine_layer(source), engine_layer(target)
    if from_layer:
        if not to_layer:
            return "the engine includes something outside of it"
        if from_layer not in LAYERS:
            return f"layer {from_layer} is not in the table of tests/tidy/layers.py"
        if to_layer != from_layer and to_layer not in LAYERS[from_layer]:
            return f"layer {from_layer} may not include layer {to_layer}"
        return None
    for folder, allowed in OUTSIDE.items():
        if not source.startswith(folder) or target.startswith(folder):
            continue
        if target.startswith(PUBLIC_ROOT + "detail/"):
            return f"{folder} may not include millrace/detail/"
        if not any(target.startswith(prefix) for prefix in allowed):
            return f"{folder} may include only {', '.join(allowed)}"
    if target.startswith("tests/") and not source.startswith("tests/"):
        return "only tests include tests/"
    return None
