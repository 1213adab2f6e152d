import Directory
import HTTPTypes
import HummingbirdCore
import Identity
import Wire

/// The part of any page in which a person asks for a code and types it: signing in, a forgotten password, a changed
/// phone. What is asked for, and who may get it, the page says; how it is answered is the same everywhere.
struct CodeForm {
    let environment: ServerEnvironment
    let call: Call
    /// Whether the person can be told to sign in with a password instead.
    var hasPasswordInstead = false

    /// What a person typed, and where they are.
    struct View {
        var phone: String?
        var codeSent = false
        var resendSeconds: Int?
        /// What the browser is to solve, and whether the page asks for a code by itself when it has.
        var puzzle: PuzzleDemand?
        var sendsWhenSolved = false
        var errors = FormErrors()
        var status = HTTPResponse.Status.ok
        /// Seconds after which to try again.
        var retryAfter: Int?

        /// The page again, with a sentence for what was wrong.
        mutating func refuse(_ text: String, field: String? = nil) {
            errors.add(text, field: field)
            status = .unprocessableContent
        }
    }

    /// Reads the phone that was typed, if the form has one.
    func view(_ form: RequestParameters) throws -> View {
        View(phone: try form.single("phone").map { String($0.prefix(64)) })
    }

    /// Asks for a code and tells how that went.
    func ask(_ request: CodeSending.Request, _ view: inout View) async throws {
        tell(try await CodeSending(environment: environment).send(request, call), in: &view)
        // Whose numbers did not do gets another puzzle, but no page that would go on asking for ever.
        if request.solution?.numbers.isEmpty == false { view.sendsWhenSolved = false }
    }

    private func tell(_ outcome: CodeSending.Outcome, in view: inout View) {
        switch outcome {
        case .sent:
            view.codeSent = true
            view.resendSeconds = call.policy.identity.sending.interval.map { Int($0) }
        case .refused(.interval, let seconds):
            view.codeSent = true
            view.resendSeconds = seconds
            view.retryAfter = seconds
            view.status = .tooManyRequests
            view.errors.add(text("codeTooSoon", ["seconds": String(seconds)]))
        case .refused(_, let seconds):
            view.status = .tooManyRequests
            view.retryAfter = seconds
            view.errors.add(text(hasPasswordInstead ? "codeTooMany" : "codeTooManyHelp"))
        case .puzzle(let demand):
            view.puzzle = demand
            view.sendsWhenSolved = true
            view.refuse(text("puzzleFirst"))
        case .outage:
            view.status = .serviceUnavailable
            view.retryAfter = SMSOutage.span
            view.errors.add(text(hasPasswordInstead ? "codeNotDelivered" : "codeNotDeliveredHelp"))
        }
    }

    /// The phone that was typed; nil when it is none, which `view` then tells.
    func phone(_ view: inout View) -> PhoneNumber? {
        guard let typed = view.phone else {
            view.refuse(text("missingPhone"), field: "phone")
            return nil
        }
        // Why a text is no phone number does not matter to the person: it is one, or it is to be checked.
        guard let phone = try? PhoneNumber(typed) else {
            view.refuse(text("malformedPhone"), field: "phone")
            return nil
        }
        return phone
    }

    /// The code that was typed; nil when it can be none, which `view` then tells.
    func code(_ form: RequestParameters, _ view: inout View) throws -> SMSCode? {
        view.codeSent = true
        let typed = try form.single("code")
        if let code = typed.flatMap(SMSCode.init(typed:)) { return code }
        view.refuse(text(typed == nil ? "missingCode" : "malformedCode"), field: "code")
        return nil
    }

    /// The template's fields.
    func fields(_ view: View) -> PageFields {
        var fields = view.errors.fields
        fields["codeSent"] = view.codeSent
        fields["codeSentText"] = text("codeSentNotice")
        fields["sendsWhenSolved"] = view.sendsWhenSolved
        fields.set("phone", view.phone)
        if let seconds = view.resendSeconds, seconds > 0 {
            fields["resendSeconds"] = seconds
            fields["resendText"] = text("codeResendIn", ["seconds": String(seconds)])
        }
        if let puzzle = view.puzzle { fields.merge(puzzle.fields(text)) { $1 } }
        return fields
    }

    private func text(_ key: String, _ values: [String: String] = [:]) -> String {
        environment.pages.text(key, environment.pages.language(of: call), filling: values)
    }
}
