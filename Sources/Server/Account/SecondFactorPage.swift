import Directory
import FoundationEssentials
import HTTPTypes
import HummingbirdCore
import Identity
import Storage
import Wire

/// `/account/second-factor`: what a person can show besides the password, and `/account/second-factor/change`, where
/// some of it is changed with a proof.
struct SecondFactorPage: Sendable {
    let environment: ServerEnvironment

    /// What is changed with nothing but a proof. The raw values stand in addresses and forms.
    private enum Act: String {
        case removeApp = "remove-app"
        case turnOnSMS = "sms-on"
        case turnOffSMS = "sms-off"
        case makeCodes = "new-codes"

        /// What the overview says afterwards.
        var notice: String {
            switch self {
            case .removeApp: "appRemoved"
            case .turnOnSMS: "smsFactorOn"
            case .turnOffSMS: "smsFactorOff"
            case .makeCodes: "recoveryCodesMade"
            }
        }

        /// Title, explanation and button: texts by these names.
        var words: (title: String, lead: String, submit: String) {
            switch self {
            case .removeApp: ("appRemoveTitle", "appRemoveLead", "appRemove")
            case .turnOnSMS: ("smsFactorOnTitle", "smsFactorOnLead", "smsFactorTurnOn")
            case .turnOffSMS: ("smsFactorOffTitle", "smsFactorOffLead", "smsFactorTurnOff")
            case .makeCodes: ("recoveryNewTitle", "recoveryNewLead", "recoveryMake")
            }
        }
    }

    // MARK: - The overview

    /// GET: what there is.
    func show(_ call: Call) async throws -> Response {
        guard let person = try await environment.signedIn(call) else {
            return try await PausedRequests(environment: environment).begin(Path.secondFactor, call: call)
        }
        let (userID, key) = (person.user.id, environment.keys.sealing)
        let (factors, app) = try await environment.database.read { db in
            (try db.secondFactors(ofUser: userID), try db.totpFactors(key).ofUser(userID))
        }
        var fields: PageFields = [
            "atAccount": true, "hasFactor": !factors.isEmpty, "hasApp": factors.hasApp, "hasSMS": factors.hasSMS,
            "codesLeft": text("recoveryLeft", call, ["count": String(factors.recoveryCodes)]),
            "isShortOfCodes": factors.recoveryCodes < 3, "appHref": Path.authenticatorApp,
            "passkeyCount": text("passkeyCount", call, ["count": String(factors.passkeys)]),
            "removeAppHref": address(.removeApp), "turnOnSMSHref": address(.turnOnSMS),
            "turnOffSMSHref": address(.turnOffSMS), "newCodesHref": address(.makeCodes),
        ]
        let accepted = call.policy.identity.secondFactor.methods
        fields["appAccepted"] = accepted.contains(.totp)
        fields["smsAccepted"] = accepted.contains(.sms)
        fields.set("appSetAt", app?.confirmedAt.pageText)
        fields.set("appSetAtISO", app?.confirmedAt.formatted(.iso8601))
        fields.set("phone", person.user.profile.phone?.masked)
        fields.addPerson(person, environment, call)
        return environment.pages.render(
            "account/second-factor", fields, in: environment.pages.frame(of: call, at: Path.secondFactor)
        ).rememberingLanguage(of: call)
    }

    // MARK: - A change

    /// GET: what is about to be done, and the proof.
    func showChange(_ call: Call) async throws -> Response {
        guard let proof = try await FactorProof.ofVisitor(environment, call) else {
            return try await PausedRequests(environment: environment).begin(Path.secondFactor, call: call)
        }
        let act = try act(try call.queryParameters())
        guard act != .turnOnSMS || proof.person.user.profile.phone != nil else { return .seeOther(Path.accountPhone) }
        return page(act, proof, proof.firstView, call).rememberingLanguage(of: call)
    }

    /// POST: the change.
    func change(_ call: Call) async throws -> Response {
        let (proof, form) = try await FactorProof.ofForm(environment, call)
        let act = try act(form)
        var view = try proof.view(form)
        if try form.single("action") == "send" {
            try await proof.send(form, &view)
        } else if let shown = try await proof.shown(form, &view) {
            if let answer = try await perform(act, showing: shown, proof, call) { return answer }
            proof.refuse(&view)
        }
        return page(act, proof, view, call)
    }

    private enum Outcome: Sendable {
        case done(FactorChange.Done)
        case refused
        /// It was so already.
        case nothing
    }

    /// - Returns: nil when the proof did not do.
    private func perform(
        _ act: Act, showing shown: StepUp.Proof, _ proof: FactorProof, _ call: Call
    ) async throws -> Response? {
        let change = FactorChange(environment: environment, person: proof.person, call: call)
        let outcome: Outcome = try await environment.database.write { db in
            guard try proof.admits(shown, db) else { return .refused }
            let done =
                switch act {
                case .removeApp: try change.removeApp(in: db)
                case .turnOnSMS: try change.turnOnSMS(in: db)
                case .turnOffSMS: try change.turnOffSMS(in: db)
                case .makeCodes: try change.makeCodes(in: db)
                }
            return done.map(Outcome.done) ?? .nothing
        }
        switch outcome {
        case .done(let done):
            return environment.answer(
                done, to: proof.person, address: Path.secondFactor, notice: act.notice, call)
        case .nothing: return .seeOther(Path.secondFactor)
        case .refused: return nil
        }
    }

    private func act(_ parameters: RequestParameters) throws -> Act {
        guard let act = try parameters.single("act").flatMap(Act.init(rawValue:)) else {
            throw PageProblem(.notFound, .notFound)
        }
        return act
    }

    private func address(_ act: Act) -> String { "\(Path.changeSecondFactor)?act=\(act.rawValue)" }

    private func page(_ act: Act, _ proof: FactorProof, _ view: StepUp.View, _ call: Call) -> Response {
        var fields = proof.fields(view, address: address(act))
        let words = act.words
        fields["formAction"] = Path.changeSecondFactor
        fields["backHref"] = Path.secondFactor
        fields["hidden"] = [["hiddenName": "act", "hiddenValue": act.rawValue] as PageFields]
        fields["actTitle"] = proof.text(words.title)
        fields["actLead"] = proof.text(words.lead)
        fields["actSubmit"] = proof.text(words.submit)
        return environment.factorPage(fields, at: Path.changeSecondFactor, ["act": act.rawValue], view, call)
    }

    private func text(_ key: String, _ call: Call, _ values: [String: String] = [:]) -> String {
        environment.pages.text(key, environment.pages.language(of: call), filling: values)
    }
}

extension ServerEnvironment {
    /// The page on which one change of a person's factors is confirmed.
    /// - Parameter parameters: Of the page's address.
    func factorPage(
        _ fields: PageFields, at path: String, _ parameters: [String: String], _ view: StepUp.View, _ call: Call
    ) -> Response {
        var frame = pages.frame(of: call, at: path)
        frame.addressParameters = parameters.sorted { $0.key < $1.key }.map { FormURLEncoded.Pair($0.key, $0.value) }
        return pages.render("account/factor-change", fields, in: frame, status: view.entry.status)
            .retrying(after: view.entry.retryAfter)
    }
}
