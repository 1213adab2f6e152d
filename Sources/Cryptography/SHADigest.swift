import CLibCrypto

/// The digests that other systems' password hashes are made with (FIPS 180-4).
enum SHADigest {
    case sha1, sha256, sha512

    /// In bytes.
    var length: Int {
        switch self {
        case .sha1: 20
        case .sha256: 32
        case .sha512: 64
        }
    }

    /// Belongs to libcrypto for as long as the process lives.
    var pointer: OpaquePointer? {
        switch self {
        case .sha1: unsafe EVP_sha1()
        case .sha256: unsafe EVP_sha256()
        case .sha512: unsafe EVP_sha512()
        }
    }
}
