import Directory
import FoundationEssentials
import Wire

extension SignIn.State {
    /// The stored form: one JSON object; ids and times only, no secret.
    package var text: String {
        switch self {
        case .choosingMethod:
            return JSON.object([.init("step", "choosing_method")]).text
        case .secondFactor(let step):
            let wish = step.wish.map { [JSON.Member("wish", .string($0.rawValue))] } ?? []
            return JSON.object([.init("step", "second_factor")] + wish + step.proof.members).text
        case .setPassword(let step):
            let reason = JSON.Member("reason", .string(step.reason.rawValue))
            return JSON.object([.init("step", "set_password"), reason] + step.proof.members).text
        case .completed(let authentication):
            return JSON.object([
                .init("step", "completed"), .init("user", .string(authentication.userID)),
                .init("at", .integer(authentication.at.wholeSeconds)),
                .init("amr", .array(authentication.amr.map { .string($0.rawValue) })),
                .init("interaction", .string(authentication.interactionID)),
            ]).text
        }
    }

    /// Reads the stored form; nil for anything else.
    package init?(text: String) {
        guard let json = try? JSON.parse(Array(text.utf8), maximumDepth: 2) else { return nil }
        switch json["step"]?.string {
        case "choosing_method": self = .choosingMethod
        case "second_factor":
            guard let proof = SignIn.Proof(json) else { return nil }
            let wish = json["wish"]?.string
            let reason = wish.flatMap { SignIn.SetPassword.Reason(rawValue: $0) }
            guard (wish == nil) == (reason == nil) else { return nil }
            self = .secondFactor(SignIn.SecondFactor(proof, wish: reason))
        case "set_password":
            guard let proof = SignIn.Proof(json),
                let reason = json["reason"]?.string.flatMap({ SignIn.SetPassword.Reason(rawValue: $0) })
            else { return nil }
            self = .setPassword(SignIn.SetPassword(proof, reason: reason))
        case "completed":
            guard let authentication = Authentication(json) else { return nil }
            self = .completed(authentication)
        default: return nil
        }
    }
}

extension SignIn.Proof {
    fileprivate var members: [JSON.Member] {
        let phone = phoneIndex.map { [JSON.Member("phone", .string($0))] } ?? []
        let session = sessionID.map { [JSON.Member("session", .string($0))] } ?? []
        return [
            .init("user", .string(userID)), .init("factors", .array(factors.map { .string($0.rawValue) })),
            .init("since", .integer(since.wholeSeconds)), .init("remembered", .bool(isRemembered)),
            .init("version", .integer(Int64(credentialVersion))),
        ] + phone + session
    }

    fileprivate init?(_ json: JSON) {
        guard let userID = json["user"]?.string, let since = json["since"]?.integer,
            let names = json["factors"]?.array, let isRemembered = json["remembered"]?.bool,
            let version = json["version"]?.integer
        else { return nil }
        let factors = names.compactMap { $0.string.flatMap { Factor(rawValue: $0) } }
        guard !factors.isEmpty, factors.count == names.count else { return nil }
        self.init(
            userID: userID, factors: factors, since: Date(wholeSeconds: since), isRemembered: isRemembered,
            credentialVersion: Int(version), phoneIndex: json["phone"]?.string, sessionID: json["session"]?.string)
    }
}

extension Authentication {
    fileprivate init?(_ json: JSON) {
        guard let userID = json["user"]?.string, let at = json["at"]?.integer, let names = json["amr"]?.array,
            let interactionID = json["interaction"]?.string
        else { return nil }
        let amr = names.compactMap { $0.string.flatMap { AuthenticationMethod(rawValue: $0) } }
        guard amr.count == names.count else { return nil }
        self.init(userID: userID, at: Date(wholeSeconds: at), amr: amr, interactionID: interactionID)
    }
}

extension Date {
    /// Since 1970; every time we keep has whole seconds.
    fileprivate var wholeSeconds: Int64 { Int64(timeIntervalSince1970) }

    fileprivate init(wholeSeconds: Int64) {
        self.init(timeIntervalSince1970: TimeInterval(wholeSeconds))
    }
}
