/* hsds_package.c - HSDS packages: folders and zips, guarded against traps. */
#include "content/hsds_package.h"

#include <dirent.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zip.h>

#include "content/file.h"
#include "content/hsds_csv.h"

enum { PATH_BYTES_MAX = 1024 };

/* --- reading --- */

bool
hsds_is_zip(struct sv bytes)
{
	/* APPNOTE.TXT 4.3.7: local file header; 4.3.16: an empty archive */
	return bytes.n >= 4 && (memcmp(bytes.p, "PK\3\4", 4) == 0 ||
				   memcmp(bytes.p, "PK\5\6", 4) == 0);
}

static int
no_tables(struct hsds *h, const char *what, struct diag *d)
{
	return hsds_unreadable(h, d, "no_tables",
	    "%s holds no table of HSDS; it needs organizations.csv and "
	    "services.csv",
	    what);
}

static int
read_bytes(const char *path, char **ret_p, size_t *ret_n, struct diag *d)
{
	FILE *f = fopen(path, "re");
	struct stat st;
	size_t size;
	char *p;

	if (f == NULL || fstat(fileno(f), &st) < 0 || !S_ISREG(st.st_mode) ||
	    st.st_size > PACKAGE_BYTES_MAX) {
		if (f != NULL)
			(void)fclose(f);
		return diag_set(d, -EINVAL,
		    "%s: cannot be read, or is larger than %d bytes", path,
		    PACKAGE_BYTES_MAX);
	}
	size = (size_t)st.st_size;
	p = malloc(size + 1);
	ASSERT(p != NULL);
	size = fread(p, 1, size, f);
	(void)fclose(f);
	*ret_p = p;
	*ret_n = size;
	return 0;
}

static int
is_table_file(const struct dirent *entry)
{
	return hsds_is_table(entry->d_name);
}

int
hsds_read_folder(struct hsds *h, const char *path, struct diag *reterr_diag)
{
	struct dirent **names = NULL;
	int i, rc = 0, count = scandir(path, &names, is_table_file, alphasort);

	if (count < 0)
		return diag_set(reterr_diag,
		    errno == ENOENT ? -ENOENT : -EINVAL,
		    "%s: cannot be read (%s)", path, strerror(errno));
	for (i = 0; i < count; i++) {
		char file[PATH_BYTES_MAX], *data = NULL;
		size_t size = 0;
		int n = snprintf(
		    file, sizeof(file), "%s/%s", path, names[i]->d_name);

		if (rc == 0 && (n < 0 || (size_t)n >= sizeof(file)))
			rc = diag_set(reterr_diag, -EINVAL,
			    "%s: the path is too long; shorten it", path);
		if (rc == 0)
			rc = read_bytes(file, &data, &size, reterr_diag);
		if (rc == 0)
			hsds_read_csv(
			    h, names[i]->d_name, (struct sv){ data, size });
		free(data);
		free(names[i]);
	}
	free(names);
	return rc == 0 && count == 0 ? no_tables(h, path, reterr_diag) : rc;
}

/* A name that would lead out of the folder it is unpacked in. */
static bool
leads_out(const char *name)
{
	const char *at;

	if (name[0] == '/' || strchr(name, '\\') != NULL ||
	    strchr(name, ':') != NULL)
		return true;
	for (at = strstr(name, ".."); at != NULL; at = strstr(at + 1, ".."))
		if ((at == name || at[-1] == '/') &&
		    (at[2] == '/' || at[2] == '\0'))
			return true;
	return false;
}

static const char *
last_part(const char *name)
{
	const char *slash = strrchr(name, '/');

	return slash != NULL ? slash + 1 : name;
}

static int
entry_look(struct hsds *h, zip_t *z, uint64_t i, zip_stat_t *st, struct diag *d)
{
	const zip_uint64_t all =
	    ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE;

	zip_stat_init(st);
	if (zip_stat_index(z, i, 0, st) < 0 || (st->valid & all) != all)
		return hsds_unreadable(h, d, "zip_damaged",
		    "the zip is damaged; make it once more");
	if (leads_out(st->name))
		return hsds_unreadable(h, d, "zip_paths",
		    "the zip has file names with \"..\", '\\' or a full path; "
		    "make it of the files' folder alone");
	if ((st->valid & ZIP_STAT_ENCRYPTION_METHOD) != 0 &&
	    st->encryption_method != ZIP_EM_NONE)
		return hsds_unreadable(h, d, "zip_password",
		    "the zip has a password; make it without one");
	return 0;
}

