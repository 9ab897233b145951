/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside of the engine: what a run consists of. For sim/engine/ and the engine's
 * half of the back end only.
 *
 * The arena holds everything that a run changes, in one piece so that a
 * checkpoint is a copy:
 *
 *	heap	simulated memory: kvm, rmaps, sptes, vCPUs, slab pools
 *	ghost	the checks' words
 *	run	struct run_state, the tasks, the slab's lists, strategy and
 *		model state
 *	stacks	one for each task, below each a page that faults
 *
 * Hot (in the identity): heap, ghost, model state, locks' queues, the slab's
 * lists, what each task has announced and its position. Aside (saved, not in
 * the identity): random streams, counters, statistics. Stacks are saved and
 * never part of the identity.
 */
#ifndef SIM_ENGINE_STATE_H
#define SIM_ENGINE_STATE_H

#include <setjmp.h>
#include "sim/check/check.h"
#include "sim/engine/engine.h"
#include "sim/engine/rng.h"
#include "sim/engine/walks.h"
#include "sim/kern/sim/program.h"
#include "sim/kern/sim/sim.h"
#include "sim/model/model.h"
#include "sim/strategy/strategy.h"

#define TASKS_MAX	512
#define STACK_BYTES	(16 * 1024)
#define STACK_GUARD	4096
#define CACHES_MAX	4
#define CHECKS_MAX	16
#define READS_MAX	32
#define OBJECT_NAME_MAX	64
#define WALK_NOTES_MAX	4
#define CLASSES_MAX	32
#define OBJECTS_MAX	80

/* What a cpu_relax waits for a change of: all that was read since the last one. */
struct task_reads {
	uint32_t n;
	bool overflow;			/* more than fit: it never waits */
	struct {
		void *addr;
		uint64_t value;
		uint32_t size;
	} read[READS_MAX];
};

/* What a transition did to its task's walk: steps, then what came, and so on. */
enum walk_note { WALK_RESTARTED, WALK_SLOW_PATH, WALK_ENDED };

struct walk_notes {
	uint64_t base;			/* pass_steps when the transition began */
	unsigned int n;
	struct {
		uint32_t steps;
		uint32_t note;		/* of enum walk_note */
	} at[WALK_NOTES_MAX];
};

struct task {
	struct sim_task sim;		/* first: the task code's half */

	/* hot */
	struct plan_op op;		/* present operation */
	uint32_t op_index;		/* of the program */
	bool done;
	bool in_op;			/* it has begun: its first event has acted */
	bool begin_pending;		/* it begins with the next event */
	bool writing;			/* op changes a list */
	uint16_t queue_next;		/* cpu + 1 behind us in a FIFO lock's queue */
	uint8_t rcu_nesting;
	uint8_t rcu_open;		/* sections whose end is not visible to all yet */
	uint8_t bh_off;			/* local_bh_disable() without its end */

	/* aside */
	struct rng stream;		/* operations, reuse, think times */
	uint64_t operations_done;
	uint64_t walk_steps;		/* of the passes before the present one */
	uint64_t walk_restarts;
	uint64_t slow_path;
	struct walk_notes notes;	/* of this transition (ENGINE_SEARCH) */

	uint8_t *stack;			/* lowest byte; constant */
};

/*
 * Where a cpu's callbacks run. While one does it stands in the cpu's struct task,
 * on top of the task that it has interrupted and that waits here: all that is the
 * cpu's, its store buffer and its view among it, is both's.
 */
struct softirq {
	bool runs;
	bool begin_pending;		/* of the task below */
	uint8_t rcu_nesting;		/* of the task below and the softirq */
	uint8_t callback;		/* of the algorithm's list */
	uint16_t object;		/* that it was called with, of which cache */
	uint16_t cache;
	uint16_t queue_next;		/* of the task below */
	struct sim_task below;
	uint8_t *stack;			/* lowest byte; constant */
};

#define SET_WORDS	(TASKS_MAX / 64)

