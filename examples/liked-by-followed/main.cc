// A worker with the example and with the topology that writes its inputs.
#include "liked_by_followed.h"
#include "millrace/worker.h"
#include "topologies/cdc-normalise/cdc_normalise.h"

int main(int argc, char** argv) {
  return millrace::worker::Main(
      argc, argv, {liked::BuildLikedByFollowed, millrace::topologies::BuildCdcNormalise});
}
