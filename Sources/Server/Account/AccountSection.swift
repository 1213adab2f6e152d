import Directory
import FoundationEssentials
import Identity

/// One entrance of the personal centre: where it leads, what it is called, and how things stand there.
struct AccountSection: Sendable {
    let path: String
    /// Of the title, in the texts of pages.
    let titleKey: String
    let state: @Sendable (AccountState) -> String

    init(_ path: String, _ titleKey: String, _ state: @escaping @Sendable (AccountState) -> String) {
        self.path = path
        self.titleKey = titleKey
        self.state = state
    }

    /// All of them, in the order of the page. Another page of the personal centre is one more line.
    static let all: [AccountSection] = [
        AccountSection(Path.accountProfile, "profileTitle") { "\($0.user.profile.name) · \($0.user.username.text)" },
        AccountSection(Path.accountPhone, "profilePhone") { $0.user.profile.phone?.masked ?? $0.text("notSet") },
        AccountSection(Path.accountEmail, "profileEmail", \.emailState),
        AccountSection(Path.accountPassword, "passwordTitle", \.passwordState),
        AccountSection(Path.secondFactor, "secondFactorTitle") {
            $0.text($0.factors.hasApp || $0.factors.hasSMS ? "secondFactorOn" : "secondFactorOff")
        },
        AccountSection(Path.passkeys, "passkeysTitle") { $0.count("accountPasskeyCount", $0.factors.passkeys) },
        AccountSection(Path.accountSessions, "sessionsTitle") { $0.count("accountSessionCount", $0.sessions) },
        AccountSection(Path.accountHistory, "historyTitle") { $0.text("accountHistoryState") },
        AccountSection(Path.accountApplications, "applicationsTitle") {
            $0.count("accountApplicationCount", $0.applications)
        },
        AccountSection(Path.enterprises, "enterprisesTitle") { $0.text("accountEnterprisesState") },
    ]
}

/// What the entrances tell of.
struct AccountState: Sendable {
    let user: User
    let credential: Credential?
    let factors: SecondFactors
    let sessions: Int
    let applications: Int
    let pages: Pages
    let language: Language

    func text(_ key: String) -> String { pages.text(key, language) }

    func count(_ key: String, _ count: Int) -> String {
        pages.text(key, language, filling: ["count": String(count)])
    }

    var emailState: String {
        guard let email = user.profile.email else { return text("notSet") }
        return "\(email.text) · \(text(user.profile.emailVerifiedAt == nil ? "emailUnverified" : "emailIsVerified"))"
    }

    var passwordState: String {
        guard let credential, credential.hash != nil else { return text("notSet") }
        let day = String(credential.changedAt.formatted(.iso8601).prefix(10))
        return pages.text("accountPasswordState", language, filling: ["day": day])
    }
}
