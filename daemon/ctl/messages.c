/* messages.c - voice messages of callers, for who has the private key. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "content/file.h"
#include "daemon/core/messages.h"
#include "daemon/core/reviewers.h"
#include "daemon/ctl/service.h"

enum {
	SECOND = 16000, /* bytes of speech */
	ARENA_BLOCK = 1 << 20,
	ARENA_MOST = 8 << 20,
	SEALED_MOST = MESSAGE_MOST + 4096,
	ID_LEN = 16, /* of a name, what stands before its end */
};

/* The random end of a message's name: enough to tell it from others. */
static struct sv
id_of(const char *name)
{
	size_t n = strlen(name) - strlen(MESSAGES_SUFFIX);

	return (struct sv){ name + n - (n < ID_LEN ? n : ID_LEN),
		n < ID_LEN ? n : ID_LEN };
}

/* --- list --- */

static void
on_listed(void *arg, const char *name, int64_t at_ms, int64_t bytes)
{
	time_t at = (time_t)(at_ms / 1000);
	struct tm tm = { 0 };
	int64_t *count = arg;
	char day[32];

	(void)gmtime_r(&at, &tm);
	(void)strftime(day, sizeof(day), "%Y-%m-%d %H:%M", &tm);
	printf(SV_FMT "  %s UTC  %3" PRId64 " s\n", SV_ARG(id_of(name)), day,
	    bytes / SECOND);
	(*count)++;
}

static int
list(const char *dir)
{
	int64_t count = 0;
	int rc = messages_each(dir, on_listed, &count);

	if (rc < 0)
		return ctl_fail(
		    "%s/" MESSAGES_FOLDER ": %s", dir, strerror(-rc));
	if (count == 0)
		printf("no message in the last 7 days\n");
	return CTL_OK;
}

/* --- get --- */

struct wanted {
	struct sv id;
	char name[MESSAGE_NAME_MAX];
};

static void
on_wanted(void *arg, const char *name, int64_t at_ms, int64_t bytes)
{
	struct wanted *w = arg;

	(void)at_ms, (void)bytes;
	if (sv_eq(id_of(name), w->id))
		(void)snprintf(w->name, sizeof(w->name), "%s", name);
}

static int
file_read(const char *path, struct arena *a, struct sv *ret_bytes)
{
	char *buf = arena_get(a, SEALED_MOST);
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	size_t n = 0;
	ssize_t got = 0;

	if (fd < 0)
		return -errno;
	while (
	    n < SEALED_MOST && (got = read(fd, buf + n, SEALED_MOST - n)) > 0)
		n += (size_t)got;
	(void)close(fd);
	*ret_bytes = (struct sv){ buf, n };
	return got < 0 ? -EIO : 0;
}

/* A new file, for its owner only. */
static int
message_write(const char *path, struct sv bytes)
{
	int fd = open(
	    path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	int rc;

	if (fd < 0)
		return -errno;
	rc = file_fill(fd, bytes);
	if (close(fd) < 0 && rc == 0)
		rc = -errno;
	if (rc < 0)
		(void)unlink(path);
	return rc;
}

static int
message_open(const char *dir, const char *id, const char *key, struct arena *a,
    struct sv *ret_head, struct sv *ret_text)
{
	CLEANUP(reviewers_close) struct reviewers *r = NULL;
	struct wanted w = { .id = sv_of(id) };
	struct diag why = { "" };
	char path[PATH_MAX];
	struct sv sealed = { 0 };

	if (reviewers_open(key, &r, &why) < 0)
		return ctl_fail("%s", why.text);
	if (messages_each(dir, on_wanted, &w) < 0 || w.name[0] == '\0')
		return ctl_fail(
		    "there is no message %s; `safarctl messages list` shows "
		    "those there are",
		    id);
	if (snprintf(path, sizeof(path), "%s/" MESSAGES_FOLDER "/%s", dir,
		w.name) >= (int)sizeof(path) ||
	    file_read(path, a, &sealed) < 0)
		return ctl_fail("message %s cannot be read", id);
	if (reviewers_unseal_long(r, sealed, a, ret_head, ret_text) < 0)
		return ctl_fail("message %s is sealed to another key than the "
				"one in %s",
		    id, key);
	return CTL_OK;
}

static int
get(const char *dir, const char *id, const char *key, const char *to)
{
	CLEANUP(arena_free)
	struct arena *a = arena_new(ARENA_BLOCK, ARENA_MOST);
	struct sv text = { 0 }, head = { 0 }, number;
	int rc = message_open(dir, id, key, a, &head, &text);

	if (rc == CTL_OK)
		rc = service_audit(dir, "opened a voice message");
	if (rc != CTL_OK)
		return rc;
	rc = message_write(to, text);
	if (rc < 0)
		return ctl_fail("%s cannot be written: %s; make room, or name "
				"a new file",
		    to, strerror(-rc));
	number = sv_cut(&head, ' ');
	printf("call back: " SV_FMT "\nlanguage:  " SV_FMT "\n",
	    SV_ARG(sv_eq(number, SV("-")) ?
		       SV("withheld; it may be said in the message") :
		       number),
	    SV_ARG(head));
	return CTL_OK;
}

static int
run(const struct ctl *ctl, int argc, char **argv)
{
	const char *key = NULL, *to = NULL, *dir;
	const struct ctl_opt opts[] = {
		{ .name = "key", .text = &key },
		{ .name = "to", .text = &to },
	};
	const struct ctl_opts all = { &ctl_messages, opts, ARRAY_LEN(opts), 1,
		2, "list or get ID" };
	int at = ctl_args(&all, argc, argv), rc;

	if (at < 0)
		return -at;
	rc = ctl_data(ctl, true, &dir);
	if (rc != CTL_OK)
		return rc;
	if (strcmp(argv[at], "list") == 0 && argc - at == 1)
		return list(dir);
	if (strcmp(argv[at], "get") != 0 || argc - at != 2)
		return ctl_wrong(&ctl_messages, "write list or get ID");
	if (key == NULL || to == NULL)
		return ctl_wrong(
		    &ctl_messages, "write also --key FILE and --to FILE.wav");
	return get(dir, argv[at + 1], key, to);
}

const struct ctl_command ctl_messages = {
	.name = "messages",
	.help = "voice messages of callers, for reviewers with their key",
	.usage =
	    "usage: safarctl [--data DIR] messages list\n"
	    "       safarctl [--data DIR] messages get ID --key FILE --to "
	    "FILE.wav\n"
	    "\n"
	    "What callers of the last 7 days have left, each sealed to the "
	    "reviewers' key (see\n"
	    "safarctl unmatched --new-key).  get writes the recording into a "
	    "new file and says\n"
	    "whom to call back, in which language; it is noted in the "
	    "audit.\n"
	    "\n"
	    "  --key FILE  the reviewers' private key\n"
	    "  --to FILE   where to: wipe it when the call is made\n",
	.run = run,
};
