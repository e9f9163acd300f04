/*
 * turn.h - what the files of one turn share.
 *
 * step.c decides, find.c looks for helpers, session.c keeps what is known of
 * the person.  Nobody else includes this.
 */
#ifndef MENUS_TURN_H
#define MENUS_TURN_H

#include "menus/render.h"
#include "menus/step.h"

struct turn {
	const struct edition *e;
	const struct menu_input *in;
	struct arena *arena;
	struct menu_session *s; /* the new one, in out */
	struct match *m;	/* the same */
	struct menu_result *out;
	bool plain; /* plain words, in this answer alone */
};

struct renderer turn_renderer(const struct turn *t);

/* Where they are, or NULL before the first menu. */
const struct node *turn_node(const struct turn *t);

/* NODE_MENU before the first menu: the digits of the main one work. */
enum node_kind turn_kind(const struct turn *t);

/* True if somebody can call them back. */
bool turn_has_calls(const struct turn *t);

/* The reply, replacing what was said before. */
void turn_say(struct turn *t, struct sv text);
void turn_say_text(struct turn *t, const char *id);

/* Say the list of the directory node they are at, from this listing on. */
void turn_list(struct turn *t, size_t start);

/* True if they said where they are, and it is more than a country. */
bool turn_town_known(const struct turn *t);

/*
 * Keep where they say they are.  A country that they come from, want to go to
 * or only ask about is not where they are, unless they were asked for it.
 */
void turn_place_keep(struct turn *t);

/* The language of the answer: the one they chose, else the one they write,
 * else the one of before, else their country's; Uzbek in their alphabet. */
void turn_lang_choose(struct turn *t, struct sv text);

/* A session is read back from a disk: what is not of this edition goes. */
void turn_session_trim(const struct edition *e, struct menu_session *s);

#endif
