import Directory
import HTTPTypes
import HummingbirdCore
import Identity
import Wire

/// `/admin/users`: the members of the tenant, a page at a time, and what is done to some of them.
struct MembersPage: Sendable {
    let environment: ServerEnvironment

    /// Members on one page.
    static let length = 25

    /// GET `/admin`: the console begins here.
    func begin(_ call: Call) async throws -> Response { .seeOther(Path.members) }

    /// GET: everybody, by username.
    func show(_ call: Call) async throws -> Response {
        guard let person = try await environment.administering(.readMembers, call) else {
            return try await PausedRequests(environment: environment).begin(Path.members, call: call)
        }
        let after = try call.queryParameters().single("after")
        return try await page(search: nil, after: after, person, call).rememberingLanguage(of: call)
    }

    /// POST: finds members. What is typed may be a phone number, which belongs into no address.
    func search(_ call: Call) async throws -> Response {
        let (person, form) = try await environment.administeringForm(.readMembers, call)
        guard let search = try form.single("search") else { return .seeOther(Path.members) }
        return try await page(
            search: String(search.prefix(Self.searchLength)), after: try form.single("after"), person, call)
    }

    /// POST: ends the freezes of the selected members.
    func unfreeze(_ call: Call) async throws -> Response {
        let (person, form) = try await environment.administeringForm(.unfreeze, call)
        let selection = try Selection(form)
        guard !selection.ids.isEmpty else { return .seeOther("\(Path.members)?notice=noneSelected") }
        do {
            try await environment.administration(by: person, call).unfreeze(
                members: selection.ids, in: call.tenant.code, now: call.now)
        } catch let error as AdministrationError {
            throw error.kind == .notFound ? PageProblem(.notFound, .notFound) : .notPermitted
        }
        return .seeOther("\(Path.members)?notice=membersUnfrozen")
    }

    /// Characters of a search; the longest that can find somebody has fewer.
    private static let searchLength = 256

    private func page(search: String?, after: String?, _ person: SignedIn, _ call: Call) async throws -> Response {
        let found = try await environment.administration(by: person, call).members(
            of: call.tenant.code, search: search, after: after, limit: Self.length, now: call.now)
        let words = MemberWords(pages: environment.pages, language: environment.pages.language(of: call))
        var fields: PageFields = [
            "atAdministration": true, "atMembers": true, "atDomains": false,
            "atInvitations": false, "hasMembers": !found.members.isEmpty,
            "formAction": Path.members,
            "resetAction": Path.resetPasswords, "unfreezeAction": Path.unfreezeMembers,
            "members": found.members.map { words.row($0, isSelf: $0.user.id == person.user.id) },
            "isSearch": search != nil, "hasPages": found.next != nil || after != nil,
        ]
        fields.set("search", search)
        if let next = found.next {
            fields["nextID"] = next
            fields["nextHref"] = FormURLEncoded.adding([.init("after", next)], toQueryOf: Path.members)
        }
        if after != nil { fields["firstHref"] = Path.members }
        fields.addPerson(person, environment, call)
        return environment.pages.render(
            "console/members", fields, in: environment.pages.frame(of: call, at: Path.members))
    }
}

/// The members that a form or a link names.
struct Selection: Equatable, Sendable {
    /// Each once, in the order in which they were named.
    let ids: [String]

    /// Members of one act at most: it is one transaction, and the administrator waits for its messages.
    static let limit = 100

    /// - Throws: 413 for more members than one act may have.
    init(_ parameters: RequestParameters) throws {
        var seen: Set<String> = []
        ids = parameters.values("user").filter { !$0.isEmpty && seen.insert($0).inserted }
        guard ids.count <= Self.limit else { throw PageProblem(.tooLarge, .contentTooLarge) }
    }

    /// As parameters of a link or a form.
    var parameters: [FormURLEncoded.Pair] { ids.map { FormURLEncoded.Pair("user", $0) } }
}

/// A member in the words of a page.
struct MemberWords {
    let pages: Pages
    let language: Language

    /// One row of a list.
    func row(_ member: Member, isSelf: Bool = false) -> PageFields {
        let user = member.user
        var fields: PageFields = [
            "memberID": user.id, "memberUsername": user.username.text, "memberIsSelf": isSelf,
            "memberName": user.profile.name.isEmpty ? user.username.text : user.profile.name,
            "memberStatus": pages.text(Self.key(of: user.status), language), "memberIsFrozen": member.isFrozen,
            "memberIsDisabled": !user.isEnabled, "memberIsAdministrator": !member.roles.isEmpty,
            "memberPhoneHref": FormURLEncoded.adding([.init("user", user.id)], toQueryOf: Path.memberPhone),
        ]
        fields["memberFactorsHref"] = FormURLEncoded.adding([.init("user", user.id)], toQueryOf: Path.memberFactors)
        fields.set("memberPhone", user.profile.phone?.masked)
        return fields
    }

    private static func key(of status: User.Status) -> String {
        switch status {
        case .pending: "statusPending"
        case .active: "statusActive"
        case .disabled: "statusDisabled"
        }
    }
}
