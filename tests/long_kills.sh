#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Sweeps as in tests/test_sweep.c, but killed at 50 random moments. Prints TAP.
#
# BUILDDIR: the build. RMAPSIM: the program, see tests/test_sweep.c.

KILLS=50
export KILLS
exec "${BUILDDIR:-.}/tests/test_sweep"
