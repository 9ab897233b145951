/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Scenarios, campaigns and errors, as all subcommands do them. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "output/schedule.h"
#include "output/store.h"
#include "scenarios/keys.h"
#include "scenarios/scenario.h"
#include "sim/check/check.h"
#include "sim/cmd/common.h"
#include "sim/cmd/progress.h"
#include "sim/engine/pool.h"
#include "sim/model/model.h"
#include "sim/search/save.h"
#include "sim/strategy/strategy.h"

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION	"0"
#endif
/* A ':'-separated list of folders, given by the build. */
#ifndef SCENARIO_DIRS
#define SCENARIO_DIRS	"scenarios"
#endif

const char cmd_version[] = PACKAGE_VERSION;

void cmd_message(const char *fmt, ...)
{
	va_list ap;

	fputs("rmapsim: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}

int cmd_fail(GError *error)
{
	int status = CMD_USAGE;

	if (error->domain == POOL_ERROR ||
	    g_error_matches(error, STORE_ERROR, STORE_ERROR_SYSTEM) ||
	    g_error_matches(error, SCHEDULE_ERROR, SCHEDULE_ERROR_IO) ||
	    g_error_matches(error, SAVE_ERROR, SAVE_ERROR_IO) ||
	    g_error_matches(error, ENGINE_ERROR, ENGINE_ERROR_ARENA))
		status = CMD_SYSTEM;
	cmd_message("%s", error->message);
	g_error_free(error);
	return status;
}

int cmd_finish_output(int status)
{
	static bool complained;
	int err;

	errno = 0;
	if (!fflush(stdout) && !ferror(stdout))
		return status;
	err = errno;
	if (!complained && err != EPIPE)	/* who reads no further knows it */
		cmd_message("cannot write standard output%s%s", err ? ": " : "",
			    err ? g_strerror(err) : "");
	complained = true;
	return CMD_SYSTEM;
}

char **cmd_scenario_dirs(void)
{
	return g_strsplit(SCENARIO_DIRS, ":", -1);
}

/* Is a file of that name among the first n paths? */
static gboolean has_name(const GPtrArray *paths, guint n, const char *name)
{
	gboolean found = FALSE;
	guint i;

	for (i = 0; i < n && !found; i++) {
		char *other = g_path_get_basename(paths->pdata[i]);

		found = !strcmp(other, name);
		g_free(other);
	}
	return found;
}

static void add_scenarios(GPtrArray *all, const char *dir)
{
	GPtrArray *paths = scenario_list(dir, NULL);
	guint i, before = all->len;

	if (!paths)
		return;
	for (i = 0; i < paths->len; i++) {
		char *name = g_path_get_basename(paths->pdata[i]);

		if (!has_name(all, before, name))
			g_ptr_array_add(all, g_strdup(paths->pdata[i]));
		g_free(name);
	}
	g_ptr_array_unref(paths);
}

GPtrArray *cmd_scenarios(void)
{
	GPtrArray *all = g_ptr_array_new_with_free_func(g_free);
	char **dirs = cmd_scenario_dirs();
	guint i;

	for (i = 0; dirs[i]; i++) {
		if (g_file_test(dirs[i], G_FILE_TEST_IS_DIR))
			add_scenarios(all, dirs[i]);
	}
	g_strfreev(dirs);
	return all;
}

/* The names of a table whose entries have one: NULL-terminated, for the program's life. */
#define TABLE_NAMES(table, wanted) __extension__({				\
	GPtrArray *__names = g_ptr_array_new();					\
	for (guint i = 0; (table)[i]; i++) {					\
		if (wanted)							\
			g_ptr_array_add(__names, (gpointer)(table)[i]->name);	\
	}									\
	g_ptr_array_add(__names, NULL);						\
	(const char *const *)g_ptr_array_free(__names, FALSE);			\
})

const struct scenario_vocabulary *cmd_vocabulary(void)
{
	static struct scenario_vocabulary voc;

	if (voc.algorithms)
		return &voc;
	voc.strategies = TABLE_NAMES(strategies, true);
	voc.models = TABLE_NAMES(models, true);
	voc.checks = TABLE_NAMES(checks, true);
	voc.checks_default = TABLE_NAMES(checks, checks[i]->always || checks[i]->by_default);
	voc.checks_always = TABLE_NAMES(checks, checks[i]->always);
	voc.checks_of_pages = TABLE_NAMES(checks, checks[i]->of_pages);
	voc.algorithms = rmap_algorithms;
	return &voc;
}

