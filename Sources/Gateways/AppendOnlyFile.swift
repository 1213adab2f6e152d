import Glibc
import NIOPosix

/// Where the two stand-in gateways write. A block is written by one call at the end of the file, so that blocks of
/// several writers, also in several processes, do not mix.
enum AppendOnlyFile: Sendable {
    case standardError
    case named(String)

    /// Writing may block, so it happens on the thread pool.
    /// - Throws: ``SMSError/notWritten``.
    func append(_ bytes: [UInt8]) async throws {
        try await NIOThreadPool.singleton.runIfActive { try write(bytes) }
    }

    private func write(_ bytes: [UInt8]) throws(SMSError) {
        switch self {
        case .standardError: try Self.write(bytes, to: STDERR_FILENO)
        case .named(let path):
            // A link in place of the file could lead the codes to where others read them.
            let flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW
            let descriptor = unsafe open(path, flags, mode_t(0o600))
            guard descriptor >= 0 else { throw .notWritten }
            defer { close(descriptor) }
            try Self.write(bytes, to: descriptor)
        }
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) throws(SMSError) {
        var written = -1
        repeat {
            unsafe bytes.withUnsafeBytes { unsafe written = Glibc.write(descriptor, $0.baseAddress, $0.count) }
        } while written < 0 && errno == EINTR
        guard written == bytes.count else { throw .notWritten }
    }
}
