-- SPDX-License-Identifier: GPL-2.0-or-later
--
-- The database of a study, schema 2 (PRAGMA user_version). doc/database.md explains it.
--
-- Units: counts are of what the column is named after, over the whole row; *_ns are
-- nanoseconds; *_utc is ISO 8601 in UTC; digests are 0x and 16 hexadecimal digits. A seed
-- is below 2^63. A run is one simulated execution, a walk one operation of a walker with
-- all its passes, a step one load of a list word by a walker.
--
-- What was never measured is NULL, never 0.

-- Where an experiment ran.
CREATE TABLE machine (
	id INTEGER PRIMARY KEY,
	hostname TEXT,
	cpu_model TEXT,
	cpus_online INTEGER,
	cpus_allowed TEXT,		-- CPUs the process may use, "0-3,8"
	threads_per_core INTEGER,
	virtual TEXT,			-- hypervisor as the CPU names it; '' on bare metal
	kernel TEXT,			-- system, release and version as uname gives them
	compiler TEXT,			-- that built the program
	memory_bytes INTEGER,
	tsc_hz INTEGER			-- measured rate of the time stamp counter
) STRICT;

-- One command line's worth of results. identity is a digest of everything that the
-- results depend on (command, version, plan, swept keys, seeds, cut into batches): an
-- experiment with the same identity is the same one and is continued; any other is new.
CREATE TABLE experiment (
	id INTEGER PRIMARY KEY,
	identity TEXT,			-- NULL: never continued (hw)
	created_utc TEXT NOT NULL,
	command TEXT NOT NULL CHECK (command IN ('sweep', 'run', 'hw', 'verify')),
	program_version TEXT NOT NULL,
	scenario TEXT NOT NULL,		-- bare name
	scenario_text TEXT NOT NULL,	-- complete plan of the base, itself a scenario
	swept TEXT NOT NULL,		-- lines of [sweep], "key = v1, v2"; '' if none
	strategy TEXT NOT NULL,		-- of the base
	seed_first INTEGER NOT NULL,
	seeds_per_point INTEGER NOT NULL,	-- 0: hw, verify
	batch_seeds INTEGER NOT NULL,	-- seeds of one batch, the last one aside
	machine_id INTEGER NOT NULL REFERENCES machine,
	finished INTEGER NOT NULL DEFAULT 0 CHECK (finished IN (0, 1)),
	UNIQUE (identity)
) STRICT;

-- One plan. Ordinals run from 0 in the order of the product.
CREATE TABLE point (
	id INTEGER PRIMARY KEY,
	experiment_id INTEGER NOT NULL REFERENCES experiment ON DELETE CASCADE,
	ordinal INTEGER NOT NULL,
	plan_digest TEXT NOT NULL,
	plan_text TEXT NOT NULL,	-- complete, itself a scenario
	algorithm TEXT NOT NULL,
	model TEXT NOT NULL,
	strategy TEXT NOT NULL,
	tasks INTEGER NOT NULL,
	writers INTEGER NOT NULL,	-- tasks that change a list
	walkers INTEGER NOT NULL,	-- tasks that walk
	UNIQUE (experiment_id, ordinal)
) STRICT;

-- Swept keys of a point: "algorithm.retries", "task writer.count". A key that the point's
-- algorithm does not have has no row here.
CREATE TABLE point_param (
	point_id INTEGER NOT NULL REFERENCES point ON DELETE CASCADE,
	key TEXT NOT NULL,
	value TEXT NOT NULL,		-- as a scenario spells it: a number or a word
	PRIMARY KEY (point_id, key)
) STRICT, WITHOUT ROWID;

