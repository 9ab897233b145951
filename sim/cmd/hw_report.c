/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A hardware sample in words and numbers; see hw_report.h. */
#include <stdio.h>
#include "sim/cmd/hw_report.h"
#include "sim/cmd/progress.h"
#include "sim/hw/unplayed.h"

#define U64	G_GUINT64_FORMAT

const char *hw_report_verdict(const struct hw_report *r)
{
	switch (r->sample->outcome) {
	case HW_VIOLATION:
		return "violated";
	case HW_CRASH:
		return "crashed";
	case HW_HANG:
		return "hung";
	default:
		return r->sample->interrupted ? "interrupted" : "clean";
	}
}

double hw_report_latency(const struct hw_report *r, double q)
{
	const struct hw_histogram *h = &r->sample->latency_ticks;

	return (q < 1 ? hw_histogram_quantile(h, q) : h->max) * r->sample->ns_per_tick;
}

static void print_machine(const struct hw_report *r)
{
	const struct hw_topology *t = r->topology;
	guint n = r->plan->n_tasks;
	char *cpus = hw_topology_list(r->hw->cpus, n);
	char *text;

	printf("machine    %s%s%s\n", t->cpu_model, *t->hypervisor ? ", virtual: " : "",
	       t->hypervisor);
	text = g_strdup_printf("%s (of %s)%s%s%s", cpus, t->allowed_text,
			       hw_topology_share_core(t, r->hw->cpus, n) ?
			       ", two are threads of one core" : ", none share a core",
			       hw_topology_oversubscribed(r->hw->cpus, n) ?
			       ", OVERSUBSCRIBED: tasks take turns on a CPU" : "",
			       *t->hypervisor ? ", which the host may take away at any time" : "");
	cmd_print_labelled("cpus", text, 11, 100);
	g_free(text);
	g_free(cpus);
}

static void print_clock(const struct hw_report *r)
{
	const struct hw_sample *s = r->sample;

	if (!s->known)
		return;
	printf("clock      %.3f ticks/ns%s; a pair of stamps costs %.0f ns "
	       "(part of each latency);\n"
	       "           clocks of two CPUs differ by less than %.0f ns\n", 1 / s->ns_per_tick,
	       r->topology->tsc_invariant ? "" : ", NOT at one rate by the CPU's own account",
	       s->stamp_ns, s->offset_ns);
}

static void print_scope(const struct hw_report *r)
{
	char *parameters = cmd_parameters(r->plan);

	printf("scenario   %s\n", r->plan->name);
	printf("algorithm  %s\n", r->plan->algorithm);
	cmd_print_wrapped(parameters, 11, 100);
	printf("mode       %s\n", r->hw->mode == HW_CHECKED ?
	       "checked: coverage is judged from stamps of every operation" : "timing");
	if (r->sample->laps)
		printf("           in laps: %s\n", r->plan->kvm ?
		       "the dirty log is judged when all have stopped" :
		       "a program does not leave its sptes as it found them");
	printf("lock       mmu_lock is a FIFO %s, as in the kernel\n",
	       r->plan->lock_rw ? "rwlock" : "spinlock");
	print_machine(r);
	print_clock(r);
	printf("seed       %" U64 " (of the operations; the interleaving is the machine's)\n",
	       r->hw->seed);
	g_free(parameters);
}

static void print_ok(const struct hw_report *r)
{
	gboolean logged = r->plan->kvm && g_strv_contains((const char *const *)r->plan->checks,
							  "dirty-log");

	if (logged)
		printf("clean: no page had a write that was in no dirty log, each of the %" U64
		       " times that\n  all had stopped (of no other interleavings or machines); "
		       "lists are right at the end\n", r->sample->rounds);
	else
		printf("ok: lists, counts and descriptors are right at the end; walks were "
		       "not judged\n");
}

