/*
 * speak.h - runs espeak-ng and sox, which make the sound of a prompt.
 *
 * Child processes, without a shell; texts go through pipes, never into
 * arguments.  What they complain about goes to our standard error.
 */
#ifndef DAEMON_CTL_SPEAK_H
#define DAEMON_CTL_SPEAK_H

#include <sys/types.h>

#include "daemon/base/diag.h"
#include "daemon/base/sv.h"

/* How a prompt is made, for the digest that names it: change it with the
 * arguments in speak.c. */
#define SPEAK_HOW "espeak-ng -s 150 -z, sox norm -3, 8 kHz"

enum { SPEAK_TEXT_MAX = 16384 }; /* bytes: less than a pipe holds */

/* A sound being made. */
struct speaking {
	pid_t voice, sox; /* 0: none */
	const char *to;
};

/* 0, or -ENOENT with what to install. */
MUST_USE int speak_ready(struct diag *reterr_diag);

/*
 * Begin to say a text into a new file: 8 kHz, mono, PCM16, loudest at -3 dB.
 *
 * voice  as speech_voice()
 * to     file to write; must live until speak_end()
 *
 * Returns 0, or why no process could be started.
 */
MUST_USE int speak_begin(struct speaking *s, const char *voice, struct sv text,
    const char *to, struct diag *reterr_diag);

/* Wait for it.  Returns 0, or -EIO: one of them failed. */
MUST_USE int speak_end(struct speaking *s, struct diag *reterr_diag);

/* End it at once; what it wrote is of no use. */
void speak_stop(struct speaking *s);

/*
 * Copy any sound that sox reads as mono PCM16, at the same rate and loudness,
 * and no more of it than a second over the longest prompt: to be looked at.
 *
 * Returns 0, -EINVAL: sox cannot read it.
 */
MUST_USE int speak_copy(
    const char *from, const char *to, struct diag *reterr_diag);

/* Make a prompt of such a copy.  Returns 0, -EIO. */
MUST_USE int speak_convert(
    const char *from, const char *to, struct diag *reterr_diag);

#endif
