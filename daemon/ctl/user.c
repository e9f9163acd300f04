/* user.c - who may log in to the console. */
#include <inttypes.h>
#include <time.h>

#include "daemon/base/clock.h"
#include "daemon/core/account.h"
#include "daemon/ctl/service.h"

struct user_call {
	const char *dir;
	struct console *console;
	struct conf conf;
	struct sv who;
};

static int
call_open(const struct ctl *ctl, struct user_call *u)
{
	struct diag why = { "" };
	char path[PATH_MAX];
	int rc = ctl_data(ctl, true, &u->dir);

	if (rc != CTL_OK)
		return rc;
	ctl_path(path, u->dir, "safar.yaml");
	if (conf_load(path, &u->conf, &why) < 0 ||
	    console_open(u->dir, &u->console, &why) < 0)
		return ctl_fail("%s", why.text);
	u->who = sv_of(service_who());
	return CTL_OK;
}

static int
store_fail(const struct user_call *u, int rc)
{
	return ctl_fail(
	    "%s/console.db: %s; check the disk", u->dir, strerror(-rc));
}

static int
user_find(struct user_call *u, const char *name, struct console_user *ret)
{
	int rc = console_user_find(u->console, sv_of(name), ret);

	if (rc == -ENOENT)
		return ctl_fail("there is no user %s; `safarctl user list` "
				"names them",
		    name);
	return rc < 0 ? store_fail(u, rc) : CTL_OK;
}

/* Where browsers find it, up to its last '/'. */
static void
address_print(const struct user_call *u)
{
	const char *address = u->conf.console.address;
	size_t n = strlen(address);

	while (n > 0 && address[n - 1] == '/')
		n--;
	if (n > 0)
		printf("%.*s/", (int)n, address);
	else
		printf("%s://%s/",
		    u->conf.console.tls_certificate[0] != '\0' ? "https" :
								 "http",
		    u->conf.console.listen);
}

static void
link_print(const struct user_call *u, const char *token)
{
	address_print(u);
	printf("#/invite/%s\n", token);
}

static int
invite(struct user_call *u, const char *name)
{
	char token[ACCOUNT_TOKEN_SIZE];
	struct console_user user;
	int rc = user_find(u, name, &user);

	if (rc != CTL_OK)
		return rc;
	rc = account_invite(u->console, &user, u->who, clock_ms(), token);
	if (rc < 0)
		return store_fail(u, rc);
	link_print(u, token);
	return CTL_OK;
}

/* ';' or ',' between roles. */
static bool
roles_read(const char *text, int64_t *ret_roles)
{
	struct sv rest = sv_of(text);
	unsigned role;

	*ret_roles = 0;
	while (rest.n > 0) {
		role = account_role_of(sv_cut(&rest, ','));
		if (role == 0)
			return false;
		*ret_roles |= role;
	}
	return *ret_roles != 0;
}

static int
add_rows(struct user_call *u, const struct console_user *user)
{
	char action[CONSOLE_ACTION_MAX];
	int64_t id = 0;
	int rc = console_begin(u->console);

	if (rc < 0)
		return rc;
	rc = console_user_add(u->console, user, &id);
	(void)snprintf(action, sizeof(action), "user_added %s", user->name);
	if (rc == 0)
		rc = account_audit(
		    u->console, u->who, sv_of(action), clock_ms());
	if (rc == 0)
		return console_commit(u->console);
	console_rollback(u->console);
	return rc;
}

static int
add(struct user_call *u, const char *name, const struct console_user *scope)
{
	struct console_user user = *scope;
	int rc;

	if (!account_name_is(sv_of(name)))
		return ctl_fail("%s: a name is 1 to 64 letters a-z, digits "
				"and _ . @ -",
		    name);
	(void)snprintf(user.name, sizeof(user.name), "%s", name);
	user.made_ms = clock_ms();
	rc = add_rows(u, &user);
	if (rc == -EEXIST)
		return ctl_fail("there is a user %s already; `safarctl user "
				"invite %s` makes a new link",
		    name, name);
	return rc < 0 ? store_fail(u, rc) : invite(u, name);
}

static int
lock_rows(struct user_call *u, const struct console_user *user)
{
	char action[CONSOLE_ACTION_MAX];
	int rc = console_begin(u->console);

	if (rc < 0)
		return rc;
	(void)snprintf(action, sizeof(action), "user_%s %s",
	    user->locked ? "locked" : "unlocked", user->name);
	rc = console_user_set(u->console, user);
	if (rc == 0 && user->locked)
		rc = console_sessions_end(u->console, user->id, NULL);
	if (rc == 0 && user->locked)
		rc = console_invite_end(u->console, user->id);
	if (rc == 0)
		rc = account_audit(
		    u->console, u->who, sv_of(action), clock_ms());
	if (rc == 0)
		return console_commit(u->console);
	console_rollback(u->console);
	return rc;
}

static int
lock(struct user_call *u, const char *name, bool locked)
{
	struct console_user user;
	int rc = user_find(u, name, &user);

	if (rc != CTL_OK)
		return rc;
	user.locked = locked;
	rc = lock_rows(u, &user);
	return rc < 0 ? store_fail(u, rc) : CTL_OK;
}

