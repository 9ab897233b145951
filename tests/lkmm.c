/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Candidate executions and the axioms that rule out some of them; see lkmm.h.
 * Names of relations are those of linux-kernel.cat, with _ for -.
 */
#include <string.h>
#include "tests/lkmm.h"
#include "tests/relation.h"

struct candidate {
	const struct litmus_program *prog;
	const struct lkmm_trace *trace[LITMUS_PROCS_MAX];
	const struct lkmm_event *ev[LKMM_EVENTS];
	unsigned int first[LITMUS_PROCS_MAX];	/* a process's first event */
	unsigned int n, n_init;
	struct lkmm_event init[LITMUS_LOCS_MAX];
	unsigned int rf_of[LKMM_EVENTS];	/* where a read reads from */
	unsigned int order[LITMUS_LOCS_MAX][LKMM_EVENTS];	/* writes, as co has them */
	unsigned int n_order[LITMUS_LOCS_MAX];
	/* What does not depend on rf and co. */
	struct relation po, loc, ext, addr, data, ctrl, rmw, rscs;

	GHashTable *states;
	bool some, all;
};

static uint64_t all_of(const struct candidate *c, uint32_t is)
{
	uint64_t set = 0;
	unsigned int i;

	for (i = 0; i < c->n; i++)
		set |= c->ev[i]->is & is ? 1ull << i : 0;
	return set;
}

/* --- the axioms */

/* Relations of one candidate, as the model names them. */
struct model {
	const struct candidate *c;
	uint64_t R, W, M, Marked, Plain;
	struct relation id, po, po_opt, inside, ext;
	struct relation rf, co, fr, rfe, rfi, overwrite;
	struct relation mb, strong_fence, nonrw_fence, fence, rmb, wmb;
	struct relation po_rel, acq_po, unlock_lock;
	struct relation cumul_fence, prop, hb, hb_star, pb, pb_star, rb, rcu_fence;
};

static struct relation fencerel(const struct model *m, uint32_t is)
{
	return seq3(m->po, set_id(all_of(m->c, is)), m->po);
}

static struct relation between(uint64_t from, struct relation r, uint64_t to)
{
	return restricted(r, from, to);
}

static void find_communication(struct model *m)
{
	const struct candidate *c = m->c;
	unsigned int i, k, l;

	for (i = 0; i < c->n; i++) {
		if (c->ev[i]->is & LKMM_R)
			relation_add(&m->rf, c->rf_of[i], i);
	}
	for (l = 0; l < c->prog->n_locs; l++) {
		for (i = 0; i < c->n_order[l]; i++) {
			for (k = i + 1; k < c->n_order[l]; k++)
				relation_add(&m->co, c->order[l][i], c->order[l][k]);
		}
	}
	m->fr = seq(inverse(m->rf), m->co);
	m->rfe = both(m->rf, m->ext);
	m->rfi = both(m->rf, m->inside);
	m->overwrite = either(m->co, m->fr);
}

static void find_strong_fences(struct model *m)
{
	struct relation rmw = set_id(all_of(m->c, LKMM_RMW));
	struct relation lkw = set_id(all_of(m->c, LKMM_LKW));

	m->mb = fencerel(m, LKMM_MB);
	m->mb = either(m->mb, seq3(fencerel(m, LKMM_BEFORE), rmw, m->po_opt));
	m->mb = either(m->mb, seq3(m->po_opt, rmw, fencerel(m, LKMM_AFTER)));
	m->mb = either(m->mb, seq3(m->po_opt, lkw, fencerel(m, LKMM_AFTER_SPIN)));
	m->mb = between(m->M, m->mb, m->M);
	m->strong_fence = either(m->mb, seq3(m->po, set_id(all_of(m->c, LKMM_SYNC)), m->po_opt));
}

