/* This source file is part of the Mainstay open source project */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * MariaDB Connector/C, and what Swift can't import from it: functions with variable arguments, and what is behind
 * macros or differs between systems.
 */
#ifndef MAINSTAY_CMARIADB_SHIM_H
#define MAINSTAY_CMARIADB_SHIM_H

#if __has_include(<mariadb/mysql.h>)
#include <mariadb/mysql.h>
#include <mariadb/errmsg.h>
#elif __has_include(<mysql.h>)
#include <mysql.h>
#include <errmsg.h>
#elif __has_include(<mysql/mysql.h>)
#include <mysql/mysql.h>
#include <mysql/errmsg.h>
#else
#error "MariaDB Connector/C's header mysql.h was not found. Debian and Ubuntu: apt install libmariadb-dev; Fedora: dnf install mariadb-connector-c-devel; macOS: brew install mariadb-connector-c"
#endif

#ifndef MARIADB_PACKAGE_VERSION_ID
#error "The header mysql.h that was found is Oracle's. Mainstay needs MariaDB Connector/C 3.3 or later: apt install libmariadb-dev"
#endif

#if MARIADB_PACKAGE_VERSION_ID < 30300
#error "Mainstay needs MariaDB Connector/C 3.3 or later"
#endif

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

static inline int mainstay_mariadb_option_text(MYSQL *mysql, enum mysql_option option, const char *text) {
    return mysql_optionsv(mysql, option, (void *)text);
}

static inline int mainstay_mariadb_option_flag(MYSQL *mysql, enum mysql_option option, my_bool flag) {
    return mysql_optionsv(mysql, option, (void *)&flag);
}

static inline int mainstay_mariadb_option_number(MYSQL *mysql, enum mysql_option option, unsigned int number) {
    return mysql_optionsv(mysql, option, (void *)&number);
}

static inline int mainstay_mariadb_option_size(MYSQL *mysql, enum mysql_option option, size_t size) {
    return mysql_optionsv(mysql, option, (void *)&size);
}

static inline int mainstay_mariadb_option_attribute(MYSQL *mysql, const char *name, const char *value) {
    return mysql_optionsv(mysql, MYSQL_OPT_CONNECT_ATTR_ADD, (void *)name, (void *)value);
}

static inline int mainstay_mariadb_infile_init(void **state, const char *name, void *context) {
    (void)name, (void)context;
    *state = NULL;
    return 1;
}

static inline int mainstay_mariadb_infile_read(void *state, char *buffer, unsigned int length) {
    (void)state, (void)buffer, (void)length;
    return -1;
}

static inline void mainstay_mariadb_infile_end(void *state) { (void)state; }

static inline int mainstay_mariadb_infile_error(void *state, char *message, unsigned int length) {
    (void)state;
    if (length > 0) {
        strncpy(message, "LOAD DATA LOCAL is refused: the server may not read files of the client", length - 1);
        message[length - 1] = 0;
    }
    return CR_UNKNOWN_ERROR;
}

/* Should a server ask for a file in spite of all options, it gets none. */
static inline void mainstay_mariadb_refuse_infile(MYSQL *mysql) {
    mysql_set_local_infile_handler(
        mysql, mainstay_mariadb_infile_init, mainstay_mariadb_infile_read, mainstay_mariadb_infile_end,
        mainstay_mariadb_infile_error, NULL);
}

/*
 * Takes the server's status from the packet that ended a result: mysql_stmt_fetch reads that packet and drops what it
 * says (Connector/C 3.3, stmt_unbuffered_fetch). It is 0xFE, two bytes of warnings, two bytes of status.
 */
static inline void mainstay_mariadb_take_end_status(MYSQL *mysql) {
    const unsigned long deprecate_eof = 1UL << 24; /* with which the packet would look different */
    const unsigned char *packet = mysql->net.read_pos;
    if (packet && packet[0] == 0xFE && !(mysql->client_flag & deprecate_eof)) {
        mysql->server_status = packet[3] | (unsigned int)packet[4] << 8;
    }
}

/* Lets the system ask a silent peer whether it is still there, in seconds and, for sent data, in milliseconds. */
static inline void mainstay_mariadb_keep_alive(int socket, int idle, int interval, int count, unsigned int sent) {
    int on = 1;
    setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
#if defined(TCP_KEEPIDLE)
    setsockopt(socket, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
#elif defined(TCP_KEEPALIVE)
    setsockopt(socket, IPPROTO_TCP, TCP_KEEPALIVE, &idle, sizeof idle);
#endif
#if defined(TCP_KEEPINTVL) && defined(TCP_KEEPCNT)
    setsockopt(socket, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof interval);
    setsockopt(socket, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof count);
#endif
#if defined(TCP_USER_TIMEOUT)
    setsockopt(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, &sent, sizeof sent);
#endif
}

#endif
