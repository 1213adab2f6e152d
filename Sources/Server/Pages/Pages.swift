import Directory
import FoundationEssentials
import HTTPTypes
import HummingbirdCore
import Mustache
import Wire

/// The fields of a template: texts, flags, lists and dictionaries. A field that has no value is left out.
package typealias PageFields = [String: any Sendable]

/// The pages a person sees: templates, languages and assets, loaded and checked at start.
package struct Pages: Sendable {
    private let library: MustacheLibrary
    private let texts: [Language: [String: String]]
    private let messages: [Language: [String: String]]
    private let mails: [Language: [String: String]]
    /// Of people whose browser or account says nothing.
    let standardLanguage: Language
    package let assets: Assets

    /// Loads everything below a templates folder.
    /// - Throws: ``PagesError`` for a folder without the pages we need, or languages that do not have the same texts.
    package init(directory: String, standardLanguage: Language) async throws {
        library = try await MustacheLibrary(directory: directory)
        texts = try Self.catalogues(directory + "/languages")
        messages = try Self.catalogues(directory + "/sms")
        mails = try Self.catalogues(directory + "/mail")
        assets = try Assets(directory: directory + "/assets")
        self.standardLanguage = standardLanguage
        for page in ["error", "sign-in/login", "sign-in/set-password", "portal/home", "account/home"] {
            guard library.getTemplate(named: page) != nil else { throw PagesError("\(directory) has no page \(page)") }
        }
        guard Set(texts.values.map { Set($0.keys) }).count == 1 else {
            throw PagesError("the languages in \(directory)/languages do not have the same texts")
        }
    }

    /// One text of a language, its `{name}` placeholders filled in one pass.
    package func text(_ key: String, _ language: Language, filling values: [String: String] = [:]) -> String {
        Self.fill(texts[language]?[key] ?? key, values)
    }

    /// An SMS text by purpose.
    func message(_ purpose: String, _ language: Language, filling values: [String: String]) -> String {
        Self.fill(messages[language]?[purpose] ?? "{code}", values)
    }

    /// Subject and text of an e-mail by purpose.
    func mail(
        _ purpose: String, _ language: Language, filling values: [String: String]
    ) -> (subject: String, text: String) {
        let texts = mails[language] ?? [:]
        return (
            Self.fill(texts["\(purpose).subject"] ?? purpose, values),
            Self.fill(texts["\(purpose).text"] ?? "{code}", values)
        )
    }

    /// What every page needs besides its own fields.
    struct Frame: Sendable {
        var language: Language
        var tenantName: String
        /// Path and query to which the language links lead, without `lang`.
        var address: String
        var addressParameters: [FormURLEncoded.Pair] = []
        /// Origins besides our own to which this page's forms may lead by redirects.
        var formTargets: [String] = []
    }

    /// Renders a page.
    func render(
        _ template: String, _ fields: PageFields, in frame: Frame, status: HTTPResponse.Status = .ok
    ) -> Response {
        var all = fields
        all["text"] = texts[frame.language] ?? [:]
        all["lang"] = frame.language.rawValue
        all["tenantName"] = frame.tenantName
        all["assetVersion"] = assets.version
        all["languages"] = languageLinks(frame)
        all["links"] = Self.links
        let page = library.render(all, withTemplate: template) ?? ""
        var response = Response.html(page, status: status)
        response.headers[.contentSecurityPolicy] = Self.policy(frame.formTargets)
        response.headers[.xFrameOptions] = "DENY"
        response.headers[.crossOriginOpenerPolicy] = "same-origin"
        // Forms must carry their Origin, which no-referrer would turn into null (Fetch §3.2).
        response.headers[.referrerPolicy] = "same-origin"
        return response
    }

    // MARK: - Language

    /// The language of a request: its `lang` parameter, what was chosen in this browser, the choice of the person who is
    /// signed in, the browser's preference.
    func language(of call: Call) -> Language {
        if call.query?.contains("lang=") == true, let parameters = try? call.queryParameters(),
            let tag = try? parameters.single("lang"), let language = Language(tag: tag)
        {
            return language
        }
        let chosen = call.cookie(.language(secure: call.isSecure))
        return language(of: call.head, chosen: chosen.flatMap(Language.init(tag:)) ?? call.person.language)
    }

    /// The language without a tenant: what the browser prefers.
    func language(of head: HTTPRequest, chosen: Language?) -> Language {
        chosen ?? head.headerFields[.acceptLanguage].flatMap(Language.best(ofAcceptLanguage:)) ?? standardLanguage
    }

    private func languageLinks(_ frame: Frame) -> [PageFields] {
        Language.allCases.map { language in
            let pairs = frame.addressParameters + [FormURLEncoded.Pair("lang", language.rawValue)]
            return [
                "languageTag": language.rawValue, "languageName": text("languageName", language),
                "languageHref": FormURLEncoded.adding(pairs, toQueryOf: frame.address),
                "isCurrentLanguage": language == frame.language,
            ]
        }
    }

    private static let links: [String: String] = [
        "assets": Path.assets, "portal": Path.portal, "account": Path.account, "password": Path.accountPassword,
        "phone": Path.accountPhone,
        "history": Path.accountHistory, "signOut": Path.signOut, "endSession": Path.endOneSession,
        "endOtherSessions": Path.endOtherSessions, "administration": Path.members,
        "unfreezeMembers": Path.unfreezeMembers, "domains": Path.domains,
        "secondFactor": Path.secondFactor, "passkeys": Path.passkeys,
        "profile": Path.accountProfile, "email": Path.accountEmail, "sessions": Path.accountSessions,
        "applications": Path.accountApplications, "withdraw": Path.withdrawApplication,
        "invitations": Path.invitations, "enterprises": Path.enterprises,
    ]

    // MARK: - Policy

    /// CSP Level 3. `form-action` names where this page's forms end after redirects, since Chromium checks those too.
    private static func policy(_ formTargets: [String]) -> String {
        let targets = formTargets.filter(isPolicySource).map { " \($0)" }.joined()
        return """
            default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; font-src 'self'; \
            form-action 'self'\(targets); base-uri 'none'; frame-ancestors 'none'
            """
    }

    /// An origin or a scheme from a registered address; anything that could end the directive is left out.
    private static func isPolicySource(_ source: String) -> Bool {
        !source.isEmpty
            && source.utf8.allSatisfy { byte in
                (0x21...0x7E).contains(byte) && byte != UInt8(ascii: ";") && byte != UInt8(ascii: ",")
                    && byte != UInt8(ascii: "'") && byte != UInt8(ascii: "*")
            }
    }

    // MARK: - Texts

    private static func catalogues(_ directory: String) throws -> [Language: [String: String]] {
        var catalogues: [Language: [String: String]] = [:]
        for language in Language.allCases {
            let path = "\(directory)/\(language.rawValue).json"
            guard let bytes = try? Data(contentsOf: URL(filePath: path)), let json = try? JSON.parse(Array(bytes)),
                let members = json.members
            else { throw PagesError("\(path) is missing or is not a JSON object") }
            catalogues[language] = Dictionary(
                members.compactMap { member in member.value.string.map { (member.key, $0) } },
                uniquingKeysWith: { first, _ in first })
        }
        return catalogues
    }

    /// One pass, so that a value that itself holds `{…}` stays as it is.
    private static func fill(_ text: String, _ values: [String: String]) -> String {
        guard !values.isEmpty else { return text }
        var filled = ""
        var rest = text[...]
        while let open = rest.firstIndex(of: "{") {
            filled += rest[..<open]
            let after = rest[rest.index(after: open)...]
            guard let close = after.firstIndex(of: "}"), let value = values[String(after[..<close])] else {
                filled += "{"
                rest = after
                continue
            }
            filled += value
            rest = after[after.index(after: close)...]
        }
        return filled + rest
    }
}

/// Why the pages cannot be used; for the person who starts the server.
package struct PagesError: Error, CustomStringConvertible {
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}