struct plan *cmd_load(const char *scenario, const char *const *set, GError **error)
{
	char **dirs = cmd_scenario_dirs();
	struct plan *plan;

	plan = scenario_load(scenario, (const char *const *)dirs, set, cmd_vocabulary(), error);
	g_strfreev(dirs);
	return plan;
}

gboolean cmd_campaign(const struct plan *plan, const struct campaign_options *opt,
		      struct campaign_result *result, GError **error)
{
	struct campaign_options with_progress = *opt;
	struct progress progress;
	gboolean ok;

	fflush(stdout);		/* workers are copies of this process */
	progress_begin(&progress);
	with_progress.progress = progress_update;
	with_progress.progress_data = &progress;
	ok = campaign_run(plan, &with_progress, result, error);
	progress_end(&progress);
	return ok;
}

char *cmd_parameter_value(const struct rmap_param *param, long value)
{
	if (param->words && value >= 0 && value < (long)g_strv_length((char **)param->words))
		return g_strdup(param->words[value]);
	if (param->max_word && value == param->max)
		return g_strdup(param->max_word);
	return g_strdup_printf("%ld", value);
}

char *cmd_parameters(const struct plan *plan)
{
	const struct rmap_algorithm *a = plan_find_algorithm(rmap_algorithms, plan->algorithm);
	GString *out = g_string_new(NULL);
	guint i;

	for (i = 0; a && a->params && a->params[i].name; i++) {
		char *value = cmd_parameter_value(&a->params[i], plan->param[i]);

		g_string_append_printf(out, "%s%s=%s", i ? ", " : "", a->params[i].name, value);
		g_free(value);
	}
	return g_string_free(out, FALSE);
}

/* The scope with each key of [memory] that it names replaced by the plan's value. */
static char *scope_with_values(const char *scope, const struct plan *plan)
{
	GString *out = g_string_new(scope), *value = g_string_new(NULL);
	const struct key *key;

	for (key = scenario_keys; key->group; key++) {
		char *name;

		if (strcmp(key->group, "memory") || key->type == KEY_OWN)
			continue;
		name = g_strdup_printf("memory.%s", key->name);
		g_string_truncate(value, 0);
		keys_print(value, key, plan);
		g_string_replace(out, name, value->str, 0);
		g_free(name);
	}
	g_string_free(value, TRUE);
	return g_string_free(out, FALSE);
}

char *cmd_model(const struct plan *plan)
{
	const struct model *m = model_find(plan->model);
	char *scope, *text;

	if (!m || !m->scope)
		return g_strdup(plan->model);
	scope = scope_with_values(m->scope, plan);
	text = g_strdup_printf("%s (%s)", plan->model, scope);
	g_free(scope);
	return text;
}

static gboolean shell_plain(const char *text)
{
	for (; *text; text++) {
		if (!g_ascii_isalnum(*text) && !strchr("-_./=:,+@%", *text))
			return FALSE;
	}
	return TRUE;
}

char *cmd_shell_word(const char *text)
{
	return *text && shell_plain(text) ? g_strdup(text) : g_shell_quote(text);
}

char *cmd_replay_line(const char *scenario, guint64 seed, const char *const *set)
{
	GString *out = g_string_new("rmapsim replay ");
	char *word = cmd_shell_word(scenario);

	g_string_append_printf(out, "%s --seed %" G_GUINT64_FORMAT, word, seed);
	g_free(word);
	for (; *set; set++) {
		word = cmd_shell_word(*set);
		g_string_append_printf(out, " --set %s", word);
		g_free(word);
	}
	return g_string_free(out, FALSE);
}

/* Bytes of text that fit in width columns, cut at a blank if there is one. */
static gsize wrap_at(const char *text, unsigned int width)
{
	gsize n, cut = 0;

	for (n = 0; text[n]; n++) {
		if (text[n] == ' ')
			cut = n;
		if (n >= width && cut)
			return cut;
	}
	return n;
}

void cmd_print_labelled(const char *label, const char *text, unsigned int indent,
			unsigned int width)
{
	gsize n;

	while (*text) {
		n = wrap_at(text, width - indent);
		printf("%-*s%.*s\n", (int)indent, label, (int)n, text);
		label = "";
		text += n;
		while (*text == ' ')
			text++;
	}
}

void cmd_print_wrapped(const char *text, unsigned int indent, unsigned int width)
{
	cmd_print_labelled("", text, indent, width);
}