static void find_fences(struct model *m)
{
	uint64_t acquire = all_of(m->c, LKMM_ACQUIRE), release = all_of(m->c, LKMM_RELEASE);
	uint64_t r4rmb = m->R & ~all_of(m->c, LKMM_NORETURN);
	struct relation ul = set_id(all_of(m->c, LKMM_UL)), lkr = set_id(all_of(m->c, LKMM_LKR));

	find_strong_fences(m);
	m->acq_po = between(acquire, m->po, m->M);
	m->po_rel = between(m->M, m->po, release);
	m->unlock_lock = seq(seq3(m->po, ul, either(m->po, m->rf)), seq(lkr, m->po));
	m->rmb = between(r4rmb, fencerel(m, LKMM_RMB), r4rmb);
	m->wmb = between(m->W, fencerel(m, LKMM_WMB), m->W);
	m->nonrw_fence = either(m->strong_fence, either(m->po_rel, m->acq_po));
	m->fence = either(m->nonrw_fence, either(m->wmb, m->rmb));
}

static struct relation preserved_program_order(const struct model *m)
{
	const struct candidate *c = m->c;
	struct relation dep = either(c->addr, c->data);
	struct relation to_w = between(m->M, either(dep, c->ctrl), m->W);
	struct relation to_r = either(c->addr, seq(between(~0ull, dep, m->Marked), m->rfi));

	to_w = either(to_w, both(m->overwrite, m->inside));
	to_w = either(to_w, seq(between(~0ull, c->addr, m->Plain), m->wmb));
	return either(either(to_r, to_w), either(m->fence, both(m->unlock_lock, m->inside)));
}

static void find_happens_before(struct model *m)
{
	struct relation rfe_opt = optional(between(~0ull, m->rfe, m->Marked));
	struct relation strong_or_release = either(m->strong_fence, m->po_rel);
	struct relation ppo = preserved_program_order(m), inside;

	m->cumul_fence = either(seq(rfe_opt, strong_or_release), either(m->wmb, m->unlock_lock));
	m->cumul_fence = between(m->Marked, m->cumul_fence, m->Marked);
	m->prop = seq(optional(both(m->overwrite, m->ext)), star(m->cumul_fence));
	m->prop = between(m->Marked, m->prop, m->Marked);
	m->prop = between(m->Marked, seq(m->prop, optional(m->rfe)), m->Marked);
	inside = minus(both(m->prop, m->inside), m->id);
	m->hb = between(m->Marked, either(either(ppo, m->rfe), inside), m->Marked);
	m->hb_star = star(m->hb);
	m->pb = between(~0ull, seq3(m->prop, m->strong_fence, m->hb_star), m->Marked);
	m->pb_star = star(m->pb);
}

/* As many grace periods as read-side sections, and more, joined by rcu_link. */
static void find_rcu(struct model *m)
{
	struct relation gp = set_id(all_of(m->c, LKMM_SYNC)), rs = inverse(m->c->rscs);
	struct relation link = seq(seq3(m->po_opt, m->hb_star, m->pb_star), seq(m->prop, m->po));
	struct relation order, more, gp_link = seq(gp, link), rs_link = seq(rs, link);

	more = either(gp, either(seq(gp_link, rs), seq(rs_link, gp)));
	do {
		order = more;
		more = either(more, seq3(gp_link, order, seq(link, rs)));
		more = either(more, seq3(rs_link, order, seq(link, gp)));
		more = either(more, seq3(order, link, order));
	} while (!equal(order, more));
	m->rcu_fence = seq3(m->po, order, m->po_opt);
	m->fence = either(m->fence, m->rcu_fence);
	m->strong_fence = either(m->strong_fence, m->rcu_fence);
	m->rb = seq(seq(m->prop, m->rcu_fence), seq(m->hb_star, m->pb_star));
	m->rb = between(~0ull, m->rb, m->Marked);
}

