/* wav.c - the header of a WAV file, read and written. */
#include "daemon/sip/wav.h"

#include <string.h>

enum {
	RIFF_HEAD = 12,
	CHUNK_HEAD = 8,
	FMT_LEAST = 16,
	FORMAT_PCM = 1,
	SAMPLE_BYTES = 2,
};

static uint32_t
get(const uint8_t *p, size_t bytes)
{
	uint32_t v = 0;

	while (bytes-- > 0)
		v = v << 8 | p[bytes];
	return v;
}

static void
put(uint8_t *p, size_t bytes, uint32_t v)
{
	size_t i;

	for (i = 0; i < bytes; i++, v >>= 8)
		p[i] = (uint8_t)v;
}

static bool
format_fits(const uint8_t *fmt, size_t n)
{
	return n >= FMT_LEAST && get(fmt, 2) == FORMAT_PCM &&
	       get(fmt + 2, 2) == 1 && get(fmt + 4, 4) == WAV_RATE &&
	       get(fmt + 14, 2) == 8 * SAMPLE_BYTES;
}

int
wav_parse(const uint8_t *p, size_t n, size_t *ret_at, size_t *ret_samples)
{
	size_t at = RIFF_HEAD, size;
	bool fits = false;

	if (n < RIFF_HEAD || memcmp(p, "RIFF", 4) != 0 ||
	    memcmp(p + 8, "WAVE", 4) != 0)
		return -EINVAL;
	while (n - at >= CHUNK_HEAD) {
		size = get(p + at + 4, 4);
		if (size > n - at - CHUNK_HEAD)
			size = n - at - CHUNK_HEAD;
		if (memcmp(p + at, "fmt ", 4) == 0)
			fits = format_fits(p + at + CHUNK_HEAD, size);
		if (memcmp(p + at, "data", 4) == 0) {
			if (!fits)
				return -EINVAL;
			*ret_at = at + CHUNK_HEAD;
			*ret_samples = size / SAMPLE_BYTES;
			return 0;
		}
		at += CHUNK_HEAD + size;
		if (size % 2 != 0 && at < n)
			at++;
	}
	return -EINVAL;
}

void
wav_header(uint32_t samples, uint8_t ret_header[WAV_HEADER])
{
	static const char riff[4] = { 'R', 'I', 'F', 'F' },
			  wave[8] = { 'W', 'A', 'V', 'E', 'f', 'm', 't', ' ' },
			  data[4] = { 'd', 'a', 't', 'a' };
	uint8_t *p = ret_header;

	memcpy(p, riff, 4);
	put(p + 4, 4, WAV_HEADER - 8 + samples * SAMPLE_BYTES);
	memcpy(p + 8, wave, 8);
	put(p + 16, 4, FMT_LEAST);
	put(p + 20, 2, FORMAT_PCM);
	put(p + 22, 2, 1);
	put(p + 24, 4, WAV_RATE);
	put(p + 28, 4, WAV_RATE * SAMPLE_BYTES);
	put(p + 32, 2, SAMPLE_BYTES);
	put(p + 34, 2, 8 * SAMPLE_BYTES);
	memcpy(p + 36, data, 4);
	put(p + 40, 4, samples * SAMPLE_BYTES);
}
