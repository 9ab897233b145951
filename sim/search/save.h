/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Errors of a search's file. */
#ifndef SIM_SEARCH_SAVE_H
#define SIM_SEARCH_SAVE_H

#include <glib.h>

#define SAVE_ERROR (save_error_quark())
GQuark save_error_quark(void);

enum save_error {
	SAVE_ERROR_FORMAT,	/* what it says: exit 2 */
	SAVE_ERROR_IO,		/* it cannot be read or written: exit 3 */
};

#endif
