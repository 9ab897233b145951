/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rmapsim litmus --hardware: the tests on pinned threads of this machine. */
#ifndef SIM_CMD_LITMUS_HW_H
#define SIM_CMD_LITMUS_HW_H

#include "sim/cmd/common.h"

#define LITMUS_HW_ROUNDS	1000000
#define LITMUS_HW_HANG		10.0

struct litmus_hw_options {
	gboolean hardware;
	guint64 rounds;		/* 0: not given */
	double seconds_max;	/* of a test; 0: no limit */
	gboolean no_provoke;
	gboolean oversubscribe;
	char *cpus;		/* owned; NULL: not given */
};

/* Exit status. Files are run in their order; what cannot be run is told and counted. */
int litmus_hw_files(const GPtrArray *files, const struct litmus_hw_options *own, gboolean json);

#endif
