/*
 * sound.h - prompts in memory: read once, shared by all calls that play them.
 *
 * A prompt that somebody plays stays as it is, whatever becomes of its file.
 */
#ifndef DAEMON_SIP_SOUND_H
#define DAEMON_SIP_SOUND_H

#include "daemon/sip/law.h"

struct sound {
	size_t samples; /* 8,000 a second, a byte each */
	uint8_t *law[LAW_COUNT];
	unsigned refs;
};

struct sounds;

/* most  bytes kept when nobody plays them */
struct sounds *sounds_new(size_t most);
void sounds_free(struct sounds **pp);

/*
 * Get a prompt, from memory unless its file has changed.
 *
 * path  of the file, without ".wav"
 *
 * Returns 0, -ENOENT, -EINVAL (not 16 bit 8 kHz mono), -EFBIG, -EIO.
 * Blocks for the time of reading one file, the first time.
 */
MUST_USE int sounds_get(
    struct sounds *s, const char *path, struct sound **ret_sound);

/* A prompt of our own: a soft tone of so many ms. */
struct sound *sound_tone(unsigned hz, unsigned ms);

struct sound *sound_ref(struct sound *p);
void sound_unref(struct sound **pp);

#endif
