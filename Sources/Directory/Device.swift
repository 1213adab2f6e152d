/// Browser and system, as a person recognises them: `Chrome · Windows`. A rough reading of `User-Agent`, for display only.
///
/// The text is made of the names in these two lists and of nothing else: whatever a header says, none of it gets further.
package struct Device: Equatable, Sendable, CustomStringConvertible {
    package let description: String

    /// nil when neither browser nor system is one that we know.
    package init?(userAgent: String) {
        // Browsers send a few hundred bytes; what somebody else sends must not cost more than they do.
        let bytes = Array(userAgent.utf8.prefix(1_024))
        let parts = [Self.browsers, Self.systems].compactMap { Self.first(of: $0, in: bytes) }
        guard !parts.isEmpty else { return nil }
        description = parts.joined(separator: " · ")
    }

    /// In this order: most browsers also claim to be those further down.
    private static let browsers = [
        ("DingTalk", "DingTalk"), ("MicroMessenger", "WeChat"), ("Edg", "Edge"), ("OPR/", "Opera"),
        ("SamsungBrowser", "Samsung Internet"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"),
    ]

    private static let systems = [
        ("HarmonyOS", "HarmonyOS"), ("Windows", "Windows"), ("iPhone", "iPhone"), ("iPad", "iPad"),
        ("Android", "Android"), ("Mac OS X", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux"),
    ]

    private static func first(of names: [(sign: String, name: String)], in bytes: [UInt8]) -> String? {
        names.first { holds(bytes, $0.sign.utf8) }?.name
    }

    private static func holds(_ bytes: [UInt8], _ sign: String.UTF8View) -> Bool {
        bytes.indices.contains { bytes[$0] == sign.first && bytes[$0...].starts(with: sign) }
    }
}
