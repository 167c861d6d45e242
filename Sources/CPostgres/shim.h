#pragma once
#include <libpq-fe.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

// Swift takes character constants for 8-bit values; PQresultErrorField() wants an int.
static const int MARTLET_PG_DIAG_SQLSTATE = PG_DIAG_SQLSTATE;
static const int MARTLET_PG_DIAG_MESSAGE_PRIMARY = PG_DIAG_MESSAGE_PRIMARY;