/* All of it is looked at before anything is unpacked. */
static int
zip_guard(struct hsds *h, zip_t *z, struct sv bytes, struct diag *d)
{
	zip_int64_t count = zip_get_num_entries(z, 0);
	uint64_t i, total = 0;
	zip_stat_t st;
	int rc;

	if (count > PACKAGE_ENTRIES_MAX)
		return hsds_unreadable(h, d, "zip_large",
		    "the zip has more than %d files; it may hold only the "
		    "tables",
		    PACKAGE_ENTRIES_MAX);
	for (i = 0; i < (uint64_t)count; i++) {
		rc = entry_look(h, z, i, &st, d);
		if (rc < 0)
			return rc;
		if (st.size > PACKAGE_BYTES_MAX ||
		    (total += st.size) > PACKAGE_BYTES_MAX)
			return hsds_unreadable(h, d, "zip_large",
			    "the zip unpacks to more than %d MB; split it",
			    PACKAGE_BYTES_MAX >> 20);
	}
	if (total > PACKAGE_RATIO_FREE && total / PACKAGE_RATIO_MAX > bytes.n)
		return hsds_unreadable(h, d, "zip_large",
		    "the zip grows more than %d times when it is unpacked: "
		    "that is no table of services",
		    PACKAGE_RATIO_MAX);
	return 0;
}

static int
entry_read(zip_t *z, uint64_t i, size_t size, char *to)
{
	zip_file_t *f = zip_fopen_index(z, i, 0);
	size_t got = 0;
	zip_int64_t n;
	char more;
	bool whole;

	if (f == NULL)
		return -EINVAL;
	while (got < size && (n = zip_fread(f, to + got, size - got)) > 0)
		got += (size_t)n;
	/* it must end where it said, with the sum it said */
	whole = got == size && zip_fread(f, &more, 1) == 0;
	return zip_fclose(f) == 0 && whole ? 0 : -EINVAL;
}

static int
zip_read_tables(struct hsds *h, zip_t *z, struct diag *d)
{
	zip_int64_t count = zip_get_num_entries(z, 0);
	uint64_t i, tables = 0;
	int rc = 0;

	for (i = 0; rc == 0 && i < (uint64_t)count; i++) {
		zip_stat_t st;
		const char *name;
		char *to;

		rc = entry_look(h, z, i, &st, d);
		name = rc == 0 ? last_part(st.name) : "";
		if (!hsds_is_table(name))
			continue;
		to = malloc((size_t)st.size + 1);
		ASSERT(to != NULL);
		rc = entry_read(z, i, (size_t)st.size, to);
		if (rc == 0)
			hsds_read_csv(
			    h, name, (struct sv){ to, (size_t)st.size });
		else
			(void)hsds_unreadable(h, d, "zip_damaged",
			    "the zip is damaged at one of its tables; make it "
			    "once more");
		free(to);
		tables++;
	}
	return rc == 0 && tables == 0 ? no_tables(h, "the zip", d) : rc;
}

int
hsds_read_zip(struct hsds *h, struct sv bytes, struct diag *reterr_diag)
{
	zip_error_t error;
	zip_source_t *source;
	zip_t *z = NULL;
	int rc;

	zip_error_init(&error);
	source = zip_source_buffer_create(bytes.p, bytes.n, 0, &error);
	if (source != NULL)
		z = zip_open_from_source(source, ZIP_RDONLY, &error);
	zip_error_fini(&error);
	if (z == NULL) {
		zip_source_free(source);
		return hsds_unreadable(h, reterr_diag, "zip_damaged",
		    "no zip, or a damaged one; make it once more");
	}
	rc = zip_guard(h, z, bytes, reterr_diag);
	if (rc == 0)
		rc = zip_read_tables(h, z, reterr_diag);
	zip_discard(z);
	return rc;
}

