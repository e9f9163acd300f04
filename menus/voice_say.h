/*
 * voice_say.h - the words of a call: which prompts, in which order.
 *
 * Between voice.c, which decides, and itself; nobody else includes this.
 */
#ifndef MENUS_VOICE_SAY_H
#define MENUS_VOICE_SAY_H

#include "menus/voice.h"

/* One event of a call. */
struct voice {
	const struct edition *e;
	const struct voice_input *in;
	const struct menu_session *before;
	struct voice_state *v;
	struct menu_result *out;
	struct arena *arena;
	struct sb said;
	enum voice_act act;
	enum lang lang;
	bool sms;
};

void voice_say(struct voice *c, const char *id);

/* A phrase, and the key it is about. */
void voice_say_key(struct voice *c, const char *id, char key);

/* All of where they are. */
void voice_say_here(struct voice *c);

/* True if they can have a text, which nobody else would read. */
bool voice_can_sms(const struct voice *c);

/* True if they can be called back, and the menu can ask whether they may be. */
bool voice_can_call(const struct voice *c);

/* What can be done where nobody can talk to them now. */
void voice_say_instead(struct voice *c);

/* What can be done with a listing, or without one. */
void voice_say_offers(struct voice *c);

/* The places of a country, or the countries, under the keys: those where
 * somebody helps with what was asked for, most of them first. */
void voice_offer_places(struct voice *c);
void voice_offer_countries(struct voice *c);

/* True if they wanted to talk to somebody: those who can be called follow. */
bool voice_is_talk(const struct voice *c);

/* True if it is danger that they asked about. */
bool voice_is_danger(const struct voice *c);

/* Where they are, or PLACE_NONE: they have not said it, or the country only. */
uint16_t voice_town(const struct voice *c);

/* A country they are in, as far as is known; PLACE_NONE. */
uint16_t voice_country(const struct voice *c);

#endif
