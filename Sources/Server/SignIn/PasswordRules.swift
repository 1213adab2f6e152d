import Identity

/// The password rules as a page lists them, with those marked that a password broke.
struct PasswordRules {
    let policy: PasswordPolicy
    let pages: Pages
    let language: Language

    /// The template's fields.
    func fields(violations: [PasswordViolation]) -> PageFields {
        [
            "rules": rules(violations), "minimumLength": policy.minimumLength ?? 1,
            "maximumLength": policy.maximumLength ?? 1_024, "minimumClasses": policy.requiredClasses ?? 1,
        ]
    }

    private func rules(_ broken: [PasswordViolation]) -> [PageFields] {
        var rules: [PageFields] = []
        func add(_ name: String, _ text: String, _ violations: PasswordViolation...) {
            rules.append([
                "ruleName": name, "ruleText": text, "ruleViolated": violations.contains(where: broken.contains),
            ])
        }
        if policy.minimumLength != nil || policy.maximumLength != nil {
            let values = [
                "minimum": String(policy.minimumLength ?? 1), "maximum": String(policy.maximumLength ?? 1_024),
            ]
            add("length", text("ruleLength", values), .tooShort, .tooLong)
        }
        if let classes = policy.requiredClasses {
            add("classes", text("ruleClasses", ["minimum": String(classes)]), .tooFewClasses)
        }
        if policy.refusesAccountName { add("notAccountName", text("ruleNotAccountName"), .accountName) }
        if policy.refusesCommon { add("notCommon", text("ruleNotCommon"), .common) }
        if let count = policy.historyLength {
            add("notRecent", text("ruleNotRecent", ["count": String(count)]), .reused)
        }
        return rules
    }

    private func text(_ key: String, _ values: [String: String] = [:]) -> String {
        pages.text(key, language, filling: values)
    }
}

/// A new password typed twice, as the two pages that set one receive it.
struct NewPasswordFields {
    let new: String
    let repeated: String

    /// Adds what is missing or different to a form's errors.
    func check(_ errors: inout FormErrors, _ text: (String) -> String) {
        if new.isEmpty { errors.add(text("missingNewPassword"), field: "newPassword") }
        if repeated.isEmpty { errors.add(text("missingRepeatedPassword"), field: "repeatedPassword") }
        if !new.isEmpty, !repeated.isEmpty, Password(new).bytes != Password(repeated).bytes {
            errors.add(text("mismatchedPassword"), field: "repeatedPassword")
        }
    }
}
