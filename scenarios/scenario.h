/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading scenarios: a key file, with command-line overrides, becomes a plan.
 *
 * Errors are of SCENARIO_ERROR and name file, line, key, value and what would
 * be valid. No input crashes, hangs or aborts.
 */
#ifndef SCENARIOS_SCENARIO_H
#define SCENARIOS_SCENARIO_H

#include "plan.h"

#define SCENARIO_ERROR (scenario_error_quark())
GQuark scenario_error_quark(void);

enum scenario_error {
	SCENARIO_ERROR_FILE,	/* cannot be found or read: exit 2 as well */
	SCENARIO_ERROR_SYNTAX,
	SCENARIO_ERROR_KEY,
	SCENARIO_ERROR_VALUE,
	SCENARIO_ERROR_PLAN,	/* valid one by one, impossible together */
};

/* What names are valid; given by the caller, so that the reader needs no simulator. */
struct scenario_vocabulary {
	const struct rmap_algorithm *const *algorithms;	/* NULL-terminated */
	const char *const *strategies;			/* NULL-terminated names, ... */
	const char *const *models;
	const char *const *checks;
	const char *const *checks_default;		/* on unless a scenario says no */
	const char *const *checks_always;		/* cannot be off; may be NULL */
	const char *const *checks_of_pages;	/* on only where there are pages; may be NULL */
};

/*
 * name_or_path: a path if it contains a slash or ends in .scenario, else a bare
 * name looked for in dirs (NULL-terminated). set: NULL-terminated "group.key=value"
 * (for tasks: "task NAME.key=value" or "task.NAME.key=value"), or NULL; they are
 * applied before anything is checked, and a message about one names it instead of a line.
 */
struct plan *scenario_load(const char *name_or_path, const char *const *dirs,
			   const char *const *set, const struct scenario_vocabulary *voc,
			   GError **error);

/* The text that scenario_load() would read, and (to be freed) its path. */
GString *scenario_read(const char *name_or_path, const char *const *dirs, char **path,
		       GError **error);

/* scenario_load() from memory; path is for messages. */
struct plan *scenario_parse(const char *text, gsize len, const char *path, const char *const *set,
			    const struct scenario_vocabulary *voc, GError **error);

/* Paths of all *.scenario files below dir, sorted; free with g_ptr_array_unref(). */
GPtrArray *scenario_list(const char *dir, GError **error);

#endif
