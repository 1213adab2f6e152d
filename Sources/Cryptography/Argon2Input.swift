import CArgon2
import CLibCrypto

/// The inputs of one Argon2 computation (RFC 9106 §3.1).
struct Argon2Input {
    var password: [UInt8]
    var salt: [UInt8]
    /// K and X of the RFC; we use neither, its test vectors do.
    var secret: [UInt8] = []
    var associatedData: [UInt8] = []

    /// The tag T of `length` bytes. All lanes are computed on the calling thread: the queue bounds the concurrency.
    func derive(_ parameters: Argon2id.Parameters, length: Int) throws(Argon2Error) -> [UInt8] {
        guard parameters.isAcceptable, (8...64).contains(salt.count), (12...64).contains(length) else {
            throw .unacceptableParameters
        }
        // libargon2 wants mutable pointers to all five; one buffer has them at known offsets and is wiped as one.
        var buffer = [UInt8](repeating: 0, count: length) + password + salt + secret + associatedData
        let status = unsafe buffer.withUnsafeMutableBufferPointer { unsafe run(parameters, length, $0) }
        let tag = Array(buffer[..<length])
        unsafe buffer.withUnsafeMutableBytes { unsafe OPENSSL_cleanse($0.baseAddress, $0.count) }
        guard status != ARGON2_MEMORY_ALLOCATION_ERROR.rawValue else { throw .outOfMemory }
        guard status == ARGON2_OK.rawValue else { throw .failed }
        return tag
    }

    private func run(
        _ parameters: Argon2id.Parameters, _ length: Int, _ buffer: UnsafeMutableBufferPointer<UInt8>
    ) -> Int32 {
        guard let output = buffer.baseAddress else { return ARGON2_OUTPUT_PTR_NULL.rawValue }
        var context = unsafe argon2_context()
        unsafe context.out = unsafe output
        unsafe context.outlen = UInt32(length)
        unsafe context.pwd = unsafe output + length
        unsafe context.pwdlen = UInt32(password.count)
        unsafe context.salt = unsafe output + (length + password.count)
        unsafe context.saltlen = UInt32(salt.count)
        unsafe context.secret = unsafe output + (length + password.count + salt.count)
        unsafe context.secretlen = UInt32(secret.count)
        unsafe context.ad = unsafe output + (length + password.count + salt.count + secret.count)
        unsafe context.adlen = UInt32(associatedData.count)
        unsafe context.t_cost = UInt32(parameters.iterations)
        unsafe context.m_cost = UInt32(parameters.memoryKiB)
        unsafe context.lanes = UInt32(parameters.parallelism)
        unsafe context.threads = 1
        unsafe context.version = UInt32(ARGON2_VERSION_13.rawValue)
        return unsafe argon2_ctx(&context, Argon2_id)
    }
}
