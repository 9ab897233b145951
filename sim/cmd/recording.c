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

struct schedule *recording_take_tale(struct engine *e, const struct search_tale *tale,
				     const char *check, const char *message,
				     const char *const *set)
{
	struct schedule *s = recording_take(e, &tale->run, set);

	g_free(s->strategy);
	g_free(s->check);
	g_free(s->message);
	s->strategy = g_strdup("search");
	s->check = g_strdup(check);
	s->message = g_strdup(message);
	s->cycle_at = tale->cycle_at;
	s->cycle_points = tale->cycle_points;
	if (tale->run.verdict == RUN_STOPPED)
		s->stop_at = s->points;
	return s;
}

/* An answer inside a transition, which has been counted by then. */
static gboolean is_answer(const struct schedule_line *line)
{
	return line->choice.kind == CHOICE_READ || line->choice.kind == CHOICE_REUSE ||
	       line->choice.kind == CHOICE_OP;
}

/* How many lines belong to the stem; *offset: points from the cycle's start to its first line. */
static guint stem_lines(const struct schedule *s, guint64 *offset)
{
	const struct schedule_line *line = (const struct schedule_line *)s->lines->data;
	guint64 at = 0;
	guint i;

	*offset = 0;
	for (i = 0; i < s->lines->len; i++) {
		at += line[i].after;
		if (s->cycle_points && at + !is_answer(&line[i]) > s->cycle_at) {
			*offset = at - s->cycle_at;
			break;
		}
	}
	return i;
}

static void entry_of(const struct schedule_line *line, struct schedule_entry *entry)
{
	entry->after = line->after;
	entry->choice = line->choice;
	entry->site_hash = line->site_hash;
	g_strlcpy(entry->expect, line->expect, sizeof(entry->expect));
}

static gboolean rounds_fit(const struct schedule *s, guint64 rounds, guint cycle, GError **error)
{
	if (rounds > 1 && !s->cycle_points)
		g_set_error(error, SCHEDULE_ERROR, SCHEDULE_ERROR_FORMAT,
			    "--rounds %" G_GUINT64_FORMAT ": the schedule has no cycle", rounds);
	else if (rounds > SCHEDULE_LINES_MAX / MAX(cycle, 1) ||
		 rounds > G_MAXUINT64 / 4 / MAX(s->cycle_points, 1))
		g_set_error(error, SCHEDULE_ERROR, SCHEDULE_ERROR_FORMAT,
			    "--rounds %" G_GUINT64_FORMAT ": valid is at most %u", rounds,
			    SCHEDULE_LINES_MAX / MAX(cycle, 1));
	else
		return TRUE;
	return FALSE;
}

struct schedule_entry *recording_entries(const struct schedule *s, guint64 rounds, size_t *n,
					 GError **error)
{
	const struct schedule_line *line = (const struct schedule_line *)s->lines->data;
	guint64 offset, last, round;
	guint stem = stem_lines(s, &offset), cycle = s->lines->len - stem, i;
	struct schedule_entry *entries, *again;

	if (!rounds_fit(s, rounds, cycle, error))
		return NULL;
	entries = g_new0(struct schedule_entry, stem + rounds * cycle + 1);
	for (i = 0; i < s->lines->len; i++)
		entry_of(&line[i], &entries[i]);
	*n = stem + rounds * cycle;
	/* From the last line of one round to the first of the next. */
	for (last = offset, i = stem + 1; i < s->lines->len; i++)
		last += line[i].after;
	for (round = 1; round < rounds; round++) {
		for (i = 0; i < cycle; i++) {
			again = &entries[stem + round * cycle + i];
			*again = entries[stem + i];
			if (!i)
				again->after = s->cycle_points - last + offset;
		}
	}
	return entries;
}

char *recording_write(struct schedule *s, const char *dir, const char *file, GError **error)
{
	char *path;

	if (g_mkdir_with_parents(dir, 0777)) {
		g_set_error(error, SCHEDULE_ERROR, SCHEDULE_ERROR_IO,
			    "%s: cannot make this folder: %s", dir, g_strerror(errno));
		return NULL;
	}
	path = g_build_filename(dir, file, NULL);
	if (!schedule_write(s, path, error))
		g_clear_pointer(&path, g_free);
	return path;
}

char *recording_save(struct engine *e, const char *dir, const struct run_result *run,
		     const char *const *set, GError **error)
{
	struct schedule *s = recording_take(e, run, set);
	char *file, *path;

	file = g_strdup_printf("%s-%" G_GUINT64_FORMAT ".schedule", engine_plan(e)->name,
			       run->seed);
	path = recording_write(s, dir, file, error);
	schedule_free(s);
	g_free(file);
	return path;
}
