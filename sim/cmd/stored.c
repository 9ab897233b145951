/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A failure out of a study's database; see stored.h. */
#include <string.h>
#include "output/store.h"
#include "sim/cmd/common.h"
#include "sim/cmd/stored.h"

struct texts {
	char *schedule, *plan, *scenario;
};

static gboolean on_failure(const struct store_row *row, gpointer data)
{
	struct texts *t = data;

	t->schedule = g_strdup(row->values[0]);
	t->plan = g_strdup(row->values[1]);
	t->scenario = g_strdup(row->values[2]);
	return FALSE;
}

static gboolean read_texts(const char *db, guint64 failure, struct texts *t, GError **error)
{
	struct store *s = store_open(db, STORE_READ, error);
	char *id = g_strdup_printf("%" G_GUINT64_FORMAT, failure);
	gint64 all = 0;
	gboolean ok;

	ok = s && store_query(s, "SELECT f.schedule, p.plan_text, e.scenario FROM failure f "
			      "JOIN point p ON p.id = f.point_id "
			      "JOIN experiment e ON e.id = p.experiment_id "
			      "WHERE f.id = CAST(? AS INTEGER)", on_failure, t, error, id, NULL) &&
	     store_query_number(s, "SELECT COUNT(*) FROM failure", &all, error, NULL);
	if (ok && !t->schedule) {
		g_set_error(error, STORE_ERROR, STORE_ERROR_INPUT, "%s: there is no failure %s; "
			    "%" G_GINT64_FORMAT " are stored (SELECT id, seed, check_name FROM "
			    "failure)", db, id, all);
		ok = FALSE;
	}
	store_close(s, NULL);
	g_free(id);
	return ok;
}

gboolean stored_failure(const char *db, guint64 failure, struct stored_failure *out,
			GError **error)
{
	struct texts t = { 0 };
	gboolean ok = read_texts(db, failure, &t, error);

	out->place = g_strdup_printf("%s: failure %" G_GUINT64_FORMAT, db, failure);
	if (ok)
		out->schedule = schedule_parse(t.schedule, strlen(t.schedule), out->place, error);
	if (out->schedule)
		out->plan = scenario_parse(t.plan, strlen(t.plan), t.scenario, NULL,
					   cmd_vocabulary(), error);
	g_free(t.schedule);
	g_free(t.plan);
	g_free(t.scenario);
	return out->plan != NULL;
}
