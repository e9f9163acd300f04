/* wav.c - reads RIFF chunks, then measures the samples. */
#include "content/wav.h"

enum {
	RIFF_HEAD = 12,
	CHUNK_HEAD = 8,
	FMT_MIN = 16,
	FMT_EXTENSIBLE_MIN = 40,
	FORMAT_PCM = 1,
	FORMAT_EXTENSIBLE = 0xfffe,
	SUBFORMAT_AT = 24, /* in the fmt chunk */
	HZ_MAX = 384000,
	CHANNELS_MAX = 8,
	BITS = 16,
	WINDOW_MS = 20,
	LOUD = 164, /* of 32768: -46 dB */
	FULL = 32766,
	RUN = 4,
	CLIPPED_ONE_IN = 1000,
};

static uint32_t
le16(const char *p)
{
	return (uint32_t)(uint8_t)p[0] | (uint32_t)(uint8_t)p[1] << 8;
}

static uint32_t
le32(const char *p)
{
	return le16(p) | le16(p + 2) << 16;
}

static int32_t
sample_at(struct sv samples, size_t i)
{
	return (int16_t)(uint16_t)le16(samples.p + 2 * i);
}

static int
format_read(struct sv chunk, struct wav *w)
{
	uint32_t format;

	if (chunk.n < FMT_MIN)
		return -EINVAL;
	format = le16(chunk.p);
	if (format == FORMAT_EXTENSIBLE && chunk.n >= FMT_EXTENSIBLE_MIN)
		format = le16(chunk.p + SUBFORMAT_AT);
	w->channels = (uint16_t)le16(chunk.p + 2);
	w->hz = le32(chunk.p + 4);
	if (format != FORMAT_PCM || le16(chunk.p + 14) != BITS ||
	    w->channels == 0 || w->channels > CHANNELS_MAX || w->hz < 1000 ||
	    w->hz > HZ_MAX)
		return -EINVAL;
	return 0;
}

static int
samples_read(struct sv chunk, struct wav *w)
{
	size_t frame = sizeof(int16_t) * w->channels;

	if (w->channels == 0 || chunk.n < frame) /* before "fmt ", or empty */
		return -EINVAL;
	w->samples = (struct sv){ chunk.p, chunk.n - chunk.n % frame };
	w->ms = (uint32_t)((uint64_t)(chunk.n / frame) * 1000 / w->hz);
	return 0;
}

int
wav_read(struct sv file, struct wav *ret_wav)
{
	struct wav w = { .channels = 0 };
	struct sv rest = file, chunk;
	uint32_t size;
	int rc;

	if (file.n < WAV_HEAD || memcmp(file.p, "RIFF", 4) != 0 ||
	    memcmp(file.p + 8, "WAVE", 4) != 0)
		return -EINVAL;
	rest.p += RIFF_HEAD;
	rest.n -= RIFF_HEAD;
	while (rest.n >= CHUNK_HEAD) {
		size = le32(rest.p + 4);
		if (size > rest.n - CHUNK_HEAD)
			return -EINVAL;
		chunk = (struct sv){ rest.p + CHUNK_HEAD, size };
		if (memcmp(rest.p, "data", 4) == 0) {
			rc = samples_read(chunk, &w);
			if (rc == 0)
				*ret_wav = w;
			return rc;
		}
		if (memcmp(rest.p, "fmt ", 4) == 0 &&
		    format_read(chunk, &w) < 0)
			return -EINVAL;
		size += size & 1; /* chunks begin at even places */
		if (size > rest.n - CHUNK_HEAD)
			return -EINVAL;
		rest.p += CHUNK_HEAD + size;
		rest.n -= CHUNK_HEAD + size;
	}
	return -EINVAL;
}

static bool
is_silent(const struct wav *w)
{
	size_t window = (size_t)w->hz * w->channels * WINDOW_MS / 1000;
	size_t i, count = w->samples.n / 2;
	uint64_t energy = 0;

	for (i = 0; i < count; i++) {
		int64_t s = sample_at(w->samples, i);

		energy += (uint64_t)(s * s);
		if ((i + 1) % window != 0)
			continue;
		if (energy > (uint64_t)window * LOUD * LOUD)
			return false;
		energy = 0;
	}
	return true;
}

static bool
is_clipped(const struct wav *w)
{
	size_t i, run = 0, clipped = 0, count = w->samples.n / 2;

	for (i = 0; i < count; i++) {
		int32_t s = sample_at(w->samples, i);

		run = s >= FULL || s <= -FULL ? run + 1 : 0;
		if (run == RUN)
			clipped += RUN;
		else if (run > RUN)
			clipped++;
	}
	return clipped * CLIPPED_ONE_IN >= count && clipped > 0;
}

const char *
wav_fault(const struct wav *w)
{
	if (w->ms < WAV_PROMPT_MS_MIN)
		return "is shorter than 0.1 s";
	if (w->ms > WAV_PROMPT_MS_MAX)
		return "is longer than 60 s";
	if (is_silent(w))
		return "is silent";
	return is_clipped(w) ? "is clipped" : NULL;
}
