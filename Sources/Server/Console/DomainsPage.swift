import Directory
import FoundationEssentials
import HTTPTypes
import HummingbirdCore
import Identity
import Wire

/// `/admin/domains`: the domains by which members sign in, what proves each, and how far it is.
struct DomainsPage: Sendable {
    let environment: ServerEnvironment

    /// Seconds between two checks that are asked for here: web and name servers of others are called.
    private static let pause: TimeInterval = 10
    /// Characters of what was typed that come back.
    private static let typedLength = 253

    /// GET: the list.
    func show(_ call: Call) async throws -> Response {
        guard let person = try await environment.administering(.manageDomains, call) else {
            return try await PausedRequests(environment: environment).begin(Path.domains, call: call)
        }
        return try await page(typed: nil, CodeForm.View(), person, call).rememberingLanguage(of: call)
    }

    /// POST: claims a domain.
    func add(_ call: Call) async throws -> Response {
        let (person, form) = try await environment.administeringForm(.manageDomains, call)
        let typed = try form.single("domain") ?? ""
        var view = CodeForm.View()
        do {
            let domain = try await environment.administration(by: person, call).addDomain(
                typed, to: call.tenant.code, now: call.now)
            return .seeOther("\(Path.domains)?notice=domainAdded#\(domain.name.text)")
        } catch let error as AdministrationError {
            view.refuse(text(error.kind == .conflict ? "domainRefused" : "domainMalformed", call), field: "domain")
        }
        return try await page(typed: String(typed.prefix(Self.typedLength)), view, person, call)
    }

    /// POST: looks for a proof now.
    func check(_ call: Call) async throws -> Response {
        let (person, form) = try await environment.administeringForm(.manageDomains, call)
        return try await after("domainChecked", form) { name in
            _ = try await environment.administration(by: person, call).checkDomain(
                name, of: call.tenant.code, pause: Self.pause, now: call.now)
        }
    }

    /// POST: gives a domain up.
    func remove(_ call: Call) async throws -> Response {
        let (person, form) = try await environment.administeringForm(.manageDomains, call)
        return try await after("domainRemoved", form) { name in
            try await environment.administration(by: person, call).removeDomain(
                name, from: call.tenant.code, now: call.now)
        }
    }

    /// Back to the list; a domain that is gone, or was never there, is simply not on it.
    private func after(
        _ notice: String, _ form: RequestParameters, _ act: (String) async throws -> Void
    ) async throws -> Response {
        do {
            try await act(try form.single("domain") ?? "")
        } catch is AdministrationError { return .seeOther(Path.domains) }
        return .seeOther("\(Path.domains)?notice=\(notice)")
    }

    private func page(
        typed: String?, _ view: CodeForm.View, _ person: SignedIn, _ call: Call
    ) async throws -> Response {
        let domains = try await environment.administration(by: person, call).domains(
            of: call.tenant.code, now: call.now)
        var fields = view.errors.fields
        fields["atAdministration"] = true
        fields["atDomains"] = true
        fields["atMembers"] = false
        fields["atInvitations"] = false
        fields["formAction"] = Path.domains
        fields["checkAction"] = Path.checkDomain
        fields["removeAction"] = Path.removeDomain
        fields.set("domain", typed)
        fields["hasDomains"] = !domains.isEmpty
        fields["domains"] = domains.map { row($0, call) }
        fields.addPerson(person, environment, call)
        return environment.pages.render(
            "console/domains", fields, in: environment.pages.frame(of: call, at: Path.domains), status: view.status)
    }

    private func row(_ domain: ClaimedDomain, _ call: Call) -> PageFields {
        var fields: PageFields = [
            "domainName": domain.name.text, "domainState": text(Self.state(of: domain), call),
            "domainIsAlarming": domain.failure != nil, "domainNeedsProof": domain.verifiedAt == nil,
            "domainFile": domain.fileURL, "domainToken": domain.token, "domainRecord": domain.recordName,
            "domainTarget": domain.recordTarget,
        ]
        if let checkedAt = domain.checkedAt {
            fields["domainCheckedAt"] = checkedAt.pageText
            fields["domainCheckedAtISO"] = checkedAt.formatted(.iso8601)
        }
        switch domain.failure {
        case .unproved(let file, let record):
            fields["domainFileFault"] = text("domainFile_\(file.rawValue)", call)
            fields["domainRecordFault"] = text("domainRecord_\(record.rawValue)", call)
        case .verifiedElsewhere: fields["domainFileFault"] = text("domainElsewhere", call)
        case nil: break
        }
        return fields
    }

    private static func state(of domain: ClaimedDomain) -> String {
        switch domain.state {
        case .pending: "domainPending"
        case .failed: domain.nextCheckAt == nil ? "domainGivenUp" : "domainUnproved"
        case .verified: domain.failure == nil ? "domainVerified" : "domainProofMissing"
        }
    }

    private func text(_ key: String, _ call: Call) -> String {
        environment.pages.text(key, environment.pages.language(of: call))
    }
}