static void print_verdict(const struct hw_report *r)
{
	const struct hw_sample *s = r->sample;
	const struct hw_verdict *v = &s->verdict;

	switch (s->outcome) {
	case HW_VIOLATION:
		printf("violated: %s, after %.3f s\n", s->check, s->violation_ns / 1e9);
		cmd_print_wrapped(s->reason, 2, 100);
		break;
	case HW_CRASH:
	case HW_HANG:
		printf("violated: %s (%s)\n", s->check, hw_report_verdict(r));
		cmd_print_wrapped(s->reason, 2, 100);
		break;
	default:
		if (s->interrupted)
			printf("interrupted: these figures are of the time until then\n");
		else if (r->hw->mode == HW_CHECKED)
			printf("clean: no violation in %" U64 " judged walks (of no other "
			       "interleavings or machines)\n", v->judged);
		else
			print_ok(r);
	}
	if (r->hw->mode == HW_CHECKED && s->known)
		printf("  judged %" U64 " of %" U64 " walks (%.1f %%) in %" U64 " rounds: %" U64
		       " visits had to be made,\n  %" U64 " were not\n", v->judged, s->all.walks,
		       s->all.walks ? 100.0 * v->judged / s->all.walks : 0.0, s->rounds,
		       v->obligations, v->missed);
}

static const char *rate(guint64 n, double ns, char *buf, gsize len)
{
	if (ns <= 0)
		return "-";
	return progress_number(n * 1e9 / ns, buf, len);
}

static void print_task(const char *name, guint cpu, const struct hw_sums *t)
{
	char writes[24], walks[24];

	printf("  %-16.16s %4u %5.0f %13" U64 " %11s %13" U64 " %11s %11.1f\n", name, cpu,
	       100 * t->cpu_share,
	       t->adds + t->removes, rate(t->adds + t->removes, t->busy_ns, writes, sizeof(writes)),
	       t->walks, rate(t->walks, t->busy_ns, walks, sizeof(walks)),
	       t->operations ? t->busy_ns / t->operations : 0);
}

static void print_tasks(const struct hw_report *r)
{
	const struct hw_sample *s = r->sample;
	char writes[24], walks[24];
	guint i;

	printf("\n%.3f s; a task's rates are over the time that it was playing%s,\n"
	       "those of all over the whole; had: share of the time that a thread had its CPU\n",
	       s->duration_ns / 1e9, r->hw->mode == HW_CHECKED ? " (stamps included)" : "");
	printf("  %-16s %4s %5s %13s %11s %13s %11s %11s\n", "task", "cpu", "had %",
	       "adds+removes", "per s", "walks", "per s", "ns per op");
	for (i = 0; i < s->n_tasks; i++)
		print_task(r->plan->tasks[i].name, r->hw->cpus[i], &s->task[i]);
	printf("  %-16s %4s %5s %13" U64 " %11s %13" U64 " %11s\n", "all", "", "",
	       s->all.adds + s->all.removes,
	       rate(s->all.adds + s->all.removes, s->duration_ns, writes, sizeof(writes)),
	       s->all.walks, rate(s->all.walks, s->duration_ns, walks, sizeof(walks)));
}

static void print_pages(const struct hw_report *r)
{
	const struct hw_sums *a = &r->sample->all;
	char writes[24], harvests[24];

	if (!r->plan->kvm)
		return;
	printf("\n  guest writes %" U64 " (%s/s), harvests %" U64 " (%s/s), other operations on "
	       "pages %" U64 "\n", a->guest_writes,
	       rate(a->guest_writes, r->sample->duration_ns, writes, sizeof(writes)), a->harvests,
	       rate(a->harvests, r->sample->duration_ns, harvests, sizeof(harvests)),
	       a->pages - a->guest_writes - a->harvests);
}

static void print_row(const char *name, guint64 all, guint64 walks, const char *most)
{
	printf("  %-12s %14" U64 " %12.4f%s%s\n", name, all, (double)all / walks,
	       *most ? " " : "", most);
}