/* Plain accesses are outside of all that: what they must see, and must not. */
static bool plain_coherence(const struct model *m)
{
	uint64_t noreturn = all_of(m->c, LKMM_NORETURN), iw = all_of(m->c, LKMM_IW);
	uint64_t r4rmb = m->R & ~noreturn;
	struct relation marked = set_id(m->Marked), addr = m->c->addr;
	struct relation xbstar = star(either(m->hb, either(m->pb, m->rb)));
	struct relation vis, w_pre, r_pre, w_post, r_post, rmb_pre, rmb_post;
	struct relation ww_vis, wr_vis, rw_xbstar, race, bad;

	rmb_pre = between(r4rmb, fencerel(m, LKMM_RMB), ~noreturn);
	rmb_post = between(~noreturn, fencerel(m, LKMM_RMB), r4rmb);
	vis = seq3(star(m->cumul_fence), optional(m->rfe), marked);
	vis = seq(vis, either(seq3(m->strong_fence, marked, xbstar), both(xbstar, m->inside)));
	w_pre = seq(marked, optional(either(addr, m->fence)));
	r_pre = seq(marked, optional(either(addr, either(m->nonrw_fence, rmb_pre))));
	w_post = seq(optional(m->fence), marked);
	r_post = seq(optional(either(m->nonrw_fence, rmb_post)), marked);
	ww_vis = either(seq3(m->strong_fence, xbstar, w_pre), seq3(w_post, vis, w_pre));
	ww_vis = either(m->fence, ww_vis);
	wr_vis = either(seq3(m->strong_fence, xbstar, r_pre), seq3(w_post, vis, r_pre));
	wr_vis = either(m->fence, wr_vis);
	rw_xbstar = either(m->fence, seq3(r_post, xbstar, w_pre));
	race = either(product(m->Plain & m->W, m->M), product(m->M & ~iw, m->Plain));
	race = both(race, m->ext);
	bad = both(both(race, m->rf), inverse(rw_xbstar));
	bad = either(bad, both(both(race, m->fr), inverse(wr_vis)));
	bad = either(bad, both(both(race, m->co), inverse(ww_vis)));
	return empty(bad);
}

static bool coherent(const struct model *m)
{
	struct relation com = either(m->rf, either(m->co, m->fr));

	return acyclic(either(both(m->po, m->c->loc), com)) &&
	       empty(both(m->c->rmw, seq(both(m->fr, m->ext), both(m->co, m->ext))));
}

static bool consistent(const struct candidate *c)
{
	struct model m = { .c = c, .po = c->po, .ext = c->ext };

	m.R = all_of(c, LKMM_R);
	m.W = all_of(c, LKMM_W);
	m.M = m.R | m.W;
	m.Plain = all_of(c, LKMM_PLAIN);
	m.Marked = ~m.Plain;
	m.id = set_id(~0ull);
	m.po_opt = optional(c->po);
	m.inside = minus(product(~0ull, ~0ull), c->ext);
	find_communication(&m);
	if (!coherent(&m))
		return false;
	find_fences(&m);
	find_happens_before(&m);
	if (!acyclic(m.hb) || !acyclic(m.pb))
		return false;
	find_rcu(&m);
	return irreflexive(m.rb) && plain_coherence(&m);
}

/* --- final states */

static struct litmus_value item_value(struct litmus_item item, void *data)
{
	const struct candidate *c = data;
	const struct litmus_loc *loc;
	struct litmus_value v;
	unsigned int last, size;

	if (item.proc >= 0) {
		v = lkmm_value(c->trace[item.proc]->reg[item.number]);
		size = c->prog->proc[item.proc].reg[item.number].size;
		if (!v.is_address && size)
			v.number = litmus_extend(v.number, size, true);
		return v;
	}
	loc = &c->prog->loc[item.number];
	last = c->order[item.number][c->n_order[item.number] - 1];
	v = lkmm_value(c->ev[last]->value);
	if (!v.is_address)
		v.number = litmus_extend(v.number, loc->size, loc->is_signed);
	return v;
}

static void note_state(struct candidate *c)
{
	GString *text = g_string_new(NULL);
	unsigned int i;

	if (!litmus_holds(&c->prog->filter, item_value, c))
		goto out;
	for (i = 0; i < c->prog->n_items; i++) {
		char *name = litmus_item_name(c->prog, c->prog->item[i]);
		char *value = litmus_value_text(c->prog, item_value(c->prog->item[i], c));

		g_string_append_printf(text, "%s%s=%s;", i ? " " : "", name, value);
		g_free(name);
		g_free(value);
	}
	if (litmus_holds(&c->prog->condition, item_value, c))
		c->some = true;
	else
		c->all = false;
	g_hash_table_add(c->states, g_strdup(text->str));
out:
	g_string_free(text, TRUE);
}

/* --- candidates: rf and co of given traces */

