/* vfs.c - a layer on SQLite's own VFS that gathers writes and reads ahead. */
#include "db/vfs.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/base.h"

/* SQLite's own VFS takes less than 128 KB at a time. */
enum { GATHER = 64 * 1024, AHEAD = 64 * 1024 };

/* Counts locks of WALs' indexes: behind one, other bytes may stand in a WAL,
 * which has no locks of its own. */
static unsigned shm_locks;

/* Bytes of a file from an offset on. */
struct span {
	char *p;
	sqlite3_int64 at;
	sqlite3_int64 n;
};

struct file {
	sqlite3_file base;
	sqlite3_file *real;   /* behind this struct */
	struct span late;     /* not written yet; p NULL: nothing is gathered */
	struct span ahead;    /* read before it was asked for; p NULL: never */
	unsigned ahead_locks; /* shm_locks then */
	sqlite3_int64 read_end;
	int lost; /* of the database: what a checkpoint could not write; its
		     xSync() fails too, whoever was told before */
};

static struct file *
file_of(sqlite3_file *f)
{
	return (struct file *)(void *)f;
}

/* What the database does not take is kept: a checkpoint may have counted it as
 * written. */
static int
flush(struct file *f)
{
	bool wal = f->ahead.p != NULL;
	int n = (int)f->late.n, rc;

	if (n == 0)
		return SQLITE_OK;
	rc = f->real->pMethods->xWrite(f->real, f->late.p, n, f->late.at);
	if (rc == SQLITE_OK || wal)
		f->late.n = 0;
	else
		f->lost = rc;
	return rc;
}

static int
on_close(sqlite3_file *sf)
{
	struct file *f = file_of(sf);
	int rc = flush(f), closed = f->real->pMethods->xClose(f->real);

	free(f->late.p);
	free(f->ahead.p);
	return rc != SQLITE_OK ? rc : closed;
}

/* Read more than is asked for where reads go on from one another.  False if
 * that was not possible. */
static bool
look_ahead(struct file *f, sqlite3_int64 at, int n)
{
	if (f->ahead.p == NULL || at < f->read_end ||
	    at - f->read_end > AHEAD || n > AHEAD)
		return false;
	f->ahead.at = at;
	f->ahead.n = 0;
	if (f->real->pMethods->xRead(f->real, f->ahead.p, AHEAD, at) !=
	    SQLITE_OK)
		return false; /* the end of the file is in it */
	f->ahead.n = AHEAD;
	f->ahead_locks = shm_locks;
	return true;
}

static int
on_read(sqlite3_file *sf, void *p, int n, sqlite3_int64 at)
{
	struct file *f = file_of(sf);
	struct span *a = &f->ahead;
	int rc = flush(f);

	if (rc != SQLITE_OK)
		return rc;
	if (f->ahead_locks != shm_locks)
		a->n = 0;
	if ((a->n > 0 && at >= a->at && at + n <= a->at + a->n) ||
	    look_ahead(f, at, n))
		memcpy(p, a->p + (at - a->at), (size_t)n);
	else
		rc = f->real->pMethods->xRead(f->real, p, n, at);
	f->read_end = at + n;
	return rc;
}

static int
on_write(sqlite3_file *sf, const void *p, int n, sqlite3_int64 at)
{
	struct file *f = file_of(sf);
	struct span *l = &f->late;
	int rc = SQLITE_OK;

	f->ahead.n = 0;
	if (l->n > 0 && (at != l->at + l->n || l->n + n > GATHER))
		rc = flush(f);
	if (rc != SQLITE_OK)
		return rc;
	if (l->p == NULL || n > GATHER)
		return f->real->pMethods->xWrite(f->real, p, n, at);
	if (l->n == 0)
		l->at = at;
	memcpy(l->p + l->n, p, (size_t)n);
	l->n += n;
	return SQLITE_OK;
}

static int
on_truncate(sqlite3_file *sf, sqlite3_int64 size)
{
	struct file *f = file_of(sf);
	int rc = flush(f);

	f->ahead.n = 0;
	if (rc != SQLITE_OK)
		return rc;
	return f->real->pMethods->xTruncate(f->real, size);
}

static int
on_sync(sqlite3_file *sf, int flags)
{
	struct file *f = file_of(sf);
	int rc = f->lost;

	if (rc == SQLITE_OK)
		rc = flush(f);
	f->lost = SQLITE_OK;
	return rc != SQLITE_OK ? rc : f->real->pMethods->xSync(f->real, flags);
}

static int
on_size(sqlite3_file *sf, sqlite3_int64 *ret_size)
{
	struct file *f = file_of(sf);
	int rc = flush(f);

	if (rc != SQLITE_OK)
		return rc;
	return f->real->pMethods->xFileSize(f->real, ret_size);
}

