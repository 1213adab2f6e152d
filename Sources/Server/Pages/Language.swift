/// A language the pages speak (BCP 47).
package enum Language: String, CaseIterable, Sendable {
    case chinese = "zh-Hans"
    case english = "en"

    /// The language for one tag, by its primary subtag; nil for a language we do not speak.
    package init?(tag: some StringProtocol) {
        switch tag.prefix(while: { $0 != "-" && $0 != "_" }).lowercased() {
        case "zh": self = .chinese
        case "en": self = .english
        default: return nil
        }
    }

    /// The first language we speak of a space-separated preference list, as `ui_locales` is (OpenID Connect Core
    /// §3.1.2.1).
    package static func first(ofLocales list: String) -> Language? {
        list.prefix(256).split(separator: " ").lazy.compactMap { Language(tag: $0) }.first
    }

    /// The best of an `Accept-Language` header (RFC 9110 §12.5.4); an earlier one wins between equal weights.
    package static func best(ofAcceptLanguage header: String) -> Language? {
        var best: (language: Language, weight: Double)?
        for item in header.prefix(256).split(separator: ",") {
            let parts = item.split(separator: ";")
            guard let tag = parts.first, let language = Language(tag: tag.filter { $0 != " " }) else { continue }
            let quality = parts.dropFirst().first { $0.contains("q=") }
            let weight = quality.flatMap { Double($0.filter { $0 != " " }.dropFirst(2)) } ?? 1
            if weight > best?.weight ?? 0 { best = (language, weight) }
        }
        return best?.language
    }
}
