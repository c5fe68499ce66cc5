// What a generated stream was made of, as a JSON document: the expected side of every test of it.
#pragma once

#include <string>

#include "generator/record_stream.h"

namespace millrace::gen {

//   {"seed":1,"users":…,"events":…,"faults":{"disorder":{"per_million":50000,"count":…},…},
//    "facts":{…},"records":{"cdc.posts":…},"malformed":{…},
//    "dead_letters":{"cdc.posts":{"SCHEMA":3}},"settled_ms":…,"hash":"…"}
std::string ManifestOf(const RecordStream::Options& options, const StreamCounts& counts);

}  // namespace millrace::gen
