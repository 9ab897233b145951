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
#include "scenarios/scenario.h"
#include "sim/check/check.h"
#include "sim/cmd/common.h"
#include "sim/cmd/progress.h"
#include "sim/model/model.h"
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

	if (error->domain == CAMPAIGN_ERROR ||
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
	if (!complained)
		cmd_message("cannot write standard output%s%s", err ? ": " : "",
			    err ? g_strerror(err) : "");
	complained = true;
	return CMD_SYSTEM;
}

char **cmd_scenario_dirs(void)
{
	return g_strsplit(SCENARIO_DIRS, ":", -1);
}

/* The names of a table whose entries begin with their name. */
#define TABLE_NAMES(names, table, wanted) do {					\
	(names) = g_ptr_array_new();						\
	for (guint __i = 0; (table)[__i]; __i++) {				\
		if (wanted)							\
			g_ptr_array_add(names, (gpointer)(table)[__i]->name);	\
	}									\
	g_ptr_array_add(names, NULL);						\
} while (0)

struct plan *cmd_load(const char *scenario, const char *const *set, GError **error)
{
	GPtrArray *strategy_names, *model_names, *check_names, *default_names;
	struct scenario_vocabulary voc = { .algorithms = rmap_algorithms };
	char **dirs = cmd_scenario_dirs();
	struct plan *plan;

	TABLE_NAMES(strategy_names, strategies, true);
	TABLE_NAMES(model_names, models, true);
	TABLE_NAMES(check_names, checks, true);
	TABLE_NAMES(default_names, checks, checks[__i]->always || checks[__i]->by_default);
	voc.strategies = (const char *const *)strategy_names->pdata;
	voc.models = (const char *const *)model_names->pdata;
	voc.checks = (const char *const *)check_names->pdata;
	voc.checks_default = (const char *const *)default_names->pdata;
	plan = scenario_load(scenario, (const char *const *)dirs, set, &voc, error);
	g_ptr_array_unref(strategy_names);
	g_ptr_array_unref(model_names);
	g_ptr_array_unref(check_names);
	g_ptr_array_unref(default_names);
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

static gboolean shell_plain(const char *text)
{
	for (; *text; text++) {
		if (!g_ascii_isalnum(*text) && !strchr("-_./=:,+@%", *text))
			return FALSE;
	}
	return TRUE;
}

static void append_shell_word(GString *out, const char *text)
{
	char *quoted = *text && shell_plain(text) ? g_strdup(text) : g_shell_quote(text);

	g_string_append(out, quoted);
	g_free(quoted);
}

char *cmd_replay_line(const char *scenario, guint64 seed, const char *const *set)
{
	GString *out = g_string_new("rmapsim replay ");

	append_shell_word(out, scenario);
	g_string_append_printf(out, " --seed %" G_GUINT64_FORMAT, seed);
	for (; *set; set++) {
		g_string_append(out, " --set ");
		append_shell_word(out, *set);
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

void cmd_print_wrapped(const char *text, unsigned int indent, unsigned int width)
{
	gsize n;

	while (*text) {
		n = wrap_at(text, width - indent);
		printf("%*s%.*s\n", (int)indent, "", (int)n, text);
		text += n;
		while (*text == ' ')
			text++;
	}
}