/* lock.cat: a lock is taken right behind an unlock (or first), and released right behind. */
static bool lock_order_valid(const struct candidate *c, unsigned int loc)
{
	unsigned int i;

	for (i = 1; i < c->n_order[loc]; i++) {
		const struct lkmm_event *ev = c->ev[c->order[loc][i]];
		const struct lkmm_event *before = c->ev[c->order[loc][i - 1]];

		if (ev->is & LKMM_LKW &&
		    (!(before->is & (LKMM_UL | LKMM_IW)) ||
		     c->rf_of[c->first[ev->proc] + ev->partner] != c->order[loc][i - 1]))
			return false;
		if (ev->is & LKMM_UL && (!(before->is & LKMM_LKW) || before->proc != ev->proc))
			return false;
	}
	return true;
}

/* Not a write behind one that po has later. */
static bool may_follow(const struct candidate *c, unsigned int loc, unsigned int w)
{
	unsigned int i;

	for (i = 0; i < c->n_order[loc]; i++) {
		if (c->order[loc][i] == w || relation_has(&c->po, w, c->order[loc][i]))
			return false;
	}
	return true;
}

static unsigned int writes_to(const struct candidate *c, unsigned int loc)
{
	unsigned int i, n = 0;

	for (i = 0; i < c->n; i++)
		n += c->ev[i]->is & LKMM_W && c->ev[i]->loc == (int)loc;
	return n;
}

static void order_writes(struct candidate *c, unsigned int loc)
{
	unsigned int i, n = c->n_order[loc];

	if (c->prog->loc[loc].kind == LITMUS_LOC_LOCK && !lock_order_valid(c, loc))
		return;
	if (n == writes_to(c, loc)) {
		if (loc + 1 < c->prog->n_locs)
			order_writes(c, loc + 1);
		else if (consistent(c))
			note_state(c);
		return;
	}
	for (i = c->n_init; i < c->n; i++) {
		if (!(c->ev[i]->is & LKMM_W) || c->ev[i]->loc != (int)loc ||
		    !may_follow(c, loc, i))
			continue;
		c->order[loc][n] = i;
		c->n_order[loc] = n + 1;
		order_writes(c, loc);
		c->n_order[loc] = n;
	}
}

/* Has another spin_lock(), before r, already been given this unlock? */
static bool lock_is_taken(const struct candidate *c, unsigned int r, unsigned int w)
{
	unsigned int i;

	for (i = 0; i < r; i++) {
		if (c->ev[i]->is & LKMM_LKR && c->rf_of[i] == w)
			return true;
	}
	return false;
}

static bool may_read(const struct candidate *c, unsigned int r, unsigned int w)
{
	const struct lkmm_event *from = c->ev[w], *to = c->ev[r];

	if (!(from->is & LKMM_W) || from->loc != to->loc || from->value != to->value)
		return false;
	if (to->is & LKMM_LKR && (!(from->is & (LKMM_UL | LKMM_IW)) || lock_is_taken(c, r, w)))
		return false;
	return !relation_has(&c->po, r, w);
}

static void choose_rf(struct candidate *c, unsigned int r)
{
	unsigned int w;

	while (r < c->n && !(c->ev[r]->is & LKMM_R))
		r++;
	if (r == c->n) {
		order_writes(c, 0);
		return;
	}
	for (w = 0; w < c->n; w++) {
		if (may_read(c, r, w)) {
			c->rf_of[r] = w;
			choose_rf(c, r + 1);
		}
	}
}

static void relate(struct candidate *c, unsigned int a, unsigned int b)
{
	const struct lkmm_event *one = c->ev[a], *two = c->ev[b];
	unsigned int at = a - (one->proc >= 0 ? c->first[one->proc] : 0);

	if (one->loc >= 0 && one->loc == two->loc)
		relation_add(&c->loc, a, b);
	if (one->proc != two->proc) {
		relation_add(&c->ext, a, b);
		return;
	}
	if (one->proc < 0 || a >= b)
		return;
	relation_add(&c->po, a, b);
	if (two->addr >> at & 1)
		relation_add(&c->addr, a, b);
	if (two->data >> at & 1)
		relation_add(&c->data, a, b);
	if (two->ctrl >> at & 1)
		relation_add(&c->ctrl, a, b);
	if (two->partner == (int)at)
		relation_add(two->is & LKMM_RCU_UNLOCK ? &c->rscs : &c->rmw, a, b);
}

