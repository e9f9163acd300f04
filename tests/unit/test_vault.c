/* test_vault.c - keys, pseudonyms, sealing, and who may read the keys. */
#include "daemon/core/vault.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/core/keyfolder.h"
#include "daemon/core/reviewers.h"
#include "tests/folder.h"
#include "tests/tap.h"

enum { EPOCH = 681 };

/* A number reserved for fiction: it belongs to nobody. */
static const char number[] = "+12025550123";

static struct vault *
open_in(const struct folder *f)
{
	struct vault *v = NULL;
	struct diag diag = { 0 };

	if (vault_open(f->path, &v, &diag) < 0)
		printf("# %s\n", diag.text);
	ASSERT(v != NULL);
	return v;
}

static struct folder
folder_with_keys(void)
{
	struct folder f = folder_new();
	struct diag diag;

	ASSERT(vault_create(f.path, &diag) == 0);
	return f;
}

static void
path_of(const struct folder *f, const char *name, char ret_path[512])
{
	(void)snprintf(ret_path, 512, "%s/keys%s%s", f->path,
	    name[0] != '\0' ? "/" : "", name);
}

static unsigned
mode_of(const struct folder *f, const char *name)
{
	struct stat st = { 0 };
	char path[512];

	path_of(f, name, path);
	return stat(path, &st) == 0 ? st.st_mode & 07777 : 0;
}

static void
write_key(const struct folder *f, const char *name, const char *text)
{
	char path[512];
	FILE *file;

	path_of(f, name, path);
	file = fopen(path, "w");
	ASSERT(file != NULL && fputs(text, file) >= 0);
	ASSERT(fclose(file) == 0 && chmod(path, 0600) == 0);
}

static void
read_key(const struct folder *f, const char *name, char ret_text[128])
{
	char path[512];
	FILE *file;
	size_t n;

	path_of(f, name, path);
	file = fopen(path, "r");
	ASSERT(file != NULL);
	n = fread(ret_text, 1, 127, file);
	ret_text[n] = '\0';
	(void)fclose(file);
}

static void
test_files(void)
{
	struct folder f = folder_with_keys();
	struct vault *v = open_in(&f);
	char before[128], after[128];
	uint8_t person[VAULT_TAG_LEN];
	struct diag diag;

	read_key(&f, "vault.key", before);
	EQ(strlen(before), 65, "64 hex digits and a newline");
	EQ(strspn(before, "0123456789abcdef"), 64, "hex in small letters");
	EQ(before[64], '\n', "a newline at the end");
	EQ(mode_of(&f, ""), 0700, "mode of the folder");
	EQ(mode_of(&f, "vault.key"), 0600, "mode of the vault key");
	EQ(vault_create(f.path, &diag), 0, "create again");
	read_key(&f, "vault.key", after);
	OK(strcmp(before, after) == 0, "a key that is there stays");

	EQ(mode_of(&f, "epoch-681.key"), 0, "no epoch key before its time");
	EQ(vault_person(v, EPOCH, sv_of(number), person), 0, "first use");
	EQ(mode_of(&f, "epoch-681.key"), 0600, "makes the epoch's key");
	EQ(mode_of(&f, "epoch-681.key.new"), 0, "and leaves no draft");
	write_key(&f, "epoch-682.key.new", "cut by a crash");
	EQ(vault_person(v, 682, sv_of(number), person), 0,
	    "a draft left by a crash is no harm");
	read_key(&f, "epoch-682.key", after);
	EQ(strlen(after), 65, "and not taken for a key");
	vault_close(&v);
	OK(v == NULL, "close clears the pointer");
	vault_close(&v);
	folder_done(&f);
}

