import Glibc
import Storage

/// The place of a database file, made so that only its owner can read it.
enum SQLiteFile {
    /// Makes the missing directories with mode 0700 and the file with mode 0600.
    ///
    /// SQLite gives `-wal` and `-shm` the mode of the file. A file that exists is not opened here: closing it would
    /// take away the locks that other connections of this process hold on it (POSIX advisory locks).
    ///
    /// - Returns: Whether an existing file can be read by others, which is worth a warning.
    static func prepare(_ path: String) throws(DatabaseError) -> Bool {
        try makeDirectories(above: path)
        let descriptor = unsafe open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o600)
        if descriptor >= 0 {
            close(descriptor)
            return false
        }
        guard errno == EEXIST else { throw .unavailable("cannot create \(path): \(reason()).") }
        return isReadableByOthers(path)
    }

    private static func makeDirectories(above path: String) throws(DatabaseError) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        for count in parts.indices {
            let directory = parts[...count].joined(separator: "/")
            if unsafe directory.isEmpty || access(directory, F_OK) == 0 { continue }
            guard unsafe mkdir(directory, 0o700) == 0 || errno == EEXIST else {
                throw .unavailable("cannot create \(directory): \(reason()).")
            }
        }
    }

    private static func isReadableByOthers(_ path: String) -> Bool {
        var facts = stat()
        return unsafe stat(path, &facts) == 0 && facts.st_mode & 0o077 != 0
    }

    private static func reason() -> String { unsafe String(cString: strerror(errno)) }
}
