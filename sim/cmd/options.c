/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Options that mean the same in every subcommand. */
#define _GNU_SOURCE
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "sim/cmd/common.h"

#define JOBS_MAX	1024
#define ENTRIES_MAX	32

gboolean cmd_parse_u64(const char *text, guint64 *out)
{
	if (g_str_has_prefix(text, "0x"))
		return g_ascii_string_to_unsigned(text + 2, 16, 0, G_MAXUINT64, out, NULL);
	return g_ascii_string_to_unsigned(text, 10, 0, G_MAXUINT64, out, NULL);
}

static gboolean bad_value(GError **error, const char *name, const char *value, const char *valid)
{
	g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "%s %s: valid is %s", name,
		    value, valid);
	return FALSE;
}

gboolean cmd_parse_seconds(const char *option, const char *text, double *out, GError **error)
{
	char *end;

	*out = g_ascii_strtod(text, &end);
	if (*text && !*end && *out > 0 && *out < 1e9)
		return TRUE;
	return bad_value(error, option, text, "a number of seconds above 0");
}

static gboolean on_seed(const gchar *name, const gchar *value, gpointer data, GError **error)
{
	struct cmd_options *opt = data;

	if (!cmd_parse_u64(value, &opt->seed_first))
		return bad_value(error, name, value, "a number below 2^64, decimal or 0x...");
	opt->seeds = 1;
	opt->seed_given = TRUE;
	return TRUE;
}

/* "N": 1 to N. "A..B": these and all between. */
static gboolean parse_seeds(const char *value, struct cmd_options *opt)
{
	const char *dots = strstr(value, "..");
	guint64 first = 1, last;
	char *left;
	gboolean ok;

	if (dots) {
		left = g_strndup(value, dots - value);
		ok = cmd_parse_u64(left, &first) && cmd_parse_u64(dots + 2, &last);
		g_free(left);
	} else {
		ok = cmd_parse_u64(value, &last);
	}
	if (!ok || last < first || last - first == G_MAXUINT64)
		return FALSE;
	opt->seed_first = first;
	opt->seeds = last - first + 1;
	opt->seeds_given = TRUE;
	return TRUE;
}

static gboolean on_seeds(const gchar *name, const gchar *value, gpointer data, GError **error)
{
	if (parse_seeds(value, data))
		return TRUE;
	return bad_value(error, name, value,
			 "N (seeds 1 to N, at least one) or A..B with A not above B");
}

static gboolean on_jobs(const gchar *name, const gchar *value, gpointer data, GError **error)
{
	guint64 n;

	if (!cmd_parse_u64(value, &n) || n < 1 || n > JOBS_MAX)
		return bad_value(error, name, value, "a number from 1 to 1024");
	((struct cmd_options *)data)->jobs = n;
	return TRUE;
}

static gboolean on_set(const gchar *name, const gchar *value, gpointer data, GError **error)
{
	const char *dot = strchr(value, '.'), *equals = strchr(value, '=');

	if (!dot || !equals || dot > equals)
		return bad_value(error, name, value, "group.key=value");
	g_ptr_array_add(((struct cmd_options *)data)->set, g_strdup(value));
	return TRUE;
}

static gboolean on_sweep(const gchar *name, const gchar *value, gpointer data, GError **error)
{
	const char *equals = strchr(value, '='), *dot = strchr(value, '.');

	if (!dot || !equals || dot > equals || !equals[1])
		return bad_value(error, name, value,
				 "GROUP.KEY=VALUE[,VALUE...] or GROUP.KEY=A..B");
	g_ptr_array_add(((struct cmd_options *)data)->set, g_strdup_printf("sweep.%s", value));
	return TRUE;
}

