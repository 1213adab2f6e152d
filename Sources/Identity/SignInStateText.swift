import Directory
import FoundationEssentials
import Wire

extension SignIn.State {
    /// The stored form: one JSON object; ids and times only, no secret.
    package var text: String {
        switch self {
        case .choosingMethod:
            return JSON.object([.init("step", "choosing_method")]).text
        case .setPassword(let step):
            let phone = step.phoneIndex.map { [JSON.Member("phone", .string($0))] } ?? []
            return JSON.object(
                [
                    .init("step", "set_password"), .init("user", .string(step.userID)),
                    .init("reason", .string(step.reason.rawValue)), .init("method", .string(step.method.rawValue)),
                    .init("since", .integer(step.since.wholeSeconds)), .init("remembered", .bool(step.isRemembered)),
                    .init("version", .integer(Int64(step.credentialVersion))),
                ] + phone
            ).text
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
        case "set_password":
            guard let step = SignIn.SetPassword(json) else { return nil }
            self = .setPassword(step)
        case "completed":
            guard let authentication = Authentication(json) else { return nil }
            self = .completed(authentication)
        default: return nil
        }
    }
}

extension SignIn.SetPassword {
    fileprivate init?(_ json: JSON) {
        guard let userID = json["user"]?.string, let since = json["since"]?.integer,
            let reason = json["reason"]?.string.flatMap({ Reason(rawValue: $0) }),
            let method = json["method"]?.string.flatMap({ SignInMethod(rawValue: $0) }),
            let isRemembered = json["remembered"]?.bool, let version = json["version"]?.integer
        else { return nil }
        self.init(
            userID: userID, reason: reason, method: method, since: Date(wholeSeconds: since),
            isRemembered: isRemembered, credentialVersion: Int(version), phoneIndex: json["phone"]?.string)
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
