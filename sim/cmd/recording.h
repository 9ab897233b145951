/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A run kept as a schedule: between what the engine records and what a file
 * holds.
 */
#ifndef SIM_CMD_RECORDING_H
#define SIM_CMD_RECORDING_H

#include "output/schedule.h"
#include "sim/engine/engine.h"

/* The engine's last run (ENGINE_RECORD, ENGINE_DIGEST), whose result is given. */
struct schedule *recording_take(struct engine *e, const struct run_result *run,
				const char *const *set);
/* The choices as engine_replay() wants them, s->lines->len of them; free with g_free(). */
struct schedule_entry *recording_entries(const struct schedule *s);

/*
 * Write the engine's last run to DIR/NAME-SEED.schedule; DIR is made if need be.
 * Returns the file's name (free it), or NULL with error set.
 */
char *recording_save(struct engine *e, const char *dir, const struct run_result *run,
		     const char *const *set, GError **error);

#endif
