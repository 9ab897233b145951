/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What can be plotted; see plot_list.h. */
#include <stdio.h>
#include <string.h>
#include "output/plot/plot.h"
#include "sim/cmd/common.h"
#include "sim/cmd/plot_list.h"

#define WIDTH	100

static const char experiments_sql[] =
	"SELECT e.id, e.command, e.scenario, "
	"(SELECT COUNT(*) FROM point p WHERE p.experiment_id = e.id), "
	"(SELECT SUM(b.walks) FROM point p JOIN batch b ON b.point_id = p.id "
	" WHERE p.experiment_id = e.id), "
	"(SELECT SUM(h.walks) FROM point p JOIN hw_sample h ON h.point_id = p.id "
	" WHERE p.experiment_id = e.id AND h.outcome = 'ok'), e.created_utc "
	"FROM experiment e ORDER BY e.id";

/* Values in the order of points: as a sweep went through them. */
static const char keys_sql[] =
	"SELECT key, group_concat(value, ', ') FROM "
	"(SELECT a.key, a.value FROM point_param a JOIN point p ON p.id = a.point_id "
	" WHERE p.experiment_id = CAST(? AS INTEGER) GROUP BY a.key, a.value "
	" ORDER BY a.key, MIN(p.ordinal)) GROUP BY key ORDER BY key";

static gboolean on_key(const struct store_row *row, gpointer data)
{
	/* Names and values are a database's: nothing of them reaches the terminal as it is. */
	char *key = g_strescape(row->values[0], NULL), *values = g_strescape(row->values[1], NULL);
	char *label = g_strdup_printf("     %s ", key);

	(void)data;
	cmd_print_labelled(label, values, 30, WIDTH);
	g_free(label);
	g_free(values);
	g_free(key);
	return TRUE;
}

struct listing {
	struct store *store;
	GError *error;
	guint experiments;
};

static gboolean on_experiment(const struct store_row *row, gpointer data)
{
	struct listing *l = data;
	const char *const *v = row->values;
	char *scenario = g_strescape(v[2], NULL);

	printf("%4s %-6s %s: %s points, %s simulated walks, %s on hardware; %s\n", v[0], v[1],
	       scenario, v[3], v[4] ? v[4] : "no", v[5] ? v[5] : "none", v[6]);
	g_free(scenario);
	l->experiments++;
	return store_query(l->store, keys_sql, on_key, NULL, &l->error, v[0], NULL);
}

static int list_database(const char *db)
{
	struct listing l = { 0 };
	gboolean ok;

	l.store = store_open(db, STORE_READ, &l.error);
	if (!l.store)
		return cmd_fail(l.error);
	printf("\nexperiments of %s, with their keys for --where, --x and --series:\n", db);
	ok = store_query(l.store, experiments_sql, on_experiment, &l, &l.error, NULL) && !l.error;
	if (ok && !l.experiments)
		printf("  none; 'rmapsim sweep sweep-retries --db FILE' makes one\n");
	store_close(l.store, NULL);
	return ok ? CMD_OK : cmd_fail(l.error);
}

int plot_list_all(const char *db)
{
	const struct plot *const *p;

	printf("plots:\n");
	for (p = plots; *p; p++)
		printf("  %-16s %s\n", (*p)->name, (*p)->summary);
	return db ? list_database(db) : CMD_OK;
}