struct run_state {
	uint64_t seed;
	uint64_t points;
	uint64_t operations;		/* begun */
	uint64_t digest;
	uint64_t recorded;		/* entries of the schedule */
	uint64_t recorded_point;	/* of the last one */
	long left;			/* points that the running task may still take */
	int running;			/* task, -1: none yet */
	uint32_t once_alive;		/* tasks that do not loop and are not done */
	uint32_t alive;
	uint32_t writers_inside;
	bool ending;			/* looping tasks finish their operation */
	bool over;
	uint64_t drains;		/* hash of the drains that may be chosen */
	bool set_dirty;
	bool list_dirty;		/* it is known who can go on; the list must be made anew */
	bool set_changed;		/* since the last question */
	uint64_t enabled[SET_WORDS];	/* tasks that may be chosen */
	struct run_stats stats;
	enum run_verdict verdict;
};

/* A named range of the heap: an array of objects of one kind. */
struct object {
	char prefix[OBJECT_NAME_MAX];
	uint64_t first;			/* offset in the heap */
	uint64_t stride;
	uint32_t count;
	bool numbered;
	const struct rmap_field *fields;
	enum object_class {
		OBJECT_KVM, OBJECT_RMAP, OBJECT_SPTE, OBJECT_SLAB, OBJECT_VCPU, OBJECT_LITMUS,
		OBJECT_OTHER,
	} class;
};

/* Which checks have a hook: places in engine.check[]. */
struct check_list {
	unsigned int n;
	uint8_t check[CHECKS_MAX];
};

/* Whose CPU the host has taken away. Aside: a search has no preemptions. */
struct preemption {
	struct rng rng;
	uint64_t next;			/* point of the next one */
	uint64_t away[SET_WORDS];
	uint32_t n_away;
	uint64_t back[];		/* per task: point at which it goes on */
};

struct schedule_record {
	uint64_t after;
	struct choice choice;
	struct sim_event ev;		/* of a task */
};

struct engine {
	const struct plan *plan;
	unsigned int flags;
	bool stepwise;			/* this run: the engine acts */
	bool slow_only;			/* a task waits by cpu_relax: reads must be noted */

	const struct strategy *strategy;	/* asked: decider, or what stands before it */
	const struct strategy *decider;
	const struct strategy *own_strategy;	/* the plan's */
	const struct strategy *replay_strategy;
	const struct model *model;
	const struct check *check[CHECKS_MAX];
	uint64_t *ghost[CHECKS_MAX];
	unsigned int nr_checks;
	struct {
		struct check_list op_begin, op_end, add_visible, remove_begin, visit, walk_moved,
				  quiet, run_end, noted;
	} hooks;
	uint64_t pass_steps_alarm;
	uint32_t store_room;		/* sim.store_room inside an operation */
	uint64_t events_max, operations_max;	/* the plan's, 0 for a search */
	bool stops;			/* events_max is where the run is to be stopped */

	/* the arena */
	uint8_t *arena;
	size_t arena_bytes;		/* mapped */
	uint8_t *used;			/* ghost and run */
	size_t used_bytes;
	size_t heap_room, used_room;
	size_t reads_at;		/* where the reads begin in the used bytes */
	struct run_state *run;
	struct task *tasks;
	struct softirq *softirqs;	/* hot, per cpu; NULL: nobody uses call_rcu() */
	uint8_t *rcu_need;		/* hot, per task and cpu; NULL: nobody waits for RCU */
	struct preemption *preemption;	/* NULL: there are none */
	uint16_t *spte_rmap;		/* hot, per spte: rmap + 1 that it is in, 0: none */
	struct task_reads *reads;	/* per task; last in the used bytes, only if slow_only */
	void *strategy_state;
	void *model_state;
	size_t model_state_size;
	uint64_t *ghost_base;
	size_t ghost_words;
	struct kmem_cache *caches[CACHES_MAX];
	unsigned int nr_caches;
	bool frees_by_rcu;		/* the algorithm calls kfree_rcu(), or call_rcu() */
	bool calls_back;		/* it calls call_rcu() */
	bool returns_pages;		/* memory.slab-pages */
	/* Heap-sized, outside the arena: 0 where no location is, or where it is mortal and free. */
	uint8_t *shadow;
	uint8_t *shown[CACHES_MAX];	/* per object: what the shadow has, enum slab_shown */
	uint8_t *pattern[CACHES_MAX];
	uint32_t *object_number;	/* sim.object */
	uint32_t nr_typesafe;		/* objects of type-safe caches */
	uint8_t *classes;		/* for each byte of heap: class of the location there */
	char class_name[CLASSES_MAX][OBJECT_NAME_MAX];	/* "rmap.head"; class 0: a lock */
	unsigned int nr_classes;

