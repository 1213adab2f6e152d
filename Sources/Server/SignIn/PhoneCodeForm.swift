import Directory
import HTTPTypes
import HummingbirdCore
import Identity
import Wire

/// The part of a page in which a person asks for a code to their phone and types it: on the sign-in page and on the page
/// for a forgotten password. It answers the same for every phone.
struct PhoneCodeForm {
    let environment: ServerEnvironment
    let call: Call
    let purpose: SMSPurpose
    let interaction: Interaction

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
    }

    /// Reads the phone that was typed.
    func view(_ form: RequestParameters) throws -> View {
        View(phone: try form.single("phone").map { String($0.prefix(64)) })
    }

    /// Asks for a code.
    func send(_ form: RequestParameters) async throws -> View {
        var view = try view(form)
        guard let phone = phone(&view) else {
            view.status = .unprocessableContent
            return view
        }
        let (environment, call, purpose) = (environment, call, purpose)
        let request = CodeSending.Request(
            purpose: purpose, phone: phone, boundTo: interaction.id, interaction: interaction,
            recipient: { db in try db.recipient(at: phone, for: purpose, environment, call) },
            solution: try PuzzleSolution(form))
        tell(try await CodeSending(environment: environment).send(request, call), in: &view)
        // Whose numbers did not do gets another puzzle, but no page that would go on asking for ever.
        if request.solution?.numbers.isEmpty == false { view.sendsWhenSolved = false }
        return view
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
            view.status = .unprocessableContent
            view.puzzle = demand
            view.sendsWhenSolved = true
            view.errors.add(text("puzzleFirst"))
        case .outage:
            view.status = .serviceUnavailable
            view.retryAfter = SMSOutage.span
            view.errors.add(text(hasPasswordInstead ? "codeNotDelivered" : "codeNotDeliveredHelp"))
        }
    }

    /// Whether the person can be told to sign in with a password instead.
    private var hasPasswordInstead: Bool {
        purpose == .signIn && call.policy.identity.methods.contains(.password)
    }

    /// Phone and code of an attempt; nil when something is missing, which `view` then tells.
    func typed(_ form: RequestParameters, _ view: inout View) throws -> (phone: PhoneNumber, code: SMSCode)? {
        view.codeSent = true
        let phone = phone(&view)
        let typed = try form.single("code")
        let code = typed.flatMap(SMSCode.init(typed:))
        if typed == nil {
            view.errors.add(text("missingCode"), field: "code")
        } else if code == nil {
            view.errors.add(text("malformedCode"), field: "code")
        }
        guard let phone, let code else {
            view.status = .unprocessableContent
            return nil
        }
        return (phone, code)
    }

    /// The template's fields.
    func fields(_ view: View) async throws -> PageFields {
        var fields = view.errors.fields
        fields["csrf"] = FormGuard(environment: environment).token(.interaction(interaction.id), call)
        fields["i"] = interaction.id
        fields["codeSent"] = view.codeSent
        fields["sendsWhenSolved"] = view.sendsWhenSolved
        var puzzle = view.puzzle
        if puzzle == nil { puzzle = try await environment.puzzleAhead(in: interaction.id, call) }
        if let puzzle { fields.merge(puzzle.fields(text)) { $1 } }
        fields.set("phone", view.phone)
        if let seconds = view.resendSeconds, seconds > 0 {
            fields["resendSeconds"] = seconds
            fields["resendText"] = text("codeResendIn", ["seconds": String(seconds)])
        }
        return fields
    }

    private func phone(_ view: inout View) -> PhoneNumber? {
        guard let typed = view.phone else {
            view.errors.add(text("missingPhone"), field: "phone")
            return nil
        }
        // Why a text is no phone number does not matter to the person: it is one, or it is to be checked.
        guard let phone = try? PhoneNumber(typed) else {
            view.errors.add(text("malformedPhone"), field: "phone")
            return nil
        }
        return phone
    }

    private func text(_ key: String, _ values: [String: String] = [:]) -> String {
        environment.pages.text(key, environment.pages.language(of: call), filling: values)
    }
}
