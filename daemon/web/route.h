/* route.h - the table of routes.def, and who may go where. */
#ifndef DAEMON_WEB_ROUTE_H
#define DAEMON_WEB_ROUTE_H

#include <stdio.h>

#include "daemon/web/web.h"

enum route_method { ROUTE_GET, ROUTE_POST, ROUTE_PUT, ROUTE_DELETE };

struct route {
	enum route_method method;
	const char *path;
	void (*handler)(struct web_request *q);
	unsigned roles, flags;
};

enum route_found {
	ROUTE_HERE,
	ROUTE_NOT_FOUND,
	ROUTE_OTHER_METHOD, /* there is such a path */
};

/*
 * Find the route of a path.
 *
 * path     without '?' and what follows, as it came: a part that is an id is
 *          decoded into the arena
 * ret_ids  those of {id} and {id2}
 */
enum route_found route_find(enum route_method method, struct sv path,
    struct arena *arena, const struct route **ret_route, struct sv ret_ids[2]);

/* Whether these roles, 0 for nobody, are let in. */
bool route_allows(const struct route *r, unsigned roles);

const char *route_method_name(enum route_method method);

/* Print the table, one JSON object a line: method, path, roles, flags. */
void route_print(FILE *f);

#endif
