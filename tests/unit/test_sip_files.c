/* Prompts and recordings: WAV read and written, and what may be where. */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/sip/newest.h"
#include "daemon/sip/record.h"
#include "daemon/sip/sound.h"
#include "daemon/sip/wav.h"
#include "tests/folder.h"
#include "tests/tap.h"

static const char *dir;

static void
path_of(const char *name, char ret_path[512])
{
	(void)snprintf(ret_path, 512, "%s/%s", dir, name);
}

static void
file_write(const char *name, const void *bytes, size_t n)
{
	char path[512];
	FILE *f;

	path_of(name, path);
	f = fopen(path, "we");
	ASSERT(f != NULL && fwrite(bytes, 1, n, f) == n && fclose(f) == 0);
}

#define RIFF(data) "RIFF\0\0\0\0WAVE" data
#define FMT(channels, rate, bits)                                              \
	"fmt \x10\0\0\0\1\0" channels "\0" rate "\0\0\0\0\2\0" bits "\0"
#define GOOD FMT("\1", "\x40\x1F\0\0", "\x10")

static const struct {
	const char *name, *bytes;
	size_t n;
	int rc;
	size_t samples;
} wavs[] = {
#define ROW(name, bytes, rc, samples)                                          \
	{                                                                      \
		name, bytes, sizeof(bytes) - 1, rc, samples                    \
	}
	ROW("empty", "", -EINVAL, 0),
	ROW("good", RIFF(GOOD "data\4\0\0\0abcd"), 0, 2),
	ROW("data longer than the file",
	    RIFF(GOOD "data\xFF\xFF\xFF\xFF"
		      "abcd"),
	    0, 2),
	ROW("a chunk between, of odd length",
	    RIFF(GOOD "LIST\3\0\0\0abc\0data\4\0\0\0abcd"), 0, 2),
	ROW("without data", RIFF(GOOD), -EINVAL, 0),
	ROW("data before its format", RIFF("data\4\0\0\0abcd" GOOD), -EINVAL,
	    0),
	ROW("stereo", RIFF(FMT("\2", "\x40\x1F\0\0", "\x10") "data\0\0\0\0"),
	    -EINVAL, 0),
	ROW("16 kHz", RIFF(FMT("\1", "\x80\x3E\0\0", "\x10") "data\0\0\0\0"),
	    -EINVAL, 0),
	ROW("8 bit", RIFF(FMT("\1", "\x40\x1F\0\0", "\x08") "data\0\0\0\0"),
	    -EINVAL, 0),
	ROW("a chunk longer than the file", RIFF("abcd\xFF\xFF\xFF\xFFxx"),
	    -EINVAL, 0),
	ROW("no RIFF", "RIFX\0\0\0\0WAVE" GOOD "data\0\0\0\0", -EINVAL, 0),
#undef ROW
};

static void
test_wav(void)
{
	uint8_t header[WAV_HEADER], file[WAV_HEADER + 4] = { 0 };
	size_t i, k, at = 0, samples = 0;

	for (i = 0; i < ARRAY_LEN(wavs); i++) {
		const uint8_t *p = (const uint8_t *)wavs[i].bytes;

		samples = 0;
		EQ(wav_parse(p, wavs[i].n, &at, &samples), wavs[i].rc,
		    wavs[i].name);
		EQ(samples, wavs[i].samples, "its samples");
		/* a copy of just so many bytes: sanitizers see what is read */
		for (k = 0; k < wavs[i].n; k++) {
			uint8_t *part = malloc(k + 1);

			ASSERT(part != NULL);
			memcpy(part, p, k);
			(void)!wav_parse(part, k, &at, &samples);
			free(part);
		}
	}
	wav_header(2, header);
	memcpy(file, header, sizeof(header));
	EQ(wav_parse(file, sizeof(file), &at, &samples), 0, "our own header");
	OK(at == WAV_HEADER && samples == 2, "says what there is");
}