static void print_walks(const struct hw_report *r)
{
	const struct hw_sums *a = &r->sample->all;
	char steps[24], restarts[24];

	if (!a->walks)
		return;
	g_snprintf(steps, sizeof(steps), "%12" U64, a->steps_max);
	g_snprintf(restarts, sizeof(restarts), "%12" U64, a->restarts_max);
	printf("\n  %-12s %14s %12s %12s\n", "", "all", "per walk", "most in one");
	printf("  %-12s %14" U64 "\n", "walks", a->walks);
	print_row(" complete", a->complete, a->walks, "");
	print_row("steps", a->steps, a->walks, steps);
	print_row("restarts", a->restarts, a->walks, restarts);
	print_row("slow path", a->slow_path, a->walks, "");
	print_row("visits", a->visits, a->walks, "");
	printf("\n  walk latency, ns: median %.0f, p90 %.0f, p99 %.0f (each within %.1f %%), max "
	       "%.0f\n", hw_report_latency(r, 0.5), hw_report_latency(r, 0.9),
	       hw_report_latency(r, 0.99), 100 * HW_HISTOGRAM_ERROR, hw_report_latency(r, 1));
}

void hw_report_text(const struct hw_report *r)
{
	print_scope(r);
	putchar('\n');
	print_verdict(r);
	print_tasks(r);
	print_pages(r);
	print_walks(r);
	if (r->stored)
		printf("\nstored in %s: hw_sample %" G_GINT64_FORMAT "\n", r->opt->db, r->stored);
}

void hw_report_unplayed(const struct plan *plan, GPtrArray *list)
{
	guint i = list->len;

	hw_unplayed_add(list, plan);
	for (; i < list->len; i++) {
		const struct hw_unplayed *u = list->pdata[i];

		cmd_message("%s = %s is not played on hardware: %s", u->key, u->value, u->why);
	}
}

void hw_report_json_unplayed(JsonBuilder *b, const GPtrArray *list)
{
	guint i;

	json_builder_set_member_name(b, "not_played");
	json_builder_begin_array(b);
	for (i = 0; i < list->len; i++) {
		const struct hw_unplayed *u = list->pdata[i];

		cmd_json_open(b, NULL);
		cmd_json_string(b, "key", u->key);
		cmd_json_string(b, "value", u->value);
		cmd_json_string(b, "instead", u->why);
		cmd_json_close(b);
	}
	json_builder_end_array(b);
}

static void json_sums(JsonBuilder *b, const struct hw_sums *s)
{
	cmd_json_count(b, "operations_issued", s->issued);
	cmd_json_count(b, "operations", s->operations);
	cmd_json_count(b, "adds", s->adds);
	cmd_json_count(b, "removes", s->removes);
	cmd_json_count(b, "walks", s->walks);
	cmd_json_count(b, "guest_writes", s->guest_writes);
	cmd_json_count(b, "harvests", s->harvests);
	cmd_json_count(b, "walks_complete", s->complete);
	cmd_json_count(b, "steps", s->steps);
	cmd_json_count(b, "restarts", s->restarts);
	cmd_json_count(b, "slow_paths", s->slow_path);
	cmd_json_count(b, "visits", s->visits);
	cmd_json_count(b, "walk_steps_max", s->steps_max);
	cmd_json_count(b, "restarts_max", s->restarts_max);
	cmd_json_double(b, "busy_ns", s->busy_ns);
}

static void json_tasks(JsonBuilder *b, const struct hw_report *r)
{
	guint i;

	json_builder_set_member_name(b, "tasks");
	json_builder_begin_array(b);
	for (i = 0; i < r->sample->n_tasks; i++) {
		cmd_json_open(b, NULL);
		cmd_json_string(b, "name", r->plan->tasks[i].name);
		cmd_json_count(b, "cpu", r->hw->cpus[i]);
		cmd_json_double(b, "cpu_share", r->sample->task[i].cpu_share);
		json_sums(b, &r->sample->task[i]);
		cmd_json_close(b);
	}
	json_builder_end_array(b);
}

