#include "faulty_vfs.h"

#include <errno.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct faulty_vfs {
    sqlite3_vfs base;
    sqlite3_vfs *real;
    atomic_int code[FAULTY_CALLS];
    atomic_long count[FAULTY_CALLS];
    pthread_mutex_t mutex;
    pthread_cond_t released;
    int holds_syncs;
};

typedef struct {
    sqlite3_file base;
    faulty_vfs *vfs;
    /// FAULTY_CALLS for files that never fail.
    faulty_call write, sync;
    sqlite3_file *real;
} faulty_file;

static faulty_file *self(sqlite3_file *file) { return (faulty_file *)file; }
static sqlite3_file *real(sqlite3_file *file) { return self(file)->real; }

static int failure(faulty_file *file, faulty_call call) {
    if (call == FAULTY_CALLS) return SQLITE_OK;
    atomic_fetch_add(&file->vfs->count[call], 1);
    return atomic_load(&file->vfs->code[call]);
}

static void wait_for_release(faulty_vfs *vfs) {
    pthread_mutex_lock(&vfs->mutex);
    while (vfs->holds_syncs) pthread_cond_wait(&vfs->released, &vfs->mutex);
    pthread_mutex_unlock(&vfs->mutex);
}

static int f_write(sqlite3_file *f, const void *bytes, int count, sqlite3_int64 offset) {
    int code = failure(self(f), self(f)->write);
    return code ? code : real(f)->pMethods->xWrite(real(f), bytes, count, offset);
}

static int f_sync(sqlite3_file *f, int flags) {
    int code = failure(self(f), self(f)->sync);
    if (self(f)->sync == FAULTY_LOG_SYNC) wait_for_release(self(f)->vfs);
    return code ? code : real(f)->pMethods->xSync(real(f), flags);
}

static int f_close(sqlite3_file *f) { return real(f)->pMethods->xClose(real(f)); }
static int f_read(sqlite3_file *f, void *b, int n, sqlite3_int64 o) { return real(f)->pMethods->xRead(real(f), b, n, o); }
static int f_truncate(sqlite3_file *f, sqlite3_int64 n) { return real(f)->pMethods->xTruncate(real(f), n); }
static int f_size(sqlite3_file *f, sqlite3_int64 *n) { return real(f)->pMethods->xFileSize(real(f), n); }
static int f_lock(sqlite3_file *f, int l) { return real(f)->pMethods->xLock(real(f), l); }
static int f_unlock(sqlite3_file *f, int l) { return real(f)->pMethods->xUnlock(real(f), l); }
static int f_reserved(sqlite3_file *f, int *r) { return real(f)->pMethods->xCheckReservedLock(real(f), r); }
static int f_control(sqlite3_file *f, int op, void *a) { return real(f)->pMethods->xFileControl(real(f), op, a); }
static int f_sector(sqlite3_file *f) { return real(f)->pMethods->xSectorSize(real(f)); }
static int f_traits(sqlite3_file *f) { return real(f)->pMethods->xDeviceCharacteristics(real(f)); }
static int f_map(sqlite3_file *f, int p, int n, int e, void volatile **m) {
    int code = failure(self(f), FAULTY_INDEX_MAP);
    if (code) {
        errno = ENOSPC;
        return code;
    }
    return real(f)->pMethods->xShmMap(real(f), p, n, e, m);
}
static int f_shm_lock(sqlite3_file *f, int o, int n, int l) { return real(f)->pMethods->xShmLock(real(f), o, n, l); }
static void f_barrier(sqlite3_file *f) { real(f)->pMethods->xShmBarrier(real(f)); }
static int f_unmap(sqlite3_file *f, int d) { return real(f)->pMethods->xShmUnmap(real(f), d); }

static const sqlite3_io_methods methods = {
    2, f_close, f_read, f_write, f_truncate, f_sync, f_size, f_lock, f_unlock, f_reserved, f_control, f_sector,
    f_traits, f_map, f_shm_lock, f_barrier, f_unmap, 0, 0,
};

static int v_open(sqlite3_vfs *v, const char *name, sqlite3_file *f, int flags, int *out) {
    faulty_vfs *vfs = (faulty_vfs *)v;
    faulty_file *file = self(f);
    memset(file, 0, sizeof(*file));
    file->vfs = vfs;
    file->real = (sqlite3_file *)(file + 1);
    file->write = flags & SQLITE_OPEN_WAL       ? FAULTY_LOG_WRITE
                  : flags & SQLITE_OPEN_MAIN_DB ? FAULTY_DATABASE_WRITE
                                                : FAULTY_CALLS;
    file->sync = flags & SQLITE_OPEN_WAL       ? FAULTY_LOG_SYNC
                 : flags & SQLITE_OPEN_MAIN_DB ? FAULTY_DATABASE_SYNC
                                               : FAULTY_CALLS;
    int writes = (flags & SQLITE_OPEN_MAIN_DB) && (flags & SQLITE_OPEN_READWRITE);
    int code = writes ? failure(file, FAULTY_DATABASE_OPEN) : SQLITE_OK;
    if (code) return code;
    code = vfs->real->xOpen(vfs->real, name, file->real, flags, out);
    // Without methods SQLite doesn't close a file that couldn't be opened.
    file->base.pMethods = file->real->pMethods ? &methods : 0;
    return code;
}

// The file system's own calls are given on with the real one: it looks at its own fields.
static int v_delete(sqlite3_vfs *v, const char *n, int s) {
    sqlite3_vfs *r = ((faulty_vfs *)v)->real;
    return r->xDelete(r, n, s);
}
static int v_access(sqlite3_vfs *v, const char *n, int f, int *o) {
    sqlite3_vfs *r = ((faulty_vfs *)v)->real;
    return r->xAccess(r, n, f, o);
}
static int v_path(sqlite3_vfs *v, const char *n, int s, char *o) {
    sqlite3_vfs *r = ((faulty_vfs *)v)->real;
    return r->xFullPathname(r, n, s, o);
}

faulty_vfs *faulty_vfs_register(const char *name) {
    faulty_vfs *vfs = calloc(1, sizeof(*vfs));
    sqlite3_vfs *real = sqlite3_vfs_find(0);
    if (!vfs || !real) return 0;
    vfs->base = *real;
    vfs->base.pNext = 0;
    vfs->base.zName = strdup(name);
    vfs->base.szOsFile = (int)sizeof(faulty_file) + real->szOsFile;
    vfs->base.xOpen = v_open;
    vfs->base.xDelete = v_delete;
    vfs->base.xAccess = v_access;
    vfs->base.xFullPathname = v_path;
    vfs->real = real;
    pthread_mutex_init(&vfs->mutex, 0);
    pthread_cond_init(&vfs->released, 0);
    return vfs->base.zName && sqlite3_vfs_register(&vfs->base, 0) == SQLITE_OK ? vfs : 0;
}

void faulty_vfs_fail(faulty_vfs *vfs, faulty_call call, int code) { atomic_store(&vfs->code[call], code); }

long faulty_vfs_count(faulty_vfs *vfs, faulty_call call) { return atomic_load(&vfs->count[call]); }

void faulty_vfs_hold_syncs(faulty_vfs *vfs) {
    pthread_mutex_lock(&vfs->mutex);
    vfs->holds_syncs = 1;
    pthread_mutex_unlock(&vfs->mutex);
}

void faulty_vfs_release_syncs(faulty_vfs *vfs) {
    pthread_mutex_lock(&vfs->mutex);
    vfs->holds_syncs = 0;
    pthread_cond_broadcast(&vfs->released);
    pthread_mutex_unlock(&vfs->mutex);
}
