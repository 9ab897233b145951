/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The simulated machine's memory for a litmus test: its locations, each an
 * object of its own, and the frames of its processes. There is no kvm.
 */
#include "sim/engine/state.h"
#include "sim/litmus/body.h"

size_t world_litmus_room(const struct plan *plan)
{
	return 8 * LITMUS_LOCS_MAX +
	       plan->n_tasks * (sizeof(struct litmus_frame) + 8 * LITMUS_REGS_MAX);
}

/* A lock's word and the queue behind it take as much as a pointer. */
static size_t bytes_of(const struct litmus_loc *l)
{
	return l->kind == LITMUS_LOC_LOCK ? sizeof(struct lock_words) :
					    (size_t)l->array_n * l->size;
}

static void name_location(struct engine *e, const struct litmus_loc *l, uint8_t *p,
			  unsigned int class)
{
	struct object *o = &e->object[e->nr_objects];

	g_assert(e->nr_objects < OBJECTS_MAX);
	*o = (struct object){
		.first = p - sim.heap, .stride = l->size, .count = 1, .class = OBJECT_LITMUS,
	};
	g_strlcpy(o->prefix, l->name, sizeof(o->prefix));
	e->nr_objects++;
	world_location(e, p, l->size, l->kind == LITMUS_LOC_LOCK ? 0 : class);
}

static uint64_t word_of(struct litmus_value v)
{
	return v.is_address ? (uint64_t)litmus_world.loc[v.loc] + v.number : (uint64_t)v.number;
}

static void place_locations(struct engine *e, const struct litmus_program *program)
{
	unsigned int class = world_class(e, "location", "");
	uint8_t *first = sim.heap + sim.heap_bytes, *p = NULL;
	unsigned int i;

	for (i = 0; i < program->n_locs; i++) {
		const struct litmus_loc *l = &program->loc[i];

		p = l->array == i ? heap_alloc(e, bytes_of(l)) : p + l->size;
		litmus_world.loc[i] = p;
		litmus_world.loc_at[p - sim.heap] = i + 1;
		name_location(e, l, p, class);
	}
	for (i = 0; i < program->n_locs; i++)
		sim_poke(litmus_world.loc[i], program->loc[i].size, word_of(program->loc[i].init));
	world_hot(e, first, sim.heap + sim.heap_bytes - first);
}

static void place_frames(struct engine *e, const struct litmus_program *program)
{
	uint8_t *first = sim.heap + sim.heap_bytes;
	unsigned int i, r;

	for (i = 0; i < program->n_procs; i++) {
		const struct litmus_proc *proc = &program->proc[i];
		struct litmus_frame *f;

		f = heap_alloc(e, sizeof(*f) + proc->n_regs * sizeof(f->reg[0]));
		for (r = 0; r < proc->n_regs; r++)
			f->reg[r] = word_of(proc->reg[r].init);
		litmus_world.frame[i] = f;
	}
	world_hot(e, first, sim.heap + sim.heap_bytes - first);
}

static const struct litmus_insn *next_of(unsigned int cpu)
{
	return &litmus_world.program->proc[cpu].insn[litmus_world.frame[cpu]->pc];
}

/* Which location lies at a place, as a bit; any, if that is not known. */
static uint64_t location_at(uint32_t place)
{
	unsigned int i = place < sizeof(litmus_world.loc_at) ? litmus_world.loc_at[place] : 0;

	return i ? 1ull << (i - 1) : ~0ull;
}

uint64_t world_may_load(uint32_t place)
{
	uint64_t cpus = 0, location = location_at(place);
	unsigned int i;

	for (i = 0; i < litmus_world.program->n_procs; i++)
		cpus |= (uint64_t)!!(next_of(i)->loads_ahead & location) << i;
	return cpus;
}

uint64_t world_may_order(void)
{
	uint64_t cpus = 0;
	unsigned int i;

	for (i = 0; i < litmus_world.program->n_procs; i++)
		cpus |= (uint64_t)(next_of(i)->orders_ahead && next_of(i)->loads_ahead) << i;
	return cpus;
}

void world_build_litmus(struct engine *e)
{
	litmus_world = (struct litmus_world){
		.program = e->plan->litmus,
		.every_order = e->flags & ENGINE_EVERY_ORDER,
		.fences = !e->model->direct,
		.moves = e->model->move,
	};
	place_locations(e, e->plan->litmus);
	place_frames(e, e->plan->litmus);
}