-- Simulated runs of one point over a range of seeds: all of it is here or nothing.
-- What an interval over seeds needs are sums over runs of products of one run's counts:
-- with X one of restarts, slow_path, steps, and W walks, the ratio R = sum X / sum W has
-- the standard error sqrt(n / (n - 1) * (sum XX - 2 R sum XW + R R sum WW)) / sum W, n runs.
-- The same for writes (adds and removes) and walks against points.
CREATE TABLE batch (
	id INTEGER PRIMARY KEY,
	point_id INTEGER NOT NULL REFERENCES point ON DELETE CASCADE,
	seed_first INTEGER NOT NULL,
	seeds INTEGER NOT NULL,
	runs INTEGER NOT NULL,		-- less than seeds if a run stopped at a failure
	failures INTEGER NOT NULL,	-- runs that violated a check
	incomplete INTEGER NOT NULL,	-- runs that met a limit
	points INTEGER NOT NULL,	-- points of choice of the scheduler
	operations INTEGER NOT NULL,	-- of any kind, begun
	adds INTEGER NOT NULL,		-- that ended, as are removes
	removes INTEGER NOT NULL,
	walks INTEGER NOT NULL,		-- that ended
	walks_complete INTEGER NOT NULL,
	passes INTEGER NOT NULL,
	steps INTEGER NOT NULL,
	restarts INTEGER NOT NULL,
	slow_path INTEGER NOT NULL,	-- walks that took mmu_lock
	visits INTEGER NOT NULL,
	foreign_visits INTEGER NOT NULL,	-- to sptes not of the walked rmap
	walk_steps_max INTEGER NOT NULL,
	pass_steps_max INTEGER NOT NULL,
	walk_restarts_max INTEGER NOT NULL,
	walks_walks REAL NOT NULL,
	restarts_restarts REAL NOT NULL,
	restarts_walks REAL NOT NULL,
	slow_path_slow_path REAL NOT NULL,
	slow_path_walks REAL NOT NULL,
	steps_steps REAL NOT NULL,
	steps_walks REAL NOT NULL,
	writes_writes REAL NOT NULL,
	writes_points REAL NOT NULL,
	walks_points REAL NOT NULL,
	points_points REAL NOT NULL,
	digest TEXT,			-- of all events of all runs; NULL: not asked for
	UNIQUE (point_id, seed_first)
) STRICT;

-- Walks by what one took; low and high belong to the bin. Empty bins have no row. Walks by
-- steps and by restarts each count every ended walk once.
CREATE TABLE batch_histogram (
	batch_id INTEGER NOT NULL REFERENCES batch ON DELETE CASCADE,
	what TEXT NOT NULL CHECK (what IN ('walk_steps', 'walk_restarts')),
	low INTEGER NOT NULL,
	high INTEGER NOT NULL,
	count INTEGER NOT NULL,
	PRIMARY KEY (batch_id, what, low)
) STRICT, WITHOUT ROWID;

-- Failing runs: of each batch those with the lowest seeds (batch.failures counts all).
CREATE TABLE failure (
	id INTEGER PRIMARY KEY,
	point_id INTEGER NOT NULL REFERENCES point ON DELETE CASCADE,
	seed INTEGER NOT NULL,
	check_name TEXT NOT NULL,
	message TEXT NOT NULL,
	schedule TEXT NOT NULL,		-- as a schedule file holds it
	UNIQUE (point_id, seed)
) STRICT;

-- One timed execution of a point on pinned hardware threads.
CREATE TABLE hw_sample (
	id INTEGER PRIMARY KEY,
	point_id INTEGER NOT NULL REFERENCES point ON DELETE CASCADE,
	mode TEXT NOT NULL CHECK (mode IN ('timing', 'checked')),
	repetition INTEGER NOT NULL,	-- 0 and up
	outcome TEXT NOT NULL
		CHECK (outcome IN ('ok', 'crash', 'hang', 'violation', 'refused')),
	reason TEXT,			-- NULL if ok
	started_utc TEXT NOT NULL,
	cpus TEXT,			-- of each task in turn, "0,1"
	share_core INTEGER,		-- 1: two of these CPUs are threads of one core
	oversubscribed INTEGER NOT NULL CHECK (oversubscribed IN (0, 1)),
	duration_ns INTEGER,		-- from the common start to the end of the last task
	operations_issued INTEGER,
	operations INTEGER,		-- completed
	adds INTEGER,
	removes INTEGER,
	walks INTEGER,
	walks_complete INTEGER,
	passes INTEGER,
	steps INTEGER,
	restarts INTEGER,
	slow_path INTEGER,
	visits INTEGER,
	walk_steps_max INTEGER,
	walk_restarts_max INTEGER,
	walk_latency_median_ns REAL,
	walk_latency_p90_ns REAL,
	walk_latency_p99_ns REAL,
	walk_latency_max_ns REAL,
	latency_error REAL,		-- widest relative error of these, by the bins
	stamp_cost_ns REAL,		-- of one time stamp; is part of each latency
	clock_offset_ns REAL,		-- bound on the difference of clocks between these CPUs
	rounds INTEGER,			-- checked only, as are the next three
	judged_walks INTEGER,		-- complete walks whose coverage was judged
	judgements INTEGER,		-- (walk, spte) pairs that had to be visited, and were
	violations INTEGER,
	-- throughput: of all writers, of all walkers, over duration_ns
	writes_per_second REAL AS ((adds + removes) * 1e9 / duration_ns) VIRTUAL,
	walks_per_second REAL AS (walks * 1e9 / duration_ns) VIRTUAL,
	UNIQUE (point_id, mode, repetition)
) STRICT;

