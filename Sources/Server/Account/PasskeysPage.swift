import Cryptography
import Directory
import FoundationEssentials
import HTTPTypes
import HummingbirdCore
import Identity
import Logging
import Storage
import Wire

/// `/account/passkeys`: the person's passkeys; another one is added, one is called something else or removed.
///
/// Adding takes two pages. The first asks for the proof; the second has the challenge, which is stored in the transaction
/// that tried the proof, so whatever answers it was allowed. A browser without script cannot answer, and is told so on the
/// first.
struct PasskeysPage: Sendable {
    let environment: ServerEnvironment

    // MARK: - The list

    /// GET: the person's passkeys.
    func show(_ call: Call) async throws -> Response {
        guard let person = try await environment.signedIn(call) else {
            return try await PausedRequests(environment: environment).begin(Path.passkeys, call: call)
        }
        return try await list(person, FormErrors(), call).rememberingLanguage(of: call)
    }

    /// POST: another name for one. It proves nothing to anybody, so the session is enough.
    func rename(_ call: Call) async throws -> Response {
        let form = try await call.pageForm()
        guard let person = try await environment.signedIn(call) else { throw PageProblem.formExpired }
        try FormGuard(environment: environment).check(form, .session(person.session.id), call)
        let id = try form.single("passkey") ?? ""
        guard let label = PasskeyLabel(typed: try form.single("label") ?? "") else {
            var errors = FormErrors()
            errors.add(text("malformedPasskeyLabel", call))
            return try await list(person, errors, call)
        }
        let isDone = try await environment.database.write { db in
            try db.passkeys.rename(id, to: label, ofUser: person.user.id)
        }
        guard isDone else { throw PageProblem(.notFound, .notFound) }
        return .seeOther("\(Path.passkeys)?notice=passkeyRenamed")
    }

    private func list(_ person: SignedIn, _ errors: FormErrors, _ call: Call) async throws -> Response {
        let passkeys = try await environment.database.read { db in try db.passkeys.ofUser(person.user.id) }
        var fields = errors.fields
        fields["atAccount"] = true
        fields["worksHere"] = RelyingParty(of: call.tenant) != nil
        fields["mayAdd"] = passkeys.count < Passkey.limit
        fields["addHref"] = Path.addPasskey
        fields["renameAction"] = Path.renamePasskey
        fields["secondFactorHref"] = Path.secondFactor
        fields["hasPasskeys"] = !passkeys.isEmpty
        fields["passkeys"] = passkeys.map(row)
        fields.addPerson(person, environment, call)
        return environment.pages.render(
            "account/passkeys", fields, in: environment.pages.frame(of: call, at: Path.passkeys),
            status: errors.isEmpty ? .ok : .unprocessableContent)
    }

    private func row(_ passkey: Passkey) -> PageFields {
        let parameters = [FormURLEncoded.Pair("passkey", passkey.credentialID)]
        var fields: PageFields = [
            "passkeyID": passkey.credentialID, "passkeyLabel": passkey.label.text,
            "passkeyCreated": passkey.createdAt.pageText,
            "passkeyCreatedISO": passkey.createdAt.formatted(.iso8601),
            "passkeyIsCopied": passkey.isBackedUp,
            "passkeyRemoveHref": FormURLEncoded.adding(parameters, toQueryOf: Path.removePasskey),
        ]
        fields.set("passkeyUsed", passkey.lastUsedAt?.pageText)
        fields.set("passkeyUsedISO", passkey.lastUsedAt?.formatted(.iso8601))
        return fields
    }

    // MARK: - Adding

    /// GET: the proof.
    func showAdd(_ call: Call) async throws -> Response {
        guard let proof = try await FactorProof.ofVisitor(environment, call) else {
            return try await PausedRequests(environment: environment).begin(Path.addPasskey, call: call)
        }
        return addPage(proof, proof.firstView, call).rememberingLanguage(of: call)
    }

