/* test_wav.c - sounds that callers could not listen to; files that are none. */
#include "content/wav.h"

#include <math.h>
#include <stdlib.h>

#include "tests/tap.h"

enum { FILE_MAX = 1 << 20, TRIES = 20000 };

struct sound {
	unsigned char bytes[FILE_MAX];
	size_t n;
};

static void
put(struct sound *f, const char *p, size_t n)
{
	memcpy(f->bytes + f->n, p, n);
	f->n += n;
}

static void
put_int(struct sound *f, unsigned value, unsigned bytes)
{
	for (; bytes > 0; bytes--, value >>= 8)
		f->bytes[f->n++] = (unsigned char)(value & 0xff);
}

/* A tone of so many ms with this amplitude, cut at 32767. */
static void
tone(struct sound *f, unsigned hz, unsigned ms, double amplitude)
{
	unsigned i, count = hz * ms / 1000;

	f->n = 0;
	put(f, "RIFF", 4);
	put_int(f, 36 + 10 + 2 * count, 4);
	put(f, "WAVE", 4);
	put(f, "fmt ", 4);
	put_int(f, 16, 4);
	put_int(f, 1, 2);
	put_int(f, 1, 2);
	put_int(f, hz, 4);
	put_int(f, 2 * hz, 4);
	put_int(f, 2, 2);
	put_int(f, 16, 2);
	put(f, "LIST\1\0\0\0x\0", 10); /* an odd chunk to step over */
	put(f, "data", 4);
	put_int(f, 2 * count, 4);
	for (i = 0; i < count; i++) {
		double s = amplitude * sin(440 * 6.2831853 * i / hz);

		put_int(f,
		    (unsigned)(int)fmin(fmax(s, -32767.0), 32767.0) & 0xffff,
		    2);
	}
}

static struct sv
file_of(const struct sound *f)
{
	return (struct sv){ (const char *)f->bytes, f->n };
}

static void
fault_is(const struct sound *f, const char *want, const char *name)
{
	struct wav w;
	const char *got;

	if (wav_read(file_of(f), &w) < 0)
		got = "cannot be read";
	else
		got = wav_fault(&w);
	OK(strcmp(got != NULL ? got : "", want) == 0, name);
	if (got != NULL)
		printf("# %s\n", got);
}

static void
test_faults(struct sound *f)
{
	struct wav w;

	tone(f, 8000, 1000, 20000);
	fault_is(f, "", "a tone");
	EQ(wav_read(file_of(f), &w), 0, "it is read");
	EQ(w.hz, 8000, "8 kHz");
	EQ(w.ms, 1000, "a second");
	EQ(w.samples.n, 16000, "all of it");
	tone(f, 8000, 1000, 0);
	fault_is(f, "is silent", "nothing");
	tone(f, 44100, 1000, 100);
	fault_is(f, "is silent", "hum below -46 dB");
	tone(f, 44100, 1000, 400);
	fault_is(f, "", "a low voice");
	tone(f, 8000, 1000, 32767);
	fault_is(f, "", "as loud as can be");
	tone(f, 44100, 1000, 60000);
	fault_is(f, "is clipped", "too loud");
	tone(f, 8000, 90, 20000);
	fault_is(f, "is shorter than 0.1 s", "a click");
	tone(f, 8000, 60100, 20000);
	fault_is(f, "is longer than 60 s", "a speech");
}

static void
broken(
    struct sound *f, size_t at, const char *bytes, size_t n, const char *name)
{
	tone(f, 8000, 200, 20000);
	memcpy(f->bytes + at, bytes, n);
	fault_is(f, "cannot be read", name);
}

static void
test_broken(struct sound *f)
{
	size_t cut;
	int bad = 0;
	struct wav w;

	broken(f, 0, "RIFX", 4, "another byte order");
	broken(f, 8, "AVI ", 4, "a film");
	broken(f, 16, "\xff\xff\xff\xff", 4, "a chunk past the end");
	broken(f, 16, "\x0f\0\0\0", 4, "a format cut short");
	broken(f, 20, "\3\0", 2, "floats");
	broken(f, 20, "\7\0", 2, "mu-law");
	broken(f, 22, "\0\0", 2, "no channel");
	broken(f, 22, "\xff\xff", 2, "65535 channels");
	broken(f, 24, "\0\0\0\0", 4, "no rate");
	broken(f, 34, "\x18\0", 2, "24 bits");
	broken(f, 12, "fmtx", 4, "samples without a format");
	broken(f, 50, "\1\0\0\0", 4, "half a sample");
	broken(f, 46, "dato", 4, "no samples");
	tone(f, 8000, 200, 20000);
	for (cut = 0; cut < f->n; cut++)
		bad += wav_read(
			   (struct sv){ (const char *)f->bytes, cut }, &w) == 0;
	EQ(bad, 0, "cut at every length: refused");
}

/* Any bytes in the head: no read outside, as the sanitizers see. */
static void
test_any(struct sound *f)
{
	unsigned seed = 1;
	int i, j, read = 0;
	struct wav w;
	char *exact;

	tone(f, 8000, 120, 20000);
	exact = malloc(f->n);
	for (i = 0; i < TRIES; i++) {
		memcpy(exact, f->bytes, f->n);
		for (j = 0; j < 3; j++) {
			seed = seed * 1103515245 + 12345;
			exact[seed / 65536 % 60] = (char)(seed / 256);
		}
		if (wav_read((struct sv){ exact, f->n }, &w) == 0) {
			(void)wav_fault(&w);
			read++;
		}
	}
	free(exact);
	OK(read > 0 && read < TRIES, "some are read, some refused");
}

int
main(void)
{
	struct sound *f = malloc(sizeof(*f));

	if (f == NULL)
		return 1;
	test_faults(f);
	test_broken(f);
	test_any(f);
	free(f);
	return tap_done();
}
