/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is told of a run: records for an observer, the digest, and violations.
 * All of it stands still in runs that nobody watches.
 */
#include <stdarg.h>
#include <stdio.h>
#include "sim/engine/state.h"

/* Addresses go in as offsets, values without the arena's base, sites by hash. */
void digest_event(struct engine *e, struct task *t, uint64_t value)
{
	const struct sim_event *ev = &t->sim.ev;
	uint64_t h = e->run->digest;

	if (!(e->flags & ENGINE_DIGEST))
		return;
	h = hash_mix(h, (uint64_t)task_number(e, t) << 32 | (uint64_t)ev->kind << 16 |
			(uint64_t)ev->size << 8 | ev->order);
	h = hash_mix(h, sim_canonical((uint64_t)ev->addr));
	h = hash_mix(h, sim_canonical(value));
	e->run->digest = hash_mix(h, ev->site->hash);
}

void trace_event(struct engine *e, struct task *t, uint64_t before, uint64_t value,
		 const char *note)
{
	struct trace_record rec;

	if (!e->observer)
		return;
	rec = (struct trace_record){
		.point = e->run->points,
		.task = t ? task_number(e, t) : -1,
		.cpu = t ? t->sim.cpu : 0,
		.before = before,
		.value = value,
		.message = note,
		.unasked = e->unasked,
		.waits = t && !e->model->direct && event_enters_buffer(&t->sim.ev),
	};
	if (t) {
		rec.softirq = softirq_of(e, t->sim.cpu);
		rec.event = t->sim.ev;
		rec.op = t->op;
	}
	e->observer(&rec, e->observer_data);
}

/* A store has left its buffer. */
void trace_drain(const struct model_drained *what)
{
	struct engine *e = engine_present;
	struct trace_record rec;

	if (e->flags & ENGINE_DIGEST) {
		uint64_t h = hash_mix(e->run->digest, (uint64_t)EV_DRAIN << 16 | what->cpu);

		h = hash_mix(h, what->place);
		e->run->digest = hash_mix(h, sim_canonical(what->value));
	}
	if (!e->observer)
		return;
	rec = (struct trace_record){
		.point = e->run->points + 1, .task = -1, .cpu = what->cpu,
		.event = {
			.kind = EV_DRAIN, .size = what->size, .addr = sim.heap + what->place,
			.operand = what->value, .site = what->site,
		},
		.before = what->before, .value = what->value,
	};
	e->observer(&rec, e->observer_data);
}

/*
 * A grace period has ended: the object that waited for it is free, or its callback
 * begins, or a slab page goes.
 */
void trace_grace(struct engine *e, const struct choice *c, bool of_page, unsigned int callback)
{
	struct trace_record rec = {
		.point = e->run->points + 1, .task = -1, .cpu = c->cpu,
		.event = {
			.kind = EV_GRACE, .addr = sim.heap + c->pick, .operand = of_page,
		},
		.message = callback ? sim_program.algorithm->callbacks[callback - 1].name : NULL,
	};

	if (e->flags & ENGINE_DIGEST)
		e->run->digest = hash_mix(hash_mix(e->run->digest, (uint64_t)EV_GRACE << 16 |
						   c->cpu), c->pick);
	if (e->observer)
		e->observer(&rec, e->observer_data);
}

/* The host takes a task's CPU away, or gives it back, which is no point. */
void trace_preempt(struct engine *e, unsigned int task, uint32_t points)
{
	struct trace_record rec = {
		.point = e->run->points + (points > 0), .task = task, .cpu = task,
		.event = { .kind = EV_PREEMPT, .operand = points },
	};

	if (e->flags & ENGINE_DIGEST)
		e->run->digest = hash_mix(hash_mix(e->run->digest, (uint64_t)EV_PREEMPT << 16 |
						   task), points);
	if (e->observer)
		e->observer(&rec, e->observer_data);
}

void check_fail(struct engine *e, const struct check *check, int task, const char *fmt, ...)
{
	struct trace_record rec = { .violation = true, .check = check->name };
	va_list ap;

	if (e->failed_check)
		return;
	va_start(ap, fmt);
	vsnprintf(e->message, sizeof(e->message), fmt, ap);
	va_end(ap);
	e->failed_check = check->name;
	e->failed_task = task;
	e->failed_point = e->run->points;
	e->run->over = true;
	e->run->verdict = RUN_VIOLATION;
	if (!e->observer)
		return;
	rec.point = e->run->points;
	rec.task = task;
	rec.message = e->message;
	if (task >= 0) {
		rec.event = e->tasks[task].sim.ev;
		rec.op = e->tasks[task].op;
		rec.cpu = e->tasks[task].sim.cpu;
	}
	e->observer(&rec, e->observer_data);
}