static void
test_refused(void)
{
	struct folder f = folder_new();
	struct vault *v = NULL;
	struct diag diag = { 0 };
	char path[512];
	size_t i;
	static const struct {
		const char *name;
		const char *file;
		const char *text;
	} bad[] = {
		{ "an empty key", "vault.key", "" },
		{ "a short key", "vault.key", "00ff\n" },
		{ "no newline", "vault.key",
		    "0123456789abcdef0123456789abcdef"
		    "0123456789abcdef0123456789abcdef" },
		{ "not hex", "vault.key",
		    "0123456789abcdef0123456789abcdef"
		    "0123456789abcdef0123456789abcdeg\n" },
		{ "too long", "vault.key",
		    "0123456789abcdef0123456789abcdef"
		    "0123456789abcdef0123456789abcdef\n\n" },
		{ "a bad epoch key", "epoch-1.key", "00\n" },
	};

	EQ(vault_open(f.path, &v, &diag), -ENOENT, "no folder of keys");
	OK(strstr(diag.text, "mount") != NULL &&
		strstr(diag.text, "safarctl restore --to") != NULL,
	    "says what to do");
	path_of(&f, "", path);
	ASSERT(mkdir(path, 0700) == 0);
	EQ(vault_open(f.path, &v, &diag), -ENOENT, "no vault key");
	OK(strstr(diag.text, "safarctl restore --to") != NULL,
	    "says what to do: init leaves a folder with settings alone");
	ASSERT(vault_create(f.path, &diag) == 0 && chmod(path, 0750) == 0);
	EQ(vault_open(f.path, &v, &diag), -EPERM, "folder open to the group");
	EQ(vault_create(f.path, &diag), -EPERM, "for create, too");
	OK(strstr(diag.text, "chmod 700") != NULL, "says what to do");
	ASSERT(chmod(path, 0700) == 0);
	path_of(&f, "vault.key", path);
	ASSERT(chmod(path, 0640) == 0);
	EQ(vault_open(f.path, &v, &diag), -EPERM, "key open to the group");
	ASSERT(chmod(path, 0604) == 0);
	EQ(vault_open(f.path, &v, &diag), -EPERM, "key open to others");
	OK(strstr(diag.text, "chmod 600") != NULL, "says what to do");
	for (i = 0; i < ARRAY_LEN(bad); i++) {
		ASSERT(unlink(path) == 0);
		ASSERT(vault_create(f.path, &diag) == 0);
		write_key(&f, bad[i].file, bad[i].text);
		EQ(vault_open(f.path, &v, &diag), -EINVAL, bad[i].name);
		OK(strstr(diag.text, bad[i].file) != NULL, "names the file");
	}
	OK(v == NULL, "output untouched");
	EQ(vault_create("/nonexistent", &diag), -ENOENT, "no data folder");
	folder_done(&f);
}

/* Root may write everywhere, so root looks with another's eyes. */
static void
test_unwritable(void)
{
	enum { NOBODY = 65534 };
	struct folder f = folder_with_keys();
	bool root = geteuid() == 0;
	struct vault *v = NULL;
	struct diag diag;
	char path[512];

	path_of(&f, "vault.key", path);
	ASSERT(!root || chown(path, NOBODY, NOBODY) == 0);
	path_of(&f, "", path);
	ASSERT(!root || (chown(path, NOBODY, NOBODY) == 0 &&
			    chown(f.path, NOBODY, NOBODY) == 0));
	ASSERT(chmod(path, 0500) == 0);
	ASSERT(!root || seteuid(NOBODY) == 0);
	EQ(vault_open(f.path, &v, &diag), -EPERM,
	    "no key could be made for the next epoch");
	OK(strstr(diag.text, "make it writable") != NULL, diag.text);
	ASSERT(!root || seteuid(0) == 0);
	ASSERT(chmod(path, 0700) == 0);
	folder_done(&f);
}

static bool
person_is(struct vault *v, int64_t epoch, const char *e164,
    const uint8_t want[VAULT_TAG_LEN])
{
	uint8_t got[VAULT_TAG_LEN];

	ASSERT(vault_person(v, epoch, sv_of(e164), got) == 0);
	return memcmp(got, want, sizeof(got)) == 0;
}

