package import CAS
import FoundationEssentials

/// The CAS side of applications: their services, each found by its exact URL.
package struct RegisteredServices {
    let db: any Connection

    /// The record of the application that registered exactly this URL in a tenant, or nil.
    package func at(_ url: String, in tenantID: String) throws -> RegisteredService? {
        let id: String? = try db.row(
            "SELECT application_id FROM service_urls WHERE tenant_id = \(tenantID) AND url = \(url)"
        ) { try $0.next() }
        return try id.flatMap(ofApplication)
    }

    /// The record of an application, or nil for one that speaks another protocol.
    package func ofApplication(_ applicationID: String) throws -> RegisteredService? {
        let found: (isEnabled: Bool, lifetime: Int?)? = try db.row(
            """
            SELECT applications.disabled_at, registered_services.ticket_lifetime FROM registered_services
            JOIN applications ON applications.id = registered_services.application_id
            WHERE registered_services.application_id = \(applicationID)
            """
        ) { row in
            let disabledAt: Date? = try row.next()
            return (disabledAt == nil, try row.next())
        }
        guard let found else { return nil }
        let urls = try db.rows(
            "SELECT url FROM service_urls WHERE application_id = \(applicationID) ORDER BY position"
        ) { ServiceURL(stored: try $0.next()) }
        return RegisteredService(
            applicationID: applicationID, urls: urls, isEnabled: found.isEnabled,
            ticketLifetime: found.lifetime.map { TimeInterval($0) })
    }

    /// Stores a new record with its URLs.
    /// - Throws: `uniqueViolation` for a URL that another application of the tenant has.
    package func insert(_ service: RegisteredService, in tenantID: String) throws {
        try db.execute(
            """
            INSERT INTO registered_services (application_id, tenant_id, ticket_lifetime)
            VALUES (\(service.applicationID), \(tenantID), \(service.ticketLifetime.map { Int($0) }))
            """)
        try insertURLs(of: service, in: tenantID)
    }

    /// Stores the lifetime and the URLs of a record that is there.
    package func update(_ service: RegisteredService, in tenantID: String) throws {
        try db.execute(
            """
            UPDATE registered_services SET ticket_lifetime = \(service.ticketLifetime.map { Int($0) })
            WHERE application_id = \(service.applicationID)
            """)
        try db.execute("DELETE FROM service_urls WHERE application_id = \(service.applicationID)")
        try insertURLs(of: service, in: tenantID)
    }

    private func insertURLs(of service: RegisteredService, in tenantID: String) throws {
        for (position, url) in service.urls.enumerated() {
            try db.execute(
                """
                INSERT INTO service_urls (tenant_id, url, application_id, position)
                VALUES (\(tenantID), \(url.text), \(service.applicationID), \(position))
                """)
        }
    }
}

extension Connection {
    /// The registered services of all tenants.
    package var registeredServices: RegisteredServices { RegisteredServices(db: self) }
}
