import FoundationEssentials
import Glibc
import Cryptography
import Wire

/// A small file that only its owner may read: a key or a secret. It is there whole or not at all, and never written
/// over.
enum PrivateFile {
    /// Why a file cannot be used; the path is the operator's own text.
    struct Failure: Error, Equatable, CustomStringConvertible {
        let path: String
        let reason: String

        var description: String { "The file \(path) \(reason)." }
    }

    /// The content; nil when there is no such file.
    /// - Parameter limit: Bytes above which the file is not ours.
    /// - Throws: ``Failure`` when it cannot be read, is larger, or can be read or changed by everybody.
    static func read(_ path: String, limit: Int = 4_096) throws(Failure) -> [UInt8]? {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw Failure(path: path, reason: "cannot be read: \(systemReason())")
        }
        defer { close(descriptor) }
        var facts = stat()
        guard unsafe fstat(descriptor, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
            throw Failure(path: path, reason: "is no regular file")
        }
        // The group may read: that is how orchestrators hand secrets to a process that is not root.
        guard facts.st_mode & 0o027 == 0 else {
            throw Failure(path: path, reason: "can be read or changed by others; set its mode with: chmod 600 \(path)")
        }
        guard facts.st_size <= limit else { throw Failure(path: path, reason: "is too large to be what it should be") }
        return try bytes(of: descriptor, count: Int(facts.st_size), path)
    }

    /// Makes a file with mode 0600, and the directory it is to be in with mode 0700.
    ///
    /// The content is on the disk under another name before the file appears under its own: whoever finds it, also
    /// after a power cut, finds all of it.
    /// - Returns: Whether it was made; false when there was one already, which stays as it is.
    static func create(_ content: [UInt8], at path: String) throws(Failure) -> Bool {
        let directory = try makeDirectory(of: path)
        var random = SecureRandom()
        let draft = "\(path).\(Base64URL.encode(random.bytes(9)))"
        let descriptor = unsafe open(draft, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failure(path: path, reason: "cannot be made: \(systemReason())") }
        defer { unsafe unlink(draft) }
        defer { close(descriptor) }
        try write(content, to: descriptor, path)
        if unsafe link(draft, path) != 0 {
            if errno == EEXIST { return false }
            throw Failure(path: path, reason: "cannot be made: \(systemReason())")
        }
        try synchronize(directory)
        return true
    }

    /// Removes a file that this process made a moment ago.
    static func remove(_ path: String) {
        unsafe unlink(path)
    }

    private static func makeDirectory(of path: String) throws(Failure) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        let directory = slash == path.startIndex ? "/" : String(path[..<slash])
        if unsafe access(directory, F_OK) == 0 { return directory }
        _ = try makeDirectory(of: directory)
        guard unsafe mkdir(directory, 0o700) == 0 || errno == EEXIST else {
            throw Failure(path: path, reason: "cannot be made: \(directory): \(systemReason())")
        }
        return directory
    }

    private static func bytes(of descriptor: CInt, count: Int, _ path: String) throws(Failure) -> [UInt8] {
        var content = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let got = unsafe content.withUnsafeMutableBytes { buffer in
                unsafe Glibc.read(descriptor, buffer.baseAddress?.advanced(by: filled), count - filled)
            }
            guard got > 0 else { throw Failure(path: path, reason: "cannot be read: \(systemReason())") }
            filled += got
        }
        return content
    }

    private static func write(_ content: [UInt8], to descriptor: CInt, _ path: String) throws(Failure) {
        var written = 0
        while written < content.count {
            let put = unsafe content.withUnsafeBytes { buffer in
                unsafe Glibc.write(descriptor, buffer.baseAddress?.advanced(by: written), content.count - written)
            }
            guard put > 0 else { throw Failure(path: path, reason: "cannot be written: \(systemReason())") }
            written += put
        }
        guard fsync(descriptor) == 0 else { throw Failure(path: path, reason: "cannot be written: \(systemReason())") }
    }

    /// A new name in a directory is on the disk when the directory is.
    private static func synchronize(_ directory: String) throws(Failure) {
        let descriptor = unsafe open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure(path: directory, reason: "cannot be opened: \(systemReason())") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else {
            throw Failure(path: directory, reason: "cannot be written: \(systemReason())")
        }
    }

    private static func systemReason() -> String { unsafe String(cString: strerror(errno)) }
}
