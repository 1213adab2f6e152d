import FoundationEssentials

/// The passwords that nobody may choose.
package enum CommonPasswords {
    /// Reads a file with one password a line, in any case.
    /// - Throws: ``SettingRefusal``: a list that is silently missing would let common passwords in.
    package static func load(_ path: String) throws(SettingRefusal) -> Set<String> {
        guard let data = try? Data(contentsOf: URL(filePath: path)) else {
            throw SettingRefusal("password.commonList", "names a file that cannot be read")
        }
        let text = String(decoding: data, as: UTF8.self)
        return Set(text.split(whereSeparator: \.isNewline).map { $0.lowercased() })
    }
}