CREATE TABLE hw_histogram (
	hw_sample_id INTEGER NOT NULL REFERENCES hw_sample ON DELETE CASCADE,
	what TEXT NOT NULL CHECK (what IN ('walk_steps', 'walk_restarts', 'walk_latency_ns',
					   'add_latency_ns', 'remove_latency_ns')),
	low INTEGER NOT NULL,
	high INTEGER NOT NULL,
	count INTEGER NOT NULL,
	PRIMARY KEY (hw_sample_id, what, low)
) STRICT, WITHOUT ROWID;

-- All schedules of one point.
CREATE TABLE verification (
	id INTEGER PRIMARY KEY,
	point_id INTEGER NOT NULL UNIQUE REFERENCES point ON DELETE CASCADE,
	verdict TEXT NOT NULL CHECK (verdict IN ('verified', 'violated', 'incomplete')),
	check_name TEXT,		-- violated
	message TEXT,			-- violated: the sentence; incomplete: the limit
	counterexample TEXT,		-- violated: as a schedule file holds it
	states INTEGER NOT NULL,
	transitions INTEGER NOT NULL,
	pass_steps_max INTEGER,		-- exact worst cases; NULL: unbounded or not known
	walk_steps_max INTEGER,
	walk_restarts_max INTEGER,
	unbounded TEXT,			-- which of these have no bound, "walk_restarts"; or NULL
	memory_bytes INTEGER,
	duration_ns INTEGER
) STRICT;

CREATE INDEX point_param_key ON point_param (key, value);

-- Figures of a point, simulated and on hardware in one shape: one row for each point and
-- source. n and the sums of products are over runs (sim) or samples (hw), see batch.
CREATE VIEW figure AS
SELECT point_id, 'sim' AS source, NULL AS mode, SUM(runs) AS n, SUM(walks) AS walks,
	SUM(steps) AS steps, SUM(restarts) AS restarts, SUM(slow_path) AS slow_path,
	SUM(passes) AS passes, SUM(failures) AS failures, SUM(incomplete) AS incomplete,
	SUM(walks_walks) AS walks_walks, SUM(restarts_restarts) AS restarts_restarts,
	SUM(restarts_walks) AS restarts_walks,
	SUM(slow_path_slow_path) AS slow_path_slow_path,
	SUM(slow_path_walks) AS slow_path_walks, SUM(steps_steps) AS steps_steps,
	SUM(steps_walks) AS steps_walks
FROM batch GROUP BY point_id
UNION ALL
SELECT point_id, 'hw', mode, COUNT(*), SUM(walks), SUM(steps), SUM(restarts), SUM(slow_path),
	SUM(passes), 0, 0, SUM(1.0 * walks * walks), SUM(1.0 * restarts * restarts),
	SUM(1.0 * restarts * walks), SUM(1.0 * slow_path * slow_path),
	SUM(1.0 * slow_path * walks), SUM(1.0 * steps * steps), SUM(1.0 * steps * walks)
FROM hw_sample WHERE outcome = 'ok' AND walks IS NOT NULL GROUP BY point_id, mode;

-- What the plots show: one row for each experiment, point and source. value =
-- numerator / denominator; sum_xx, sum_xy, sum_yy with numerator x and denominator y.
CREATE VIEW plot_restarts_per_walk AS
SELECT p.experiment_id, p.id AS point_id, p.ordinal, e.scenario, p.algorithm, p.model,
	p.writers, p.walkers, f.source, f.mode, f.n, f.restarts AS numerator,
	f.walks AS denominator, 1.0 * f.restarts / f.walks AS value,
	f.restarts_restarts AS sum_xx, f.restarts_walks AS sum_xy, f.walks_walks AS sum_yy
FROM figure f JOIN point p ON p.id = f.point_id JOIN experiment e ON e.id = p.experiment_id
WHERE f.walks > 0;

CREATE VIEW plot_slow_path_share AS
SELECT p.experiment_id, p.id AS point_id, p.ordinal, e.scenario, p.algorithm, p.model,
	p.writers, p.walkers, f.source, f.mode, f.n, f.slow_path AS numerator,
	f.walks AS denominator, 1.0 * f.slow_path / f.walks AS value,
	f.slow_path_slow_path AS sum_xx, f.slow_path_walks AS sum_xy, f.walks_walks AS sum_yy
FROM figure f JOIN point p ON p.id = f.point_id JOIN experiment e ON e.id = p.experiment_id
WHERE f.walks > 0;

