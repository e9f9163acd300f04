/* uuid.h - ids made from names, the same on every machine. */
#ifndef DB_UUID_H
#define DB_UUID_H

#include "daemon/base/sv.h"

enum { UUID_SIZE = 37 /* with the NUL */ };

/*
 * A UUID of version 8 (RFC 9562, 5.8) from a kind, a name and a number.
 *
 * Its 122 bits are two FNV-1a hashes with different starts, mixed: no
 * cryptography, for whoever can add listings needs no collision to do harm.
 */
void uuid_of(const char *kind, struct sv name, unsigned number,
    char ret_uuid[UUID_SIZE]);

#endif
