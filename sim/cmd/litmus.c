/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rmapsim litmus: litmus tests against a memory model, all executions of each; or
 * many executions on this machine.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "sim/cmd/litmus_hw.h"
#include "sim/cmd/litmus_report.h"

#define SECONDS_DEFAULT	60
#define STATES_DEFAULT	20000000

static struct litmus_options {
	gboolean check;
	char *model;
	double max_time;
	guint64 max_states;
	struct litmus_hw_options hw;
} own;

static gboolean on_states(const gchar *name, const gchar *value, gpointer data, GError **error)
{
	(void)data;
	if (cmd_parse_u64(value, &own.max_states) && own.max_states)
		return TRUE;
	g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
		    "%s %s: valid is a number from 1", name, value);
	return FALSE;
}

static gboolean on_rounds(const gchar *name, const gchar *value, gpointer data, GError **error)
{
	(void)data;
	if (cmd_parse_u64(value, &own.hw.rounds) && own.hw.rounds && own.hw.rounds <= G_MAXINT64)
		return TRUE;
	g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
		    "%s %s: valid is a number from 1 to 2^63 - 1", name, value);
	return FALSE;
}

static gboolean on_time(const gchar *name, const gchar *value, gpointer data, GError **error)
{
	(void)data;
	return cmd_parse_seconds(name, value, &own.max_time, error);
}

#define CALLBACK(fn)	((gpointer)(void (*)(void))(fn))

static const GOptionEntry litmus_entries[] = {
	{ "model", 0, 0, G_OPTION_ARG_STRING, &own.model,
	  "the memory model (default: sc; with --check: all)", "NAME" },
	{ "check", 0, 0, G_OPTION_ARG_NONE, &own.check,
	  "compare with what the tests' comments expect, and print a table", NULL },
	{ "max-time", 0, 0, G_OPTION_ARG_CALLBACK, CALLBACK(on_time),
	  "give a test up after S seconds (default: 60; with --hardware: none)", "S" },
	{ "max-states", 0, 0, G_OPTION_ARG_CALLBACK, CALLBACK(on_states),
	  "give a test up behind N states (default: 20000000)", "N" },
	{ "hardware", 0, 0, G_OPTION_ARG_NONE, &own.hw.hardware,
	  "run the tests on pinned threads of this machine, under no model", NULL },
	{ "rounds", 0, 0, G_OPTION_ARG_CALLBACK, CALLBACK(on_rounds),
	  "with --hardware: how often (default: 1000000)", "N" },
	{ "no-provoke", 0, 0, G_OPTION_ARG_NONE, &own.hw.no_provoke,
	  "with --hardware: no slow store before each round to fill the store buffer", NULL },
	{ "cpus", 0, 0, G_OPTION_ARG_STRING, &own.hw.cpus,
	  "with --hardware: CPUs of the processes, in turn, such as 0,2-3", "LIST" },
	{ "oversubscribe", 0, 0, G_OPTION_ARG_NONE, &own.hw.oversubscribe,
	  "with --hardware: several processes may share a CPU", NULL },
	{ 0 },
};

static const struct cmd_form litmus_form = {
	.name = "litmus",
	.args = "FILE|FOLDER...",
	.text = "Explores all executions of litmus tests under a memory model and prints what\n"
		"final states there are, as herd7 does. Understood are the C flavour of the Linux\n"
		"kernel's memory model and the x86 flavours X86 and X86_64; of a folder all files\n"
		"*.litmus, those in its folders too. What is not understood is named with the\n"
		"reason and counted. With --check, a line 'rmapsim: sc=Never tso=Sometimes' in a\n"
		"test's comment says what is expected; and no model may show what 'lkmm=Never',\n"
		"or the kernel's own 'Result: Never', forbids. With --hardware, a histogram of\n"
		"what was seen, as litmus7 prints it; what tso=Never or the kernel's model\n"
		"forbids must not be seen.\n\n"
		"Exit status: 0 all was run (and is as expected), 1 not as expected, 2 a test was\n"
		"not understood, 4 a limit came before the answer.",
	.takes = CMD_TAKES_JSON,
	.own = litmus_entries,
};

/* --- files */

static int compare_paths(gconstpointer a, gconstpointer b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Folders that are links are not followed: they may lead back. */
static gboolean collect_folder(const char *path, GPtrArray *files, GError **error)
{
	GDir *dir = g_dir_open(path, 0, error);
	const char *name;
	gboolean ok = TRUE;
	char *full;

	if (!dir)
		return FALSE;
	while (ok && (name = g_dir_read_name(dir))) {
		full = g_build_filename(path, name, NULL);
		if (g_file_test(full, G_FILE_TEST_IS_DIR)) {
			if (!g_file_test(full, G_FILE_TEST_IS_SYMLINK))
				ok = collect_folder(full, files, error);
		} else if (g_str_has_suffix(name, ".litmus")) {
			g_ptr_array_add(files, g_strdup(full));
		}
		g_free(full);
	}
	g_dir_close(dir);
	return ok;
}

/* Files as they were given, a folder's sorted. */
static gboolean collect(char **args, GPtrArray *files, GError **error)
{
	gboolean ok = TRUE;
	guint first;

	for (; ok && *args; args++) {
		first = files->len;
		if (!g_file_test(*args, G_FILE_TEST_IS_DIR)) {
			g_ptr_array_add(files, g_strdup(*args));
			continue;
		}
		ok = collect_folder(*args, files, error);
		if (ok && files->len == first) {
			g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT,
				    "%s: no *.litmus in this folder", *args);
			return FALSE;
		}
		qsort(files->pdata + first, files->len - first, sizeof(gpointer), compare_paths);
	}
	return ok;
}

