/* test_publish.c - import, export and editions, over a real directory.db. */
#include "content/publish.h"

#include "content/content.h"
#include "content/exchange.h"
#include "tests/tap.h"
#include "tests/tmpdir.h"

#define HEAD "id,name_en,country,places,topics,kind,listing,phone_e164,email\n"
#define GOOD "a,A,kg,kg,jobs,ngo,callers-after-check,+996555123456,\n"
#define OTHER "a,A,kg,kg,jobs,ngo,callers-after-check,+996555123457,\n"
#define CHECKED(day)                                                           \
	"id,name_en,country,places,topics,kind,listing,email,checked\n"        \
	"c,C,kg,kg,jobs,ngo,callers-after-check,b@c," day "\n"
#define BAD "b,B,kg,kg,jbos,ngo,callers-after-check,,b@c\n"

static struct content real;

struct told {
	unsigned same, added, changed, bad;
	char error[256];
};

static void
on_row(void *arg, const struct content_import_row *row)
{
	struct told *told = arg;

	if (row->error != NULL) {
		told->bad++;
		(void)snprintf(
		    told->error, sizeof(told->error), "%.255s", row->error);
		return;
	}
	told->same += row->change == DIRECTORY_SAME;
	told->added += row->change == DIRECTORY_ADDED;
	told->changed += row->change == DIRECTORY_CHANGED;
}

static int
import(struct directory *dir, const char *path, bool dry_run, struct told *told,
    struct diag *d)
{
	struct content_import i = {
		.path = path,
		.topics = real.topics,
		.places = real.places,
		.dir = dir,
		.dry_run = dry_run,
		.on_row = on_row,
		.arg = told,
	};

	*told = (struct told){ 0 };
	return content_import(&i, d);
}

static bool
count_one(void *arg, const struct directory_row *row)
{
	(void)row;
	++*(unsigned *)arg;
	return true;
}

static unsigned
count_rows(struct directory *dir)
{
	unsigned n = 0;

	return directory_each(dir, count_one, &n) == 0 ? n : 9999;
}

static bool
is_there(const struct tmpdir *tmp, const char *name)
{
	return access(tmp_path(tmp, name), F_OK) == 0;
}

static bool
same_files(const char *a, const char *b)
{
	FILE *fa = fopen(a, "r"), *fb = fopen(b, "r");
	int ca = 0, cb = 0;

	ASSERT(fa != NULL && fb != NULL);
	while (ca == cb && ca != EOF) {
		ca = fgetc(fa);
		cb = fgetc(fb);
	}
	(void)fclose(fa);
	(void)fclose(fb);
	return ca == cb;
}

static void
test_import(const struct tmpdir *tmp, struct directory *dir)
{
	struct told told;
	struct diag d = { "" };

	EQ(import(dir, "content/orgs", true, &told, &d), 0, "dry run");
	EQ(told.added, 176, "would add all");
	EQ(count_rows(dir), 0, "and adds none");
	EQ(import(dir, "content/orgs", false, &told, &d), 0, d.text);
	EQ(told.added, 176, "adds all");
	EQ(count_rows(dir), 176, "and they are there");
	EQ(import(dir, "content/orgs", false, &told, &d), 0, "again");
	EQ(told.same, 176, "changes nothing");

	tmp_puts(tmp, "one.csv", HEAD GOOD BAD);
	EQ(import(dir, tmp_path(tmp, "one.csv"), false, &told, &d), -EINVAL,
	    "a bad row");
	EQ(told.bad, 1, "is told");
	OK(strstr(told.error, "one.csv:3: topic \"jbos\"") != NULL, told.error);
	EQ(told.added, 1, "so are the good ones");
	EQ(count_rows(dir), 176, "but nothing is changed");
	tmp_puts(tmp, "one.csv", HEAD GOOD);
	EQ(import(dir, tmp_path(tmp, "one.csv"), false, &told, &d), 0, "good");
	EQ(told.added, 1, "added");
	tmp_puts(tmp, "one.csv", HEAD OTHER);
	EQ(import(dir, tmp_path(tmp, "one.csv"), false, &told, &d), 0, "other");
	EQ(told.changed, 1, "changed");
	tmp_puts(tmp, "one.csv", CHECKED("2062-09-14"));
	EQ(import(dir, tmp_path(tmp, "one.csv"), false, &told, &d), -EINVAL,
	    "a check that is still to come");
	OK(strstr(told.error,
	       "one.csv:2: checked is 2062-09-14, a day still to come; write "
	       "the day") != NULL,
	    told.error);
	tmp_puts(tmp, "one.csv", CHECKED("2026-09-14"));
	EQ(import(dir, tmp_path(tmp, "one.csv"), true, &told, &d), 0,
	    "one that was");
	EQ(import(dir, tmp_path(tmp, "none.csv"), false, &told, &d), -ENOENT,
	    "no such file");
	tmp_puts(tmp, "one.csv", "id,name_en\n");
	EQ(import(dir, tmp_path(tmp, "one.csv"), false, &told, &d), -EINVAL,
	    "columns missing");
}

