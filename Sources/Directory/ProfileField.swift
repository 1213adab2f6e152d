/// What a tenant may let people change about themselves. The raw value is the word of the setting and of the audit log.
package enum ProfileField: String, Equatable, Sendable, CaseIterable {
    case name
    case nickname
    case language

    /// Language alone: name and nickname are what others know a person by, and whoever may choose them can choose
    /// somebody else's.
    package static let standard: Set<ProfileField> = [.language]
}

extension Profile {
    /// This profile with what its owner typed into the fields that are open to them.
    /// - Parameters:
    ///   - typed: By field; a field that is missing stays as it is. An empty text takes nickname and language away.
    ///   - open: The tenant's choice. What is typed into another field is not looked at.
    /// - Throws: ``ProfileRefusal`` for the first field that does not do.
    package func changed(
        by typed: [ProfileField: String], open: Set<ProfileField>, languages: [String]
    ) throws(ProfileRefusal) -> Profile {
        var profile = self
        for field in ProfileField.allCases where open.contains(field) {
            guard let text = typed[field] else { continue }
            switch field {
            case .name: profile.name = try Self.checked(text, field)
            case .nickname: profile.nickname = text.isEmpty ? nil : try Self.checked(text, field)
            case .language:
                guard text.isEmpty || languages.contains(text) else { throw ProfileRefusal(field: field) }
                profile.language = text.isEmpty ? nil : text
            }
        }
        return profile
    }

    /// What differs from another profile, among what people change themselves.
    package func changes(from old: Profile) -> [ProfileField] {
        ProfileField.allCases.filter { field in
            switch field {
            case .name: name != old.name
            case .nickname: nickname != old.nickname
            case .language: language != old.language
            }
        }
    }

    private static func checked(_ text: String, _ field: ProfileField) throws(ProfileRefusal) -> String {
        do { return try DisplayName.checked(text) } catch { throw ProfileRefusal(field: field) }
    }
}

/// A field of the profile whose text is refused. The text itself is not repeated.
package struct ProfileRefusal: Error, Equatable, Sendable {
    package let field: ProfileField

    package init(field: ProfileField) {
        self.field = field
    }
}
