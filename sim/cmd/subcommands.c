/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of subcommands, made from the list in Makefile.am. */
#include "sim/cmd/cmd.h"

#define X(name) extern const struct subcommand cmd_##name;
#include "subcommands.inc"
#undef X

const struct subcommand *const subcommands[] = {
#define X(name) &cmd_##name,
#include "subcommands.inc"
#undef X
	NULL
};
