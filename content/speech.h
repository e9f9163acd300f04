/*
 * speech.h - a text as speech synthesis must get it to be understood.
 *
 * Numbers become words, telephone numbers single digits, abbreviations and
 * signs words or pauses; then each language is respelt where its voice of
 * espeak-ng 1.51 misreads it.  What a voice says can be looked at with
 * `espeak-ng -v VOICE -x -q TEXT`.
 */
#ifndef CONTENT_SPEECH_H
#define CONTENT_SPEECH_H

#include "content/lang.h"
#include "daemon/base/sb.h"

/* The voice for a language; Tajik has none, and borrows that of Persian in
 * Latin letters until somebody records the prompts. */
const char *speech_voice(enum lang lang);

/* True for Tajik. */
bool speech_is_placeholder(enum lang lang);

/* Write a text in words only, as somebody would say it, in the letters of the
 * language: "Call 103." -> "Call one zero three." */
void speech_words(struct sb *b, enum lang lang, struct sv text);

/* The same, spelt for speech_voice(): what espeak-ng gets. */
void speech_put(struct sb *b, enum lang lang, struct sv text);

#endif