/* --- datapackage.json --- */

static json_t *
column_schema(const struct hsds_column *c)
{
	static const char *const types[] = {
		[HSDS_STRING] = "string",
		[HSDS_NUMBER] = "number",
		[HSDS_INTEGER] = "integer",
		[HSDS_DATE] = "date",
	};
	json_t *field =
	    json_pack("{s:s, s:s}", "name", c->name, "type", types[c->type]);
	json_t *constraints;
	struct sv rest;

	if (c->must && c->codes == NULL) {
		(void)json_object_set_new(
		    field, "constraints", json_pack("{s:b}", "required", 1));
	} else if (c->codes != NULL) {
		constraints = json_pack("{s:[]}", "enum");
		for (rest = sv_of(c->codes); rest.n > 0;) {
			struct sv one = sv_cut(&rest, ';');

			(void)json_array_append_new(
			    json_object_get(constraints, "enum"),
			    json_stringn(one.p, one.n));
		}
		if (c->must)
			(void)json_object_set_new(
			    constraints, "required", json_true());
		(void)json_object_set_new(field, "constraints", constraints);
	}
	return field;
}

static json_t *
table_schema(const struct hsds *h, enum hsds_table t)
{
	const struct hsds_def *def = hsds_def(t);
	json_t *fields = json_array(), *keys = json_array();
	size_t i;

	for (i = 0; i < def->count; i++) {
		const struct hsds_column *c = &def->columns[i];

		if (!hsds_has_column(h, t, (int)i))
			continue;
		(void)json_array_append_new(fields, column_schema(c));
		if (c->to != HSDS_NONE && hsds_is_present(h, c->to))
			(void)json_array_append_new(
			    keys, json_pack("{s:s, s:{s:s, s:s}}", "fields",
				      c->name, "reference", "resource",
				      c->to == t ? "" : hsds_def(c->to)->key,
				      "fields", "id"));
	}
	return json_pack("{s:o, s:s, s:o}", "fields", fields, "primaryKey",
	    "id", "foreignKeys", keys);
}

/* In the order of the tables, without a time: the same for the same rows. */
static char *
datapackage(const struct hsds *h)
{
	json_t *resources = json_array(), *all;
	char *text;
	size_t i;

	for (i = 0; i < HSDS_TABLES; i++) {
		const struct hsds_def *def = hsds_def((enum hsds_table)i);

		if (!hsds_is_present(h, (enum hsds_table)i))
			continue;
		(void)json_array_append_new(resources,
		    json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:o}", "name",
			def->key, "path", def->file, "profile",
			"tabular-data-resource", "format", "csv", "mediatype",
			"text/csv", "encoding", "utf-8", "schema",
			table_schema(h, (enum hsds_table)i)));
	}
	all = json_pack("{s:s, s:s, s:s, s:s, s:o}", "profile",
	    "tabular-data-package", "name", "human_services_data", "title",
	    "Human Services Data", "version", "3.0", "resources", resources);
	text = json_dumps(all, JSON_INDENT(2));
	ASSERT(text != NULL);
	json_decref(all);
	return text;
}

/* --- writing --- */

/* Called with each file; returns 0 or -Exxx to stop. */
typedef int file_fn(void *arg, const char *name, struct sv bytes);

static int
table_bytes(
    const struct hsds *h, enum hsds_table t, char **ret_p, size_t *ret_n)
{
	FILE *f = open_memstream(ret_p, ret_n);
	int rc;

	ASSERT(f != NULL);
	rc = hsds_write_csv(f, h, t);
	ASSERT(fclose(f) == 0 && rc == 0);
	return rc;
}

static int
each_file(const struct hsds *h, file_fn *fn, void *arg)
{
	char *p = datapackage(h);
	size_t n = strlen(p), i;
	int rc;

	p[n] = '\n'; /* in the place of the NUL */
	rc = fn(arg, "datapackage.json", (struct sv){ p, n + 1 });
	free(p);
	for (i = 0; rc == 0 && i < HSDS_TABLES; i++) {
		enum hsds_table t = (enum hsds_table)i;

		if (!hsds_is_present(h, t))
			continue;
		p = NULL;
		rc = table_bytes(h, t, &p, &n);
		if (rc == 0)
			rc = fn(arg, hsds_def(t)->file, (struct sv){ p, n });
		free(p);
	}
	return rc;
}