static void
test_person(void)
{
	struct folder f = folder_with_keys(), g = folder_with_keys();
	struct vault *v = open_in(&f), *other = open_in(&g);
	uint8_t first[VAULT_TAG_LEN];
	int64_t epoch;
	char path[512];

	EQ(vault_epoch(0), 0, "epoch 0 begins in 1970");
	EQ(vault_epoch(INT64_C(30) * 24 * 3600 * 1000 - 1), 0, "30 days long");
	EQ(vault_epoch(INT64_C(30) * 24 * 3600 * 1000), 1, "then comes 1");
	EQ(vault_person(v, EPOCH, sv_of(number), first), 0, "a pseudonym");
	OK(person_is(v, EPOCH, number, first), "the same again");
	OK(!person_is(v, EPOCH, "+12025550124", first), "of another number");
	OK(!person_is(v, EPOCH + 1, number, first), "in the next epoch");
	OK(!person_is(other, EPOCH, number, first), "on another machine");
	for (epoch = 0; epoch < 20; epoch++)
		OK(!person_is(v, epoch, number, first), "in many epochs");
	OK(person_is(v, EPOCH, number, first), "read back when pushed out");
	vault_close(&v);
	v = open_in(&f);
	OK(person_is(v, EPOCH, number, first), "the same after a restart");
	vault_close(&v);

	path_of(&f, "epoch-681.key", path);
	ASSERT(unlink(path) == 0);
	v = open_in(&f);
	OK(!person_is(v, EPOCH, number, first),
	    "never again once the epoch's key is gone");
	path_of(&f, "epoch-700.key.new", path);
	ASSERT(mkdir(path, 0700) == 0);
	EQ(vault_person(v, 700, sv_of(number), first), -EIO,
	    "a key that cannot be written");
	vault_close(&v);
	vault_close(&other);
	folder_done(&f);
	folder_done(&g);
}

/* The key of an epoch is made for who writes, not for who looks. */
static void
test_person_of(void)
{
	struct folder f = folder_with_keys();
	struct vault *v = open_in(&f);
	uint8_t want[VAULT_TAG_LEN], got[VAULT_TAG_LEN];
	char path[512];
	int64_t epoch;

	EQ(vault_person_of(v, EPOCH, sv_of(number), got), -ENOENT, "no key");
	path_of(&f, "epoch-681.key", path);
	OK(access(path, F_OK) < 0, "and none was made");
	EQ(vault_person(v, EPOCH, sv_of(number), want), 0, "now there is");
	for (epoch = 0; epoch < 20; epoch++)
		EQ(vault_person(v, epoch, sv_of(number), got), 0, "and others");
	EQ(vault_person_of(v, EPOCH, sv_of(number), got), 0, "found");
	OK(memcmp(got, want, sizeof(got)) == 0, "the same");
	vault_close(&v);
	folder_done(&f);
}

static void
test_ref(void)
{
	struct folder f = folder_with_keys(), g = folder_with_keys();
	struct vault *v = open_in(&f), *other = open_in(&g);
	uint8_t a[VAULT_TAG_LEN], b[VAULT_TAG_LEN];
	char tag[16];

	vault_ref(v, SV("kannel"), SV("42"), a);
	vault_ref(v, SV("kannel"), SV("42"), b);
	OK(memcmp(a, b, sizeof(a)) == 0, "a repeat has the same hash");
	vault_ref(v, SV("kannel4"), SV("2"), b);
	OK(memcmp(a, b, sizeof(a)) != 0, "fields do not run together");
	vault_ref(v, SV("kannel"), SV("43"), b);
	OK(memcmp(a, b, sizeof(a)) != 0, "another message");
	vault_ref(other, SV("kannel"), SV("42"), b);
	OK(memcmp(a, b, sizeof(a)) != 0, "another vault key");
	vault_close(&v);
	v = open_in(&f);
	vault_ref(v, SV("kannel"), SV("42"), b);
	OK(memcmp(a, b, sizeof(a)) == 0, "the same after a restart");

	(void)snprintf(
	    tag, sizeof(tag), "%s", vault_phone_tag(v, sv_of(number)));
	EQ(strlen(tag), 8, "a tag of eight digits");
	EQ(strspn(tag, "0123456789abcdef"), 8, "hex");
	OK(strcmp(tag, vault_phone_tag(v, sv_of(number))) == 0, "stable");
	OK(strcmp(tag, vault_phone_tag(v, SV("+12025550124"))) != 0,
	    "another number");
	vault_close(&v);
	v = open_in(&f);
	OK(strcmp(tag, vault_phone_tag(v, sv_of(number))) != 0,
	    "another tag in another process");
	vault_close(&v);
	vault_close(&other);
	folder_done(&f);
	folder_done(&g);
}

