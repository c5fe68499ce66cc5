#include "millrace/worker.h"
#include "word_length.h"

int main(int argc, char** argv) { return millrace::worker::Main(argc, argv, {BuildWordLength}); }
