// The C library's DNS resolver and its parser of DNS messages.
#include <arpa/nameser.h>
#include <netdb.h>
#include <resolv.h>