static bool
opens(const struct vault *v, struct sv sealed, struct arena *a)
{
	struct sv e164, from, text;

	return vault_unseal(v, sealed, a, &e164, &from, &text) == 0;
}

static void
test_seal(void)
{
	struct folder f = folder_with_keys(), g = folder_with_keys();
	struct vault *v = open_in(&f), *other = open_in(&g);
	struct arena *a = arena_new(4096, 1 << 20);
	struct sv sealed, again, e164 = SV("untouched"), from = e164,
				 text = e164;
	size_t i, bad = 0;
	char *copy;

	sealed = vault_seal(v, sv_of(number), SV("1414"), SV("сәлем"), a);
	again = vault_seal(v, sv_of(number), SV("1414"), SV("сәлем"), a);
	EQ(sealed.p[0], 1, "the version comes first");
	OK(!sv_eq(sealed, again), "twice the same is not the same");
	OK(memmem(sealed.p, sealed.n, "2025550123", 10) == NULL,
	    "the number is not in it");
	copy = arena_dup(a, sealed.p, sealed.n);
	for (i = 0; i < sealed.n; i++) {
		copy[i] ^= 1;
		bad += opens(v, (struct sv){ copy, sealed.n }, a);
		copy[i] ^= 1;
	}
	EQ(bad, 0, "any changed byte is noticed");
	for (i = 0, bad = 0; i < sealed.n; i++)
		bad += opens(v, (struct sv){ copy, i }, a);
	EQ(bad, 0, "any cut is noticed");
	EQ(vault_unseal(other, sealed, a, &e164, &from, &text), -EBADMSG,
	    "another key");
	EQ(vault_unseal(v, SV(""), a, &e164, &from, &text), -EBADMSG,
	    "nothing at all");
	OK(sv_eq(e164, SV("untouched")) && sv_eq(from, e164) &&
		sv_eq(text, e164),
	    "outputs untouched on failure");
	vault_close(&v);
	v = open_in(&f);
	EQ(vault_unseal(v, sealed, a, &e164, &from, &text), 0,
	    "open after a restart");
	OK(sv_eq(e164, sv_of(number)) && sv_eq(from, SV("1414")) &&
		sv_eq(text, SV("сәлем")),
	    "all three come back");
	sealed = vault_seal(
	    v, (struct sv){ 0 }, (struct sv){ 0 }, (struct sv){ 0 }, a);
	EQ(vault_unseal(v, sealed, a, &e164, &from, &text), 0, "empty fields");
	OK(e164.n == 0 && from.n == 0 && text.n == 0, "stay empty");
	arena_free(&a);
	vault_close(&v);
	vault_close(&other);
	folder_done(&f);
	folder_done(&g);
}

