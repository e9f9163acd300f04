/*
 * vfs.h - hotline.db, written and read in larger pieces.
 *
 * Private to db/.  SQLite writes each page of the WAL by two system calls, and
 * a checkpoint reads and writes page by page; here what lies side by side is
 * one call.  Nothing is held back beyond the xSync() that ends a commit, or
 * the steps of a checkpoint: with synchronous=FULL nobody may look at a page
 * before that.
 */
#ifndef DB_VFS_H
#define DB_VFS_H

/* The name for sqlite3_open_v2(); the VFS is made when it is first asked for.
 */
const char *vfs_name(void);

#endif