static void
prompt_write(const char *name, int16_t value, uint32_t samples)
{
	uint8_t file[WAV_HEADER + 2 * 400];
	uint32_t i;

	ASSERT(samples <= 400);
	wav_header(samples, file);
	for (i = 0; i < samples; i++) {
		file[WAV_HEADER + 2 * i] = (uint8_t)value;
		file[WAV_HEADER + 2 * i + 1] = (uint8_t)((uint16_t)value >> 8);
	}
	file_write(name, file, WAV_HEADER + 2 * samples);
}

static void
test_sounds(void)
{
	struct sounds *s = sounds_new(1000);
	struct sound *one = NULL, *again = NULL, *other = NULL;
	char path[512], file[512];

	prompt_write("one.wav", -32768, 100);
	prompt_write("two.wav", 1000, 400);
	file_write("bad.wav", "RIFF", 4);
	path_of("one", path);
	EQ(sounds_get(s, path, &one), 0, "a prompt");
	EQ(one->samples, 100, "all of it");
	EQ(one->law[LAW_A][7], law_encode(LAW_A, -32767), "the least sample");
	EQ(sounds_get(s, path, &again), 0, "again");
	OK(one == again, "from memory");
	path_of("two", path);
	EQ(sounds_get(s, path, &other), 0, "another, and room for one of them");
	path_of("one.wav", file);
	ASSERT(unlink(file) == 0);
	path_of("one", path);
	sound_unref(&again);
	EQ(sounds_get(s, path, &again), -ENOENT, "its file is gone");
	OK(one->law[LAW_MU][99] == law_encode(LAW_MU, -32767),
	    "who plays it goes on");
	prompt_write("one.wav", 5, 50);
	EQ(sounds_get(s, path, &again), 0, "another file in its place");
	EQ(again->samples, 50, "is what is played now");
	path_of("bad", path);
	sound_unref(&again);
	EQ(sounds_get(s, path, &again), -EINVAL, "no WAV");
	EQ(sounds_get(s, dir, &again), -ENOENT, "a folder");
	sound_unref(&one);
	sound_unref(&other);
	sounds_free(&s);
	other = sound_tone(425, 100);
	EQ(other->samples, 800, "a tone");
	sound_unref(&other);
}

static int recorded = 1;

static void
on_recorded(int rc, void *arg)
{
	(void)arg;
	recorded = rc;
}

static void
wait_recorded(struct spool *s)
{
	struct pollfd p = { .fd = spool_fd(s), .events = POLLIN };

	for (recorded = 1; recorded == 1; spool_done(s))
		ASSERT(poll(&p, 1, 300000) == 1);
}

static int16_t
sample_at(const uint8_t *file, size_t i)
{
	const uint8_t *p = file + WAV_HEADER + 2 * i;

	return (int16_t)(uint16_t)(p[0] | p[1] << 8);
}

/* 2.5 seconds, with a gap and two packets that changed places. */
static void
test_recording(struct spool *s)
{
	struct recording *r = NULL;
	static uint8_t file[100000];
	int16_t speech[160];
	char path[512];
	size_t i, at, samples = 0;
	ssize_t n;
	int fd;

	path_of("spool/a.b-1", path);
	EQ(recording_open(s, sv_of(path), &r), 0, "a recording");
	for (i = 0; i < 125; i++) {
		size_t place = i == 10 ? 11 : i == 11 ? 10 : i, k;

		for (k = 0; k < 160; k++)
			speech[k] = (int16_t)(place + 1);
		if (i < 50 || i >= 60)
			recording_put(r, place * 160, speech, 160);
	}
	EQ(recording_length(r), 20000, "its length");
	recording_end(&r, 1600, on_recorded, NULL);
	OK(r == NULL, "handed over");
	wait_recorded(s);
	EQ(recorded, 0, "it is on disk");
	path_of("spool/a.b-1.wav", path);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	ASSERT(fd >= 0);
	n = read(fd, file, sizeof(file));
	(void)close(fd);
	EQ(n, WAV_HEADER + 2 * 18400, "without what was cut off");
	EQ(wav_parse(file, (size_t)n, &at, &samples), 0, "as a WAV");
	EQ(samples, 18400, "of so many samples");
	OK(sample_at(file, 1600) == 11 && sample_at(file, 1760) == 12,
	    "packets that came late are in their places");
	OK(sample_at(file, 8800) == 0 && sample_at(file, 9600) == 61,
	    "a gap is silence");
}

