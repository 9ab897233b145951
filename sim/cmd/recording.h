/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A run kept as a schedule: between what the engine records and what a file
 * holds.
 */
#ifndef SIM_CMD_RECORDING_H
#define SIM_CMD_RECORDING_H

#include "output/schedule.h"
#include "sim/engine/engine.h"
#include "sim/search/search.h"

/* The engine's last run (ENGINE_RECORD, ENGINE_DIGEST), whose result is given. */
struct schedule *recording_take(struct engine *e, const struct run_result *run,
				const char *const *set);
/* The same of a way that a search has told; message and check as the schedule is to have them. */
struct schedule *recording_take_tale(struct engine *e, const struct search_tale *tale,
				     const char *check, const char *message,
				     const char *const *set);
/*
 * The choices as engine_replay() wants them, *n of them, the cycle's (if there is
 * one) for each of `rounds` >= 1; free with g_free(). NULL with error set:
 * too many, or rounds without a cycle.
 */
struct schedule_entry *recording_entries(const struct schedule *s, guint64 rounds, size_t *n,
					 GError **error);

/* Write a schedule to DIR/FILE; returns that name (free it), or NULL with error set. */
char *recording_write(struct schedule *s, const char *dir, const char *file, GError **error);
/*
 * Write the engine's last run to DIR/NAME-SEED.schedule; DIR is made if need be.
 * Returns the file's name (free it), or NULL with error set.
 */
char *recording_save(struct engine *e, const char *dir, const struct run_result *run,
		     const char *const *set, GError **error);

#endif
