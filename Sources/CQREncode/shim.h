// The system's QR Code encoder (https://fukuchi.org/works/qrencode/).
#include <qrencode.h>
