/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rmapsim: finds the subcommand and gives its answer to the shell. Output that
 * could not be written is an error like any other.
 */
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "sim/cmd/cmd.h"
#include "sim/cmd/common.h"

static void print_subcommands(FILE *f)
{
	const struct subcommand *const *c;

	for (c = subcommands; *c; c++)
		fprintf(f, "  %-10s %s\n", (*c)->name, (*c)->summary);
}

static int print_help(void)
{
	printf("usage: rmapsim COMMAND [OPTION...]\n\n"
	       "Is this way of walking a KVM reverse map without the lock correct, does it always\n"
	       "finish, and what does it cost? Runs the rmap code in a deterministic simulator in\n"
	       "which every interleaving is chosen by a seed.\n\n"
	       "Commands; each has its own --help:\n");
	print_subcommands(stdout);
	printf("\nExit status: 0 nothing wrong was found, 1 a violation was found, 2 bad usage or\n"
	       "input, 3 internal or system error, 4 a limit came before the answer, 130\n"
	       "interrupted. Two differ. 'rmapsim test': 0 all as expected, 1 not, 125 anything\n"
	       "else; 'rmapsim matrix': 1 if a scenario does not expect what was found.\n");
	return CMD_OK;
}

static int complain(const char *word)
{
	if (word)
		cmd_message("'%s' is no command of rmapsim; valid are:", word);
	else
		cmd_message("a command is missing; valid are:");
	print_subcommands(stderr);
	fprintf(stderr, "Try 'rmapsim --help'.\n");
	return CMD_USAGE;
}

static int run_subcommand(const struct subcommand *c, int argc, char **argv)
{
	int status = cmd_finish_output(c->run(argc, argv));

	if (status != CMD_OK && status != CMD_VIOLATION && c->otherwise)
		return c->otherwise;
	return status;
}

static int dispatch(int argc, char **argv)
{
	const struct subcommand *const *c;

	if (argc < 2)
		return complain(NULL);
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
		return cmd_finish_output(print_help());
	if (!strcmp(argv[1], "--version")) {
		printf("rmapsim %s\n", cmd_version);
		return cmd_finish_output(CMD_OK);
	}
	for (c = subcommands; *c; c++) {
		if (!strcmp((*c)->name, argv[1]))
			return run_subcommand(*c, argc - 1, argv + 1);
	}
	return complain(argv[1]);
}

/*
 * A stream that was closed by the caller gets a descriptor that refuses, so that
 * no file or pipe of ours is ever opened in its place.
 */
static void occupy_standard_streams(void)
{
	int fd;

	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) < 0 &&
		    open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) < 0)
			return;
	}
}

int main(int argc, char **argv)
{
	occupy_standard_streams();
	/* Messages in the user's language; numbers are everywhere the C locale's. */
	setlocale(LC_CTYPE, "");
	setlocale(LC_MESSAGES, "");
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	return dispatch(argc, argv);
}
