/* test_keywrap.c - a passphrase for the key folder: set, wrong, changed, taken
 * away, and what a crash leaves in between. */
#include "daemon/core/keywrap.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/core/reviewers.h"
#include "daemon/core/vault.h"
#include "tests/folder.h"
#include "tests/tap.h"

enum { EPOCH = 681 };

/* argon2id's least, so that the test is quick; a real one is made once */
static const struct keywrap_cost cheap = { 1, 8 };
static const char words[] = "river copper lantern ninety";
static const char number[] = "+12025550123"; /* of nobody: for fiction */

static int
keys_fd(const struct folder *f)
{
	char path[512];

	(void)snprintf(path, sizeof(path), "%s/keys", f->path);
	return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* What passphrase_get() reads: the lines of text, on descriptor 9. */
static void
say(const char *text)
{
	int ends[2];

	ASSERT(pipe(ends) == 0);
	ASSERT(write(ends[1], text, strlen(text)) == (ssize_t)strlen(text));
	(void)close(ends[1]);
	ASSERT(dup2(ends[0], 9) == 9);
	(void)close(ends[0]);
	ASSERT(setenv("SAFAR_PASSPHRASE_FD", "9", 1) == 0);
}

static void
path_of(const struct folder *f, const char *name, char ret_path[512])
{
	(void)snprintf(ret_path, 512, "%s/keys/%s", f->path, name);
}

static off_t
size_of(const struct folder *f, const char *name)
{
	struct stat st = { 0 };
	char path[512];

	path_of(f, name, path);
	return stat(path, &st) == 0 ? st.st_size : -1;
}

static int
open_with(const struct folder *f, const char *said, struct vault **ret_vault)
{
	struct diag why = { "" };
	int rc;

	say(said);
	rc = vault_open(f->path, ret_vault, &why);
	if (rc < 0)
		printf("# %s\n", why.text);
	return rc;
}

static void
person(struct vault *v, uint8_t ret_person[VAULT_TAG_LEN])
{
	ASSERT(vault_person(v, EPOCH, sv_of(number), ret_person) == 0);
}

/* Give a folder a cheap passphrase, and all its keys. */
static void
seal(const struct folder *f, const char *with)
{
	struct keyfile_room room = { .wrapped = false };
	char name[KEYFILE_NAME];
	int fd = keys_fd(f);

	ASSERT(fd >= 0);
	EQ(keywrap_put(fd, sv_of(with), &cheap, &room), 0, "a passphrase");
	EQ(keywrap_settle(fd, &room, name), 0, "and every key is sealed");
	(void)close(fd);
}

/* A folder with a vault key and an epoch's, and a person of it. */
static struct folder
folder_with_keys(uint8_t ret_person[VAULT_TAG_LEN])
{
	struct folder f = folder_new();
	struct vault *v = NULL;
	struct diag why;

	ASSERT(vault_create(f.path, &why) == 0);
	ASSERT(vault_open(f.path, &v, &why) == 0);
	person(v, ret_person);
	vault_close(&v);
	return f;
}

static void
test_seal(void)
{
	uint8_t before[VAULT_TAG_LEN], after[VAULT_TAG_LEN];
	struct folder f = folder_with_keys(before);
	struct vault *v = NULL;
	char line[80];

	EQ((int)size_of(&f, "vault.key"), 65, "a key that lies open");
	seal(&f, words);
	EQ((int)size_of(&f, "vault.key"), 145, "a sealed one");
	EQ((int)size_of(&f, "epoch-681.key"), 145, "and the epoch's");
	EQ((int)size_of(&f, "vault.key.new"), -1, "nothing beside it");
	EQ(open_with(&f, "river copper lantern eighty\n", &v), -EKEYREJECTED,
	    "another passphrase opens nothing");
	EQ(open_with(&f, "short\n", &v), -EINVAL, "too short to be one");
	EQ(open_with(&f, "", &v), -ENOKEY, "none is given");
	(void)snprintf(line, sizeof(line), "%s\n", words);
	EQ(open_with(&f, line, &v), 0, "the right one opens");
	person(v, after);
	OK(memcmp(before, after, sizeof(before)) == 0, "the same people");
	EQ(vault_person(v, EPOCH + 1, sv_of(number), after), 0, "a new epoch");
	EQ((int)size_of(&f, "epoch-682.key"), 145, "its key is sealed, too");
	vault_close(&v);
	EQ(open_with(&f, words, &v), 0, "also with no end of line");
	vault_close(&v);
	folder_done(&f);
}

/* A crash in the middle: wrap.key is there, some keys lie open. */
static void
test_half(void)
{
	uint8_t before[VAULT_TAG_LEN], after[VAULT_TAG_LEN];
	struct folder f = folder_with_keys(before);
	struct keyfile_room room = { .wrapped = false };
	struct vault *v = NULL;
	int fd = keys_fd(&f);

	EQ(keywrap_put(fd, sv_of(words), &cheap, &room), 0, "it is begun");
	EQ(keyfile_convert(fd, "vault.key", true, &room), 0, "one key");
	(void)close(fd);
	EQ((int)size_of(&f, "epoch-681.key"), 65, "and then the power goes");
	EQ(open_with(&f, words, &v), 0, "the next start works");
	person(v, after);
	OK(memcmp(before, after, sizeof(before)) == 0, "with the same people");
	EQ((int)size_of(&f, "epoch-681.key"), 145, "and seals what lay open");
	vault_close(&v);
	folder_done(&f);
}

static void
link_as(const struct folder *f, const char *name, const char *as)
{
	char from[512], to[512];

	path_of(f, name, from);
	path_of(f, as, to);
	ASSERT(link(from, to) == 0);
}

/* A crash while a key was written: its draft may be the key in clear, or the
 * key itself under another name. */
static void
test_drafts(void)
{
	uint8_t before[VAULT_TAG_LEN], after[VAULT_TAG_LEN];
	struct folder f = folder_with_keys(before);
	struct vault *v = NULL;
	char path[512];
	FILE *file;

	seal(&f, words);
	link_as(&f, "epoch-681.key", "epoch-681.key.new");
	path_of(&f, "vault.key.new", path);
	file = fopen(path, "wex");
	ASSERT(file != NULL && fputs("00112233", file) >= 0);
	ASSERT(fclose(file) == 0);
	EQ(open_with(&f, words, &v), 0, "a folder with drafts opens");
	person(v, after);
	OK(memcmp(before, after, sizeof(before)) == 0, "with the same people");
	vault_close(&v);
	EQ((int)size_of(&f, "epoch-681.key.new"), -1, "the second name goes");
	EQ((int)size_of(&f, "vault.key.new"), -1, "and so does the draft");
	EQ(open_with(&f, words, &v), 0, "the keys are whole");
	person(v, after);
	OK(memcmp(before, after, sizeof(before)) == 0, "and the same");
	vault_close(&v);
	folder_done(&f);
}

/* Whoever knows the passphrase before finds nothing that it opens. */
static void
test_old_wrap(void)
{
	uint8_t before[VAULT_TAG_LEN];
	struct folder f = folder_with_keys(before);
	struct diag why = { "" };
	char path[512], byte;
	size_t n = 0, zeros = 0;
	FILE *file;

	seal(&f, words);
	link_as(&f, KEYWRAP_NAME, "seen");
	say("river copper lantern ninety\nanother of five dull words\n");
	EQ(vault_seal_keys(f.path, &why), 0, "another passphrase");
	path_of(&f, "seen", path);
	file = fopen(path, "re");
	ASSERT(file != NULL);
	for (; fread(&byte, 1, 1, file) == 1; n++)
		zeros += byte == 0;
	(void)fclose(file);
	OK(n > 100 && zeros == n, "the wrap before is written over");
	folder_done(&f);
}

static void
test_change(void)
{
	uint8_t before[VAULT_TAG_LEN], after[VAULT_TAG_LEN];
	struct folder f = folder_with_keys(before);
	struct vault *v = NULL;
	struct diag why = { "" };
	bool sealed = false;
	char path[512];

	seal(&f, words);
	say("river copper lantern ninety\nanother of five dull words\n");
	EQ(vault_seal_keys(f.path, &why), 0, "another passphrase");
	EQ(open_with(&f, "another of five dull words", &v), 0, "the new one");
	person(v, after);
	OK(memcmp(before, after, sizeof(before)) == 0, "the same people");
	vault_close(&v);
	(void)snprintf(path, sizeof(path), "%s/keys", f.path);
	EQ(vault_is_sealed(path, &sealed, &why), 0, "looked at");
	OK(sealed, "it says that it has one");
	say("another of five dull words\n");
	EQ(vault_unseal_keys(f.path, &why), 0, "no passphrase any more");
	EQ((int)size_of(&f, "vault.key"), 65, "the key lies open");
	EQ((int)size_of(&f, KEYWRAP_NAME), -1, "the key of keys is gone");
	(void)unsetenv("SAFAR_PASSPHRASE_FD");
	EQ(vault_open(f.path, &v, &why), 0, "nobody is asked");
	person(v, after);
	OK(memcmp(before, after, sizeof(before)) == 0, "the same people");
	vault_close(&v);
	folder_done(&f);
}

/* A sealed key put in another's place, or changed, or whose key of keys is
 * gone. */
static void
test_damage(void)
{
	uint8_t who[VAULT_TAG_LEN];
	struct folder f = folder_with_keys(who);
	struct vault *v = NULL;
	char from[512], to[512];
	int fd;

	seal(&f, words);
	path_of(&f, "epoch-681.key", from);
	path_of(&f, "epoch-680.key", to);
	ASSERT(rename(from, to) == 0);
	EQ(open_with(&f, words, &v), -EKEYREJECTED, "a key under another name");
	ASSERT(rename(to, from) == 0);
	path_of(&f, KEYWRAP_NAME, from);
	path_of(&f, "away", to);
	ASSERT(rename(from, to) == 0);
	EQ(open_with(&f, words, &v), -ENOKEY, "the key of keys is not there");
	fd = open(from, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	ASSERT(write(fd, "argon2id 1 4294967295 00 00\n", 28) == 28);
	(void)close(fd);
	EQ(open_with(&f, words, &v), -EINVAL, "more memory than there is");
	ASSERT(rename(to, from) == 0 && chmod(from, 0640) == 0);
	EQ(open_with(&f, words, &v), -EPERM, "others may read it");
	ASSERT(chmod(from, 0600) == 0);
	EQ(open_with(&f, words, &v), 0, "all is well again");
	vault_close(&v);
	folder_done(&f);
}

static void
test_credential(void)
{
	uint8_t who[VAULT_TAG_LEN];
	struct folder f = folder_with_keys(who);
	struct vault *v = NULL;
	struct diag why = { "" };
	char path[512];
	int fd;

	seal(&f, words);
	(void)unsetenv("SAFAR_PASSPHRASE_FD");
	ASSERT(setenv("CREDENTIALS_DIRECTORY", f.path, 1) == 0);
	(void)snprintf(path, sizeof(path), "%s/safar.passphrase", f.path);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0400);
	ASSERT(write(fd, words, strlen(words)) == (ssize_t)strlen(words));
	(void)close(fd);
	EQ(vault_open(f.path, &v, &why), 0, "from a systemd credential");
	vault_close(&v);
	(void)unsetenv("CREDENTIALS_DIRECTORY");
	folder_done(&f);
}

/* As safarctl init does it, with what argon2id really takes. */
static void
test_create(void)
{
	struct folder f = folder_new();
	struct vault *v = NULL;
	struct diag why = { "" };

	say("too few\n");
	EQ(vault_create_sealed(f.path, &why), -EINVAL, "a short one");
	EQ((int)size_of(&f, "vault.key"), -1, "no key is made");
	say("river copper lantern ninety\nriver copper lantern ninety\n");
	EQ(vault_create_sealed(f.path, &why), 0, "a new folder");
	EQ((int)size_of(&f, "vault.key"), 145, "whose key never lay open");
	EQ(vault_open(f.path, &v, &why), 0, "it opens");
	vault_close(&v);
	(void)unsetenv("SAFAR_PASSPHRASE_FD");
	folder_done(&f);
}

/* The reviewers' private key, as the console's page takes it. */
static void
test_reviewers(void)
{
	static const char kind[] = "safar-reviewers 1 argon2id 3 65536 ";
	struct folder f = folder_new();
	char keys[512], plain[512], sealed[512], line[512] = "";
	struct reviewers *r = NULL;
	struct diag why = { "" };
	FILE *file;

	(void)snprintf(keys, sizeof(keys), "%s/keys", f.path);
	(void)snprintf(plain, sizeof(plain), "%s/plain", f.path);
	(void)snprintf(sealed, sizeof(sealed), "%s/sealed", f.path);
	ASSERT(mkdir(keys, 0700) == 0);
	ASSERT(reviewers_create(f.path, plain, &why) == 0);
	ASSERT(reviewers_open(plain, &r, &why) == 0);
	say("too short\n");
	EQ(reviewers_wrap(r, sealed, &why), -EINVAL, "a short passphrase");
	say("five words are as good\n");
	EQ(reviewers_wrap(r, sealed, &why), 0, "a key with a passphrase");
	say("five words are as good\n");
	EQ(reviewers_wrap(r, sealed, &why), -EEXIST, "over no file");
	reviewers_close(&r);
	file = fopen(sealed, "re");
	ASSERT(file != NULL && fgets(line, sizeof(line), file) != NULL);
	(void)fclose(file);
	OK(strncmp(line, kind, strlen(kind)) == 0, "says what it takes");
	EQ(strlen(line), strlen(kind) + 32 + 1 + 48 + 1 + 96 + 1,
	    "salt, nonce and box");
	say("six words are not as good\n");
	EQ(reviewers_open(sealed, &r, &why), -EKEYREJECTED, "another one");
	OK(strstr(why.text, "not the passphrase") != NULL, "and says so");
	say("five words are as good\n");
	EQ(reviewers_open(sealed, &r, &why), 0, "the right one opens it");
	reviewers_close(&r);
	ASSERT(truncate(sealed, 150) == 0);
	EQ(reviewers_open(sealed, &r, &why), -EINVAL, "half of one does not");
	(void)unsetenv("SAFAR_PASSPHRASE_FD");
	folder_done(&f);
}

int
main(void)
{
	test_seal();
	test_half();
	test_drafts();
	test_old_wrap();
	test_change();
	test_damage();
	test_credential();
	test_create();
	test_reviewers();
	return tap_done();
}
