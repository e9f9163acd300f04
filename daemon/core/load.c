/* load.c - at start: who wrote in the last day, and what may come again. */
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/core/core.h"
#include "daemon/core/people.h"

enum { SESSIONS = 4096, ROWS = 32 };

static uint16_t
node_of(const struct edition *e, struct sv id)
{
	return id.n > 0 ? tree_find(e->tree, id) : NODE_NONE;
}

static uint16_t
topic_of(const struct edition *e, struct sv id)
{
	return id.n > 0 ? topics_find(e->content.topics, id) : TOPIC_NONE;
}

static bool
flag(struct sv flags, size_t at)
{
	return at < flags.n && flags.p[at] == '1';
}

/* What turn.c made a text of; whatever this edition does not know is left out.
 */
static struct menu_session
session_of(const struct edition *e, struct sv text)
{
	struct menu_session s = menu_session_new();
	struct sv choices, place, flags;
	enum lang lang;
	uint16_t topic;

	s.node = node_of(e, sv_cut(&text, ' '));
	s.menu = node_of(e, sv_cut(&text, ' '));
	s.topic = topic_of(e, sv_cut(&text, ' '));
	place = sv_cut(&text, ' ');
	if (place.n > 0)
		s.place = places_find(e->content.places, place);
	choices = sv_cut(&text, ' ');
	while (choices.n > 0 && s.choice_count < MATCH_CHOICES_MAX) {
		topic = topic_of(e, sv_cut(&choices, ','));
		if (topic != TOPIC_NONE)
			s.choices[s.choice_count++] = topic;
	}
	lang = lang_of(sv_cut(&text, ' '));
	flags = sv_cut(&text, ' ');
	s.lang = (uint8_t)lang;
	s.chosen = flag(flags, 0) && lang != LANG_NONE;
	s.stopped = flag(flags, 1);
	s.latin = flag(flags, 2);
	s.plain = flag(flags, 3);
	for (; text.n > 0; text.p++, text.n--)
		s.page = (uint16_t)(s.page * 10 + (*text.p - '0') % 10);
	return s;
}

struct row {
	uint8_t person[VAULT_TAG_LEN], ref[VAULT_TAG_LEN];
	int64_t at_ms;
	struct menu_session session;
	bool unlinked;
};

/* Rows wait for one another while memory that they need is on its way.  Most
 * people stand where others do: such a text is read once. */
struct loading {
	struct hotline *h;
	size_t count;
	struct row rows[ROWS];
	struct known_session {
		char text[62];
		uint16_t len;
		struct menu_session session;
	} sessions[SESSIONS];
};

static struct known_session *
place_of(struct loading *l, struct sv text)
{
	uint64_t h = text.n, word;

	for (; text.n >= sizeof(word); text.p += 8, text.n -= 8) {
		memcpy(&word, text.p, sizeof(word));
		h = (h ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	}
	for (; text.n > 0; text.p++, text.n--)
		h = (h ^ (uint8_t)*text.p) * UINT64_C(0x9e3779b97f4a7c15);
	return &l->sessions[(h >> 32) % SESSIONS];
}

static struct menu_session
session_read(struct loading *l, struct sv text)
{
	struct known_session *s = place_of(l, text);

	if (text.n == 0 || text.n > sizeof(s->text))
		return session_of(l->h->edition, text);
	if (!sv_eq(text, (struct sv){ s->text, s->len })) {
		s->session = session_of(l->h->edition, text);
		memcpy(s->text, text.p, text.n);
		s->len = (uint16_t)text.n;
	}
	return s->session;
}

static void
rows_put(struct loading *l)
{
	const struct row *row;
	bool is_new;

	for (row = l->rows; row < l->rows + l->count; row++) {
		if (!row->unlinked)
			people_learn(l->h->people, row->person, row->at_ms,
			    &row->session);
		(void)daymap_put(l->h->refs, row->ref, row->at_ms, &is_new);
	}
	l->count = 0;
}

static bool
on_row(void *arg, int64_t id, const struct db_turn *turn)
{
	struct loading *l = arg;
	struct row *row = &l->rows[l->count++];

	(void)id;
	row->at_ms = turn->at_ms;
	row->unlinked = turn->unlinked;
	memcpy(row->ref, turn->ref, sizeof(row->ref));
	daymap_expect(l->h->refs, row->ref);
	if (!turn->unlinked) {
		memcpy(row->person, turn->person, sizeof(row->person));
		people_expect(l->h->people, row->person);
		row->session = session_read(l, turn->session);
	}
	l->h->last_turn_ms = turn->at_ms;
	if (l->count == ROWS)
		rows_put(l);
	return true;
}

int
turns_load(struct hotline *h)
{
	int64_t now_ms = clock_ms(), rows = 0;
	struct loading *l = calloc(1, sizeof(*l));
	int rc = db_turns_count(h->db, &rows);

	ASSERT(l != NULL);
	l->h = h;
	people_reserve(h->people, (size_t)rows);
	daymap_reserve(h->refs, (size_t)rows);
	if (rc == 0)
		rc =
		    db_turns_each(h->db, now_ms - HOTLINE_REPEAT_MS, on_row, l);
	rows_put(l);
	free(l);
	turns_clip(h, now_ms);
	turns_sweep(h, now_ms);
	return rc;
}