/* --algorithm, --strategy, --model: short for --set with the key that they stand for. */
static gboolean on_shorthand(const gchar *name, const gchar *value, gpointer data, GError **error)
{
	static const char *const keys[][2] = {
		{ "--algorithm", "algorithm.name" },
		{ "--strategy", "scenario.strategy" },
		{ "--model", "memory.model" },
	};
	GPtrArray *set = ((struct cmd_options *)data)->set;
	guint i;

	if (!*value)
		return bad_value(error, name, "''", "a name; see 'rmapsim list'");
	for (i = 0; i < G_N_ELEMENTS(keys); i++) {
		if (!strcmp(keys[i][0], name))
			g_ptr_array_add(set, g_strdup_printf("%s=%s", keys[i][1], value));
	}
	return TRUE;
}

#define CALLBACK(fn)	((gpointer)(void (*)(void))(fn))
#define AS_IT_IS	G_OPTION_FLAG_FILENAME	/* bytes, whatever the locale */
#define OVERRIDES	(CMD_TAKES_SCENARIO | CMD_TAKES_OVERRIDES)

static const struct {
	unsigned int takes;
	GOptionEntry entry;
} callback_entries[] = {
	{ OVERRIDES, { "set", 0, AS_IT_IS, G_OPTION_ARG_CALLBACK, CALLBACK(on_set),
		"override any key of the scenario", "GROUP.KEY=VALUE" } },
	{ OVERRIDES, { "algorithm", 0, AS_IT_IS, G_OPTION_ARG_CALLBACK,
		CALLBACK(on_shorthand), "short for --set algorithm.name=NAME", "NAME" } },
	{ OVERRIDES, { "strategy", 0, AS_IT_IS, G_OPTION_ARG_CALLBACK,
		CALLBACK(on_shorthand), "short for --set scenario.strategy=NAME", "NAME" } },
	{ CMD_TAKES_SCENARIO, { "model", 0, AS_IT_IS, G_OPTION_ARG_CALLBACK,
		CALLBACK(on_shorthand), "short for --set memory.model=NAME", "NAME" } },
	{ CMD_TAKES_SWEEP, { "sweep", 0, AS_IT_IS, G_OPTION_ARG_CALLBACK, CALLBACK(on_sweep),
		"add a line to [sweep], or replace the one of that key", "GROUP.KEY=VALUES" } },
	{ CMD_TAKES_SEED, { "seed", 0, AS_IT_IS, G_OPTION_ARG_CALLBACK, CALLBACK(on_seed),
		"this seed only, decimal or 0x...", "S" } },
	{ CMD_TAKES_SEEDS, { "seeds", 0, AS_IT_IS, G_OPTION_ARG_CALLBACK, CALLBACK(on_seeds),
		"seeds 1 to N, or A to B", "N|A..B" } },
	{ CMD_TAKES_JOBS, { "jobs", 0, AS_IT_IS, G_OPTION_ARG_CALLBACK, CALLBACK(on_jobs),
		"worker processes (default: all CPUs); the result is the same", "N" } },
};

/* g_option_context_parse() copies them; what they point to is opt's. */
static void collect_entries(const struct cmd_form *form, struct cmd_options *opt,
			    GOptionEntry *entries)
{
	const GOptionEntry plain[] = {
		{ "out", 0, 0, G_OPTION_ARG_FILENAME, &opt->out,
		  "write the schedules of failing runs into this folder", "DIR" },
		{ "json", 0, 0, G_OPTION_ARG_NONE, &opt->json, "print JSON", NULL },
		{ "digest", 0, 0, G_OPTION_ARG_NONE, &opt->digest,
		  "print a hash over all events", NULL },
		{ "db", 0, 0, G_OPTION_ARG_FILENAME, &opt->db,
		  "the database of the study", "FILE" },
	};
	const GOptionEntry help = { "help", 'h', 0, G_OPTION_ARG_NONE, &opt->help,
				    "print this and exit", NULL };
	const GOptionEntry rest = { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY,
				    &opt->args, NULL, NULL };
	guint i, n = 0;

	for (i = 0; form->own && form->own[i].long_name; i++)
		entries[n++] = form->own[i];
	for (i = 0; i < G_N_ELEMENTS(callback_entries); i++) {
		if (form->takes & callback_entries[i].takes)
			entries[n++] = callback_entries[i].entry;
	}
	for (i = 0; i < G_N_ELEMENTS(plain); i++) {
		if (form->takes & (CMD_TAKES_OUT << i))
			entries[n++] = plain[i];
	}
	entries[n++] = help;
	entries[n++] = rest;
	entries[n] = (GOptionEntry){ 0 };
	g_assert(n < ENTRIES_MAX);
}

