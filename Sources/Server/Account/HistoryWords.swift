import Directory
import FoundationEssentials
import Storage
import Wire

/// The sign-in log in the words of the person it is about. They are told what happened and what to make of it; which
/// half of a wrong attempt was right is told to nobody.
struct HistoryWords: Sendable {
    let pages: Pages
    let language: Language
    let places: Places

    /// The template's fields for one event.
    /// - Parameter applications: Names by id.
    func fields(of event: LoggedEvent, application applications: [String: String]) -> PageFields {
        let result = SignInResult(eventName: event.name)
        var fields: PageFields = [
            "eventTitle": text(Self.title(of: event, result)), "eventTime": event.at.pageText,
            "eventTimeISO": event.at.formatted(.iso8601), "eventIsAlarming": Self.isAlarming(result),
        ]
        fields.set("eventReason", Self.reason(of: event, result).map(text))
        fields.set("eventMethod", event.method.map { text(Self.name(of: $0)) })
        fields.set("eventApplication", event.applicationID.flatMap { applications[$0] })
        fields.set("eventAddress", event.address)
        fields.set("eventPlace", places.name(of: event.address))
        // What an administrator did at the command line was done with no device.
        fields.set("eventDevice", event.address.map { _ in event.device ?? text("deviceUnknown") })
        return fields
    }

    private func text(_ key: String) -> String { pages.text(key, language) }

    private static func isAlarming(_ result: SignInResult?) -> Bool {
        switch result {
        case .failed, .frozen, .accessRefused, .codeRefused: true
        case .succeeded, .passwordDue, .factorDue, .codeSent, .codeWithheld, .sessionEnded, .entered, nil: false
        }
    }

    static func title(of event: LoggedEvent, _ result: SignInResult?) -> String {
        switch result {
        case .succeeded: event.detail["first"]?.bool == true ? "historyFirst" : "historySucceeded"
        case .failed: "historyFailed"
        case .frozen: "historyFrozen"
        case .passwordDue: "historyPasswordDue"
        case .factorDue: "historyFactorDue"
        case .codeSent: "historyCodeSent"
        case .codeRefused, .codeWithheld: "historyCodeRefused"
        case .sessionEnded: "historyEnded"
        case .entered: "historyEntered"
        case .accessRefused: "historyAccessRefused"
        case nil: "historyOther"
        }
    }

    static func reason(of event: LoggedEvent, _ result: SignInResult?) -> String? {
        switch result {
        case .failed: failure(event.reason.flatMap(SignInFailure.init(rawValue:)))
        case .frozen: "historyReasonFreeze"
        case .passwordDue: "historyReasonPasswordDue"
        case .factorDue: "historyReasonFactorDue"
        case .codeRefused: "historyReasonLimit"
        case .sessionEnded: event.reason.flatMap(SessionEnd.init(rawValue:)).flatMap(end)
        case .accessRefused: "historyReasonAccess"
        case .succeeded, .codeSent, .codeWithheld, .entered, nil: nil
        }
    }

    private static func name(of factor: Factor) -> String {
        switch factor {
        case .password: "signInTabPassword"
        case .sms: "signInTabPhone"
        case .totp: "factorTOTP"
        case .recoveryCode: "factorRecoveryCode"
        case .passkey: "factorPasskey"
        }
    }

    private static func failure(_ failure: SignInFailure?) -> String {
        switch failure {
        case .wrongPassword, .expiredPassword: "historyReasonPassword"
        case .wrongCode, .expiredCode, .exhaustedCode, .usedCode, .noCode, .foreignCode: "historyReasonCode"
        case .wrongPasskey, .copiedPasskey: "historyReasonPasskey"
        case .frozen: "historyReasonFrozen"
        case .disabled: "historyReasonDisabled"
        default: "historyReasonOther"
        }
    }

    private static func end(_ cause: SessionEnd) -> String? {
        switch cause {
        case .endedElsewhere: "historyReasonElsewhere"
        case .replaced: "historyReasonReplaced"
        case .passwordChanged, .passwordReset: "historyReasonPasswordChanged"
        case .userDisabled, .userDeleted: "historyReasonDisabled"
        case .factorsReset: "historyReasonFactors"
        case .expired: "historyReasonExpired"
        case .signedOut: nil
        }
    }
}
