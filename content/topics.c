/* topics.c - reads topics.csv. */
#include "content/topics.h"

#include <stdlib.h>

#include "content/csv.h"
#include "daemon/base/arena.h"

enum { COL_ID, COL_URGENT, COL_HEALTH, COL_SENSITIVE, COL_PARENT, COL_COUNT };

static const char *const column_names[] = {
	[COL_ID] = "id",
	[COL_URGENT] = "urgent",
	[COL_HEALTH] = "health",
	[COL_SENSITIVE] = "sensitive",
	[COL_PARENT] = "parent",
};

struct topics {
	struct arena *arena;
	struct topic items[TOPIC_MAX];
	uint16_t count;
	/* only while loading: a parent may stand below its child */
	const char *path;
	struct sv parents[TOPIC_MAX];
	unsigned lines[TOPIC_MAX];
};

static int
read_flag(const struct csv_row *row, int col, bool *ret_flag, struct diag *d)
{
	struct sv v = row->fields[col];

	if (!sv_eq(v, SV("yes")) && !sv_eq(v, SV("no")))
		return csv_refuse(
		    row, d, "%s must be yes or no", column_names[col]);
	*ret_flag = v.n == 3;
	return 0;
}

static int
on_topic(void *arg, const struct csv_row *row, struct diag *d)
{
	struct topics *t = arg;
	struct sv id = row->fields[COL_ID], parent = row->fields[COL_PARENT];
	struct topic *item;
	int rc;

	if (!csv_is_id(id))
		return csv_refuse(row, d,
		    "a topic's id must be lower-case letters, digits "
		    "and '-'");
	if (topics_find(t, id) != TOPIC_NONE)
		return csv_refuse(row, d,
		    "topic \"%s\" is there twice; remove one row", id.p);
	if (t->count == TOPIC_MAX)
		return csv_refuse(
		    row, d, "more than %d topics; remove some", TOPIC_MAX);
	item = &t->items[t->count];
	rc = read_flag(row, COL_URGENT, &item->urgent, d);
	if (rc == 0)
		rc = read_flag(row, COL_HEALTH, &item->health, d);
	if (rc == 0)
		rc = read_flag(row, COL_SENSITIVE, &item->sensitive, d);
	if (rc < 0)
		return rc;
	item->id = arena_dup(t->arena, id.p, id.n);
	t->parents[t->count].p = arena_dup(t->arena, parent.p, parent.n);
	t->parents[t->count].n = parent.n;
	t->lines[t->count] = row->line;
	t->count++;
	return 0;
}

static int
link_parents(struct topics *t, struct diag *d)
{
	unsigned i;

	for (i = 0; i < t->count; i++) {
		t->items[i].parent = topics_find(t, t->parents[i]);
		if (t->parents[i].n > 0 && t->items[i].parent == TOPIC_NONE)
			return diag_set(d, -EINVAL,
			    "%s:%u: parent \"%s\" is not a topic; write the id "
			    "of a row or nothing",
			    t->path, t->lines[i], t->parents[i].p);
	}
	for (i = 0; i < t->count; i++) {
		unsigned up = i, steps = 0;

		while (t->items[up].parent != TOPIC_NONE) {
			up = t->items[up].parent;
			if (++steps > t->count)
				return diag_set(d, -EINVAL,
				    "%s:%u: the parents of \"%s\" go in a "
				    "circle; leave one of them empty",
				    t->path, t->lines[i], t->items[i].id);
		}
	}
	return 0;
}

int
topics_load(
    const char *path, struct topics **ret_topics, struct diag *reterr_diag)
{
	static const struct csv_columns columns = { column_names, COL_COUNT,
		COL_COUNT };
	CLEANUP(topics_free) struct topics *t = calloc(1, sizeof(*t));
	int rc;

	ASSERT(t != NULL);
	t->arena = arena_new(4 << 10, 1 << 20);
	t->path = path;
	rc = csv_read(path, &columns, on_topic, t, reterr_diag);
	if (rc == 0)
		rc = link_parents(t, reterr_diag);
	if (rc < 0)
		return rc;
	if (t->count == 0)
		return diag_set(reterr_diag, -EINVAL,
		    "%s:1: has no topic; add a row for each", path);
	t->path = NULL;
	*ret_topics = t;
	t = NULL; /* ownership moves to the caller */
	return 0;
}

void
topics_free(struct topics **tp)
{
	if (*tp == NULL)
		return;
	arena_free(&(*tp)->arena);
	free(*tp);
	*tp = NULL;
}

uint16_t
topics_count(const struct topics *t)
{
	return t->count;
}

const struct topic *
topics_at(const struct topics *t, uint16_t index)
{
	ASSERT(index < t->count);
	return &t->items[index];
}

uint16_t
topics_find(const struct topics *t, struct sv id)
{
	uint16_t i;

	for (i = 0; i < t->count; i++)
		if (sv_eq(sv_of(t->items[i].id), id))
			return i;
	return TOPIC_NONE;
}
