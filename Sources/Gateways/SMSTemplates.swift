import Wire

/// Which approved template serves which purpose, as one setting writes it.
///
/// ```
/// LOGIN_SMS=SMS_1234567:code; FORGET_PWD_SMS=SMS_99; *=SMS_1
/// ```
/// An entry is a purpose, `=` and the vendor's id of the template; `*` serves the purposes without an entry. What
/// follows a `:` are the template's variables in the template's order; without it the template has all variables of
/// the message in their order, and with nothing behind it none. Spaces around names do not count.
package struct SMSTemplates: Equatable, Sendable {
    private struct Entry: Equatable {
        var purpose: String
        var template: SMSTemplate
    }

    private static let anyPurpose = "*"
    /// In the order of the text.
    private let entries: [Entry]

    /// No template for anything.
    package static let none = SMSTemplates(entries: [])

    private init(entries: [Entry]) { self.entries = entries }

    /// - Parameters:
    ///   - text: The setting; empty when there are no templates.
    ///   - purposes: The names that an entry may have, beside `*`.
    /// - Throws: ``SMSTemplatesError`` for the first entry that is wrong.
    package init(_ text: String, purposes: [String]) throws(SMSTemplatesError) {
        var entries: [Entry] = []
        let parts = text.allSatisfy(\.isSpace) ? [] : text.split(separator: ";", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            func wrong(_ reason: SMSTemplatesError.Reason) -> SMSTemplatesError { .init(reason, entry: index + 1) }
            guard let equals = part.firstIndex(of: "=") else { throw wrong(.form) }
            let purpose = part[..<equals].trimmed
            let isKnown = purpose == Self.anyPurpose || purposes.contains { $0.isByteEqual(to: purpose) }
            guard isKnown else { throw wrong(.purpose) }
            guard !entries.contains(where: { $0.purpose.isByteEqual(to: purpose) }) else {
                throw wrong(.repeatedPurpose)
            }
            let template: SMSTemplate
            do { template = try SMSTemplate(part[part.index(after: equals)...]) } catch { throw wrong(error) }
            entries.append(Entry(purpose: purpose, template: template))
        }
        self.entries = entries
    }

    /// The setting's text; reading it gives an equal value.
    package var text: String {
        entries.map { entry in
            let variables = entry.template.variables.map { ":" + $0.joined(separator: ",") } ?? ""
            return "\(entry.purpose)=\(entry.template.id)\(variables)"
        }.joined(separator: "; ")
    }

    /// The template for messages of a purpose: its own, or that of `*`; nil when there is neither.
    package func template(for purpose: String) -> SMSTemplate? {
        let entry =
            entries.first { $0.purpose.isByteEqual(to: purpose) } ?? entries.first { $0.purpose == Self.anyPurpose }
        return entry?.template
    }

    /// For vendors that send nothing without a template.
    /// - Throws: ``SMSError/noTemplate(purpose:)``.
    func neededTemplate(for purpose: String) throws(SMSError) -> SMSTemplate {
        guard let template = template(for: purpose) else { throw .noTemplate(purpose: purpose) }
        return template
    }
}

/// What is wrong with the text of ``SMSTemplates``. It names the entry by its place and repeats nothing of the text.
package struct SMSTemplatesError: Error, Equatable, Sendable {
    package enum Reason: String, Error, Equatable, Sendable {
        /// The entry has no `=`; also an empty one, as behind a last `;`.
        case form
        /// A name that is no purpose.
        case purpose
        /// A purpose that an entry before has.
        case repeatedPurpose
        /// The id is empty, longer than 64, or has something else than printable ASCII without `;,:=` and spaces.
        case template
        /// A variable is not 1–32 ASCII letters, or is named twice.
        case variable
    }

    package let reason: Reason
    /// The place of the entry; 1 is the first.
    package let entry: Int

    package init(_ reason: Reason, entry: Int) {
        self.reason = reason
        self.entry = entry
    }
}

/// One template that a vendor approved.
package struct SMSTemplate: Equatable, Sendable {
    /// The vendor's id, such as `SMS_1234567`.
    package let id: String
    /// The names of its variables in its order; nil for all parameters of the message in theirs.
    package let variables: [String]?

    /// - Parameter text: An id, and maybe `:` and names.
    fileprivate init(_ text: Substring) throws(SMSTemplatesError.Reason) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        id = parts[0].trimmed
        let isID =
            (1...64).contains(id.utf8.count) && id.utf8.allSatisfy { 0x21...0x7E ~= $0 && !";,:=".utf8.contains($0) }
        guard isID else { throw .template }
        guard parts.count == 2 else {
            variables = nil
            return
        }
        let list = parts[1].trimmed
        let names = list.isEmpty ? [] : list.split(separator: ",", omittingEmptySubsequences: false).map(\.trimmed)
        let areNames = names.allSatisfy { name in
            (1...32).contains(name.utf8.count) && name.allSatisfy { $0.isASCII && $0.isLetter }
        }
        guard areNames, Set(names).count == names.count else { throw .variable }
        variables = names
    }

    /// What a message fills the template's variables with, in the template's order.
    /// - Throws: ``SMSError/misconfigured(code:)`` when the template has a variable that the message does not have.
    package func values(of message: SMSMessage) throws(SMSError) -> [SMSMessage.Parameter] {
        guard let variables else { return message.parameters }
        var values: [SMSMessage.Parameter] = []
        for name in variables {
            guard let value = message.parameters.first(where: { $0.name.isByteEqual(to: name) }) else {
                // A name out of our own settings, checked to be letters.
                throw .misconfigured(code: "no variable \(name)")
            }
            values.append(value)
        }
        return values
    }
}

extension Character {
    fileprivate var isSpace: Bool { self == " " || self == "\t" || self == "\n" }
}

extension StringProtocol {
    fileprivate var trimmed: String {
        var rest = Substring(self)
        while rest.first?.isSpace == true { rest.removeFirst() }
        while rest.last?.isSpace == true { rest.removeLast() }
        return String(rest)
    }
}
