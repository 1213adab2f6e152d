// libxcrypt: the crypt(3) hashes of Unix systems.
#include <crypt.h>

// The size of crypt_rn's work area; the struct's arrays are too long for Swift to import.
static const int crypt_work_size = sizeof(struct crypt_data);
