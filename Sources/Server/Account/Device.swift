/// Browser and system, as a person recognises them: `Chrome · Windows`. A rough reading of `User-Agent`, for display only.
struct Device: Equatable, CustomStringConvertible {
    let description: String

    /// nil when neither browser nor system is one that we know.
    init?(userAgent: String) {
        let browser = Self.first(of: Self.browsers, in: userAgent)
        let system = Self.first(of: Self.systems, in: userAgent)
        let parts = [browser, system].compactMap(\.self)
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

    private static func first(of names: [(sign: String, name: String)], in text: String) -> String? {
        names.first { text.contains($0.sign) }?.name
    }
}
