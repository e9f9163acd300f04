/* law.c - G.711 behind the library's tables. */
#include "daemon/sip/law.h"

#include "daemon/sip/re.h"

#include <rem.h>

uint8_t
law_encode(enum law law, int16_t sample)
{
	/* the least number has no positive twin: the library would read
	 * beyond its table */
	if (sample < -INT16_MAX)
		sample = -INT16_MAX;
	return law == LAW_A ? g711_pcm2alaw(sample) : g711_pcm2ulaw(sample);
}

int16_t
law_decode(enum law law, uint8_t byte)
{
	if (law == LAW_A)
		return g711_alaw2pcm(byte);
	return g711_ulaw2pcm(byte);
}
