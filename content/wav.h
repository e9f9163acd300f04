/*
 * wav.h - looks at a sound before callers hear it: is it silent, or clipped?
 *
 * RIFF WAVE with one or more channels of PCM16, as Microsoft's "Multimedia
 * Programming Interface and Data Specifications 1.0" (1991), section 3, has
 * it; also its extensible form.  Nothing else is read.
 */
#ifndef CONTENT_WAV_H
#define CONTENT_WAV_H

#include "daemon/base/sv.h"

enum {
	WAV_HEAD = 44,	      /* least bytes of a file */
	WAV_PROMPT_HZ = 8000, /* mono: what a prompt must have */
	WAV_PROMPT_MS_MIN = 100,
	WAV_PROMPT_MS_MAX = 60000,
};

struct wav {
	uint32_t hz;
	uint16_t channels;
	struct sv samples; /* view into the file; whole frames, little endian */
	uint32_t ms;
};

/*
 * Read the head of a file that is in memory whole.
 *
 * Returns 0, -EINVAL: no RIFF WAVE, cut short, not PCM16, or without a sample.
 */
MUST_USE int wav_read(struct sv file, struct wav *ret_wav);

/*
 * What callers could not listen to, as the end of a sentence: "is silent", "is
 * clipped", "is shorter than 0.1 s", "is longer than 60 s"; NULL if nothing.
 *
 * Silent: no 20 ms of it are above -46 dB of full scale, on average.  Clipped:
 * one sample in a thousand or more stands in a run of four or more at the
 * loudest that there is.
 */
const char *wav_fault(const struct wav *w);

#endif
