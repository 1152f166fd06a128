/* Writes a capture of nine frames: ./sample FILE
   They are what alice and bob sent when bob ran the client of the course's
   first lesson, and alice its server. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAGIC 0xa1b2c3d4U
#define VERSION 2 /* 2.4 */
#define VERSION_MINOR 4
#define LARGEST 262144 /* of what is kept of a frame */
#define ETHERNET 1

static const struct frame {
  uint32_t microseconds; /* since the first */
  const char *hex;
} frames[] = {
    {0, "ffffffffffff020000000002080600010800060400010200000000020a0000020000"
        "000000000a000001"},
    {5793,
     "020000000002020000000001080600010800060400020200000000010a0000010200"
     "000000020a000002"},
    {11769,
     "02000000000102000000000208004500003400000000400666c20a0000020a000001"
     "9edb270f4c03dd0a000000008002ffff6c180000020405b40103030501010402"},
    {17460,
     "02000000000202000000000108004500003400010000400666c10a0000010a000002"
     "270f9edb4c080c334c03dd0b8012ffff13cc0000020405b40103030501010402"},
    {23883,
     "02000000000102000000000208004500002800020000400666cc0a0000020a000001"
     "9edb270f4c03dd0b4c080c3450108000d49b0000"},
    {31991,
     "02000000000202000000000108004500003300030000400666c00a0000010a000002"
     "270f9edb4c080c344c03dd0b501880009b1400007468616e6b20796f750d0a"},
    {32149,
     "02000000000202000000000108004500002800040000400666ca0a0000010a000002"
     "270f9edb4c080c3f4c03dd0b50118000d48f0000"},
    {37870,
     "02000000000102000000000208004500002800050000400666c90a0000020a000001"
     "9edb270f4c03dd0b4c080c4050107fffd4900000"},
    {38204,
     "02000000000102000000000208004500002800060000400666c80a0000020a000001"
     "9edb270f4c03dd0b4c080c4050117fffd48f0000"},
};

/* In this computer's own byte order: who reads it sees that by MAGIC. */
static void put32(FILE *to, uint32_t number) {
  fwrite(&number, sizeof number, 1, to);
}

static void put16(FILE *to, uint16_t number) {
  fwrite(&number, sizeof number, 1, to);
}

static void put_frame(FILE *to, const struct frame *frame) {
  uint32_t length = (uint32_t)strlen(frame->hex) / 2;
  put32(to, 0); /* seconds */
  put32(to, frame->microseconds);
  put32(to, length); /* kept */
  put32(to, length); /* on the wire */
  for (const char *hex = frame->hex; *hex != '\0'; hex += 2) {
    const char digits[] = {hex[0], hex[1], '\0'};
    fputc((int)strtoul(digits, NULL, 16), to);
  }
}

int main(int argc, char *argv[]) {
  if (argc != 2) {
    fprintf(stderr, "usage: %s FILE\n", argv[0]);
    return EXIT_FAILURE;
  }
  FILE *to = fopen(argv[1], "wb");
  if (to == NULL) {
    perror(argv[1]);
    return EXIT_FAILURE;
  }
  put32(to, MAGIC);
  put16(to, VERSION);
  put16(to, VERSION_MINOR);
  put32(to, 0);
  put32(to, 0);
  put32(to, LARGEST);
  put32(to, ETHERNET);
  for (size_t i = 0; i < sizeof frames / sizeof *frames; i++)
    put_frame(to, &frames[i]);
  if (fclose(to) == EOF) {
    perror(argv[1]);
    return EXIT_FAILURE;
  }
  printf("%zu frames in %s\n", sizeof frames / sizeof *frames, argv[1]);
  return 0;
}
