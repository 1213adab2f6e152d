import CAS
import Directory
import Identity
import OAuth2

/// Why an administrative act is refused; nothing was written.
///
/// The text is made of literals and of names that are ours (setting keys, field names), never of what was given: it may
/// go to a terminal, an API answer or a log.
package struct AdministrationError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What kind of refusal it is, for callers that answer differently to each.
    package enum Kind: Equatable, Sendable {
        /// The input cannot be accepted, whatever is stored.
        case invalid
        /// It names something that is not there.
        case notFound
        /// It collides with what is there.
        case conflict
    }

    package let kind: Kind
    /// The field in the spelling of the apply file (`redirectURIs[1]`); nil when the act as a whole is refused.
    package let field: String?
    package let text: String

    package var description: String { field.map { "\($0): \(text)" } ?? text }

    init(_ kind: Kind, _ field: Field? = nil, _ text: StaticString) {
        self.kind = kind
        self.field = field?.text
        self.text = text.description
    }

    init(_ field: Field, _ problem: any ExplainedProblem) {
        kind = .invalid
        self.field = field.text
        text = problem.explained.description
    }

    init(_ refusal: SettingRefusal) {
        kind = .invalid
        field = "settings"
        text = refusal.description
    }

    /// The name of a field, or of one element of it.
    struct Field: ExpressibleByStringLiteral {
        let text: String

        init(stringLiteral name: StaticString) {
            text = name.description
        }

        init(_ name: StaticString, _ index: Int) {
            text = "\(name)[\(index)]"
        }
    }
}

/// An error of a core that says in a literal what would be right.
protocol ExplainedProblem: Error {
    var explained: StaticString { get }
}

extension DirectoryError: ExplainedProblem {
    var explained: StaticString { text }
}

extension RedirectURI.Problem: ExplainedProblem {
    var explained: StaticString { explanation }
}

extension ServiceURLError: ExplainedProblem {
    var explained: StaticString { text }
}

extension ClientSecretHash.ImportProblem: ExplainedProblem {
    var explained: StaticString {
        switch self {
        case .length: "a client secret that is brought along has 8 to 256 characters"
        case .character: "a client secret that is brought along consists of printable ASCII characters"
        }
    }
}

extension Client.Problem: ExplainedProblem {
    var explained: StaticString {
        switch self {
        case .id: "a client id has 1 to 128 visible ASCII characters, none of them % + \" or \\"
        case .authenticationMethods: "a public client has no secret, and a confidential one has a way to show it"
        case .redirectURIs: "an OAuth application needs at least one redirect URI"
        case .grantTypes: "a client needs the authorization code grant"
        }
    }
}

extension PasswordViolation: ExplainedProblem {
    var explained: StaticString {
        switch self {
        case .tooShort: "the password is shorter than the tenant's password policy allows"
        case .tooLong: "the password is longer than the tenant's password policy allows"
        case .tooFewClasses: "the password has too few of upper case, lower case, digits and symbols"
        case .accountName: "the password must not be the account name, forwards or backwards"
        case .common: "the password is one of the most common ones"
        case .reused: "the password was used before"
        }
    }
}

extension PasswordViolation: Error {}

/// Runs a check of a core and names the field in its refusal.
func checking<Value, Problem: ExplainedProblem>(
    _ field: AdministrationError.Field, _ check: () throws(Problem) -> Value
) throws(AdministrationError) -> Value {
    do { return try check() } catch { throw AdministrationError(field, error) }
}
