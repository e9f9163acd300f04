/*
 * api_exchange.c - listings in and out: safarctl reads and writes them.
 *
 * What strangers made is read by a process of its own, which has none of the
 * console's sessions.  An upload lies in DATA/console under a name of ours
 * until it is put in, an hour at most.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/core/conf.h"
#include "daemon/web/desk.h"
#include "daemon/web/web.h"

enum {
	NAME_MAX_BYTES = 80,
	PATH_BYTES_MAX = 1200,
	UPLOADS_MAX = 40, /* at a time, of everybody */
	UPLOAD_AGE_MS = 3600 * 1000,
	READ_MAX = 128 << 20,
};

/* --- files of ours --- */

static void
spool_path(struct web_request *q, const char *name, char path[PATH_BYTES_MAX])
{
	(void)snprintf(path, PATH_BYTES_MAX, "%s/%s", web_spool(q->web), name);
}

/* Remove what is old.  Returns how many uploads are left. */
static unsigned
spool_sweep(struct web_request *q)
{
	DIR *folder = opendir(web_spool(q->web));
	const struct dirent *entry;
	char path[PATH_BYTES_MAX];
	unsigned left = 0;
	struct stat st;

	while (folder != NULL && (entry = readdir(folder)) != NULL) {
		if (strncmp(entry->d_name, "import-", 7) != 0 &&
		    strncmp(entry->d_name, "export-", 7) != 0)
			continue;
		spool_path(q, entry->d_name, path);
		if (stat(path, &st) < 0)
			continue;
		if (q->now_ms - (int64_t)st.st_mtime * 1000 > UPLOAD_AGE_MS)
			(void)unlink(path);
		else
			left++;
	}
	if (folder != NULL)
		(void)closedir(folder);
	return left;
}

static int
file_write(const char *path, struct sv bytes)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	size_t put = 0;
	int rc = 0;

	if (fd < 0)
		return -errno;
	while (rc == 0 && put < bytes.n) {
		ssize_t n = write(fd, bytes.p + put, bytes.n - put);

		if (n < 0)
			rc = -errno;
		else
			put += (size_t)n;
	}
	if (close(fd) < 0 && rc == 0)
		rc = -errno;
	if (rc < 0)
		(void)unlink(path);
	return rc;
}

/* free() it; NULL: there is none. */
static char *
file_read(const char *path, size_t *ret_n)
{
	FILE *f = fopen(path, "re");
	struct stat st;
	char *p;

	if (f == NULL)
		return NULL;
	if (fstat(fileno(f), &st) < 0 || st.st_size > READ_MAX) {
		(void)fclose(f);
		return NULL;
	}
	p = malloc((size_t)st.st_size + 1);
	ASSERT(p != NULL);
	*ret_n = fread(p, 1, (size_t)st.st_size, f);
	(void)fclose(f);
	return p;
}

/* --- import: what it would do --- */

/* An upload under way; its request's arena has it. */
struct upload {
	char id[NAME_MAX_BYTES]; /* "USER-RANDOM-KIND" */
	char path[PATH_BYTES_MAX], report[PATH_BYTES_MAX];
};

static void
on_read(struct web_request *q, void *arg, int code, const char *text)
{
	struct upload *u = arg;
	size_t n = 0;
	char *report = file_read(u->report, &n);
	json_t *all = report != NULL ? json_loadb(report, n, 0, NULL) : NULL;
	const char *reason;

	free(report);
	(void)unlink(u->report);
	if (code == 0 && json_is_object(all)) {
		(void)json_object_set_new(all, "id", json_string(u->id));
		web_json(q, 200, all);
		return;
	}
	(void)unlink(u->path);
	reason = json_string_value(json_object_get(all, "unreadable"));
	if (strncmp(text, "safarctl: ", 10) == 0)
		text += 10;
	web_error(q, 422, "import_unreadable",
	    json_pack("{s:s, s:s}", "why", text, "reason",
		reason != NULL ? reason : ""));
	json_decref(all);
}

/* As `directory import --as` calls them; NULL: none. */
static const char *
kind_of(struct web_request *q)
{
	static const char *const kinds[][2] = { { "hsds", "hsds" },
		{ "hsds_json", "json" }, { "csv", "csv" } };
	struct sv kind = { "", 0 };
	size_t i;

	(void)web_query(q, "kind", &kind);
	for (i = 0; i < ARRAY_LEN(kinds); i++)
		if (sv_eq(kind, sv_of(kinds[i][0])))
			return kinds[i][1];
	return NULL;
}

static int
upload_keep(struct web_request *q, const char *kind, struct upload *u)
{
	uint64_t random = 0;
	char name[NAME_MAX_BYTES + 16];

	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		return -EIO;
	(void)snprintf(u->id, sizeof(u->id), "%lld-%016llx-%s",
	    (long long)q->user->id, (unsigned long long)random, kind);
	(void)snprintf(name, sizeof(name), "import-%s", u->id);
	spool_path(q, name, u->path);
	(void)snprintf(name, sizeof(name), "import-%s.report", u->id);
	spool_path(q, name, u->report);
	return file_write(u->path, q->body);
}