    /// POST: the proof; then the page that asks the browser.
    func add(_ call: Call) async throws -> Response {
        let (proof, form) = try await FactorProof.ofForm(environment, call)
        guard let party = RelyingParty(of: call.tenant) else { throw PageProblem(.notFound, .notFound) }
        var view = try proof.view(form)
        if try form.single("action") == "send" {
            try await proof.send(form, &view)
        } else if let shown = try await proof.shown(form, &view) {
            if let options = try await begin(showing: shown, proof, party, call) {
                return creationPage(options, proof.person, call)
            }
            proof.refuse(&view)
        }
        return addPage(proof, view, call)
    }

    /// - Returns: What the browser is asked; nil when the proof did not do.
    private func begin(
        showing shown: StepUp.Proof, _ proof: FactorProof, _ party: RelyingParty, _ call: Call
    ) async throws -> JSON? {
        var random = SecureRandom()
        let token = OpaqueToken(using: &random)
        let user = proof.person.user
        let challenge = PasskeyChallenge(
            hash: token.hash, owner: proof.person.session.codeOwner, purpose: .registration, userID: user.id,
            expiresAt: call.now + PasskeyChallenge.lifetime)
        return try await environment.database.write { db in
            guard try proof.admits(shown, db) else { return nil }
            try db.passkeyChallenges.insert(challenge)
            let existing = try db.passkeys.ofUser(user.id)
            return PasskeyRegistration.options(challenge: token.text, for: user, party, excluding: existing)
        }
    }

    private enum Outcome: Sendable {
        case done(FactorChange.Done)
        case refused(PasskeyError)
        case tooMany
    }

    /// POST: the browser's answer.
    func register(_ call: Call) async throws -> Response {
        let form = try await call.pageForm()
        guard let person = try await environment.signedIn(call) else { throw PageProblem.formExpired }
        try FormGuard(environment: environment).check(form, .session(person.session.id), call)
        guard let party = RelyingParty(of: call.tenant) else { throw PageProblem(.notFound, .notFound) }
        let label = PasskeyLabel(typed: try form.single("label") ?? "") ?? standardLabel(call)
        let outcome: Outcome
        do {
            let answer = try PasskeyRegistration(try form.single("credential") ?? "")
            outcome = try await store(answer, label, person, party, call)
        } catch let error as PasskeyError {
            outcome = .refused(error)
        } catch DatabaseError.uniqueViolation {
            outcome = .refused(.wrongCredential)
        }
        switch outcome {
        case .done(let done):
            return environment.answer(done, to: person, address: Path.passkeys, notice: "passkeyAdded", call)
        case .refused(let error):
            call.logger.notice("passkey refused", metadata: ["event": "\(error.rawValue)"])
            return try await refusal("passkeyNotAdded", person, call)
        case .tooMany: return try await refusal("passkeysTooMany", person, call)
        }
    }

    /// The challenge is taken whatever becomes of the answer.
    private func store(
        _ answer: PasskeyRegistration, _ label: PasskeyLabel, _ person: SignedIn, _ party: RelyingParty, _ call: Call
    ) async throws -> Outcome {
        let change = FactorChange(environment: environment, person: person, call: call)
        let environment = environment
        return try await environment.database.write { db in
            try db.users(environment.keys.sealing).lock(person.user.id)
            let present = try db.signedIn(call, environment.keys.sealing)
            guard let present, present.session.id == person.session.id else { throw PageProblem.formExpired }
            let challenge = try db.passkeyChallenges.take(
                answer.challengeHash, owner: person.session.codeOwner, purpose: .registration, now: call.now)
            guard let challenge else { return .refused(.wrongChallenge) }
            guard try db.secondFactors(ofUser: person.user.id).passkeys < Passkey.limit else { return .tooMany }
            let passkey: Passkey
            do throws(PasskeyError) {
                passkey = try answer.passkey(
                    answering: challenge, of: present.user, named: label, party, now: call.now)
            } catch { return .refused(error) }
            return .done(try change.add(passkey, in: db))
        }
    }

    private func refusal(_ key: String, _ person: SignedIn, _ call: Call) async throws -> Response {
        var errors = FormErrors()
        errors.add(text(key, call))
        return try await list(person, errors, call)
    }

