/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where this program runs, as a row of the database. */
#ifndef SIM_CMD_MACHINE_H
#define SIM_CMD_MACHINE_H

#include "output/row.h"

/* What cannot be found out is NULL or ROW_UNKNOWN. Free with machine_free(). */
struct row_machine *machine_facts(void);
void machine_free(struct row_machine *m);

#endif