/* The same to the last byte, however many steps of the stream it takes. */
static void
test_seal_lengths(void)
{
	struct folder f = folder_with_keys();
	struct vault *v = open_in(&f);
	struct arena *a = arena_new(4096, 1 << 20);
	struct sv sealed, e164, from, text;
	char long_text[1100];
	size_t n, bad = 0;

	for (n = 0; n < sizeof(long_text); n++)
		long_text[n] = (char)('!' + n % 90);
	for (n = 0; n < sizeof(long_text); n++) {
		text = (struct sv){ long_text, n };
		sealed = vault_seal(v, sv_of(number), SV("1414"), text, a);
		bad += vault_unseal(v, sealed, a, &e164, &from, &text) != 0 ||
		       !sv_eq(e164, sv_of(number)) ||
		       !sv_eq(from, SV("1414")) ||
		       !sv_eq(text, (struct sv){ long_text, n });
		arena_reset(a);
	}
	EQ(bad, 0, "texts of any length come back");
	arena_free(&a);
	vault_close(&v);
	folder_done(&f);
}

/* By its own clock: the key of an old epoch, on disk and in memory. */
static void
test_expire(void)
{
	struct folder f = folder_with_keys();
	struct vault *v = open_in(&f);
	uint8_t old[VAULT_TAG_LEN], kept[VAULT_TAG_LEN];
	char path[512], outside[512], before[128], after[128];
	size_t n = 0;
	int fd;

	ASSERT(vault_person(v, EPOCH, sv_of(number), old) == 0);
	ASSERT(vault_person(v, EPOCH + 1, sv_of(number), kept) == 0);
	write_key(&f, "epoch-680.key.new", "left by a crash");
	write_key(&f, "epoch-x.key", "something else");
	read_key(&f, "epoch-681.key", before);
	path_of(&f, "epoch-681.key", path);
	(void)snprintf(outside, sizeof(outside), "%s/copy", f.path);
	ASSERT(link(path, outside) == 0);
	EQ(vault_epochs_destroy(v, EPOCH + 1, &n), 0, "destroy");
	EQ(n, 2, "the old one, and what a crash left");
	EQ(mode_of(&f, "epoch-681.key"), 0, "the file is gone");
	EQ(mode_of(&f, "epoch-x.key"), 0600, "what is no epoch's stays");
	fd = open(outside, O_RDONLY | O_CLOEXEC);
	ASSERT(fd >= 0 && read(fd, after, sizeof(after)) >= 65);
	(void)close(fd);
	OK(memmem(after, 65, before, 16) == NULL,
	    "what was in it is written over");
	EQ(vault_person_of(v, EPOCH, sv_of(number), old), -ENOENT,
	    "nor is it in memory");
	OK(person_is(v, EPOCH + 1, number, kept), "the next one is as it was");
	EQ(vault_epochs_destroy(v, EPOCH + 1, &n), 0, "again");
	EQ(n, 0, "there is nothing to do");
	vault_close(&v);
	folder_done(&f);
}

static void
test_destroy(void)
{
	struct folder f = folder_with_keys();
	struct vault *v = open_in(&f);
	struct arena *a = arena_new(4096, 1 << 20);
	struct sv sealed, e164, from, text;
	uint8_t name[VAULT_TAG_LEN];
	struct diag diag;
	size_t n = 0;

	ASSERT(vault_person(v, EPOCH, sv_of(number), name) == 0);
	write_key(&f, "smpp.password", "secret");
	sealed = vault_seal(v, sv_of(number), SV("1414"), SV("text"), a);
	EQ(vault_destroy(v, &n), 0, "panic");
	EQ(n, 3, "every file");
	EQ(mode_of(&f, "vault.key"), 0, "the vault key is gone");
	EQ(mode_of(&f, "smpp.password"), 0, "and a password");
	EQ(vault_unseal(v, sealed, a, &e164, &from, &text), -EBADMSG,
	    "what was sealed stays so");
	EQ(vault_person_of(v, EPOCH, sv_of(number), name), -EIO, "no names");
	EQ(vault_person(v, EPOCH, sv_of(number), name), -EIO,
	    "and none is made");
	EQ(mode_of(&f, "epoch-681.key"), 0, "no key is written again");
	vault_close(&v);
	ASSERT(vault_create(f.path, &diag) == 0);
	EQ(vault_folder_destroy(f.path, &n, &diag), 0, "without a vault");
	EQ(n, 1, "the same");
	arena_free(&a);
	folder_done(&f);
}

