// libFuzzer as a library: https://llvm.org/docs/LibFuzzer.html#using-libfuzzer-as-a-library
// Its own main can't be used, since SwiftPM gives every executable one.

#include <stddef.h>
#include <stdint.h>

typedef int (*MartletFuzzTarget)(const uint8_t *data, size_t size);

int LLVMFuzzerRunDriver(int *argc, char ***argv, MartletFuzzTarget target);
