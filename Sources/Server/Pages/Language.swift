import Wire

/// A language the pages speak (BCP 47).
///
/// Headers and cookies are read as bytes: they are an attacker's to write, and working on them as characters would cost
/// the square of their length.
package enum Language: String, CaseIterable, Sendable {
    case chinese = "zh-Hans"
    case english = "en"

    /// The language for one tag, by its primary subtag; nil for a language we do not speak.
    package init?(tag: String) {
        self.init(bytes: Array(tag.utf8.prefix(35)))
    }

    private init?(bytes: some Collection<UInt8>) {
        let primary = bytes.prefix { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: "_") }.map { $0 | 0x20 }
        switch primary {
        case Array("zh".utf8): self = .chinese
        case Array("en".utf8): self = .english
        default: return nil
        }
    }

    /// The first language we speak of a space-separated preference list, as `ui_locales` is (OpenID Connect Core
    /// §3.1.2.1).
    package static func first(ofLocales list: String) -> Language? {
        list.utf8.prefix(256).split(separator: UInt8(ascii: " ")).lazy.compactMap { Language(bytes: $0) }.first
    }

    /// The best of an `Accept-Language` header (RFC 9110 §12.5.4); an earlier one wins between equal weights.
    package static func best(ofAcceptLanguage header: String) -> Language? {
        var best: (language: Language, weight: Int)?
        for item in header.utf8.prefix(256).split(separator: UInt8(ascii: ",")) {
            let parts = item.split(separator: UInt8(ascii: ";")).map { $0.filter { $0 != UInt8(ascii: " ") } }
            guard let tag = parts.first, let language = Language(bytes: tag) else { continue }
            let weight = weight(of: parts.dropFirst().first ?? [])
            if weight > best?.weight ?? 0 { best = (language, weight) }
        }
        return best?.language
    }

    /// Thousandths; 1,000 without a `q=`, and 0 for one that does not read.
    private static func weight(of parameter: [UInt8]) -> Int {
        guard !parameter.isEmpty else { return 1_000 }
        guard parameter.starts(with: Array("q=".utf8)) else { return 1_000 }
        return Double(String(decoding: parameter.dropFirst(2).prefix(5), as: UTF8.self)).map { Int($0 * 1_000) } ?? 0
    }
}
