/* args.c - options of a command from a table, and how errors are said. */
#include <getopt.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>

#include "daemon/ctl/ctl.h"

enum { OPT_BASE = 256 }; /* above every letter */

int
ctl_fail(const char *fmt, ...)
{
	va_list args;

	(void)fflush(stdout); /* what was printed before stands before it */
	fputs("safarctl: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputs("\n", stderr);
	return CTL_FAILED;
}

int
ctl_wrong(const struct ctl_command *command, const char *fmt, ...)
{
	va_list args;

	fprintf(stderr, "safarctl: %s: ", command->name);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fprintf(stderr, "; see `safarctl %s --help`\n", command->name);
	return CTL_WRONG;
}

int
ctl_country(const struct ctl_command *command, const char *country)
{
	if (country == NULL ||
	    (strspn(country, "abcdefghijklmnopqrstuvwxyz") == 2 &&
		country[2] == '\0'))
		return CTL_OK;
	return ctl_wrong(
	    command, "--country %s: write two small letters, as kg", country);
}

static int
number_set(const struct ctl_opts *opts, const struct ctl_opt *o)
{
	int64_t v;
	char *end;

	errno = 0;
	v = strtoll(optarg, &end, 10);
	if (end == optarg || *end != '\0' || errno != 0 || v < o->min ||
	    v > o->max)
		return ctl_wrong(opts->command,
		    "%s%s '%s': write a number from %" PRId64 " to %" PRId64,
		    o->name[1] == '\0' ? "-" : "--", o->name, optarg, o->min,
		    o->max);
	*o->number = v;
	return CTL_OK;
}

static int
opt_set(const struct ctl_opts *opts, const struct ctl_opt *o)
{
	if (o->flag != NULL)
		*o->flag = true;
	else if (o->text != NULL)
		*o->text = optarg;
	else
		return number_set(opts, o);
	return CTL_OK;
}

/* What getopt_long() wants: long options, and the one-letter ones. */
static void
tables_make(
    const struct ctl_opts *opts, struct option *ret_long, char *ret_letters)
{
	const struct ctl_opt *o;
	char *p = ret_letters;
	size_t i;

	*p++ = ':';
	for (i = 0; i < opts->count; i++) {
		o = &opts->list[i];
		ret_long[i] = (struct option){ o->name,
			o->flag != NULL ? no_argument : required_argument, NULL,
			OPT_BASE + (int)i };
		if (strlen(o->name) != 1)
			continue;
		*p++ = o->name[0];
		if (o->flag == NULL)
			*p++ = ':';
	}
	*p = '\0';
	ret_long[opts->count] = (struct option){ 0 };
}

static const struct ctl_opt *
opt_find(const struct ctl_opts *opts, int c)
{
	size_t i;

	if (c >= OPT_BASE)
		return &opts->list[c - OPT_BASE];
	for (i = 0; i < opts->count; i++)
		if (opts->list[i].name[0] == c && opts->list[i].name[1] == '\0')
			return &opts->list[i];
	return NULL;
}

/* What getopt_long() did not take: of "-xn" the 'x' alone. */
static int
opt_refuse(const struct ctl_opts *opts, int c, char **argv)
{
	char letter[3] = { '-', (char)optopt, '\0' };
	bool is_letter = optopt > 0 && optopt < OPT_BASE;
	const char *name = is_letter ? letter : argv[optind - 1];

	if (c == ':')
		return -ctl_wrong(opts->command, "%s needs a value", name);
	return -ctl_wrong(opts->command, "'%s' is not an option of it", name);
}

int
ctl_args(const struct ctl_opts *opts, int argc, char **argv)
{
	struct option longs[CTL_OPTS_MAX + 1];
	char letters[2 * CTL_OPTS_MAX + 2];
	const struct ctl_opt *o;
	int c;

	ASSERT(opts->count <= CTL_OPTS_MAX);
	tables_make(opts, longs, letters);
	opterr = 0;
	optind = 0;
	while ((c = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		o = c == ':' || c == '?' ? NULL : opt_find(opts, c);
		if (o == NULL)
			return opt_refuse(opts, c, argv);
		if (opt_set(opts, o) != CTL_OK)
			return -CTL_WRONG;
	}
	if (argc - optind < opts->rest_min)
		return -ctl_wrong(opts->command, "%s is missing",
		    opts->rest_name != NULL ? opts->rest_name : "an argument");
	if (argc - optind > opts->rest_max)
		return -ctl_wrong(opts->command,
		    "'%s' is one argument too many",
		    argv[optind + opts->rest_max]);
	return optind;
}
