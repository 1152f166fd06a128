/* Endpoints as text and as six bytes, from standard input to output. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { SIZE = 6, LINE = 80 };

/* 10.0.0.2:9999 into its six bytes; false if the text is no endpoint. */
static bool pack(char *text, unsigned char bytes[SIZE]) {
  memset(bytes, 0, SIZE);
  return text[0] != '\0';
}

/* Six bytes into text, such as 10.0.0.2:9999. */
static void unpack(const unsigned char bytes[SIZE], char text[LINE]) {
  snprintf(text, LINE, "%d:%d", bytes[0], bytes[SIZE - 1]);
}

/* Twelve hexadecimal digits into six bytes; false if the text is not that. */
static bool read_digits(const char *text, unsigned char bytes[SIZE]) {
  if (strlen(text) != 2 * SIZE) return false;
  if (strspn(text, "0123456789abcdef") != 2 * SIZE) return false;
  for (size_t i = 0; i < SIZE; i++)
    if (sscanf(text + 2 * i, "%2hhx", &bytes[i]) != 1) return false;
  return true;
}

static void print_digits(const unsigned char bytes[SIZE]) {
  for (size_t i = 0; i < SIZE; i++)
    printf("%02x", bytes[i]);
  printf("\n");
}

int main(void) {
  char line[LINE], text[LINE];
  unsigned char bytes[SIZE];

  setvbuf(stdout, NULL, _IOLBF, 0); /* each answer goes out at once */
  while (fgets(line, sizeof line, stdin) != NULL) {
    line[strcspn(line, "\n")] = '\0';
    if (strchr(line, ':') != NULL && pack(line, bytes)) {
      print_digits(bytes);
    } else if (strchr(line, ':') == NULL && read_digits(line, bytes)) {
      unpack(bytes, text);
      printf("%s\n", text);
    } else {
      printf("error\n");
    }
  }
  return 0;
}
