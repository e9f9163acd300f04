/* openapi.h - openapi.json, which describes the public API (OpenAPI 3.1). */
#ifndef DAEMON_WEB_OPENAPI_H
#define DAEMON_WEB_OPENAPI_H

#include "daemon/base/sv.h"

/* The document, as it was when this was built. */
struct sv openapi_json(void);

#endif
