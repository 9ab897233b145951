/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A subcommand is one file sim/cmd/NAME.c that ends in one const struct
 * subcommand cmd_NAME, and one word in Makefile.am. What several need is in
 * common.h.
 */
#ifndef SIM_CMD_CMD_H
#define SIM_CMD_CMD_H

#include <glib.h>

enum cmd_exit {
	CMD_OK = 0,		/* nothing wrong was found */
	CMD_VIOLATION = 1,
	CMD_USAGE = 2,		/* usage or input */
	CMD_SYSTEM = 3,		/* internal or system error */
	CMD_LIMIT = 4,		/* a limit came before the answer */
	CMD_BISECT_SKIP = 125,	/* rmapsim test: anything else */
	CMD_INTERRUPTED = 130,
};

struct subcommand {
	const char *name;
	const char *summary;	/* one line */
	int otherwise;		/* instead of each status but 0 and 1; 0: as it is */
	/* argv[0] is the subcommand's name. Returns an exit status. */
	int (*run)(int argc, char **argv);
};

/* All subcommands, NULL-terminated, in the order of Makefile.am. */
extern const struct subcommand *const subcommands[];

#endif