CREATE VIEW plot_steps_per_walk AS
SELECT p.experiment_id, p.id AS point_id, p.ordinal, e.scenario, p.algorithm, p.model,
	p.writers, p.walkers, f.source, f.mode, f.n, f.steps AS numerator,
	f.walks AS denominator, 1.0 * f.steps / f.walks AS value,
	f.steps_steps AS sum_xx, f.steps_walks AS sum_xy, f.walks_walks AS sum_yy
FROM figure f JOIN point p ON p.id = f.point_id JOIN experiment e ON e.id = p.experiment_id
WHERE f.walks > 0;

-- Throughput of a point: what was done in a span, which is a thousand points of simulated runs
-- and a second on hardware. Points are no time: nothing here compares the two by size. n and
-- the sums of products as in figure.
CREATE VIEW throughput AS
SELECT point_id, 'sim' AS source, NULL AS mode, SUM(runs) AS n, SUM(adds + removes) AS writes,
	SUM(walks) AS walks, SUM(points) / 1e3 AS span, SUM(writes_writes) AS writes_writes,
	SUM(walks_walks) AS walks_walks, SUM(writes_points) / 1e3 AS writes_span,
	SUM(walks_points) / 1e3 AS walks_span, SUM(points_points) / 1e6 AS span_span
FROM batch WHERE points > 0 GROUP BY point_id
UNION ALL
SELECT point_id, 'hw', mode, COUNT(*), SUM(adds + removes), SUM(walks), SUM(duration_ns) / 1e9,
	SUM(1.0 * (adds + removes) * (adds + removes)), SUM(1.0 * walks * walks),
	SUM((adds + removes) * (duration_ns / 1e9)), SUM(walks * (duration_ns / 1e9)),
	SUM((duration_ns / 1e9) * (duration_ns / 1e9))
FROM hw_sample WHERE outcome = 'ok' AND duration_ns > 0 AND adds IS NOT NULL
	AND removes IS NOT NULL AND walks IS NOT NULL
GROUP BY point_id, mode;

-- As the views above, in operations per span. A stamp is part of what was measured in checked
-- mode, so that only timing has a throughput.
CREATE VIEW plot_writes_throughput AS
SELECT p.experiment_id, p.id AS point_id, p.ordinal, e.scenario, p.algorithm, p.model,
	p.writers, p.walkers, t.source, t.mode, t.n, t.writes AS numerator,
	t.span AS denominator, t.writes / t.span AS value, t.writes_writes AS sum_xx,
	t.writes_span AS sum_xy, t.span_span AS sum_yy
FROM throughput t JOIN point p ON p.id = t.point_id JOIN experiment e ON e.id = p.experiment_id
WHERE t.mode IS NOT 'checked';

CREATE VIEW plot_walks_throughput AS
SELECT p.experiment_id, p.id AS point_id, p.ordinal, e.scenario, p.algorithm, p.model,
	p.writers, p.walkers, t.source, t.mode, t.n, t.walks AS numerator,
	t.span AS denominator, t.walks / t.span AS value, t.walks_walks AS sum_xx,
	t.walks_span AS sum_xy, t.span_span AS sum_yy
FROM throughput t JOIN point p ON p.id = t.point_id JOIN experiment e ON e.id = p.experiment_id
WHERE t.mode IS NOT 'checked';

-- Histograms of a point, all batches or samples together: one row for each bin. share is
-- of all walks that the histogram counts.
CREATE VIEW plot_histogram AS
SELECT p.experiment_id, p.id AS point_id, p.ordinal, e.scenario, p.algorithm, p.model,
	p.writers, p.walkers, h.source, h.mode, h.what, h.low, h.high, h.count,
	1.0 * h.count / SUM(h.count) OVER (PARTITION BY p.id, h.source, h.mode, h.what) AS share
FROM (SELECT b.point_id, 'sim' AS source, NULL AS mode, bh.what, bh.low, bh.high,
		SUM(bh.count) AS count
	FROM batch_histogram bh JOIN batch b ON b.id = bh.batch_id
	GROUP BY b.point_id, bh.what, bh.low, bh.high
	UNION ALL
	SELECT s.point_id, 'hw', s.mode, hh.what, hh.low, hh.high, SUM(hh.count)
	FROM hw_histogram hh JOIN hw_sample s ON s.id = hh.hw_sample_id
	WHERE s.outcome = 'ok'
	GROUP BY s.point_id, s.mode, hh.what, hh.low, hh.high) h
JOIN point p ON p.id = h.point_id JOIN experiment e ON e.id = p.experiment_id;

CREATE VIEW plot_walk_steps AS SELECT * FROM plot_histogram WHERE what = 'walk_steps';
CREATE VIEW plot_walk_latency AS SELECT * FROM plot_histogram WHERE what = 'walk_latency_ns';