void
api_import(struct web_request *q)
{
	struct upload *u = ARENA_NEW(q->arena, struct upload);
	const char *kind = kind_of(q);
	int rc;

	if (!desk_has_all(q))
		return;
	if (kind == NULL || q->body.n == 0) {
		web_error(q, 422, "invalid",
		    json_pack("{s:{s:s}}", "fields",
			kind == NULL ? "kind" : "body", "missing"));
		return;
	}
	if (spool_sweep(q) >= UPLOADS_MAX) {
		web_error(q, 503, "busy", NULL);
		return;
	}
	rc = upload_keep(q, kind, u);
	if (rc == 0)
		rc = web_audit(q, "import_read", sv_of(u->id));
	if (rc == 0) {
		const char *const argv[] = { "directory", "import", "--as",
			kind, "--report", u->report, u->path, NULL };

		rc = web_run(q, argv, on_read, u);
	}
	if (rc < 0) {
		(void)unlink(u->path);
		web_failed(q, rc);
	}
}

/* --- import: doing it --- */

/* Of this user, and still there. */
static bool
upload_find(
    struct web_request *q, char path[PATH_BYTES_MAX], const char **ret_kind)
{
	char mine[32], name[NAME_MAX_BYTES];
	const char *dash;

	(void)snprintf(mine, sizeof(mine), "%lld-", (long long)q->user->id);
	(void)snprintf(name, sizeof(name), "import-" SV_FMT, SV_ARG(q->id));
	if (strncmp(name + 7, mine, strlen(mine)) != 0 ||
	    strchr(name, '.') != NULL)
		return false;
	dash = strrchr(name, '-');
	spool_path(q, name, path);
	if (dash == NULL || access(path, R_OK) < 0)
		return false;
	*ret_kind = strcmp(dash, "-hsds") == 0 ? "hsds" :
		    strcmp(dash, "-json") == 0 ? "json" :
						 "csv";
	return true;
}

void
api_import_apply(struct web_request *q)
{
	char path[PATH_BYTES_MAX], who[256], account[24];
	const char *kind = "csv";
	int64_t job = 0;
	int rc;

	if (!desk_has_all(q))
		return;
	if (!upload_find(q, path, &kind)) {
		web_error(q, 404, "not_found", NULL);
		return;
	}
	(void)snprintf(who, sizeof(who), SV_FMT, SV_ARG(q->user->name));
	(void)snprintf(
	    account, sizeof(account), "%lld", (long long)q->user->id);
	rc = web_audit(q, "import", q->id);
	if (rc == 0) {
		const char *argv[] = { "directory", "import", "--as", kind,
			"--progress", "--who", who, "--account", account, path,
			NULL, NULL };

		if (web_conf(q->web)->console.approval) {
			argv[9] = "--submit";
			argv[10] = path;
		}
		rc = web_job_start(q, "import", argv, &job);
	}
	if (rc < 0)
		web_failed(q, rc);
	else
		web_json(q, 200, json_pack("{s:I}", "job", (json_int_t)job));
}

/* --- export --- */

struct download {
	const char *type, *name;
	char path[PATH_BYTES_MAX];
};

static void
on_written(struct web_request *q, void *arg, int code, const char *text)
{
	const struct download *d = arg;
	size_t n = 0;
	char *p = code == 0 ? file_read(d->path, &n) : NULL;

	(void)text;
	(void)unlink(d->path);
	if (p == NULL)
		web_failed(q, -EIO);
	else
		web_bytes(q, 200, d->type, d->name, (struct sv){ p, n });
	free(p);
}

static void export(
    struct web_request *q, const char *form, const char *type, const char *name)
{
	struct download *d = ARENA_NEW(q->arena, struct download);
	const char *const argv[] = { "directory", "export", form, d->path,
		NULL };
	uint64_t random = 0;
	char file[NAME_MAX_BYTES];
	int rc = 0;

	if (!desk_has_all(q))
		return;
	(void)spool_sweep(q);
	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		rc = -EIO;
	(void)snprintf(file, sizeof(file), "export-%016llx-%s",
	    (unsigned long long)random, name);
	spool_path(q, file, d->path);
	d->type = type;
	d->name = name;
	if (rc == 0)
		rc = web_audit(q, "export", sv_of(name));
	if (rc == 0)
		rc = web_run(q, argv, on_written, d);
	if (rc < 0)
		web_failed(q, rc);
}

void
api_export_hsds(struct web_request *q)
{
	export(q, "--hsds", "application/zip", "hsds.zip");
}

void
api_export_ndjson(struct web_request *q)
{
	export(q, "--json", "application/x-ndjson", "services.ndjson");
}

void
api_export_csv(struct web_request *q)
{
	export(q, "--csv", "text/csv", "listings.csv");
}
