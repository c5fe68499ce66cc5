// The millrace binary: millrace's own topologies with every command.
#include "millrace/worker.h"
#include "topologies/registry.h"

int main(int argc, char** argv) {
  return millrace::worker::Main(argc, argv, millrace::topologies::AllTopologies());
}