	struct object object[OBJECTS_MAX];
	unsigned int nr_objects;
	struct hot_range {
		uint64_t first, bytes;	/* offset in the heap; whole words */
	} hot[16];			/* of the heap, what belongs to the identity */
	unsigned int nr_hot;
	uint64_t *words;		/* room for the present state's */
	struct kvm *kvm;
	const struct sim_event *events[TASKS_MAX];

	struct checkpoint *start;	/* all tasks stand before their first event */
	struct choice_set set;
	struct sim_task outside;	/* who acts when no task does */
	sigjmp_buf direct_fault;
	const void *direct_fault_addr;
	const char *direct_error;
	bool direct_audit;

	/* A task is about to store, or to do an atomic; a search's. */
	void (*on_store)(struct engine *e, const struct task *t);
	bool unasked;			/* what acts now is no point */

	trace_observer observer;
	void *observer_data;
	uint64_t break_at;

	struct schedule_record *record;
	size_t record_room;
	struct schedule_entry *entries;	/* made from record when asked for */
	size_t entries_room;

	/* of this run */
	char actor[64];			/* engine_actor()'s */
	const char *failed_check;
	int failed_task;
	uint64_t failed_point;
	char message[RUN_MESSAGE_MAX];
	struct walk_tally walks;	/* not of its checkpoints: whole runs only */
	bool hung;			/* repeating it would take as long again */
	const char *replay_complaint;
};

/* The one engine of this process, for calls that come without one. */
extern struct engine *engine_present;

/* arena.c */
bool arena_map(struct engine *e, size_t bytes, GError **error);
void arena_unmap(struct engine *e);
void *heap_alloc(struct engine *e, size_t bytes);
void *used_alloc(struct engine *e, size_t bytes);

/* world.c: kvm and its objects in the heap, and their names */
bool world_build(struct engine *e, GError **error);
void world_location(struct engine *e, const void *p, unsigned int size, unsigned int class);
/* A new class of locations: the field of that name in all objects of a kind. */
unsigned int world_class(struct engine *e, const char *prefix, const char *field);
/* 0: a lock, or no location. */
unsigned int world_class_of(const struct engine *e, const void *p);
void world_hot(struct engine *e, const void *p, size_t bytes);
/* Places of objects, as struct model_env wants them. */
uint32_t world_object_place(uint32_t place);
uint32_t world_pointee(uint64_t value);
/* Sptes by number: the plan's, or where shadow pages come and go, places in those. */
int world_spte_number(const struct engine *e, const void *p);	/* -1: no spte */
u64 *world_spte(const struct engine *e, unsigned int number);
/* That which maps the guest's address now, as far as memory says; -1: none. */
int world_spte_at(const struct engine *e, unsigned int addr);
const char *world_spte_name(const struct engine *e, unsigned int number, char *buf, size_t len);

/* world_litmus.c: the same for a plan that is a litmus test */
size_t world_litmus_room(const struct plan *plan);	/* bytes of heap */
void world_build_litmus(struct engine *e);
/* For models, see struct model_env. */
uint64_t world_may_load(uint32_t place);
uint64_t world_may_order(void);

/* act.c: a chosen event takes effect; requests that are no points */
uint64_t act_event(struct engine *e, struct task *t);

/* request.c: what is no point */
uint64_t act_request(struct engine *e, struct task *t);
void request_list_hooks(struct engine *e);
void act_visits(struct engine *e, struct task *t);
void act_begin_op(struct engine *e, struct task *t);
void act_walk_moved(struct engine *e, struct task *t);
void act_setup_done(struct engine *e, const struct plan_op *op);
void act_run_end(struct engine *e);
void request_deliver(const struct model_note *note);
bool request_nothing_pending(const struct engine *e);
/* Something has drained: nothing may be pending any more. */
void request_drained(struct engine *e);

/* mix.c */
void mix_choose(struct engine *e, struct task *t);

