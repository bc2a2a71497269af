/* A model in C, as the other contenders: see answer.mjs. LOGITS(pixels, logits) is defined on the command line. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include INCLUDED

static uint8_t pixels[SIZE];
static float logits[CLASSES];

int main(int count, char **arguments)
{
  char line[4096], path[4096];
  long runs;
  if (count != 2) return 1;
  while (fgets(line, sizeof line, stdin)) {
    FILE *from = fopen(arguments[1], "rb");
    struct timespec start, end;
    if (!from) return 1;
    if (sscanf(line, "{\"logits\":\"%4000[^\"]\"}", path) == 1) {
      FILE *to = fopen(path, "wb");
      if (!to) return 1;
      while (fread(pixels, sizeof pixels, 1, from) == 1) {
        LOGITS(pixels, logits);
        fwrite(logits, sizeof logits, 1, to);
      }
      fclose(to);
      puts("{\"version\":\"C\"}");
    } else {
      if (fread(pixels, sizeof pixels, 1, from) != 1 || sscanf(line, "{\"run\":%ld}", &runs) != 1) return 1;
      clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
      for (long k = 0; k < runs; k++) LOGITS(pixels, logits);
      clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
      printf("{\"steps\":%ld,\"seconds\":%.9f}\n", runs,
             (double)(end.tv_sec - start.tv_sec) + 1e-9 * (double)(end.tv_nsec - start.tv_nsec));
    }
    fclose(from);
    fflush(stdout);
  }
  return 0;
}
