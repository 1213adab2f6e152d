import CAS
import Cryptography
import Directory
import HummingbirdCore
import Identity
import Storage
import Wire

/// `/cas/serviceValidate` and `/cas/p3/serviceValidate` (CAS 3.0 §2.5, §2.8). The status is 200 in both outcomes.
struct ValidationEndpoint: Sendable {
    let environment: ServerEnvironment

    /// GET `/cas/serviceValidate`: the user alone.
    func serviceValidate(_ call: Call) async throws -> Response { try await validate(call, .cas2) }

    /// GET `/cas/p3/serviceValidate`: the user and the released attributes.
    func p3ServiceValidate(_ call: Call) async throws -> Response { try await validate(call, .cas3) }

    private func validate(_ call: Call, _ version: ServiceResponse.Version) async throws -> Response {
        switch ValidationRequest.read(try call.queryParameters()) {
        case .refused(let error, let format): return Self.answer(.failure(error), format)
        case .request(let request):
            let environment = environment
            let response = try await environment.database.write { db in
                try db.validate(request, version, environment, call)
            }
            return Self.answer(response, request.format)
        }
    }

    private static func answer(_ response: ServiceResponse, _ format: ServiceResponse.Format) -> Response {
        switch format {
        case .json: .json(response.body(.json))
        case .xml: .xml(response.body(.xml))
        }
    }
}

extension Connection {
    /// Takes the ticket and decides. Whatever the outcome, that the ticket is taken is committed (§3.1.1).
    fileprivate func validate(
        _ request: ValidationRequest, _ version: ServiceResponse.Version, _ environment: ServerEnvironment, _ call: Call
    ) throws -> ServiceResponse {
        guard let ticket = try serviceTickets.take(request.ticketHash, in: call.tenant.id, now: call.now) else {
            return .failure(request.unknownTicket)
        }
        let user = try users(environment.keys.sealing).identified(ticket.userID, in: call.tenant.id)
        let application = try applications.identified(ticket.applicationID, in: call.tenant.id)
        let session = try sessions.identified(ticket.sessionID, in: call.tenant.id)
        let isInForce = Self.isInForce(user, application, session, call)
        switch ticket.validate(request, isInForce: isInForce, now: call.now) {
        case .failure(let error): return .failure(error)
        case .success:
            guard let user, let application else { return .failure(request.unknownTicket) }
            let released = application.attributeRelease.values(
                of: user, groups: try groups.ofUser(user.id), tenant: call.tenant)
            return .success(ticket, user: user.username.text, released: released, version: version)
        }
    }

    /// Whether user, application, access and session are all still good.
    private static func isInForce(
        _ user: User?, _ application: Application?, _ session: Session?, _ call: Call
    ) -> Bool {
        guard let user, let application, let session else { return false }
        return session.admits(user, call.policy.identity.session, now: call.now)
            && application.access(for: user).isAllowed
    }
}
