/* Some compilers leave main its name; those that do not would rename it here too. */
int plain_main(int argc, char **argv) __asm__("main");
int __main_argc_argv(int argc, char **argv);

int __main_argc_argv(int argc, char **argv) { return plain_main(argc, argv); }