static int
folder_file(void *arg, const char *name, struct sv bytes)
{
	char path[PATH_BYTES_MAX];
	int n = snprintf(
	    path, sizeof(path), "%s/%s", *(const char *const *)arg, name);

	if (n < 0 || (size_t)n >= sizeof(path))
		return -ENAMETOOLONG;
	return file_write(path, bytes, 0666);
}

int
hsds_write_folder(
    const struct hsds *h, const char *path, struct diag *reterr_diag)
{
	int rc = 0;

	if (mkdir(path, 0777) < 0 && errno != EEXIST)
		rc = -errno;
	if (rc == 0)
		rc = each_file(h, folder_file, &path);
	if (rc < 0)
		return diag_set(reterr_diag, rc,
		    "%s: cannot be written (%s); make room or choose another "
		    "folder",
		    path, strerror(-rc));
	return 0;
}

/* libzip reads the bytes when it closes: they live until then. */
struct zipping {
	zip_t *z;
	char *bytes[HSDS_TABLES + 1];
	size_t count;
};

static int
zip_file(void *arg, const char *name, struct sv bytes)
{
	struct zipping *to = arg;
	char *copy = malloc(bytes.n + 1);
	zip_source_t *source;
	zip_int64_t at;

	ASSERT(copy != NULL && to->count < ARRAY_LEN(to->bytes));
	to->bytes[to->count++] = copy;
	if (bytes.n > 0)
		memcpy(copy, bytes.p, bytes.n);
	source = zip_source_buffer(to->z, copy, bytes.n, 0);
	if (source == NULL)
		return -EIO;
	at = zip_file_add(to->z, name, source, ZIP_FL_ENC_UTF_8);
	if (at < 0) {
		zip_source_free(source);
		return -EIO;
	}
	/* 1980-01-01, the first day a zip can name: never the day of export */
	if (zip_file_set_dostime(to->z, (zip_uint64_t)at, 0, 0x21, 0) < 0 ||
	    zip_set_file_compression(
		to->z, (zip_uint64_t)at, ZIP_CM_DEFLATE, 6) < 0)
		return -EIO;
	return 0;
}

static int
zip_take(zip_source_t *source, char **ret_p, size_t *ret_n)
{
	zip_stat_t st;
	char *p;

	zip_stat_init(&st);
	if (zip_source_stat(source, &st) < 0 || zip_source_open(source) < 0)
		return -EIO;
	p = malloc((size_t)st.size + 1);
	ASSERT(p != NULL);
	if (zip_source_read(source, p, st.size) != (zip_int64_t)st.size) {
		free(p);
		(void)zip_source_close(source);
		return -EIO;
	}
	(void)zip_source_close(source);
	*ret_p = p;
	*ret_n = (size_t)st.size;
	return 0;
}

int
hsds_write_zip(
    const struct hsds *h, char **ret_p, size_t *ret_n, struct diag *reterr_diag)
{
	zip_error_t error;
	struct zipping to = { .z = NULL };
	zip_source_t *source;
	size_t i;
	int rc;

	zip_error_init(&error);
	source = zip_source_buffer_create(NULL, 0, 0, &error);
	ASSERT(source != NULL);
	zip_source_keep(source); /* the archive's is one reference */
	to.z = zip_open_from_source(source, ZIP_CREATE | ZIP_TRUNCATE, &error);
	ASSERT(to.z != NULL);
	zip_error_fini(&error);
	rc = each_file(h, zip_file, &to);
	if (rc < 0)
		zip_discard(to.z);
	else if (zip_close(to.z) < 0) {
		zip_discard(to.z);
		rc = -EIO;
	}
	for (i = 0; i < to.count; i++)
		free(to.bytes[i]);
	if (rc == 0)
		rc = zip_take(source, ret_p, ret_n);
	zip_source_free(source);
	if (rc < 0)
		return diag_set(
		    reterr_diag, rc, "the zip cannot be made; try again");
	return 0;
}