/* --- tests */

/* False: interrupted, or the system failed (error). */
static gboolean run_test(struct litmus_report *r, const struct litmus_program *program,
			 const struct model *model, GError **error)
{
	const struct litmus_limits limits = {
		.states_max = own.max_states,
		.seconds_max = own.max_time > 0 ? own.max_time : SECONDS_DEFAULT,
	};
	struct litmus_result result;
	gboolean goes_on;
	GError *err = NULL;

	if (!litmus_explore(program, model->name, &limits, &result, &err)) {
		if (err->domain != LITMUS_ERROR) {
			g_propagate_error(error, err);
			return FALSE;
		}
		litmus_report_refused(r, program->path, err);
		return TRUE;
	}
	goes_on = result.end != LITMUS_INTERRUPTED;
	litmus_report_result(r, program, model, &result);
	litmus_result_clear(&result);
	return goes_on;
}

/* Under one model, or under all; what nothing is said of may still deadlock or take long. */
static gboolean run_models(struct litmus_report *r, const struct litmus_program *program,
			   const struct model *model, GError **error)
{
	const struct model *const *m;
	guint refused = r->refused;

	if (model)
		return run_test(r, program, model, error);
	for (m = models; *m && r->refused == refused; m++) {
		if (!run_test(r, program, *m, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean run_file(struct litmus_report *r, const char *path, const struct model *model,
			 GError **error)
{
	struct litmus_program *program;
	gboolean goes_on = TRUE;
	GError *err = NULL;

	r->files++;
	program = litmus_read(path, &err);
	if (program)
		goes_on = run_models(r, program, model, error);
	else
		litmus_report_refused(r, path, err);
	litmus_program_free(program);
	return goes_on;
}

static int status_of(const struct litmus_report *r, gboolean check, gboolean interrupted)
{
	if (interrupted)
		return CMD_INTERRUPTED;
	if (check && r->judged[LITMUS_NOT_AS_EXPECTED])
		return CMD_VIOLATION;
	if (r->refused)
		return CMD_USAGE;
	return r->limited ? CMD_LIMIT : CMD_OK;
}

static int run_files(const struct cmd_options *opt, const GPtrArray *files,
		     const struct model *model)
{
	struct litmus_report r;
	gboolean goes_on = TRUE;
	GError *error = NULL;
	int status;
	guint i;

	litmus_report_begin(&r, opt->json, own.check);
	for (i = 0; goes_on && i < files->len; i++) {
		goes_on = run_file(&r, files->pdata[i], model, &error);
		fflush(stdout);
	}
	status = status_of(&r, own.check, !goes_on && !error);
	litmus_report_end(&r, model);
	return error ? cmd_fail(error) : status;
}

static int no_model(const char *name)
{
	GString *valid = g_string_new(NULL);
	const struct model *const *m;
	int status;

	for (m = models; *m; m++)
		g_string_append_printf(valid, "%s%s", m == models ? "" : ", ", (*m)->name);
	status = cmd_misused(&litmus_form, "--model %s: valid are %s", name, valid->str);
	g_string_free(valid, TRUE);
	return status;
}

/* What belongs to one way of running is nothing to the other. */
static int check_way(void)
{
	const struct litmus_hw_options *hw = &own.hw;

	if (hw->hardware && (own.model || own.check))
		return cmd_misused(&litmus_form, "--hardware has no model: --model and --check "
				   "are for simulated tests");
	if (!hw->hardware && (hw->rounds || hw->no_provoke || hw->cpus || hw->oversubscribe))
		return cmd_misused(&litmus_form, "--rounds, --no-provoke, --cpus and "
				   "--oversubscribe are for --hardware");
	return CMD_GO_ON;
}

static int litmus_tests(const struct cmd_options *opt)
{
	const char *name = own.model ? own.model : own.check ? NULL : "sc";
	const struct model *model = name ? model_find(name) : NULL;
	GPtrArray *files;
	GError *error = NULL;
	int status;

	if (name && !model)
		return no_model(name);
	if (!opt->args[0])
		return cmd_misused(&litmus_form, "a FILE or FOLDER is needed");
	files = g_ptr_array_new_with_free_func(g_free);
	own.hw.seconds_max = own.max_time;
	if (!collect(opt->args, files, &error))
		status = cmd_fail(error);
	else if (own.hw.hardware)
		status = litmus_hw_files(files, &own.hw, opt->json);
	else
		status = run_files(opt, files, model);
	g_ptr_array_unref(files);
	return status;
}

static int litmus_main_command(int argc, char **argv)
{
	struct cmd_options opt;
	int status;

	own = (struct litmus_options){ .max_states = STATES_DEFAULT };
	status = cmd_parse(&litmus_form, argc, argv, &opt, NULL);
	if (status == CMD_GO_ON)
		status = check_way();
	if (status == CMD_GO_ON)
		status = litmus_tests(&opt);
	g_free(own.model);
	g_free(own.hw.cpus);
	cmd_options_clear(&opt);
	return status;
}

const struct subcommand cmd_litmus = {
	.name = "litmus",
	.summary = "explore litmus tests under a memory model, or run them here",
	.run = litmus_main_command,
};
