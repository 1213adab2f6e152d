package import FoundationEssentials
import Wire

/// What a tenant binds and a person opens. Its protocol side (a client or a registered service) is kept elsewhere
/// under the same id.
package struct Application: Equatable, Sendable {
    /// How the application came to the tenant (应用分类).
    package enum Class: String, Equatable, Sendable, CaseIterable {
        case builtIn, preinstalled, subscribed, selfBuilt
    }

    /// The protocol it speaks; fixed once it is created.
    package enum ProtocolKind: String, Equatable, Sendable, CaseIterable {
        case oauth, cas
    }

    package var id: String
    package var tenantID: String
    /// Unique in the tenant; checked by ``Slug``.
    package var slug: String
    package var name: String
    /// An image address (``WebURL``); nil shows the first letter of the name.
    package var icon: String?
    package var `class`: Class
    package var protocolKind: ProtocolKind
    package var accessRule: AccessRule
    /// Where the portal's tile leads (``WebURL``); nil makes no tile.
    package var launchURL: String?
    package var attributeRelease: AttributeRelease
    /// Whole seconds.
    package var createdAt: Date
    /// Whole seconds; nil while it is enabled.
    package var disabledAt: Date?

    package init(
        id: String, tenantID: String, slug: String, name: String, icon: String? = nil, class: Class = .selfBuilt,
        protocolKind: ProtocolKind, accessRule: AccessRule = .everyone, launchURL: String? = nil,
        attributeRelease: AttributeRelease = .none, createdAt: Date, disabledAt: Date? = nil
    ) {
        self.id = id
        self.tenantID = tenantID
        self.slug = slug
        self.name = name
        self.icon = icon
        self.class = `class`
        self.protocolKind = protocolKind
        self.accessRule = accessRule
        self.launchURL = launchURL
        self.attributeRelease = attributeRelease
        self.createdAt = createdAt
        self.disabledAt = disabledAt
    }

    /// Whether it may be entered and may use what it was given.
    package var isEnabled: Bool { disabledAt == nil }

    /// Decides whether a user may open this application: the one place that every protocol, token and tile asks.
    package func access(for user: User) -> AccessDecision {
        guard user.tenantID.isByteEqual(to: tenantID) else { return .otherTenant }
        guard user.isEnabled else { return .userDisabled }
        guard isEnabled else { return .applicationDisabled }
        return accessRule.decide(userID: user.id, groupIDs: user.groupIDs)
    }
}