static void relate_all(struct candidate *c)
{
	const struct relation none = { { 0 } };
	unsigned int a, b;

	c->po = c->loc = c->ext = c->addr = c->data = c->ctrl = c->rmw = c->rscs = none;
	for (a = 0; a < c->n; a++) {
		for (b = 0; b < c->n; b++)
			relate(c, a, b);
	}
}

static void init_events(struct candidate *c)
{
	unsigned int i;

	for (i = 0; i < c->prog->n_locs; i++) {
		c->init[i] = (struct lkmm_event){
			.is = LKMM_W | LKMM_IW, .proc = -1, .loc = i, .partner = -1,
			.value = lkmm_number(c->prog->loc[i].init),
		};
		c->ev[i] = &c->init[i];
		c->order[i][0] = i;
		c->n_order[i] = 1;
	}
	c->n = c->n_init = c->prog->n_locs;
}

static bool writes(const struct lkmm_trace *t, const struct lkmm_event *read)
{
	unsigned int i;

	for (i = 0; i < t->n; i++) {
		if (t->ev[i].is & LKMM_W && t->ev[i].loc == read->loc &&
		    t->ev[i].value == read->value)
			return true;
	}
	return false;
}

/* Is there a write for this read, of a process that is chosen or of one still to come? */
static bool has_source(const struct candidate *c, GArray **traces, unsigned int chosen,
		       const struct lkmm_event *read)
{
	unsigned int i, k;

	if (c->init[read->loc].value == read->value)
		return true;
	for (i = 0; i < chosen; i++) {
		if (writes(c->trace[i], read))
			return true;
	}
	for (i = chosen; i < c->prog->n_procs; i++) {
		for (k = 0; k < traces[i]->len; k++) {
			if (writes(&g_array_index(traces[i], struct lkmm_trace, k), read))
				return true;
		}
	}
	return false;
}

static bool all_have_sources(const struct candidate *c, GArray **traces, unsigned int chosen)
{
	unsigned int i, k;

	for (i = 0; i < chosen; i++) {
		for (k = 0; k < c->trace[i]->n; k++) {
			const struct lkmm_event *ev = &c->trace[i]->ev[k];

			if (ev->is & LKMM_R && !has_source(c, traces, chosen, ev))
				return false;
		}
	}
	return true;
}

/* false: too many events. */
static bool choose_traces(struct candidate *c, GArray **traces, unsigned int proc)
{
	unsigned int i, k, n = c->n;

	if (proc == c->prog->n_procs) {
		relate_all(c);
		choose_rf(c, 0);
		return true;
	}
	for (i = 0; i < traces[proc]->len; i++) {
		const struct lkmm_trace *t = &g_array_index(traces[proc], struct lkmm_trace, i);

		if (n + t->n > LKMM_EVENTS)
			return false;
		c->trace[proc] = t;
		c->first[proc] = n;
		for (k = 0; k < t->n; k++)
			c->ev[n + k] = &t->ev[k];
		c->n = n + t->n;
		if (all_have_sources(c, traces, proc + 1) &&
		    !choose_traces(c, traces, proc + 1))
			return false;
		c->n = n;
	}
	return true;
}

GHashTable *lkmm_states(const struct litmus_program *program, bool *some, bool *all)
{
	struct candidate *c = g_new0(struct candidate, 1);
	GArray *traces[LITMUS_PROCS_MAX] = { NULL };
	GHashTable *states = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	unsigned int i;
	bool ok;

	c->prog = program;
	c->states = states;
	c->all = true;
	init_events(c);
	ok = lkmm_traces(program, traces) && choose_traces(c, traces, 0);
	*some = c->some;
	*all = c->all && g_hash_table_size(states);
	for (i = 0; i < program->n_procs; i++) {
		if (traces[i])
			g_array_unref(traces[i]);
	}
	g_free(c);
	if (ok)
		return states;
	g_hash_table_unref(states);
	return NULL;
}