/* rcu.c: events of tasks, and the note of a section's end */
void rcu_lock(struct engine *e, struct task *t);
void rcu_unlock(struct engine *e, struct task *t);
void rcu_left(struct engine *e, unsigned int cpu);
void rcu_sync_begin(struct engine *e, struct task *t);
bool rcu_sync_is_over(const struct engine *e, const struct task *t);
void rcu_sync_end(struct engine *e, struct task *t);
uint64_t *rcu_words(const struct engine *e, const struct task *t, uint64_t *to);
/* kfree_rcu(), call_rcu(): called, its stores visible, and over. wait: object and callback. */
void rcu_free(struct engine *e, struct kmem_cache *c, struct rcu_wait wait, struct task *t);
void rcu_free_starts(struct engine *e, uint32_t which);
/* Whose softirq stands before its first event now, or NULL. */
struct task *rcu_free_ends(struct engine *e, const struct choice *c);
/* A row of who keeps what t waits for from ending: ", for the read-side section of walker". */
void rcu_tell_readers(const struct engine *e, const struct task *t, GString *to);
/* Grace periods that may end now, oldest first and one of each cpu, at most max; how many. */
unsigned int rcu_pending(const struct engine *e, struct choice *to, unsigned int max);
uint64_t *rcu_free_words(const struct engine *e, uint64_t *to);

/* softirq.c */
void softirq_begin(struct engine *e, struct kmem_cache *c, const struct rcu_wait *wait);
void softirq_end(struct engine *e, struct task *t);
/* May a callback of cpu begin now? */
bool softirq_may_begin(const struct engine *e, unsigned int cpu);
/* Does one wait that could, sooner or later? Then what cpu does for itself is seen by it. */
bool softirq_may_come(const struct engine *e, unsigned int cpu);
/* t stands before a lock: can it ever get it? */
void softirq_look_at_lock(struct engine *e, struct task *t);
/* Tasks below softirqs that stand before a lock. */
unsigned int softirq_lockers(const struct engine *e);
bool softirq_any(const struct engine *e);
/* The name in messages: "walker", or "walker softirq" of what runs above it; till the next call. */
const char *engine_actor(struct engine *e, const struct task *t);

/* slab.c */
void *slab_alloc(struct engine *e, struct kmem_cache *c, struct task *t);
/* NULL, or what is wrong with freeing p. */
const char *slab_free(struct engine *e, struct kmem_cache *c, void *p, struct task *t);
/* Must t wait until one is handed over by the cpu that freed it? */
bool slab_waits(const struct engine *e, const struct kmem_cache *c, const struct task *t);
void slab_handed_over(struct engine *e, uint32_t which);
const char *slab_free_rcu(struct engine *e, void *p, struct task *t);
/* callback: its number + 1. */
const char *slab_call_rcu(struct engine *e, void *head, uint64_t callback, struct task *t);
/* Its grace period is over. */
void slab_release(struct engine *e, struct kmem_cache *c, uint16_t object);
/* May object be touched? By what has become of it. */
void slab_show(struct engine *e, struct kmem_cache *c, uint16_t object);
uint32_t slab_which(const struct kmem_cache *c, uint16_t object);
void *slab_object(const struct kmem_cache *c, uint16_t object);
/* The object in which p lies, of any cache; NULL: in none. */
struct kmem_cache *slab_of(const struct engine *e, const void *p, uint16_t *object);
/* Memory has been put back as it was: what of it may be touched follows. */
void slab_show_all(struct engine *e);
void slab_clear(struct engine *e);

/* slab_page.c: pages that go back; all but the first two do nothing for a cache without */
size_t slab_page_bytes(const struct plan *plan);
void slab_page_begin(struct engine *e, struct kmem_cache *c);
bool slab_page_is_gone(const struct kmem_cache *c, uint16_t object);
void slab_page_taken(struct engine *e, struct kmem_cache *c, uint16_t object);
/* An object of it has been freed, and all cpus know. */
void slab_page_freed(struct engine *e, struct kmem_cache *c, uint16_t object);
/* A section of cpu has ended, and all cpus know. */
void slab_page_left(struct engine *e, unsigned int cpu);
unsigned int slab_page_pending(const struct engine *e, const struct kmem_cache *c,
			       struct choice *to, unsigned int max);
void slab_page_goes(struct engine *e, struct kmem_cache *c, uint16_t object);
uint64_t *slab_page_words(const struct engine *e, const struct kmem_cache *c, uint64_t *to);

void fail_access(struct engine *e, struct task *t, const char *what);
/* No location that may be touched lies there. */
void fail_reach(struct engine *e, struct task *t);

/* reduce.c: leave choices out that a litmus test's search need not try */
void reduce_choices(struct engine *e);

/* loop.c */
void loop_run(struct engine *e);		/* to the run's end */
bool loop_point(struct engine *e);		/* one point; false: the run is over */
void loop_first_event(struct engine *e, struct task *t);