static bool
on_user(void *arg, const struct console_user *user)
{
	const char *sep = "";
	char roles[64], day[16] = "never";
	size_t n = 0;
	unsigned i;
	time_t at = (time_t)(user->seen_ms / 1000);
	struct tm tm;

	++*(int64_t *)arg;
	for (i = 0; i < ACCOUNT_ROLES; i++)
		if ((user->roles & 1 << i) != 0) {
			n += (size_t)snprintf(roles + n, sizeof(roles) - n,
			    "%s%s", sep, account_role_name(1U << i));
			sep = ",";
		}
	roles[n] = '\0';
	if (user->seen_ms > 0 && gmtime_r(&at, &tm) != NULL)
		(void)strftime(day, sizeof(day), "%Y-%m-%d", &tm);
	printf("%-24s %-34s %-8s last login: %s\n", user->name, roles,
	    user->locked	      ? "locked" :
	    user->password[0] == '\0' ? "invited" :
					"active",
	    day);
	return true;
}

static int
list(struct user_call *u)
{
	int64_t count = 0;
	int rc = console_users_each(u->console, on_user, &count);

	if (rc < 0)
		return store_fail(u, rc);
	if (count == 0)
		printf("nobody yet: `safarctl user add NAME --role "
		       "administrator`\n");
	return CTL_OK;
}

/* Nobody could let anybody in: make the first one, for `make run`. */
static int
first(struct user_call *u)
{
	const struct console_user user = { .roles = 15 };
	struct console_user have;
	int64_t count = 0;
	int rc = console_users_count(u->console, ACCOUNT_ROLE_ADMIN, &count);

	if (rc < 0)
		return store_fail(u, rc);
	printf("The console:  ");
	address_print(u);
	printf("\n");
	if (count > 0)
		return CTL_OK;
	printf("Its first login, once, within 48 hours:\n");
	rc = console_user_find(u->console, SV("admin"), &have);
	return rc == 0 ? invite(u, "admin") : add(u, "admin", &user);
}

struct user_args {
	const char *role, *orgs, *topics, *countries;
};

static int
scope_read(const struct user_args *a, struct console_user *ret)
{
	const struct {
		const char *from;
		char *to;
		size_t size;
	} lists[] = {
		{ a->orgs, ret->orgs, sizeof(ret->orgs) },
		{ a->topics, ret->topics, sizeof(ret->topics) },
		{ a->countries, ret->countries, sizeof(ret->countries) },
	};
	size_t i;

	if (!roles_read(a->role != NULL ? a->role : "", &ret->roles))
		return ctl_fail("--role: write administrator, operator, "
				"approver or reviewer, or several with ','");
	for (i = 0; i < ARRAY_LEN(lists); i++) {
		if (lists[i].from == NULL)
			continue;
		if (strlen(lists[i].from) >= lists[i].size)
			return ctl_fail("the scope is too long");
		memcpy(lists[i].to, lists[i].from, strlen(lists[i].from) + 1);
	}
	return CTL_OK;
}

static int
act(struct user_call *u, const struct user_args *a, int count, char **words)
{
	struct console_user user = { .id = 0 };
	const char *what = words[0], *name = count > 1 ? words[1] : NULL;
	int rc;

	if (count == 1 && strcmp(what, "list") == 0)
		return list(u);
	if (count == 1 && strcmp(what, "first") == 0)
		return first(u);
	if (name == NULL)
		return ctl_wrong(&ctl_user, "name the user");
	if (strcmp(what, "add") == 0) {
		rc = scope_read(a, &user);
		return rc != CTL_OK ? rc : add(u, name, &user);
	}
	if (strcmp(what, "invite") == 0)
		return invite(u, name);
	if (strcmp(what, "lock") == 0 || strcmp(what, "unlock") == 0)
		return lock(u, name, what[0] == 'l');
	return ctl_wrong(&ctl_user, "there is no '%s'", what);
}

static int
run(const struct ctl *ctl, int argc, char **argv)
{
	struct user_args a = { NULL, NULL, NULL, NULL };
	const struct ctl_opt opts[] = {
		{ .name = "role", .text = &a.role },
		{ .name = "orgs", .text = &a.orgs },
		{ .name = "topics", .text = &a.topics },
		{ .name = "countries", .text = &a.countries },
	};
	const struct ctl_opts all = { &ctl_user, opts, ARRAY_LEN(opts), 1, 2,
		"add, list, invite, lock or unlock" };
	struct user_call u = { .console = NULL };
	int rc = ctl_args(&all, argc, argv), at = rc;

	if (rc < 0)
		return -rc;
	rc = call_open(ctl, &u);
	if (rc == CTL_OK)
		rc = act(&u, &a, argc - at, argv + at);
	console_close(&u.console);
	return rc;
}

const struct ctl_command ctl_user = {
	.name = "user",
	.help = "who may log in to the console",
	.usage =
	    "usage: safarctl [--data DIR] user add NAME --role ROLE[,ROLE]\n"
	    "                 [--orgs LIST] [--topics LIST] [--countries "
	    "LIST]\n"
	    "       safarctl [--data DIR] user list\n"
	    "       safarctl [--data DIR] user invite|lock|unlock NAME\n"
	    "       safarctl [--data DIR] user first\n"
	    "\n"
	    "Roles: administrator, operator, approver, reviewer.  add and "
	    "invite print a link that\n"
	    "works once, within 48 hours: with it NAME sets a password and a "
	    "second factor.  A\n"
	    "scope (lists with ';') says what a reviewer sees and an operator "
	    "changes; none: all.\n"
	    "lock ends every session.  first says where the console is, and "
	    "makes an administrator\n"
	    "and a link where there is none that can log in.\n",
	.run = run,
};
