/*
 * voice.h - one key press of a call: pure, no I/O, no clock.
 *
 * The keys lead through the same tree as texts do, by menu_step(); what is
 * said is a list of prompts in the place of a text.  Which keys mean what and
 * what is heard where: daemon/voice/README.md.
 */
#ifndef MENUS_VOICE_H
#define MENUS_VOICE_H

#include "menus/step.h"

enum {
	VOICE_OFFERS_MAX = 6,	/* places under keys 1 to 6 */
	VOICE_SAID_MAX = 6144,	/* bytes */
	VOICE_FORGET_MS = 2000, /* between two of the three 0 that erase */
};

enum { VOICE_KEY_SMS = '5' /* a listing, or the menu, by SMS */ };

/* What happened to a caller: a key, '0' to '9', '*' or '#', or one of these. */
enum voice_event {
	VOICE_BEGIN = 'b',    /* the call was answered */
	VOICE_SILENCE = 's',  /* nothing was pressed */
	VOICE_RECORDED = 'r', /* a message was left, and is kept */
	VOICE_EMPTY = 'e',    /* it was not, or cannot be */
	VOICE_BUSY = 'n',     /* no counsellor answered */
	VOICE_TALKED = 't',   /* one did, and it is over */
	VOICE_MISSED = 'm',   /* the caller hung up at once: a text is sent */
};

/* What is done when all is said. */
enum voice_act { VOICE_ASK, VOICE_RECORD, VOICE_TRANSFER, VOICE_END };

enum voice_where {
	VOICE_LANGUAGES,
	VOICE_MENU,
	VOICE_PLACES,
	VOICE_COUNTRIES,
	VOICE_LISTING, /* one, or that there is none */
};

/* Where a call is; of one edition. */
struct voice_state {
	enum voice_where where;
	uint16_t offers[VOICE_OFFERS_MAX]; /* places under the keys */
	uint8_t offer_count;
	bool more;	  /* places behind these */
	uint8_t page;	  /* of places */
	uint16_t country; /* whose places they are, or PLACE_NONE */
	bool placed;	  /* the caller was asked where they are */
	bool danger;	  /* before the listing */
	bool shared;	  /* others use the phone: no SMS, and no call back */
	uint8_t tries;	  /* wrong or silent, one behind the other */
	uint8_t zeros;	  /* the same of 0 */
	int64_t zero_ms;  /* when the last of them was */
	const struct listing *listing; /* that is said, or NULL */
};

struct voice_input {
	char event;
	const struct menu_session *session; /* of the caller, before it */
	const char *country;	/* of the caller's number, else of the line */
	const char *line;	/* country of the line, or "" */
	bool withheld;		/* the number is */
	bool sms;		/* a text can be sent to them */
	bool message;		/* messages are kept */
	bool calls;		/* they can be called back */
	unsigned counsellors;	/* bit by language: one is there now */
	unsigned verified_days; /* as struct menu_input has it */
	int64_t now_ms;
};

/*
 * What is said: a line for each prompt, "LANG ID\n", for example
 * "ru for.wages\n"; "- 300\n" is a pause in ms, where keys are heard too.
 */
struct voice_said {
	enum voice_act act;
	enum lang lang; /* of who talks to them */
	bool sms;	/* send the text of the last result that had one */
	char lines[VOICE_SAID_MAX];
	size_t n;
};

struct voice_state voice_state_new(void);

/*
 * Never fails.
 *
 * state       changed; the session stays: ret_result->next is the new one
 * ret_result  what is written of it, as of a text; its text is what would be
 *             sent by SMS, empty where the menu did not move
 */
void voice_step(const struct edition *e, struct voice_state *state,
    const struct voice_input *input, struct arena *arena,
    struct menu_result *ret_result, struct voice_said *ret_said);

/* Says that something of ours is broken, and ends. */
void voice_say_sorry(enum lang lang, struct voice_said *ret_said);

/* The language spoken first to a number of that country on such a line. */
enum lang voice_lang_first(const char *country, const char *line);

#endif
