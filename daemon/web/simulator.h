/*
 * simulator.h - a phone to try an edition with: pure, no I/O, nothing is kept.
 *
 * What a phone would remember between two turns travels with whoever asks, as
 * JSON that they hand back; it is read as carefully as anything from outside.
 */
#ifndef DAEMON_WEB_SIMULATOR_H
#define DAEMON_WEB_SIMULATOR_H

#include <jansson.h>

#include "menus/edition.h"

struct simulator {
	const struct edition *edition;
	const char *line;	/* country of the line for calls, or "" */
	unsigned verified_days; /* as struct menu_input has it */
	bool calls;		/* somebody can call people back */
	bool counsellors;	/* somebody can be put through to */
	bool messages;		/* callers can leave one */
	int64_t now_ms;
};

/*
 * One turn:
 *
 *   {channel:"sms|voice", number_country:"kg", lang:"ru"?, state:{...}|null,
 *    say:"a text", or a key, "begin", "silence", "recorded", "empty", "busy" or
 *    "talked"}
 *
 * A state of another edition begins again, in its language.  lang chooses the
 * language, as somebody who asks for it does.
 *
 * Returns {state, restarted, edition, lang, outcome, effects:[...],
 *   replies:[{text, encoding, units, parts}],
 *   prompts:[{id:"ru.voice.bye", text} | {pause_ms}],
 *   act:"ask|record|transfer|end", end}
 * or NULL, and which field of ask cannot be taken.
 */
json_t *simulator_turn(const struct simulator *s, const json_t *ask,
    struct arena *arena, const char **reterr_field);

#endif
