/*
 * phone_shim.h - libphonenumber as C: what is a number, whose is it.
 *
 * Only phone.c and phone_trie.c call this.  Nothing here throws, logs or keeps
 * what it is given.  Regions are ISO 3166-1 alpha-2 in upper case, as the
 * library has them.
 */
#ifndef DAEMON_PHONE_PHONE_SHIM_H
#define DAEMON_PHONE_PHONE_SHIM_H

#ifdef __cplusplus
extern "C" {
#endif

enum { SHIM_E164_MAX = 16 }; /* '+' and 15 digits */

/* How sure the library is; a later one is better. */
enum shim_fit {
	SHIM_NOBODY,   /* no such country code, or a length nobody has */
	SHIM_POSSIBLE, /* the length fits, no known range holds it */
	SHIM_VALID,    /* in a range its country has given out */
};

enum shim_kind { SHIM_MOBILE, SHIM_FIXED, SHIM_TOLLFREE };

struct shim_number {
	enum shim_kind kind;	      /* SHIM_MOBILE where one cannot tell */
	char e164[SHIM_E164_MAX + 1]; /* "+996..." */
	char region[3];		      /* "" if none or more than one */
};

/*
 * Read a number.
 *
 * digits  '+' and digits, or digits as they are dialled inside region
 * region  "KG"; "" only with '+'
 *
 * ret is set unless SHIM_NOBODY is returned.
 */
enum shim_fit shim_read(
    const char *digits, const char *region, struct shim_number *ret);

/* Write E.164 in groups, as its country does: "+996 312 455 312".  Cut at size,
 * always ended; as it is where the library does not know it. */
void shim_group(const char *e164, char *ret, unsigned size);

/* Calling code of a region, and how many digits its mobile numbers have after
 * it; 0 if the library does not know. */
unsigned shim_calling_code(const char *region);
unsigned shim_mobile_digits(const char *region);

/*
 * Is code and national (no leading zero) a valid mobile number?  Much cheaper
 * than shim_read(), for probing.  ret_region is set if it is.
 */
int shim_is_mobile(
    unsigned code, unsigned long long national, char ret_region[3]);

#ifdef __cplusplus
}
#endif

#endif
