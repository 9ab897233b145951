#include "sim/search/private.h"
bool save_write(struct search *s, GError **error) { (void)s; (void)error; return true; }
bool save_read(struct search *s, bool *there, GError **error) { (void)s; (void)error; *there = false; return true; }
void save_remove(struct search *s) { (void)s; }
