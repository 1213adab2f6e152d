import HTTPTypes
import HummingbirdCore
import Identity
import Wire

/// What a page answers to one attempt to sign in: the way on, or the page again with one sentence.
struct SignInAnswer {
    let environment: ServerEnvironment
    let call: Call
    let interaction: Interaction

    /// Makes the attempt.
    /// - Parameters:
    ///   - view: Told what went wrong.
    ///   - refusal: The key of the one sentence for whatever was wrong with the credential.
    /// - Returns: Where to go on; nil when the page is to be shown again.
    func onward(
        from view: inout CodeForm.View, refusal: String, _ attempt: () async throws -> SignInOutcome
    ) async throws -> Response? {
        do {
            let outcome = try await attempt()
            guard outcome.step.message == nil else {
                view.refuse(text(refusal))
                return nil
            }
            return location(outcome)
        } catch let barrier as SignInBarrier {
            environment.show(barrier, in: &view, call)
            return nil
        }
    }

    /// On to where a step led.
    func location(_ outcome: SignInOutcome) -> Response {
        var interaction = interaction
        interaction.state = outcome.step.state
        let response = Response.seeOther(PausedRequests.location(in: interaction))
        return outcome.sessionCookie.map(response.settingCookie) ?? response
    }

    private func text(_ key: String) -> String {
        environment.pages.text(key, environment.pages.language(of: call))
    }
}

extension ServerEnvironment {
    /// Tells why an attempt was not even counted.
    func show(_ barrier: SignInBarrier, in view: inout CodeForm.View, _ call: Call) {
        let language = pages.language(of: call)
        switch barrier {
        case .puzzle(let demand):
            view.puzzle = demand
            view.refuse(pages.text("puzzleFirst", language))
        case .pause(let seconds):
            view.status = .tooManyRequests
            view.retryAfter = seconds
            let minutes = String((seconds + 59) / 60)
            view.errors.add(pages.text("addressPaused", language, filling: ["minutes": minutes]))
        }
    }
}

extension Response {
    /// Says after how many seconds the same request may be answered otherwise; nothing for nil.
    func retrying(after seconds: Int?) -> Response {
        seconds.map { setting(.retryAfter, to: String($0)) } ?? self
    }
}