static void json_machine(JsonBuilder *b, const struct hw_report *r)
{
	const struct hw_topology *t = r->topology;
	guint n = r->plan->n_tasks;

	cmd_json_open(b, "machine");
	cmd_json_string(b, "cpu_model", t->cpu_model);
	cmd_json_string(b, "hypervisor", *t->hypervisor ? t->hypervisor : NULL);
	cmd_json_string(b, "cpus_allowed", t->allowed_text);
	cmd_json_bool(b, "share_core", hw_topology_share_core(t, r->hw->cpus, n));
	cmd_json_bool(b, "oversubscribed", hw_topology_oversubscribed(r->hw->cpus, n));
	cmd_json_bool(b, "tsc_invariant", t->tsc_invariant);
	cmd_json_close(b);
}

/* Only what was measured is there. */
static void json_known(JsonBuilder *b, const struct hw_report *r)
{
	const struct hw_sample *s = r->sample;

	if (!s->known)
		return;
	cmd_json_double(b, "stamp_cost_ns", s->stamp_ns);
	cmd_json_double(b, "clock_offset_ns", s->offset_ns);
	if (s->all.walks) {
		cmd_json_open(b, "walk_latency_ns");
		cmd_json_double(b, "median", hw_report_latency(r, 0.5));
		cmd_json_double(b, "p90", hw_report_latency(r, 0.9));
		cmd_json_double(b, "p99", hw_report_latency(r, 0.99));
		cmd_json_double(b, "max", hw_report_latency(r, 1));
		cmd_json_double(b, "relative_error", HW_HISTOGRAM_ERROR);
		cmd_json_close(b);
	}
	if (r->hw->mode != HW_CHECKED)
		return;
	cmd_json_open(b, "coverage");
	cmd_json_count(b, "rounds", s->rounds);
	cmd_json_count(b, "judged_walks", s->verdict.judged);
	cmd_json_count(b, "judgements", s->verdict.obligations);
	cmd_json_count(b, "violations", s->verdict.missed);
	cmd_json_close(b);
}

void hw_report_json(const struct hw_report *r)
{
	const struct hw_sample *s = r->sample;
	JsonBuilder *b = cmd_json_begin("hw");

	cmd_json_plan(b, r->plan);
	cmd_json_strings(b, "set", cmd_sets(r->opt));
	cmd_json_seed(b, "seed", r->hw->seed);
	cmd_json_string(b, "mode", r->hw->mode == HW_CHECKED ? "checked" : "timing");
	cmd_json_string(b, "verdict", hw_report_verdict(r));
	cmd_json_bool(b, "interrupted", s->interrupted);
	cmd_json_string(b, "check", *s->check ? s->check : NULL);
	cmd_json_string(b, "reason", *s->reason ? s->reason : NULL);
	cmd_json_bool(b, "laps", s->laps);
	hw_report_json_unplayed(b, r->unplayed);
	json_machine(b, r);
	cmd_json_double(b, "duration_ns", s->duration_ns);
	if (s->outcome == HW_VIOLATION)
		cmd_json_double(b, "violation_ns", s->violation_ns);
	json_known(b, r);
	cmd_json_open(b, "all");
	json_sums(b, &s->all);
	if (s->duration_ns > 0) {
		cmd_json_double(b, "writes_per_second",
				(s->all.adds + s->all.removes) * 1e9 / s->duration_ns);
		cmd_json_double(b, "walks_per_second", s->all.walks * 1e9 / s->duration_ns);
	}
	cmd_json_close(b);
	json_tasks(b, r);
	if (r->stored)
		cmd_json_count(b, "hw_sample", r->stored);
	cmd_json_print(b);
}