static int
on_lock(sqlite3_file *sf, int level)
{
	sqlite3_file *real = file_of(sf)->real;

	file_of(sf)->ahead.n = 0;
	return real->pMethods->xLock(real, level);
}

static int
on_unlock(sqlite3_file *sf, int level)
{
	struct file *f = file_of(sf);
	int rc = flush(f), unlocked;

	f->ahead.n = 0;
	unlocked = f->real->pMethods->xUnlock(f->real, level);
	return rc != SQLITE_OK ? rc : unlocked;
}

static int
on_reserved(sqlite3_file *sf, int *ret_held)
{
	sqlite3_file *real = file_of(sf)->real;

	return real->pMethods->xCheckReservedLock(real, ret_held);
}

static int
on_control(sqlite3_file *sf, int op, void *arg)
{
	sqlite3_file *real = file_of(sf)->real;

	/* one that a reader cuts short does not sync, but others may look for
	 * its pages in the file at once */
	if (op == SQLITE_FCNTL_CKPT_DONE)
		(void)flush(file_of(sf));
	return real->pMethods->xFileControl(real, op, arg);
}

static int
on_sector(sqlite3_file *sf)
{
	sqlite3_file *real = file_of(sf)->real;

	return real->pMethods->xSectorSize(real);
}

static int
on_device(sqlite3_file *sf)
{
	sqlite3_file *real = file_of(sf)->real;

	return real->pMethods->xDeviceCharacteristics(real);
}

static int
on_shm_map(
    sqlite3_file *sf, int page, int size, int extend, void volatile **ret_at)
{
	sqlite3_file *real = file_of(sf)->real;

	return real->pMethods->xShmMap(real, page, size, extend, ret_at);
}

static int
on_shm_lock(sqlite3_file *sf, int from, int n, int flags)
{
	sqlite3_file *real = file_of(sf)->real;

	shm_locks++;
	return real->pMethods->xShmLock(real, from, n, flags);
}

static void
on_shm_barrier(sqlite3_file *sf)
{
	sqlite3_file *real = file_of(sf)->real;

	real->pMethods->xShmBarrier(real);
}

static int
on_shm_unmap(sqlite3_file *sf, int drop)
{
	sqlite3_file *real = file_of(sf)->real;

	return real->pMethods->xShmUnmap(real, drop);
}

/* Version 2: no page is looked at but by on_read(). */
static const sqlite3_io_methods methods = {
	.iVersion = 2,
	.xClose = on_close,
	.xRead = on_read,
	.xWrite = on_write,
	.xTruncate = on_truncate,
	.xSync = on_sync,
	.xFileSize = on_size,
	.xLock = on_lock,
	.xUnlock = on_unlock,
	.xCheckReservedLock = on_reserved,
	.xFileControl = on_control,
	.xSectorSize = on_sector,
	.xDeviceCharacteristics = on_device,
	.xShmMap = on_shm_map,
	.xShmLock = on_shm_lock,
	.xShmBarrier = on_shm_barrier,
	.xShmUnmap = on_shm_unmap,
};

static int
on_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *sf, int flags,
    int *ret_flags)
{
	sqlite3_vfs *under = vfs->pAppData;
	struct file *f = file_of(sf);
	int rc;

	memset(f, 0, sizeof(*f));
	f->real = (sqlite3_file *)(void *)(f + 1);
	rc = under->xOpen(under, name, f->real, flags, ret_flags);
	if (f->real->pMethods == NULL)
		return rc;
	f->base.pMethods = &methods;
	if ((flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL)) != 0) {
		f->late.p = malloc(GATHER);
		ASSERT(f->late.p != NULL);
	}
	/* what only a checkpoint reads, nearly from one end to the other */
	if ((flags & SQLITE_OPEN_WAL) != 0) {
		f->ahead.p = malloc(AHEAD);
		ASSERT(f->ahead.p != NULL);
	}
	return rc;
}

/* Tests put another VFS under it, and take it away. */
static void
put_over(sqlite3_vfs *vfs, sqlite3_vfs *under)
{
	vfs->pAppData = under;
	vfs->szOsFile = under->szOsFile + (int)sizeof(struct file);
}

const char *
vfs_name(void)
{
	static const char name[] = "safar";
	sqlite3_vfs *under = sqlite3_vfs_find(NULL);
	sqlite3_vfs *vfs = sqlite3_vfs_find(name);

	ASSERT(under != NULL);
	if (vfs == NULL) {
		vfs = malloc(sizeof(*vfs));
		ASSERT(vfs != NULL);
		*vfs = *under;
		vfs->zName = name;
		vfs->xOpen = on_open;
		ASSERT(sqlite3_vfs_register(vfs, 0) == SQLITE_OK);
	}
	put_over(vfs, under);
	return name;
}
