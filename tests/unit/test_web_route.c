/* test_web_route.c - paths against the table of routes. */
#include "daemon/web/route.h"
#include "tests/tap.h"

static void
test_paths(void)
{
	static const struct {
		const char *path;
		enum route_method method;
		enum route_found found;
	} rows[] = {
		{ "/api/health", ROUTE_GET, ROUTE_HERE },
		{ "/api/health", ROUTE_POST, ROUTE_OTHER_METHOD },
		{ "/api/health/", ROUTE_GET, ROUTE_NOT_FOUND },
		{ "/api/health/x", ROUTE_GET, ROUTE_NOT_FOUND },
		{ "/api", ROUTE_GET, ROUTE_NOT_FOUND },
		{ "/api/../api/health", ROUTE_GET, ROUTE_NOT_FOUND },
		{ "//api/health", ROUTE_GET, ROUTE_NOT_FOUND },
	};
	struct arena *arena = arena_new(4096, 65536);
	const struct route *route = NULL;
	struct sv ids[2];
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++)
		EQ(route_find(
		       rows[i].method, sv_of(rows[i].path), arena, &route, ids),
		    rows[i].found, rows[i].path);
	arena_free(&arena);
}

static void
test_roles(void)
{
	const struct route open = { .roles = PUBLIC };
	const struct route any = { .roles = ANY_USER };
	const struct route some = { .roles = ROLE_ADMIN | ROLE_APPROVER };

	OK(route_allows(&open, 0), "public: without a session");
	OK(!route_allows(&any, 0), "any user: not without one");
	OK(route_allows(&any, ROLE_REVIEWER), "any user: each role");
	OK(!route_allows(&some, ROLE_OPERATOR), "another role is not let in");
	OK(route_allows(&some, ROLE_OPERATOR | ROLE_APPROVER),
	    "one of several is enough");
}

int
main(void)
{
	test_paths();
	test_roles();
	return tap_done();
}
