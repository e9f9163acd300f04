/* replies.c - one slot for each hash of a key; the key itself decides. */
#include "menus/replies.h"

#include <stdlib.h>

struct reply {
	struct reply_key key;
	struct menu_result result; /* its text is the one below */
	char text[];
};

struct replies {
	struct reply *slots[REPLIES_MAX];
};

enum {
	FLAG_FILLER = 1,
	FLAG_URGENT = 2,
	FLAG_STORED = 4,
	FLAG_ELSEWHERE = 8,
	FLAG_CALLS = 16,
};

struct replies *
replies_new(void)
{
	struct replies *r = calloc(1, sizeof(*r));

	ASSERT(r != NULL);
	return r;
}

void
replies_free(struct replies **rp)
{
	struct replies *r = *rp;
	size_t i;

	if (r == NULL)
		return;
	for (i = 0; i < REPLIES_MAX; i++)
		free(r->slots[i]);
	free(r);
	*rp = NULL;
}

/* Choices beyond the count and the bytes between the fields are no part of a
 * session. */
static void
session_copy(struct menu_session *to, const struct menu_session *s)
{
	to->node = s->node;
	to->menu = s->menu;
	to->topic = s->topic;
	to->place = s->place;
	to->citizen = s->citizen;
	memcpy(
	    to->choices, s->choices, s->choice_count * sizeof(to->choices[0]));
	to->choice_count = s->choice_count;
	to->lang = s->lang;
	to->chosen = s->chosen;
	to->stopped = s->stopped;
	to->latin = s->latin;
	to->plain = s->plain;
	to->page = s->page;
}

static void
match_copy(struct reply_key *key, const struct match *m)
{
	key->kind = (uint8_t)m->kind;
	key->command = (uint8_t)m->command;
	key->wanted = (uint8_t)m->wanted;
	key->number = (uint8_t)m->number;
	key->topic = m->topic;
	memcpy(key->choices, m->choices,
	    m->choice_count * sizeof(key->choices[0]));
	key->choice_count = (uint8_t)m->choice_count;
	if (strcmp(m->how, "filler") == 0)
		key->flags |= FLAG_FILLER;
	if (m->urgent)
		key->flags |= FLAG_URGENT;
	if (m->elsewhere)
		key->flags |= FLAG_ELSEWHERE;
}

bool
replies_key(const struct edition *e, const struct menu_input *in,
    const struct menu_result *before, struct reply_key *ret_key)
{
	size_t n = strlen(in->country);
	size_t withheld = listings_withheld(
	    e->content.listings, in->verified_days, in->now_ms);

	if (n >= sizeof(ret_key->country) || before->match.number > UINT8_MAX ||
	    in->asked != NULL)
		return false;
	memset(ret_key, 0, sizeof(*ret_key));
	session_copy(&ret_key->session, &before->next);
	match_copy(ret_key, &before->match);
	if (in->stored)
		ret_key->flags |= FLAG_STORED;
	if (in->calls)
		ret_key->flags |= FLAG_CALLS;
	ret_key->withheld = (uint16_t)withheld;
	memcpy(ret_key->country, in->country, n);
	return true;
}

/* FNV-1a over words of four bytes. */
static size_t
slot_of(const struct reply_key *key)
{
	uint32_t words[sizeof(*key) / sizeof(uint32_t)], h = 2166136261u;
	size_t i;

	_Static_assert(sizeof(words) == sizeof(*key), "no byte is left out");
	memcpy(words, key, sizeof(words));
	for (i = 0; i < ARRAY_LEN(words); i++)
		h = (h ^ words[i]) * 16777619u;
	return (h ^ h >> 16) % REPLIES_MAX;
}

static bool
key_is(const struct reply_key *a, const struct reply_key *b)
{
	return memcmp(a, b, sizeof(*a)) == 0; /* NOLINT: every byte is set */
}

bool
replies_find(const struct replies *r, const struct reply_key *key,
    struct arena *arena, struct menu_result *ret_result)
{
	const struct reply *reply = r->slots[slot_of(key)];
	struct match match = ret_result->match;

	if (reply == NULL || !key_is(&reply->key, key))
		return false;
	*ret_result = reply->result;
	ret_result->match = match;
	ret_result->text.p =
	    arena_dup(arena, reply->text, reply->result.text.n);
	return true;
}

void
replies_keep(struct replies *r, const struct reply_key *key,
    const struct menu_result *result)
{
	struct reply **slot = &r->slots[slot_of(key)];
	size_t n = result->text.n;

	free(*slot);
	*slot = malloc(sizeof(**slot) + n);
	ASSERT(*slot != NULL);
	(*slot)->key = *key;
	(*slot)->result = *result;
	(*slot)->result.text.p = (*slot)->text;
	if (n > 0)
		memcpy((*slot)->text, result->text.p, n);
}
