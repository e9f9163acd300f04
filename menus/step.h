/*
 * step.h - one turn of one person: pure, no I/O, no clock.
 *
 * Same edition, session and input: same result, byte for byte.
 */
#ifndef MENUS_STEP_H
#define MENUS_STEP_H

#include "daemon/proto/sms.h"
#include "menus/edition.h"

/* What is remembered of a person between turns; 24 h at most.  Indexes are of
 * one edition: menu_session_move() carries them to the next. */
struct menu_session {
	uint16_t node;	  /* where they are, NODE_NONE: nowhere yet */
	uint16_t menu;	  /* the menu they came from: where "back" goes */
	uint16_t topic;	  /* last topic, or TOPIC_NONE */
	uint16_t place;	  /* where they said they are, or PLACE_NONE */
	uint16_t citizen; /* the country whose consulate they asked for, or
			     PLACE_NONE; a restart may forget it */
	uint16_t choices[MATCH_CHOICES_MAX]; /* topics offered by asking back */
	uint8_t choice_count;
	uint8_t lang;	 /* enum lang */
	uint8_t chosen;	 /* 1: the person chose lang; never change it unasked */
	uint8_t stopped; /* 1: nothing unasked may be sent */
	uint8_t latin;	 /* 1: the person asked for Latin letters */
	uint8_t plain;	 /* 1: they asked for plain words in all answers */
	uint16_t page;	 /* first listing that MORE shows, 0: no more */
};

enum menu_channel { CHANNEL_SMS, CHANNEL_VOICE };

/* Who asked to be called was asked whether it is still them, and the next they
 * write may be the answer: 1 or 2. */
struct menu_asked {
	enum lang lang; /* they asked in */
	bool latin;
	const char *hours;  /* they chose: "9-12" */
	const char *number; /* to call us at */
};

struct menu_input {
	struct sv text;		   /* UTF-8; may be empty or very long */
	const struct match *match; /* what match_text() made of it, if that was
				      done before; else NULL */
	enum menu_channel channel;
	const char *country;	/* of the caller's number, or "" */
	unsigned verified_days; /* directory.require_verified_days */
	int64_t now_ms;
	bool calls;			/* somebody can call them back */
	const struct menu_asked *asked; /* or NULL */
	bool stored; /* the reply with its texts as they are stored and all of
			each listing: what it would cost, never sent */
};

enum menu_outcome {
	OUTCOME_ANSWERED,
	OUTCOME_ASKED_BACK,
	OUTCOME_NO_MATCH,
	OUTCOME_NO_LISTING,
};

enum menu_effect {
	EFFECT_FORGET = 1,
	EFFECT_STOP = 2,
	EFFECT_DECOY = 4,
	EFFECT_CALL = 8,   /* they may be called, in these hours: window */
	EFFECT_STILL = 16, /* it is still them */
	EFFECT_GONE = 32,  /* it is not, nor is the phone theirs alone, or
			    * they want no call any more */
};

struct menu_result {
	struct menu_session next;
	struct sv text; /* the reply, in the arena */
	struct sms_size size;
	struct match match; /* what was understood */
	uint16_t node, topic, place;
	enum lang lang;
	enum menu_outcome outcome;
	unsigned effects; /* enum menu_effect */
	struct sv word;	  /* EFFECT_DECOY: the one they set, in the arena */
	enum menu_window window;	   /* EFFECT_CALL */
	const struct listing *listings[8]; /* shown, in order */
	size_t listing_count;
};

/* A person never seen. */
struct menu_session menu_session_new(void);

/* Never fails: whatever comes in, there is an answer. */
void menu_step(const struct edition *e, const struct menu_session *session,
    const struct menu_input *input, struct arena *arena,
    struct menu_result *ret_result);

/* Carry a session from one edition to another by the names of its parts. */
void menu_session_move(const struct edition *from, const struct edition *to,
    struct menu_session *session);

/* "answered" "asked_back" "no_match" "no_listing" */
const char *menu_outcome_name(enum menu_outcome outcome);

#endif
