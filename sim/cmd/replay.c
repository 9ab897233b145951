/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rmapsim replay: one run, of a seed or of a recorded schedule, told event by
 * event. The run is done twice, first in silence: that shows how long it is,
 * where a check fires and whether a schedule fits at all.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "sim/cmd/common.h"
#include "sim/cmd/recording.h"
#include "sim/cmd/stored.h"
#include "sim/cmd/tell.h"

#define AROUND_DEFAULT	20
#define FOLLOWED_MAX	100000000	/* points of a scheduled run, whatever its head says */
#define RELAXED_MORE	100000		/* points that one may take more than it had */

struct replay {
	/* options */
	char *schedule_path, *save;
	char *task, *object;
	gboolean relaxed;
	gboolean around_given;
	guint64 failure;		/* of the database; 0: none */
	guint64 around, last, from, to, break_at, rounds;

	struct cmd_options opt;
	char **argv;			/* for the line that starts a debugger */
	const char *scenario;
	const char *const *set;
	struct schedule *schedule;	/* or NULL: a seed */
	struct schedule_entry *entries;
	size_t n_entries;
	struct plan *plan;
	struct engine *e;
	struct run_result result;
	gboolean bounded;		/* limits.events is ours: see replay_bound() */
};

static gboolean on_number(const gchar *name, const gchar *value, gpointer data, GError **error)
{
	struct replay *r = ((struct cmd_options *)data)->data;
	guint64 n = AROUND_DEFAULT;

	if (value && (!cmd_parse_u64(value, &n) || !n)) {
		g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
			    "%s %s: valid is a number from 1", name, value);
		return FALSE;
	}
	if (!strcmp(name, "--last"))
		r->last = n;
	else if (!strcmp(name, "--from"))
		r->from = n;
	else if (!strcmp(name, "--to"))
		r->to = n;
	else if (!strcmp(name, "--break"))
		r->break_at = n;
	else if (!strcmp(name, "--failure"))
		r->failure = n;
	else if (!strcmp(name, "--rounds"))
		r->rounds = n;
	else
		r->around = n;
	r->around_given |= g_str_has_prefix(name, "--around");
	return TRUE;
}

static const char replay_text[] =
	"Tells one run event by event: a column for each task, the primitive, the object by\n"
	"name, the value in the field's terms, the place in the source, and the moment at\n"
	"which a check fires. A number stands before each point, that is, each event under\n"
	"the scheduler's control; lines without one are notes. With --schedule, scenario and\n"
	"overrides are taken from the file's head unless they are given; with --db and --failure\n"
	"all of it is taken from the database of a sweep.";

/* The entries point into r. */
static int replay_parse(struct replay *r, struct cmd_form *form, int argc, char **argv)
{
	const gpointer number = (gpointer)(void (*)(void))on_number;
	const GOptionEntry own[] = {
		{ "schedule", 0, 0, G_OPTION_ARG_FILENAME, &r->schedule_path,
		  "replay this recorded schedule", "FILE" },
		{ "failure", 0, 0, G_OPTION_ARG_CALLBACK, number,
		  "replay this failure of the database", "N" },
		{ "relaxed", 0, 0, G_OPTION_ARG_NONE, &r->relaxed,
		  "go on where a schedule does not fit, and say so", NULL },
		{ "save", 0, 0, G_OPTION_ARG_FILENAME, &r->save,
		  "write the run's schedule", "FILE" },
		{ "task", 0, 0, G_OPTION_ARG_FILENAME, &r->task, "show this task only", "NAME" },
		{ "object", 0, 0, G_OPTION_ARG_FILENAME, &r->object,
		  "show what touches this object or its fields (rmap0, desc2, mmu_lock)", "NAME" },
		{ "from", 0, 0, G_OPTION_ARG_CALLBACK, number, "begin at this point", "N" },
		{ "to", 0, 0, G_OPTION_ARG_CALLBACK, number, "stop behind this point", "N" },
		{ "last", 0, 0, G_OPTION_ARG_CALLBACK, number,
		  "show only the last N of the lines that pass", "N" },
		{ "around-violation", 0, G_OPTION_FLAG_OPTIONAL_ARG, G_OPTION_ARG_CALLBACK, number,
		  "show the N points (default 20) up to the violation", "[=N]" },
		{ "rounds", 0, 0, G_OPTION_ARG_CALLBACK, number,
		  "go round the schedule's cycle so often (default 1)", "N" },
		{ "break", 0, 0, G_OPTION_ARG_CALLBACK, number,
		  "stop in the debugger before point N acts", "N" },
		{ 0 },
	};
	int status;

	*form = (struct cmd_form){
		.name = "replay",
		.args = "SCENARIO --seed S | --schedule FILE | --db FILE --failure N",
		.text = replay_text,
		.takes = CMD_TAKES_SCENARIO | CMD_TAKES_SEED | CMD_TAKES_DB,
		.own = own,
	};
	r->to = G_MAXUINT64;
	r->rounds = 1;
	status = cmd_parse(form, argc, argv, &r->opt, r);
	form->own = NULL;
	return status;
}

