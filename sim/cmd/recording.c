/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs as schedules; see recording.h. */
#include <errno.h>
#include "sim/cmd/common.h"
#include "sim/cmd/recording.h"

struct schedule *recording_take(struct engine *e, const struct run_result *run,
				const char *const *set)
{
	const struct plan *plan = engine_plan(e);
	struct schedule *s = schedule_new();
	const struct schedule_entry *entry;
	size_t i, n;

	s->version = g_strdup(cmd_version);
	s->scenario = g_strdup(plan->name);
	g_strfreev(s->set);
	s->set = g_strdupv((char **)set);
	s->plan_digest = plan->digest;
	s->seed = run->seed;
	s->strategy = g_strdup(plan->strategy);
	s->model = g_strdup(plan->model);
	s->digest = run->digest;
	s->points = run->stats.points;
	if (run->verdict == RUN_VIOLATION) {
		s->check = g_strdup(run->check);
		s->message = g_strdup(run->message);
	}
	entry = engine_schedule(e, &n);
	for (i = 0; i < n; i++)
		schedule_add(s, entry[i].after, &entry[i].choice, entry[i].site_hash,
			     entry[i].expect);
	return s;
}

struct schedule_entry *recording_entries(const struct schedule *s)
{
	struct schedule_entry *entries = g_new0(struct schedule_entry, s->lines->len);
	const struct schedule_line *line = (const struct schedule_line *)s->lines->data;
	guint i;

	for (i = 0; i < s->lines->len; i++) {
		entries[i].after = line[i].after;
		entries[i].choice = line[i].choice;
		entries[i].site_hash = line[i].site_hash;
		g_strlcpy(entries[i].expect, line[i].expect, sizeof(entries[i].expect));
	}
	return entries;
}

char *recording_save(struct engine *e, const char *dir, const struct run_result *run,
		     const char *const *set, GError **error)
{
	struct schedule *s;
	char *file, *path;

	if (g_mkdir_with_parents(dir, 0777)) {
		g_set_error(error, SCHEDULE_ERROR, SCHEDULE_ERROR_IO,
			    "%s: cannot make this folder: %s", dir, g_strerror(errno));
		return NULL;
	}
	file = g_strdup_printf("%s-%" G_GUINT64_FORMAT ".schedule", engine_plan(e)->name,
			       run->seed);
	path = g_build_filename(dir, file, NULL);
	s = recording_take(e, run, set);
	if (!schedule_write(s, path, error))
		g_clear_pointer(&path, g_free);
	schedule_free(s);
	g_free(file);
	return path;
}
