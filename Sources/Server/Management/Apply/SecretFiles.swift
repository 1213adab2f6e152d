import FoundationEssentials

/// The files that hold the secrets of a document's clients.
struct SecretFiles: Sendable {
    /// What the document gives and what the files hold that are there, by the path of the entry.
    private(set) var found: [String: NewClientSecret] = [:]
    /// Files that are not there yet, by the path of the entry.
    private var missing: [(path: String, file: String, place: DocumentPlace)] = []

    /// Reads what is there; makes nothing.
    /// - Parameter directory: Where relative paths begin.
    init(of document: ApplyDocument, relativeTo directory: String) throws(DocumentRefusal) {
        for entry in document.tenants.flatMap(\.value.applications) {
            switch entry.value.secret {
            case .generated: break
            case .given(let text): found[entry.place.path] = .importing(text)
            case .file(let path):
                let file = path.hasPrefix("/") ? path : directory + "/" + path
                if let secret = try Self.read(file, entry.place) {
                    found[entry.place.path] = secret
                } else {
                    missing.append((entry.place.path, file, entry.place))
                }
            }
        }
    }

    /// Makes the files that are missing, before any transaction: a secret that the database knows must not get lost.
    /// - Returns: A secret for every entry that gives one or names a file.
    func complete() throws(DocumentRefusal) -> [String: NewClientSecret] {
        var secrets = found
        for (path, file, place) in missing {
            let secret = NewClientSecret.generate()
            let isMade: Bool
            do {
                isMade = try PrivateFile.create(Array((secret.text + "\n").utf8), at: file)
            } catch {
                throw DocumentRefusal(place, "the file clientSecretFile cannot be made there")
            }
            // Two clients may share a file; the second finds what the first has made.
            secrets[path] = isMade ? secret : try Self.read(file, place)
        }
        return secrets
    }

    private static func read(_ file: String, _ place: DocumentPlace) throws(DocumentRefusal) -> NewClientSecret? {
        let content: [UInt8]?
        do {
            content = try PrivateFile.read(file)
        } catch {
            throw DocumentRefusal(
                place, "the file clientSecretFile cannot be read, or can be read by others; chmod 600 sets that right")
        }
        guard let content else { return nil }
        let text = content.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
        return .importing(String(decoding: text, as: UTF8.self))
    }
}