/* Of a stored failure everything is known. */
static int check_stored_usage(struct replay *r, const struct cmd_form *form)
{
	if (!r->opt.db || !r->failure)
		return cmd_misused(form, "--db FILE and --failure N belong together");
	if (r->opt.args[0] || *cmd_sets(&r->opt) || r->opt.seed_given || r->schedule_path)
		return cmd_misused(form, "--failure N excludes a SCENARIO, --seed, --schedule and "
				   "overrides");
	return CMD_GO_ON;
}

static int replay_check_usage(struct replay *r, const struct cmd_form *form)
{
	if (r->opt.db || r->failure)
		return check_stored_usage(r, form);
	if (r->opt.args[0] && r->opt.args[1])
		return cmd_misused(form, "'%s' is one SCENARIO too many", r->opt.args[1]);
	if (r->schedule_path && r->opt.seed_given)
		return cmd_misused(form, "--seed and --schedule exclude each other");
	if (!r->schedule_path && !r->opt.seed_given)
		return cmd_misused(form, "--seed S or --schedule FILE is needed");
	if (!r->schedule_path && !r->opt.args[0])
		return cmd_misused(form, "a SCENARIO is needed with --seed");
	if (r->rounds > 1 && !r->schedule_path)
		return cmd_misused(form, "--rounds needs a --schedule with a cycle");
	if (r->from > r->to)
		return cmd_misused(form, "--from lies behind --to");
	return CMD_GO_ON;
}

/* A traced process can stop; any other would die of the trap. */
static gboolean debugger_attached(void)
{
	char *status = NULL, *tracer;
	gboolean yes = FALSE;

	if (!g_file_get_contents("/proc/self/status", &status, NULL, NULL))
		return FALSE;
	tracer = strstr(status, "\nTracerPid:");
	if (tracer)
		yes = atoi(tracer + strlen("\nTracerPid:")) != 0;
	g_free(status);
	return yes;
}

static int no_debugger(const struct replay *r)
{
	GString *line = g_string_new("gdb -ex run --args rmapsim");
	char **arg, *quoted;

	for (arg = r->argv; *arg; arg++) {
		quoted = cmd_shell_word(*arg);
		g_string_append_printf(line, " %s", quoted);
		g_free(quoted);
	}
	cmd_message("replay: --break needs a debugger to stop in; run\n  %s", line->str);
	g_string_free(line, TRUE);
	return CMD_USAGE;
}

static gboolean replay_load_stored(struct replay *r, GError **error)
{
	struct stored_failure stored = { 0 };
	gboolean ok = stored_failure(r->opt.db, r->failure, &stored, error);

	r->schedule_path = stored.place;
	r->schedule = stored.schedule;
	r->plan = stored.plan;
	return ok;
}

