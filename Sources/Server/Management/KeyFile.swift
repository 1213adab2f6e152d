package import Cryptography
import Wire

/// The file that holds an installation's sealing key: base64url of its 32 bytes.
package struct KeyFile: Sendable {
    package let path: String

    /// - Parameter directory: The setting `keys.directory`.
    package init(directory: String) {
        path = directory + (directory.hasSuffix("/") ? "" : "/") + "sealing.key"
    }

    /// The key; nil when there is no file.
    /// - Throws: ``KeyRefusal`` for a file that cannot be read, that others can read, or that holds no key.
    package func read() throws(KeyRefusal) -> SealingKey? {
        let content: [UInt8]?
        do { content = try PrivateFile.read(path) } catch { throw KeyRefusal(error.description) }
        guard let content else { return nil }
        // An editor or `echo` ends the file with a line break.
        let text = content.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
        guard content.dropFirst(text.count).allSatisfy({ [0x0A, 0x0D].contains($0) }),
            let bytes = try? Base64URL.decode(String(decoding: text, as: UTF8.self)), let key = try? SealingKey(bytes)
        else {
            throw KeyRefusal(
                "The file \(path) does not hold a sealing key (43 characters of base64url). Restore it from a backup.")
        }
        return key
    }

    /// Makes a new key and its file.
    /// - Returns: The key; nil when somebody else has made the file in the meantime.
    func create() throws(KeyRefusal) -> SealingKey? {
        var random = SecureRandom()
        let key = SealingKey.generate(using: &random)
        let content = Array((Base64URL.encode(key.exportedBytes) + "\n").utf8)
        do {
            return try PrivateFile.create(content, at: path) ? key : nil
        } catch {
            throw KeyRefusal(error.description)
        }
    }

    /// Takes back a file that ``create()`` made and that turned out to be of no use.
    func discard() { PrivateFile.remove(path) }
}

/// Why an installation is not opened, in sentences that say what to do. Nothing was written.
package struct KeyRefusal: Error, Equatable, Sendable, CustomStringConvertible {
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}
