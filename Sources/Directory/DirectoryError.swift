/// Why a value cannot enter the directory. Nothing of the value itself is repeated.
package enum DirectoryError: Error, Equatable, Sendable, CaseIterable {
    case badDisplayName, badSlug, badUsername, usernameIsForeignPhone, badPhoneNumber, badEmailAddress
    case badWebURL, badIssuer, badHostName, badAttributeName, repeatedAttributeName
    case badDomainName, domainIsNotASCII, domainBeginsWithWWW, domainIsNobodys

    /// What is wrong and what would be right; for the command line, the apply file and the management API.
    package var text: StaticString {
        switch self {
        case .badDisplayName: "a name has 1 to 128 characters and no control characters"
        case .badSlug: "a code has 1 to 40 lower-case letters, digits and inner hyphens, and begins with a letter"
        case .badUsername:
            "a username has 1 to 64 ASCII letters, Chinese characters, digits, dots, hyphens, underscores"
        case .usernameIsForeignPhone: "a username that reads as a phone number must be the user's own phone number"
        case .badPhoneNumber: "a phone number is a Chinese mobile number, or begins with + and a country code"
        case .badEmailAddress: "an e-mail address has the form name@example.com"
        case .badWebURL: "an address is a full http or https URL without user name, spaces or backslashes"
        case .badIssuer: "an issuer is an https URL without query, fragment and final slash; http only on loopback"
        case .badHostName: "a host name has letters, digits, hyphens and dots only"
        case .badAttributeName: "an attribute's released name is a letter or _ followed by letters, digits, _ . -"
        case .repeatedAttributeName: "two attributes are released under the same name"
        case .badDomainName: "a domain has the form example.com, without scheme, port, path and final dot"
        case .domainIsNotASCII: "a domain in other letters is given in its ASCII form, such as xn--fiq228c.com"
        case .domainBeginsWithWWW: "a domain is given without www"
        case .domainIsNobodys: "domains such as localhost, .local, .internal and .test belong to nobody"
        }
    }
}