static gboolean replay_load_schedule(struct replay *r, GError **error)
{
	if (r->failure ? !replay_load_stored(r, error) :
			 !(r->schedule = schedule_read(r->schedule_path, error)))
		return FALSE;
	r->entries = recording_entries(r->schedule, r->rounds, &r->n_entries, error);
	if (!r->entries)
		return FALSE;
	if (!r->scenario)
		r->scenario = r->schedule->scenario;
	if (!*r->set)
		r->set = (const char *const *)r->schedule->set;
	if (r->relaxed || !strcmp(r->schedule->version, cmd_version))
		return TRUE;
	g_set_error(error, SCHEDULE_ERROR, SCHEDULE_ERROR_FORMAT,
		    "%s: was recorded by version %s of rmapsim, this is %s; --relaxed tries it all "
		    "the same", r->schedule_path, r->schedule->version, cmd_version);
	return FALSE;
}

static gboolean replay_check_plan(const struct replay *r, GError **error)
{
	const struct schedule *s = r->schedule;

	if (!s || r->relaxed || s->plan_digest == r->plan->digest)
		return TRUE;
	g_set_error(error, SCHEDULE_ERROR, SCHEDULE_ERROR_FORMAT,
		    "%s: belongs to another plan (scenario %s, plan 0x%016" G_GINT64_MODIFIER
		    "x); %s is 0x%016" G_GINT64_MODIFIER "x here: the scenario or its overrides "
		    "differ. --relaxed tries it all the same", r->schedule_path, s->scenario,
		    s->plan_digest, r->plan->path, r->plan->digest);
	return FALSE;
}

static gboolean is_of_search(const struct replay *r)
{
	return r->schedule && !g_strcmp0(r->schedule->strategy, "search");
}

/* It was followed to where a search's way ends, and what that shows no check sees. */
static gboolean shows_finding(const struct replay *r)
{
	return is_of_search(r) &&
	       (r->result.verdict == RUN_STOPPED || r->result.verdict == RUN_CLEAN);
}

/*
 * Beyond its last line a schedule never switches, and a walker that waits for
 * others may restart for ever: a run that follows one has as many points as the
 * recorded one, and with --relaxed not many more.
 */
static void replay_bound(struct replay *r)
{
	guint64 most = MIN(r->schedule->points, FOLLOWED_MAX);

	if (r->relaxed)
		most += RELAXED_MORE;
	r->bounded = !r->plan->events_max || r->plan->events_max > most;
	if (r->bounded)
		r->plan->events_max = most + 1;
}

static gboolean replay_load(struct replay *r, GError **error)
{
	r->scenario = r->opt.args[0];
	r->set = cmd_sets(&r->opt);
	if ((r->schedule_path || r->failure) && !replay_load_schedule(r, error))
		return FALSE;
	if (!r->plan)
		r->plan = cmd_load(r->scenario, r->set, error);
	if (!r->plan)
		return FALSE;
	if (!replay_check_plan(r, error))
		return FALSE;
	if (r->schedule)
		replay_bound(r);
	/* A search judges bounds on all schedules; here one would end the run on its way. */
	if (is_of_search(r))
		r->plan->pass_steps_max = r->plan->restarts_max = 0;
	r->e = engine_new(r->plan, ENGINE_DIGEST | ENGINE_RECORD, error);
	if (r->e && r->schedule)
		engine_stop_at(r->e, r->schedule->stop_at +
			       (r->rounds - 1) * r->schedule->cycle_points);
	return !!r->e;
}

static void replay_went_on(struct replay *r)
{
	if (!r->relaxed)
		r->result.verdict = RUN_DIVERGED;
	g_snprintf(r->result.message, sizeof(r->result.message),
		   r->relaxed ? "given up after %" G_GUINT64_FORMAT " points, far behind the end "
		   "of the recorded run" : "its end: the run goes on behind point %"
		   G_GUINT64_FORMAT ", where the recorded one ended",
		   r->plan->events_max - !r->relaxed);
}