    private func addPage(_ proof: FactorProof, _ view: StepUp.View, _ call: Call) -> Response {
        var fields = proof.fields(view, address: Path.addPasskey)
        fields["formAction"] = Path.addPasskey
        fields["backHref"] = Path.passkeys
        fields["hidden"] = [PageFields]()
        fields["needsScripts"] = text("passkeyNeedsScripts", call)
        fields["actTitle"] = text("passkeyAddTitle", call)
        fields["actLead"] = text("passkeyAddLead", call)
        fields["actSubmit"] = text("goOn", call)
        return environment.factorPage(fields, at: Path.addPasskey, [:], view, call)
    }

    private func creationPage(_ options: JSON, _ person: SignedIn, _ call: Call) -> Response {
        var fields: PageFields = [
            "atAccount": true, "formAction": Path.registerPasskey, "backHref": Path.passkeys,
            "passkeyOptions": options.text, "label": standardLabel(call).text,
        ]
        fields.addPerson(person, environment, call)
        return environment.pages.render(
            "account/passkey-new", fields, in: environment.pages.frame(of: call, at: Path.addPasskey))
    }

    /// After the device at which the person sits.
    private func standardLabel(_ call: Call) -> PasskeyLabel {
        let device = call.header(.userAgent).flatMap(Device.init(userAgent:))?.description
        return device.flatMap(PasskeyLabel.init(typed:)) ?? PasskeyLabel(stored: text("passkeyStandardLabel", call))
    }

    // MARK: - Removing

    /// GET: which one, and the proof.
    func showRemove(_ call: Call) async throws -> Response {
        guard let proof = try await FactorProof.ofVisitor(environment, call) else {
            return try await PausedRequests(environment: environment).begin(Path.passkeys, call: call)
        }
        let passkey = try await passkey(try call.queryParameters(), proof.person)
        return removePage(passkey, proof, proof.firstView, call).rememberingLanguage(of: call)
    }

    /// POST: removes it.
    func remove(_ call: Call) async throws -> Response {
        let (proof, form) = try await FactorProof.ofForm(environment, call)
        let passkey = try await passkey(form, proof.person)
        var view = try proof.view(form)
        if try form.single("action") == "send" {
            try await proof.send(form, &view)
        } else if let shown = try await proof.shown(form, &view) {
            let change = FactorChange(environment: environment, person: proof.person, call: call)
            let done: FactorChange.Done?? = try await environment.database.write { db in
                guard try proof.admits(shown, db) else { return nil }
                return .some(try change.remove(passkey: passkey.credentialID, in: db))
            }
            if let done {
                guard let done else { return .seeOther(Path.passkeys) }
                return environment.answer(
                    done, to: proof.person, address: Path.passkeys, notice: "passkeyRemoved", call)
            }
            proof.refuse(&view)
        }
        return removePage(passkey, proof, view, call)
    }

    /// One of the person's own.
    private func passkey(_ parameters: RequestParameters, _ person: SignedIn) async throws -> Passkey {
        let id = try parameters.single("passkey") ?? ""
        let found = try await environment.database.read { db in
            try db.passkeys.ofUser(person.user.id).first { $0.credentialID.isByteEqual(to: id) }
        }
        guard let found else { throw PageProblem(.notFound, .notFound) }
        return found
    }

    private func removePage(_ passkey: Passkey, _ proof: FactorProof, _ view: StepUp.View, _ call: Call) -> Response {
        var fields = proof.fields(view, address: Path.removePasskey)
        fields["formAction"] = Path.removePasskey
        fields["backHref"] = Path.passkeys
        fields["hidden"] = [["hiddenName": "passkey", "hiddenValue": passkey.credentialID] as PageFields]
        fields["concerned"] = passkey.label.text
        fields["actTitle"] = text("passkeyRemoveTitle", call)
        fields["actLead"] = text("passkeyRemoveLead", call)
        fields["actSubmit"] = text("passkeyRemove", call)
        return environment.factorPage(
            fields, at: Path.removePasskey, ["passkey": passkey.credentialID], view, call)
    }

    private func text(_ key: String, _ call: Call) -> String {
        environment.pages.text(key, environment.pages.language(of: call))
    }
}