static const struct {
	const char *name, *path;
	int rc;
} paths[] = {
	{ "of another folder", "/etc/x", -EINVAL },
	{ "above it", "%s/spool/../x", -EINVAL },
	{ "a folder in it", "%s/spool/x/y", -EINVAL },
	{ "hidden", "%s/spool/.x", -EINVAL },
	{ "a blank", "%s/spool/x y", -EINVAL },
	{ "no name", "%s/spool/", -EINVAL },
	{ "relative", "x", -EINVAL },
	{ "a link", "%s/spool/link", -ELOOP },
	{ "by another way", "%s/spool/../spool/x", 0 },
};

static void
test_paths(struct spool *s)
{
	struct recording *r = NULL;
	char path[512];
	size_t i;

	path_of("spool/link.wav", path);
	ASSERT(symlink("/tmp/nowhere", path) == 0);
	for (i = 0; i < ARRAY_LEN(paths); i++) {
		const char *rest = strstr(paths[i].path, "%s");

		(void)snprintf(path, sizeof(path), "%s%s",
		    rest != NULL ? dir : "",
		    rest != NULL ? rest + 2 : paths[i].path);
		EQ(recording_open(s, sv_of(path), &r), paths[i].rc,
		    paths[i].name);
		recording_end(&r, 0, NULL, NULL);
	}
	EQ(recording_open(s, (struct sv){ "/a\0b", 4 }, &r), -EINVAL, "a NUL");
}

static void
test_spool(void)
{
	struct spool *s = NULL;
	struct recording *r = NULL;
	static char big[200000];
	char path[512];

	path_of("spool", path);
	EQ(spool_open(path, 200000, NULL, NULL, &s), -ENOENT, "no folder");
	ASSERT(mkdir(path, 0700) == 0);
	EQ(spool_open(path, 200000, NULL, NULL, &s), 0, "a spool");
	test_recording(s);
	test_paths(s);
	file_write("spool/other.wav", big, sizeof(big));
	path_of("spool/x", path);
	EQ(recording_open(s, sv_of(path), &r), -EDQUOT, "it is full");
	path_of("spool/other.wav", path);
	ASSERT(unlink(path) == 0);
	path_of("spool/x", path);
	EQ(recording_open(s, sv_of(path), &r), 0, "there is room again");
	recording_end(&r, 0, on_recorded, s);
	spool_forget(s, s);
	spool_close(&s);
	OK(s == NULL, "who does not wait any more is not told");
}

static void
test_folder(void)
{
	static const char *const folders[] = { "p", "p/0002", "p/0010",
		"p/0002/ru", "p/0010/ru", "p/0010/ky", "p/draft",
		"p/draft/ru" };
	char root[512], found[1024], want[512];
	size_t i;

	for (i = 0; i < ARRAY_LEN(folders); i++) {
		path_of(folders[i], root);
		ASSERT(mkdir(root, 0700) == 0);
	}
	path_of("p", root);
	path_of("p/0010/ru", want);
	EQ(newest_find(root, SV("ru"), found), 0, "the newest edition");
	OK(strcmp(found, want) == 0, "by number");
	EQ(newest_find(root, SV("tg"), found), -ENOENT, "no such language");
	EQ(newest_find(root, SV(".."), found), -ENOENT, "no way up");
	EQ(newest_find("/nonexistent", SV("ru"), found), -ENOENT, "no prompts");
}

int
main(void)
{
	struct folder f = folder_new();

	dir = f.path;
	test_wav();
	test_sounds();
	test_spool();
	test_folder();
	folder_done(&f);
	return tap_done();
}
