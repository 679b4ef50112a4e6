// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A thread that can be waited for.
final class ProxyThread: Sendable {
    private final class Start: Sendable {
        let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) {
            self.body = body
        }
    }

    /// `@unchecked Sendable`: an identifier that nothing changes, and that is a pointer on some systems.
    private struct Handle: @unchecked Sendable {
        let thread: pthread_t
    }

    /// Nil once the thread was waited for.
    private let handle: Mutex<Handle?>

    init(_ body: @escaping @Sendable () -> Void) throws(FaultProxyError) {
        let start = Unmanaged.passRetained(Start(body)).toOpaque()
        #if canImport(Darwin)
        var started: pthread_t?
        let status = pthread_create(&started, nil, { Self.run($0) }, start)
        #else
        var started = pthread_t()
        let status = pthread_create(&started, nil, { $0.flatMap { ProxyThread.run($0) } }, start)
        #endif
        guard status == 0 else {
            Unmanaged<Start>.fromOpaque(start).release()
            throw FaultProxyError("pthread_create", status)
        }
        #if canImport(Darwin)
        handle = Mutex(started.map { Handle(thread: $0) })
        #else
        handle = Mutex(Handle(thread: started))
        #endif
    }

    private static func run(_ start: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
        #if canImport(Darwin)
        pthread_setname_np("fault proxy")
        #else
        // pthread_setname_np is a GNU extension that is not imported; the file does the same.
        if let file = fopen("/proc/thread-self/comm", "w") {
            fputs("fault proxy", file)
            fclose(file)
        }
        #endif
        Unmanaged<Start>.fromOpaque(start).takeRetainedValue().body()
        return nil
    }

    /// Waits until the thread has ended.
    func join() {
        handle.withLock { handle in
            guard let joined = handle else { return }
            pthread_join(joined.thread, nil)
            handle = nil
        }
    }
}