static void replay_once(struct replay *r)
{
	if (r->schedule)
		engine_replay(r->e, r->schedule->seed, r->entries, r->n_entries, r->relaxed,
			      &r->result);
	else
		engine_run(r->e, r->opt.seed_first, &r->result);
	if (r->bounded && r->result.verdict == RUN_INCOMPLETE &&
	    r->result.stats.points >= r->plan->events_max)
		replay_went_on(r);
}

static gboolean find_task(const struct replay *r, int *task)
{
	guint i;

	*task = -1;
	if (!r->task)
		return TRUE;
	for (i = 0; i < r->plan->n_tasks; i++) {
		if (!strcmp(r->plan->tasks[i].name, r->task))
			*task = i;
	}
	return *task >= 0;
}

static int no_such_task(const struct replay *r)
{
	GString *names = g_string_new(NULL);
	guint i;

	for (i = 0; i < r->plan->n_tasks; i++)
		g_string_append_printf(names, "%s%s", i ? ", " : "", r->plan->tasks[i].name);
	cmd_message("replay: --task %s: the scenario's tasks are %s", r->task, names->str);
	g_string_free(names, TRUE);
	return CMD_USAGE;
}

/* Only now is it known where the violation is. */
static void aim_at_violation(const struct replay *r, struct tell_filter *filter)
{
	guint64 point = r->result.point;

	if (!r->around_given)
		return;
	if (r->result.verdict != RUN_VIOLATION)
		cmd_message("replay: no check fires in this run; the last %" G_GUINT64_FORMAT
			    " points are shown", r->around);
	filter->from = MAX(filter->from, point > r->around ? point - r->around + 1 : 1);
}

static void print_scope(const struct replay *r)
{
	char *parameters = cmd_parameters(r->plan), *model = cmd_model(r->plan), *scope;

	scope = g_strdup_printf("Scope: this one run of scenario %s; algorithm %s%s%s%s, model %s, "
				"strategy %s, seed %" G_GUINT64_FORMAT ", %" G_GUINT64_FORMAT
				" points, digest 0x%016" G_GINT64_MODIFIER "x.", r->plan->name,
				r->plan->algorithm, *parameters ? " (" : "", parameters,
				*parameters ? ")" : "", model,
				r->schedule ? "as scheduled" : r->plan->strategy, r->result.seed,
				r->result.stats.points, r->result.digest);
	cmd_print_wrapped(scope, 0, 100);
	g_free(parameters);
	g_free(model);
	g_free(scope);
}

/* A way of an exhaustive search: what it shows is not for a check to see. */
static void print_stopped(const struct replay *r)
{
	const struct schedule *s = r->schedule;
	char *words;

	if (s->cycle_points)
		words = g_strdup_printf("stem of %" G_GUINT64_FORMAT " points, then a cycle of %"
					G_GUINT64_FORMAT ", gone round %" G_GUINT64_FORMAT
					" %s; it leads back to where it began", s->cycle_at,
					s->cycle_points, r->rounds,
					r->rounds == 1 ? "time" : "times");
	else if (!s->stop_at)
		words = g_strdup("all tasks come to their end");
	else
		words = g_strdup_printf("cut short after %" G_GUINT64_FORMAT " points, as the "
					"schedule says", s->stop_at);
	if (s->check)
		printf("violated: %s, as an exhaustive search has found\n", s->check);
	else
		printf("shown: ");
	cmd_print_wrapped(s->message ? s->message : "", s->check ? 2 : 0, 100);
	cmd_print_wrapped(words, 2, 100);
	g_free(words);
}

static void print_verdict(const struct replay *r, const struct tell *t)
{
	if (t->shown != t->seen)
		printf("(%" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT " lines are shown)\n",
		       t->shown, t->seen);
	putchar('\n');
	if (*r->result.diverged)
		cmd_print_labelled("The schedule does not fit, first at",
				   r->result.diverged, 36, 100);
	if (r->result.verdict == RUN_VIOLATION)
		printf("violated: %s, at point %" G_GUINT64_FORMAT "\n", r->result.check,
		       r->result.point);
	else if (r->result.verdict == RUN_INCOMPLETE)
		printf("incomplete: %s\n", r->result.message);
	else if (r->result.verdict == RUN_STOPPED || shows_finding(r))
		print_stopped(r);
	else
		printf("clean: no check fired\n");
	print_scope(r);
}

