/* Some compilers leave main its name. */
int main(int argc, char **argv);
int __main_argc_argv(int argc, char **argv);

int __main_argc_argv(int argc, char **argv) { return main(argc, argv); }