/* choice.c: what there is to choose from; with loop.c the place that every choice passes */
void choice_refresh(struct engine *e);
void choice_list(struct engine *e);
void choice_update(struct engine *e, const struct task *t);
/* The drain that stands there in the list has been done; cpu: whose. */
void choice_drained(struct engine *e, unsigned int place, unsigned int cpu);
uint32_t choice_read(unsigned int cpu, uint32_t n);
void choice_record(struct engine *e, const struct choice *c, const struct sim_event *ev);
/* Nobody can go on and not all are done. */
void choice_deadlock(struct engine *e);
uint32_t choice_pick(struct engine *e, enum choice_kind kind, struct task *t, uint32_t n,
		     uint32_t answer);
void engine_stop(struct engine *e, enum run_verdict verdict, const char *message);

/* preempt.c: the host takes a CPU away for a while; only with e->preemption */
extern const struct strategy preempt_strategy;
size_t preempt_bytes(const struct plan *plan);
/* Those whose time is over go on, and as many others as it takes that anybody can. */
void preempt_give_back(struct engine *e);
void preempt_take(struct engine *e, const struct choice *c);
bool preempt_is_away(const struct engine *e, unsigned int cpu);

/* guard.c: what a bad walker does to us */
void guard_install(void);
void guard_remove(void);
void guard_hang_after(unsigned int seconds);
/* Set while a task's code runs, so that its faults are told from ours. */
extern volatile bool guard_on_task;
/* Counts stretches, so that a task that goes on announcing is not taken for one that hangs. */
extern volatile unsigned long guard_stretch;
/* The signal that ended a task's stretch, 0: none; SIGPROF: it announced nothing. */
extern volatile int guard_signal;
extern void *volatile guard_address;

/* direct.c: code of core/ that runs outside of tasks */
void direct_enter(struct engine *e);
void direct_leave(void);
const char *direct_op(struct engine *e, const struct plan_op *op);

struct audit_result {
	const char *error;		/* NULL: well formed */
	const void *where;
	unsigned int nr_sptes, nr_objects;
	bool keeps_nothing;
	uint8_t *found;			/* per spte: how often */
};
void audit_rmap(struct engine *e, unsigned int rmap, struct audit_result *out);

/* trace.c */
void trace_event(struct engine *e, struct task *t, uint64_t before, uint64_t value,
		 const char *note);
void digest_event(struct engine *e, struct task *t, uint64_t value);
void trace_drain(const struct model_drained *what);
/* of_page: it was a slab page's; callback: its number + 1, or 0. */
void trace_grace(struct engine *e, const struct choice *c, bool of_page, unsigned int callback);
/* For so many points; 0: it goes on. */
void trace_preempt(struct engine *e, unsigned int task, uint32_t points);

/* Both lock types begin like this; see kern_backend.h. */
struct lock_words {
	u32 word;
	u16 first, last;	/* cpu + 1 of a FIFO lock's queue, 0: nobody waits */
};

static inline bool lock_is_free(const struct sim_event *ev)
{
	const struct lock_words *l = ev->addr;

	return ev->order == ORD_READ ? !(l->word & RWLOCK_WRITER) : l->word == 0;
}

/* Do grace periods end by themselves? */
static inline bool engine_has_graces(const struct engine *e)
{
	return e->frees_by_rcu | e->returns_pages;
}

/* What cpu's callback runs above its task, or NULL. */
static inline struct softirq *softirq_of(const struct engine *e, unsigned int cpu)
{
	return e->softirqs && e->softirqs[cpu].runs ? &e->softirqs[cpu] : NULL;
}

/* An operation of this cpu's task has been asked for and has not begun. */
static inline bool task_begin_pending(const struct engine *e, const struct task *t)
{
	const struct softirq *softirq = softirq_of(e, t->sim.cpu);

	return softirq ? softirq->begin_pending : t->begin_pending;
}

/* In the queue of a FIFO lock a cpu may stand twice, as in the kernel's. */
static inline uint16_t queue_number(const struct engine *e, const struct task *t)
{
	return t->sim.cpu + 1 + (softirq_of(e, t->sim.cpu) ? e->plan->n_tasks : 0);
}

static inline struct task *task_of(struct engine *e, int i)
{
	return &e->tasks[i];
}

static inline int task_number(const struct engine *e, const struct task *t)
{
	return t - e->tasks;
}

#endif
