// `millrace generate`: a social network as records, to standard output or into a log.
#pragma once

#include "command_io.h"
#include "command_line.h"
#include "millrace/log.h"

namespace millrace::worker {

// Writes JSON lines as `topic produce` reads them, or with --ideal one line per fact
// (generator/facts.h). Returns the exit code.
int GenerateLines(const GenerateCommand& command, CommandIo& io);

// Creates the topics that are not there, and commits as it goes.
int GenerateIntoLog(const GenerateCommand& command, Log& log, CommandIo& io);

}  // namespace millrace::worker
