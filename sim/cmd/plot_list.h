/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rmapsim plot --list: the plots, and what a database has for them. */
#ifndef SIM_CMD_PLOT_LIST_H
#define SIM_CMD_PLOT_LIST_H

/* db: NULL for the plots alone. Returns an exit status. */
int plot_list_all(const char *db);

#endif
