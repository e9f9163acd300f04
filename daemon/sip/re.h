/* re.h - libre and librem as they want to be included. */
#ifndef DAEMON_SIP_RE_H
#define DAEMON_SIP_RE_H

/* libre.pc does not say what the library was built with */
#ifndef HAVE_INTTYPES_H
#define HAVE_INTTYPES_H 1
#endif
#ifndef HAVE_STDBOOL_H
#define HAVE_STDBOOL_H 1
#endif
#ifndef HAVE_INET6
#define HAVE_INET6 1
#endif
/* its buffers check themselves by raising SIGTRAP unless told not to */
#define RELEASE 1

#include <re.h>

#endif
