// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension ConnectionURL: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The URL, with `***` in place of the password, even of an empty one, and of every parameter that looks secret.
    ///
    /// But for those it can be parsed again and yields the same.
    public var description: String {
        var text = "\(scheme):"
        if hasAuthority { text += "//\(authority)" }
        text += pathSegments.map { PercentCoding.encode($0, keeping: ":") }.joined(separator: "/")
        if !parameters.isEmpty { text += "?\(parameters.map(\.description).joined(separator: "&"))" }
        return text
    }

    /// The same as ``description``: a debugger or a log shows no more than an error message does.
    public var debugDescription: String { description }

    /// Nothing but the description, so that `dump` shows no more either.
    public var customMirror: Mirror { Mirror(self, children: ["description": description]) }

    private var authority: String {
        var text = ""
        if let user {
            text += PercentCoding.encode(user)
            if password != nil { text += ":\(Secret.mask)" }
            text += "@"
        }
        if let host {
            text += HostName.isIPv6(host) ? "[\(PercentCoding.encode(host, keeping: ":"))]" : PercentCoding.encode(host)
        }
        if let port { text += ":\(port)" }
        return text
    }
}
