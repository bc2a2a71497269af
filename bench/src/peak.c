/*
 * The most fused multiply-adds that the processor does: the vectors that the compiler has, all operands in registers.
 * Each accumulator has a start of its own: were they alike, the compiler would compute one for all of them, and the
 * figure would come out several times too high.
 *
 * Usage: peak THREADS. Reads {"run":N} from each line, runs N steps on each thread, and answers with a line of JSON.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#if defined(__AVX512F__)
#define BYTES 64
#elif defined(__AVX__)
#define BYTES 32
#else
#define BYTES 16
#endif

enum { CHAINS = 12, LOOPS = 200000, LANES = BYTES / 4 };
typedef float vector __attribute__((vector_size(BYTES)));

static long steps;

static void *work(void *sink) {
  vector factor, term, sums[CHAINS];
  for (int lane = 0; lane < LANES; lane++) {
    factor[lane] = 0.999f;
    term[lane] = 0.001f * (1 + lane); // not 0: subnormal sums are slow
    for (int c = 0; c < CHAINS; c++) sums[c][lane] = 1 + c + 0.1f * lane;
  }
  for (long step = 0; step < steps; step++) {
    for (int loop = 0; loop < LOOPS; loop++) {
#pragma GCC unroll 12
      for (int c = 0; c < CHAINS; c++) sums[c] = sums[c] * factor + term;
    }
  }
  for (int c = 1; c < CHAINS; c++) sums[0] += sums[c];
  *(volatile float *)sink = sums[0][0];
  return NULL;
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + 1e-9 * t.tv_nsec;
}

int main(int argc, char **argv) {
  int threads = argc > 1 ? atoi(argv[1]) : 1;
  pthread_t *others = calloc(threads, sizeof *others);
  float *sinks = calloc(threads, sizeof *sinks);
  char line[256];
  while (fgets(line, sizeof line, stdin)) {
    if (sscanf(line, "{\"run\":%ld}", &steps) != 1) steps = 0;
    double started = now();
    for (int t = 1; t < threads; t++) pthread_create(&others[t], NULL, work, &sinks[t]);
    work(&sinks[0]);
    for (int t = 1; t < threads; t++) pthread_join(others[t], NULL);
    double seconds = now() - started;
    double flops = 2.0 * LANES * CHAINS * LOOPS * threads;
    printf("{\"steps\":%ld,\"seconds\":%.9f,\"flops\":%.0f,\"bits\":%d}\n", steps, seconds, flops, 8 * BYTES);
    fflush(stdout);
  }
  return 0;
}