static guint allowed_cpus(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set))
		return 1;
	return CLAMP(CPU_COUNT(&set), 1, JOBS_MAX);
}

static int usage_error(const struct cmd_form *form, const char *message)
{
	cmd_message("%s: %s", form->name, message);
	fprintf(stderr, "Try 'rmapsim %s --help'.\n", form->name);
	return CMD_USAGE;
}

int cmd_misused(const struct cmd_form *form, const char *fmt, ...)
{
	char *message;
	va_list ap;
	int status;

	va_start(ap, fmt);
	message = g_strdup_vprintf(fmt, ap);
	va_end(ap);
	status = usage_error(form, message);
	g_free(message);
	return status;
}

static int check_options(const struct cmd_form *form, struct cmd_options *opt)
{
	if (opt->seed_given && opt->seeds_given)
		return usage_error(form, "--seed and --seeds exclude each other; A..B begins at A");
	return CMD_GO_ON;
}

static void print_help(GOptionContext *context)
{
	GString *help = g_string_new(NULL);
	char *text = g_option_context_get_help(context, TRUE, NULL);

	g_string_append(help, text);
	g_string_replace(help, "\xe2\x80\xa6", "...", 0);
	fputs(help->str, stdout);
	g_string_free(help, TRUE);
	g_free(text);
}

static int parse_with(GOptionContext *context, const struct cmd_form *form, int argc, char **argv,
		      struct cmd_options *opt)
{
	char **copy = g_new0(char *, argc + 1);
	GError *error = NULL;
	int status;

	/* It moves things about; what is ours stays in argv. */
	memcpy(copy, argv, argc * sizeof(*argv));
	if (!g_option_context_parse(context, &argc, &copy, &error)) {
		status = usage_error(form, error->message);
		g_error_free(error);
	} else if (opt->help) {
		print_help(context);
		status = CMD_OK;
	} else {
		status = check_options(form, opt);
	}
	g_free(copy);
	return status;
}

int cmd_parse(const struct cmd_form *form, int argc, char **argv, struct cmd_options *opt,
	      gpointer data)
{
	GOptionContext *context = g_option_context_new(form->args);
	GOptionGroup *group = g_option_group_new("", "", "", opt, NULL);
	char *program = g_strdup_printf("rmapsim %s", form->name);
	GOptionEntry entries[ENTRIES_MAX];
	int status;

	*opt = (struct cmd_options){
		.set = g_ptr_array_new_with_free_func(g_free),
		.seed_first = 1,
		.jobs = allowed_cpus(),
		.data = data,
	};
	collect_entries(form, opt, entries);
	g_option_group_add_entries(group, entries);
	g_option_context_set_main_group(context, group);
	g_option_context_set_help_enabled(context, FALSE);
	g_option_context_set_summary(context, form->text);
	g_set_prgname(program);
	status = parse_with(context, form, argc, argv, opt);
	g_option_context_free(context);
	g_free(program);
	if (!opt->args)
		opt->args = g_new0(char *, 1);
	g_ptr_array_add(opt->set, NULL);
	return status;
}

void cmd_options_clear(struct cmd_options *opt)
{
	g_strfreev(opt->args);
	g_ptr_array_unref(opt->set);
	g_free(opt->out);
	g_free(opt->db);
}

const char *const *cmd_sets(const struct cmd_options *opt)
{
	return (const char *const *)opt->set->pdata;
}