/* A schedule that was followed to its end must have led to the recorded run. */
static int replay_status(const struct replay *r)
{
	const struct schedule *s = r->schedule;

	if (s && !r->relaxed && s->digest && r->rounds == 1 && s->digest != r->result.digest) {
		cmd_message("%s: leads to another run than the recorded one (digest 0x%016"
			    G_GINT64_MODIFIER "x, recorded 0x%016" G_GINT64_MODIFIER "x); "
			    "--relaxed accepts that", r->schedule_path, r->result.digest,
			    s->digest);
		return CMD_USAGE;
	}
	if (r->result.verdict == RUN_VIOLATION || (shows_finding(r) && s->check))
		return CMD_VIOLATION;
	return r->result.verdict == RUN_INCOMPLETE ? CMD_LIMIT : CMD_OK;
}

static int replay_save(const struct replay *r)
{
	struct schedule *s;
	GError *error = NULL;

	if (!r->save)
		return CMD_GO_ON;
	s = recording_take(r->e, &r->result, r->set);
	schedule_write(s, r->save, &error);
	schedule_free(s);
	if (error)
		return cmd_fail(error);
	printf("schedule: %s\n", r->save);
	return CMD_GO_ON;
}

static gboolean can_highlight(void)
{
	return isatty(STDOUT_FILENO) && !g_getenv("NO_COLOR") &&
	       g_strcmp0(g_getenv("TERM"), "dumb");
}

static int replay_tell(struct replay *r, struct tell *t)
{
	int status;

	tell_measure(t);
	replay_once(r);
	if (r->result.verdict == RUN_DIVERGED) {
		cmd_message("%s: run and schedule part at %s", r->schedule_path, r->result.message);
		return CMD_USAGE;
	}
	if (r->break_at > r->result.stats.points) {
		cmd_message("replay: --break %" G_GUINT64_FORMAT ": the run has %" G_GUINT64_FORMAT
			    " points", r->break_at, r->result.stats.points);
		return CMD_USAGE;
	}
	aim_at_violation(r, &t->filter);
	engine_break_at(r->e, r->break_at);
	tell_aloud(t, can_highlight(), r->break_at > 0);
	replay_once(r);
	tell_end(t);
	print_verdict(r, t);
	status = replay_save(r);
	return status == CMD_GO_ON ? replay_status(r) : status;
}

static int replay_run(struct replay *r)
{
	struct tell_filter filter = {
		.object = r->object, .from = r->from, .to = r->to, .last = r->last,
	};
	GError *error = NULL;
	struct tell tell;
	int status;

	if (r->break_at && !debugger_attached())
		return no_debugger(r);
	if (!replay_load(r, &error))
		return cmd_fail(error);
	if (!find_task(r, &filter.task))
		return no_such_task(r);
	tell_begin(&tell, r->e, &filter);
	status = replay_tell(r, &tell);
	tell_clear(&tell);
	return status;
}

static int replay_main(int argc, char **argv)
{
	struct replay *r = g_new0(struct replay, 1);
	struct cmd_form form;
	int status = replay_parse(r, &form, argc, argv);

	r->argv = argv;
	if (status == CMD_GO_ON)
		status = replay_check_usage(r, &form);
	if (status == CMD_GO_ON)
		status = replay_run(r);
	engine_free(r->e);
	plan_free(r->plan);
	g_free(r->entries);
	schedule_free(r->schedule);
	g_free(r->schedule_path);
	g_free(r->save);
	g_free(r->task);
	g_free(r->object);
	cmd_options_clear(&r->opt);
	g_free(r);
	return status;
}

const struct subcommand cmd_replay = {
	.name = "replay",
	.summary = "one seed or one recorded schedule, told event by event",
	.run = replay_main,
};