static void
test_export(const struct tmpdir *tmp, struct directory *dir)
{
	struct listings *l = NULL;
	const struct listing *old, *new;
	struct told told;
	struct diag d = { "" };
	int64_t count = 0;
	size_t i;
	int bad = 0;

	tmp_mkdir(tmp, "out");
	EQ(directory_verify(dir, SV("psp-fond"), INT64_C(1789387200123),
	       SV("phone"), SV("tester")),
	    0, "somebody called");
	EQ(content_export(dir, tmp_path(tmp, "out/d.csv"), &count, &d), 0,
	    "export");
	EQ(count, 177, "all rows");
	EQ(import(dir, tmp_path(tmp, "out/d.csv"), false, &told, &d), 0,
	    d.text);
	EQ(told.same, 177, "import of an export changes nothing");
	EQ(content_export(dir, tmp_path(tmp, "again.csv"), &count, &d), 0,
	    "export again");
	OK(same_files(tmp_path(tmp, "out/d.csv"), tmp_path(tmp, "again.csv")),
	    "byte for byte the same");
	EQ(import(dir, "content/orgs", false, &told, &d), 0, "import the seed");
	EQ(listings_load(
	       tmp_path(tmp, "out"), real.topics, real.places, &l, &d),
	    0, d.text);
	if (l == NULL)
		return;
	for (i = 0; i < listings_count(real.listings); i++) {
		old = listings_at(real.listings, i);
		new = listings_find(l, sv_of(old->id));
		bad += new == NULL || old->topics != new->topics ||
		       old->kind != new->kind || old->year != new->year ||
		       old->for_callers != new->for_callers ||
		       old->phone_count != new->phone_count ||
		       old->place_count != new->place_count ||
		       !sv_eq(old->names[LANG_RU], new->names[LANG_RU]) ||
		       !sv_eq(old->short_code, new->short_code) ||
		       !sv_eq(old->reachable_from, new->reachable_from) ||
		       !sv_eq(old->hours, new->hours) ||
		       !sv_eq(old->address, new->address) ||
		       strcmp(old->serves, new->serves) != 0;
		if (bad == 1)
			printf("# %s differs\n", old->id);
	}
	EQ(bad, 0, "every listing as in the seed");
	EQ(listings_find(l, SV("psp-fond"))->checked_ms, INT64_C(1789387200123),
	    "and when it was checked");
	listings_free(&l);
	EQ(content_export(dir, tmp_path(tmp, "no/d.csv"), &count, &d), -ENOENT,
	    "no such folder");
}

/* Going back: the first edition once more, under a new number. */
static void
test_again(const struct tmpdir *tmp, struct directory *dir)
{
	struct content_stage stage;
	struct diag d = { "" };
	int64_t now = 0;

	EQ(content_publish_stage_again(tmp->path, 5, dir, &stage, &d), -ENOENT,
	    "no such edition");
	EQ(content_publish_stage_again(tmp->path, 1, dir, &stage, &d), 0,
	    "the first again");
	EQ(stage.number, 9, "under the next number");
	EQ(stage.listings, 177, "with its listings");
	EQ(content_publish_finish(&stage, dir,
	       &(struct content_publisher){ SV("ann"), SV("back"), 3 }, &d),
	    0, "finish");
	OK(same_files(tmp_path(tmp, "editions/0001/content/orgs/directory.csv"),
	       tmp_path(tmp, "editions/0009/content/orgs/directory.csv")),
	    "the same directory");
	OK(same_files(tmp_path(tmp, "editions/0001/menus/main.yaml"),
	       tmp_path(tmp, "editions/0009/menus/main.yaml")),
	    "the same menus");
	EQ(directory_edition_now(dir, &now), 0, "published");
	EQ(now, 9, "number nine");
}

