import Directory
import HTTPTypes
import HummingbirdCore
import Identity
import Storage
import Wire

/// `/join` at the installation's shared address: asks for an invitation's code and leads to the tenant whose it is.
struct SharedJoinPage: Sendable {
    let environment: ServerEnvironment

    private static let typedLength = 128

    /// GET: the page; a link may bring the code along, which is not looked at yet.
    func show(_ call: Call) async throws -> Response {
        let code = try call.queryParameters().single("code").map { String($0.prefix(Self.typedLength)) }
        return page(code, CodeForm.View(), call).rememberingLanguage(of: call)
    }

    /// POST: a code.
    func submit(_ call: Call) async throws -> Response {
        let form = try await call.pageForm()
        try FormGuard(environment: environment).checkOrigin(call)
        let typed = try form.single("invitation").map { String($0.prefix(Self.typedLength)) }
        var view = CodeForm.View()
        let entrance = InvitationEntrance(environment: environment, call: call)
        let response = try await entrance.onward(
            typed, try PuzzleSolution(form), in: "shared \(call.client.limitKey)", &view)
        return response ?? page(typed, view, call)
    }

    private func page(_ typed: String?, _ view: CodeForm.View, _ call: Call) -> Response {
        var fields = CodeForm(environment: environment, call: call).fields(view)
        fields["formAction"] = Path.join
        fields["backHref"] = Path.signIn
        fields["focusInvitation"] = view.errors.isEmpty
        fields.set("invitation", typed)
        let frame = environment.pages.frame(of: call, at: Path.join)
        return environment.pages.render("sign-in/shared-join", fields, in: frame, status: view.status)
            .retrying(after: view.retryAfter)
    }
}

/// A code of any tenant's, typed where that tenant is not: leads there.
struct InvitationEntrance {
    let environment: ServerEnvironment
    let call: Call

    /// - Parameters:
    ///   - owner: What a puzzle is bound to.
    ///   - view: Told what went wrong.
    /// - Returns: nil when the page is to be shown again.
    func onward(
        _ typed: String?, _ solution: PuzzleSolution?, in owner: String, _ view: inout CodeForm.View
    ) async throws -> Response? {
        guard let typed else {
            view.refuse(text("missingInvitation"), field: "invitation")
            return nil
        }
        let (environment, call) = (environment, call)
        let code = InvitationCode(typed: typed)
        do {
            let tenant = try await environment.database.write { db in
                try db.tenant(inviting: code, solution, in: owner, environment, call)
            }
            if let tenant, let code { return leave(to: tenant, code) }
            view.refuse(text("refusedInvitation"), field: "invitation")
        } catch let barrier as SignInBarrier { environment.show(barrier, in: &view, call) }
        return nil
    }

    /// By a page of its own, like the shared sign-in: browsers hold a form to the addresses that its page names.
    private func leave(to tenant: Tenant, _ code: InvitationCode) -> Response {
        let address = FormURLEncoded.adding([.init("code", code.text)], toQueryOf: tenant.issuer + Path.join)
        let frame = environment.pages.frame(of: call, at: Path.join)
        return environment.pages.render("sign-in/onward", ["onwardHref": address], in: frame)
            .setting(.refresh, to: "0; url=\(address)")
    }

    private func text(_ key: String) -> String {
        environment.pages.text(key, environment.pages.language(of: call))
    }
}
