/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What subcommands share: options that mean the same everywhere, loading a
 * scenario with the names this program knows, campaigns with progress, errors
 * as messages and exit statuses, JSON.
 */
#ifndef SIM_CMD_COMMON_H
#define SIM_CMD_COMMON_H

#include <json-glib/json-glib.h>
#include "scenarios/scenario.h"
#include "sim/cmd/cmd.h"
#include "sim/engine/campaign.h"

#define CMD_JSON_SCHEMA	1
#define CMD_GO_ON	(-1)	/* no exit status: the subcommand has work to do */

/* Of this program, as --version and schedules say it. */
extern const char cmd_version[];

/* options.c */

enum cmd_takes {
	CMD_TAKES_SCENARIO = 1 << 0,	/* --algorithm, --strategy, --model, --set */
	CMD_TAKES_SEED = 1 << 1,
	CMD_TAKES_SEEDS = 1 << 2,
	CMD_TAKES_JOBS = 1 << 3,
	CMD_TAKES_OUT = 1 << 4,
	CMD_TAKES_JSON = 1 << 5,
	CMD_TAKES_DIGEST = 1 << 6,
	CMD_TAKES_DB = 1 << 7,
	CMD_TAKES_SWEEP = 1 << 8,	/* --sweep: lines of [sweep], among the --set */
	CMD_TAKES_OVERRIDES = 1 << 9,	/* --algorithm, --strategy, --set; no --model */
};

/* A subcommand's command line. */
struct cmd_form {
	const char *name;
	const char *args;		/* "SCENARIO"; for the usage line */
	const char *text;		/* what it does, a paragraph or two */
	unsigned int takes;		/* of enum cmd_takes */
	const GOptionEntry *own;	/* options of its own, or NULL */
};

struct cmd_options {
	char **args;		/* what is no option; NULL-terminated */
	GPtrArray *set;		/* of char *, in the order given, shorthands included */
	gboolean seed_given;
	gboolean seeds_given;
	guint64 seed_first;
	guint64 seeds;		/* how many */
	guint jobs;
	char *out;
	gboolean json;
	gboolean digest;
	char *db;
	gboolean help;
	gpointer data;		/* the subcommand's */
};

/*
 * Returns CMD_GO_ON, or the exit status after --help or a complaint. opt is to be
 * given to cmd_options_clear() in any case. Callbacks among the form's own options
 * get opt, with data in it.
 */
int cmd_parse(const struct cmd_form *form, int argc, char **argv, struct cmd_options *opt,
	      gpointer data);
void cmd_options_clear(struct cmd_options *opt);

/* A complaint about usage, with the way to --help; returns CMD_USAGE. */
int cmd_misused(const struct cmd_form *form, const char *fmt, ...) G_GNUC_PRINTF(2, 3);

/* Decimal, or 0x and hexadecimal; nothing else. */
gboolean cmd_parse_u64(const char *text, guint64 *out);
/* The value of an option that is a number of seconds above 0; G_OPTION_ERROR. */
gboolean cmd_parse_seconds(const char *option, const char *text, double *out, GError **error);

/* The --set overrides, NULL-terminated; the options'. */
const char *const *cmd_sets(const struct cmd_options *opt);

/* common.c */

/* "rmapsim: ..." on stderr. */
void cmd_message(const char *fmt, ...) G_GNUC_PRINTF(1, 2);
/* The message of an error, which is freed, and the exit status that it means. */
int cmd_fail(GError *error);
/* Flush stdout; status, or CMD_SYSTEM with a message if something was lost. */
int cmd_finish_output(int status);

/* Where scenarios are looked for; free with g_strfreev(). */
char **cmd_scenario_dirs(void);
/* The names that this program knows. */
const struct scenario_vocabulary *cmd_vocabulary(void);
/* scenario_load() with these names. */
struct plan *cmd_load(const char *scenario, const char *const *set, GError **error);

/*
 * Paths of all scenarios in those folders, sorted; of two with the same name the one
 * that cmd_load() would find. A folder that is not there is passed over. Free with
 * g_ptr_array_unref().
 */
GPtrArray *cmd_scenarios(void);

/* campaign_run() with a progress bar, if stderr is a terminal. */
gboolean cmd_campaign(const struct plan *plan, const struct campaign_options *opt,
		      struct campaign_result *result, GError **error);

/* Parameters of the plan's algorithm: "compare=gt, retries=2"; free it. */
char *cmd_parameters(const struct plan *plan);
/* The model's name, and what of it bounds a verdict: "tso (at most 8 stores ...)". Free it. */
char *cmd_model(const struct plan *plan);
/* One parameter's value as a scenario spells it; free it. */
char *cmd_parameter_value(const struct rmap_param *param, long value);

/* The shell line that replays a seed: rmapsim replay SCENARIO --seed S [--set ...]; free it. */
char *cmd_replay_line(const char *scenario, guint64 seed, const char *const *set);

/* Quoted for a shell if it needs that; free it. */
char *cmd_shell_word(const char *text);

/* A text in lines of at most width columns, each after indent blanks. */
void cmd_print_wrapped(const char *text, unsigned int indent, unsigned int width);
/* The same with a label in the room before the first line. */
void cmd_print_labelled(const char *label, const char *text, unsigned int indent,
			unsigned int width);

/* json.c */

/* An object with schema, program, version and command in it, still open. */
JsonBuilder *cmd_json_begin(const char *command);
void cmd_json_string(JsonBuilder *b, const char *name, const char *value);	/* NULL: null */
void cmd_json_count(JsonBuilder *b, const char *name, guint64 value);
void cmd_json_double(JsonBuilder *b, const char *name, double value);
void cmd_json_bool(JsonBuilder *b, const char *name, gboolean value);
/* Seeds and digests need all 64 bits, which a JSON number has not: as strings. */
void cmd_json_seed(JsonBuilder *b, const char *name, guint64 value);
void cmd_json_digest(JsonBuilder *b, const char *name, guint64 value);
void cmd_json_strings(JsonBuilder *b, const char *name, const char *const *values);
/* Scenario, algorithm with parameters, model, strategy, checks of a plan. */
void cmd_json_plan(JsonBuilder *b, const struct plan *plan);
void cmd_json_open(JsonBuilder *b, const char *name);		/* an object */
void cmd_json_close(JsonBuilder *b);
/* Ends the object, prints it on stdout and frees the builder. */
void cmd_json_print(JsonBuilder *b);

#endif