static void
test_publish(const struct tmpdir *tmp, struct directory *dir)
{
	struct content_stage stage, second;
	struct content content = { 0 };
	struct diag d = { "" };
	char path[CONTENT_PATH_MAX + 16];
	int64_t now = 0;

	EQ(content_publish_stage(tmp->path, ".", dir, &stage, &d), 0, "stage");
	EQ(stage.number, 1, "the first edition");
	EQ(stage.listings, 177, "with all listings");
	OK(is_there(tmp, "editions/0001.tmp/menus/main.yaml"), "menus");
	(void)snprintf(path, sizeof(path), "%s/content", stage.path);
	EQ(content_load(path, &content, &d), 0, "can be loaded");
	content_done(&content);
	EQ(directory_edition_now(dir, &now), -ENOENT, "nothing published yet");
	EQ(content_publish_stage(tmp->path, ".", dir, &second, &d), -EBUSY,
	    "one at a time");
	EQ(content_publish_finish(&stage, dir,
	       &(struct content_publisher){ SV("ann"), SV("first"), 1 }, &d),
	    0, "finish");
	EQ(directory_edition_now(dir, &now), 0, "published");
	EQ(now, 1, "number one");
	OK(is_there(tmp, "editions/0001/content/orgs/directory.csv"), "there");
	OK(!is_there(tmp, "editions/0001.tmp"), "no stage left");
	EQ(content_edition_path("x", 1, path), 0, "path of an edition");
	OK(strcmp(path, "x/editions/0001") == 0, path);

	tmp_mkdir(tmp, "editions/0002.tmp");
	tmp_puts(tmp, "editions/0002.tmp/half", "x");
	tmp_mkdir(tmp, "editions/0007");
	EQ(content_publish_stage(tmp->path, ".", dir, &stage, &d), 0,
	    "after a crash");
	EQ(stage.number, 8, "numbers only grow");
	OK(!is_there(tmp, "editions/0002.tmp"), "half-written edition removed");
	content_publish_abandon(&stage);
	OK(!is_there(tmp, "editions/0008.tmp"), "abandoned");

	tmp_mkdir(tmp, "share");
	EQ(content_publish_stage(
	       tmp->path, tmp_path(tmp, "share"), dir, &stage, &d),
	    -ENOENT, "nothing to publish");
	OK(!is_there(tmp, "editions/0008.tmp"), "nothing left behind");
	EQ(content_publish_stage(tmp->path, ".", dir, &stage, &d), 0, "stage");
	tmp_mkdir(tmp, "editions/0008");
	tmp_puts(tmp, "editions/0008/x", "in the way");
	OK(content_publish_finish(&stage, dir,
	       &(struct content_publisher){ SV("ann"), SV(""), 2 }, &d) < 0,
	    "the name is taken");
	EQ(directory_edition_now(dir, &now), 0, "the old edition");
	EQ(now, 1, "stays");
	test_again(tmp, dir);
	EQ(content_publish_stage(tmp_path(tmp, "none"), ".", dir, &stage, &d),
	    -ENOENT, "no data folder");
}

int
main(void)
{
	struct tmpdir tmp = { "" };
	struct directory *dir = NULL;
	struct diag d = { "" };

	ASSERT(content_load("content", &real, &d) == 0);
	tmp_init(&tmp);
	EQ(directory_open(tmp.path, &dir, &d), 0, "open");
	if (dir != NULL) {
		test_import(&tmp, dir);
		test_export(&tmp, dir);
		test_publish(&tmp, dir);
	}
	directory_close(&dir);
	tmp_done(&tmp);
	content_done(&real);
	return tap_done();
}
