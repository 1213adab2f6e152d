import Directory
import Foundation
import Gateways
import Identity
import Server
import Storage
import TestSupport
import Wire

/// What an operator does with a running server.
extension TestServer {
    /// The acts of administrators.
    /// - Parameters:
    ///   - inner: The database that it uses; nil for the server's own.
    ///   - gateway: What sends its messages; nil for the inbox.
    func administration(
        over inner: (any Database)? = nil, gateway: (any SMSGateway)? = nil
    ) -> Administration {
        let (database, clock, environment) = (inner ?? database, clock, environment)
        let sender: any SMSGateway = gateway ?? sms
        let post = SMSPost(database: database, logger: log.logger, now: { clock.now }) { _ in sender }
        return Administration(
            database: database, keys: InstallationKeys(Samples.sealingKey), passwords: environment.passwords,
            commonPasswords: { environment.commonPasswords }, policy: environment.settings.policy,
            messenger: Messenger(post: post, mail: mailPost(database)) { environment.pages }, domainProbe: .nowhere,
            by: Administrator(actor: .operator("root")))
    }

    private func mailPost(_ database: any Database) -> MailPost {
        let (clock, mail) = (clock, mail)
        return MailPost(database: database, logger: log.logger, now: { clock.now }) { _ in mail }
    }

    /// Resets passwords in Acme.
    @discardableResult
    func reset(
        _ usernames: [String], by way: PasswordReset = .clear, gateway: (any SMSGateway)? = nil
    ) async throws -> [PasswordResetResult] {
        try await administration(gateway: gateway).resetPasswords(of: usernames, in: "acme", by: way, now: clock.now)
    }

    /// The credential of a user as stored now.
    func credential(of user: User) async throws -> Credential? {
        try await database.read { db in try db.credentials.ofUser(user.id) }
    }

    /// Gives a user this hash, as an import does.
    func bring(_ hash: String, to user: User) async throws {
        let now = clock.now
        try await change { db in
            let old = try db.credentials.ofUser(user.id)
            let next = Credential.setting(hash, replacing: old, policy: PasswordPolicy(), now: now)
            _ = try db.credentials.put(next, ofUser: user.id)
        }
    }
}

/// Refuses every message.
struct ClosedGateway: SMSGateway {
    var name: String { "closed" }

    func send(_ message: SMSMessage) async throws -> SMSReceipt { throw SMSError.unavailable(reason: "closed") }
}

// MARK: - A forgotten password

extension Browser {
    /// Goes from a sign-in page to the page for a forgotten password.
    func forget(on page: Visit) async throws -> Visit {
        try await visit("/login/forgotten?i=\(try page.interactionID)")
    }

    /// Asks for a code there.
    func askToForget(_ phone: String, on page: Visit) async throws -> Visit {
        try await submit(try page.forgottenForm, ["phone": phone], pressing: "send")
    }

    /// Types a code there.
    func enterForgotten(_ code: String, on page: Visit, _ further: Changes = [:]) async throws -> Visit {
        try await submit(try page.forgottenForm, ["code": code].merging(further) { $1 }, pressing: "verify")
    }
}

extension Browser.Visit {
    var forgottenForm: PageForm {
        get throws { try form(to: "/login/forgotten") }
    }
}

extension TestServer {
    /// A browser that has typed the code for a forgotten password and stands before the set-password page.
    func forgetting(
        _ phone: String = "13800000001", at address: String = "/"
    ) async throws -> (browser: Browser, page: Browser.Visit) {
        let browser = browser()
        let page = try await browser.forget(on: try await browser.visit(address))
        let sent = try await browser.askToForget(phone, on: page)
        let code = try await lastCode(to: "+86" + phone)
        return (browser, try await browser.enterForgotten(code, on: sent))
    }
}
