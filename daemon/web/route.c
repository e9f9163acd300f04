/* route.c - paths against the table. */
#include "daemon/web/route.h"

enum { ID_MAX = 64 };

#define GET ROUTE_GET
#define POST ROUTE_POST
#define PUT ROUTE_PUT
#define DELETE ROUTE_DELETE
static const struct route routes[] = {
#define ROUTE(method, path, handler, roles, flags)                             \
	{ method, path, handler, roles, flags },
#include "daemon/web/routes.def"
#undef ROUTE
};

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool
is_id_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
}

/* One part of a path as an id.  "." and ".." are none. */
static bool
id_take(struct sv part, struct arena *arena, struct sv *ret_id)
{
	char *id = arena_get(arena, ID_MAX + 1);
	size_t n = 0, i;
	bool only_dots = true;
	char c;

	for (i = 0; i < part.n; i++) {
		c = part.p[i];
		if (c == '%') {
			if (part.n - i < 3 || hex(part.p[i + 1]) < 0 ||
			    hex(part.p[i + 2]) < 0)
				return false;
			c = (char)(hex(part.p[i + 1]) * 16 +
				   hex(part.p[i + 2]));
			i += 2;
		}
		if (n == ID_MAX || !is_id_char(c))
			return false;
		only_dots = only_dots && c == '.';
		id[n++] = c;
	}
	*ret_id = (struct sv){ id, n };
	return n > 0 && !only_dots;
}

static bool
path_fits(struct sv pattern, struct sv path, struct arena *arena,
    struct sv ret_ids[2])
{
	struct sv want, have;

	ret_ids[0] = ret_ids[1] = (struct sv){ 0 };
	while (pattern.n > 0) {
		if (path.n == 0)
			return false;
		want = sv_cut(&pattern, '/');
		have = sv_cut(&path, '/');
		if (sv_eq(want, SV("{id}"))) {
			if (!id_take(have, arena, &ret_ids[0]))
				return false;
		} else if (sv_eq(want, SV("{id2}"))) {
			if (!id_take(have, arena, &ret_ids[1]))
				return false;
		} else if (!sv_eq(want, have)) {
			return false;
		}
	}
	return path.n == 0;
}

enum route_found
route_find(enum route_method method, struct sv path, struct arena *arena,
    const struct route **ret_route, struct sv ret_ids[2])
{
	enum route_found found = ROUTE_NOT_FOUND;
	struct sv ids[2];
	size_t i;

	if (path.n > 1 && path.p[path.n - 1] == '/')
		return ROUTE_NOT_FOUND;
	for (i = 0; i < ARRAY_LEN(routes); i++) {
		if (!path_fits(sv_of(routes[i].path), path, arena, ids))
			continue;
		found = ROUTE_OTHER_METHOD;
		if (routes[i].method != method)
			continue;
		*ret_route = &routes[i];
		memcpy(ret_ids, ids, sizeof(ids));
		return ROUTE_HERE;
	}
	return found;
}

bool
route_allows(const struct route *r, unsigned roles)
{
	return (r->roles & PUBLIC) != 0 || (r->roles & roles) != 0;
}

const char *
route_method_name(enum route_method method)
{
	static const char *const names[] = { "GET", "POST", "PUT", "DELETE" };

	return names[method];
}

void
route_print(FILE *f)
{
	static const char *const names[] = { "admin", "operator", "approver",
		"reviewer" };
	size_t i, k;

	for (i = 0; i < ARRAY_LEN(routes); i++) {
		const struct route *r = &routes[i];
		const char *sep = "";

		fprintf(f,
		    "{\"method\":\"%s\",\"path\":\"%s\",\"public\":%s,"
		    "\"roles\":[",
		    route_method_name(r->method), r->path,
		    (r->roles & PUBLIC) != 0 ? "true" : "false");
		for (k = 0; k < ARRAY_LEN(names); k++)
			if ((r->roles & 1U << k) != 0) {
				fprintf(f, "%s\"%s\"", sep, names[k]);
				sep = ",";
			}
		fprintf(f, "],\"upload\":%s,\"look\":%s}\n",
		    (r->flags & UPLOAD) != 0 ? "true" : "false",
		    (r->flags & LOOK) != 0 ? "true" : "false");
	}
}