/* The folder may be on another disk. */
static void
test_elsewhere(void)
{
	struct folder f = folder_new(), g = folder_new();
	struct vault *v;
	struct diag diag;
	char path[512];
	struct stat st;

	(void)snprintf(path, sizeof(path), "%s/stick", g.path);
	EQ(keyfolder_link(f.path, path, &diag), 0, "a link");
	ASSERT(vault_create(f.path, &diag) == 0);
	ASSERT(stat(path, &st) == 0);
	EQ(st.st_mode & 07777, 0700, "to a folder for its owner");
	(void)snprintf(path, sizeof(path), "%s/stick/vault.key", g.path);
	EQ(stat(path, &st), 0, "which has the key");
	v = open_in(&f);
	vault_close(&v);
	EQ(keyfolder_link(f.path, g.path, &diag), -EEXIST, "never twice");
	ASSERT(chmod(g.path, 0755) == 0);
	EQ(keyfolder_link(f.path, g.path, &diag), -EPERM, "open to others");
	EQ(keyfolder_link(f.path, "/nonexistent/keys", &diag), -ENOENT,
	    "nowhere");
	OK(strstr(diag.text, "make it as root") != NULL, diag.text);
	ASSERT(chmod(g.path, 0700) == 0);
	folder_done(&f);
	folder_done(&g);
}

static void
test_reviewers(void)
{
	struct folder f = folder_with_keys(), g = folder_with_keys();
	struct arena *a = arena_new(4096, 1 << 20);
	struct vault *v = open_in(&f);
	struct reviewers *r = NULL, *other = NULL;
	struct sv sealed, text = SV("untouched");
	char path[512], strange[512];
	struct diag diag;

	(void)snprintf(path, sizeof(path), "%s/away", f.path);
	(void)snprintf(strange, sizeof(strange), "%s/away", g.path);
	OK(!vault_has_reviewers(v), "none");
	vault_close(&v);
	EQ(reviewers_create(f.path, path, &diag), 0, "a pair");
	EQ(reviewers_create(f.path, path, &diag), -EEXIST, "never over a key");
	EQ(reviewers_create(g.path, strange, &diag), 0, "of others");
	EQ(mode_of(&f, "reviewers.pub"), 0600, "the public one stays");
	v = open_in(&f);
	OK(vault_has_reviewers(v), "and is read");
	ASSERT(reviewers_open(path, &r, &diag) == 0);
	ASSERT(reviewers_open(strange, &other, &diag) == 0);
	sealed = vault_seal_review(v, SV("сәлем"), a);
	EQ(sealed.n, vault_seal_review(v, SV("a longer text"), a).n,
	    "its length is hidden");
	OK(memmem(sealed.p, sealed.n, "сәл", 5) == NULL, "it is sealed");
	EQ(reviewers_unseal(other, sealed, a, &text), -EBADMSG, "to one pair");
	OK(sv_eq(text, SV("untouched")), "output untouched");
	EQ(reviewers_unseal(r, sealed, a, &text), 0, "which opens it");
	OK(sv_eq(text, SV("сәлем")), "as it was");
	EQ(reviewers_open("/nonexistent", &r, &diag), -ENOENT, "no key");
	reviewers_close(&r);
	reviewers_close(&other);
	vault_close(&v);
	arena_free(&a);
	folder_done(&f);
	folder_done(&g);
}

int
main(void)
{
	test_files();
	test_refused();
	test_unwritable();
	test_person();
	test_person_of();
	test_ref();
	test_seal();
	test_seal_lengths();
	test_expire();
	test_destroy();
	test_elsewhere();
	test_reviewers();
	return tap_done();
}
