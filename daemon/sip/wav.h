/*
 * wav.h - WAV files as prompts and recordings are: PCM, 16 bit, 8 kHz, mono.
 *
 * Source: RIFF, "Multimedia Programming Interface and Data Specifications 1.0"
 * (IBM, Microsoft 1991), chunks `fmt ` and `data`.
 */
#ifndef DAEMON_SIP_WAV_H
#define DAEMON_SIP_WAV_H

#include "daemon/base/base.h"

enum {
	WAV_RATE = 8000, /* samples a second */
	WAV_HEADER = 44, /* bytes before the samples that wav_header() makes */
	WAV_MAX = 9600044, /* bytes of the longest file: ten minutes */
};

/*
 * Find the samples of a file.
 *
 * p, n         the whole file; a data chunk that is longer than it ends with it
 * ret_at       where the samples begin, in bytes
 * ret_samples  how many there are, little-endian, 2 bytes each
 *
 * Returns 0, -EINVAL: not this kind of WAV.
 */
MUST_USE int wav_parse(
    const uint8_t *p, size_t n, size_t *ret_at, size_t *ret_samples);

/* The header of a file of so many samples. */
void wav_header(uint32_t samples, uint8_t ret_header[WAV_HEADER]);

#endif
