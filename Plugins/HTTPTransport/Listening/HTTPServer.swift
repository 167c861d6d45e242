import Glibc
import Logging
import MartletKernel
import NIOCore
import NIOPosix
import Synchronization

/// A listening socket, its event loops and its connections.
final class HTTPServer: Sendable {
    private struct Running {
        let group: MultiThreadedEventLoopGroup
        let channel: any Channel
        let socketFile: UnixSocketFile?
    }

    private let settings: ServerSettings
    private let context: ServerContext
    private let random: RandomSource
    private let logger: Logger
    private let running = Mutex<Running?>(nil)

    init(_ settings: ServerSettings, _ context: ServerContext, _ random: RandomSource, _ logger: Logger) {
        self.settings = settings
        self.context = context
        self.random = random
        self.logger = logger
    }

    /// Binds and begins to accept.
    /// - Returns: The address it has got.
    /// - Throws: ``ListenError``.
    func start() async throws -> SocketAddress {
        let threads = settings.threads == 0 ? System.coreCount : settings.threads
        let maxConnections = DescriptorLimit.raise(forConnections: settings.maxConnections, logger)
        // NIO ends the process where it can't make an event loop.
        if let shortage = DescriptorLimit.shortage(forEventLoops: threads) {
            throw ListenError(settings.address, shortage)
        }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: threads)
        do {
            let (channel, file) = try await bind(on: group, maxConnections: maxConnections)
            MemoryTrimmer(context.budget, context.connections)?.start(on: group.next())
            running.withLock { $0 = Running(group: group, channel: channel, socketFile: file) }
            guard let address = channel.localAddress else { throw ListenError(settings.address, "it has no address") }
            return address
        } catch {
            try? await group.shutdownGracefully()
            throw error
        }
    }

    /// Stops accepting and lets what is under way finish. When the task is cancelled, everything is cut instead.
    func drain() async {
        await stopAccepting()
        await withTaskCancellationHandler {
            context.connections.drain()
            _ = await context.connections.untilEmpty()
        } onCancel: {
            context.connections.closeAll()
        }
    }

    /// Cuts what is left, and releases the threads and the address.
    func stop() async {
        await stopAccepting()
        context.connections.closeAll()
        // A request that the storage doesn't answer must not hold the stop, and its task must find its event loop when
        // it is answered after all: then the threads are left to the end of the process.
        guard await isEmpty(within: .seconds(1)), let group = running.withLock({ $0.take()?.group }) else { return }
        try? await group.shutdownGracefully()
    }

    private func isEmpty(within time: Duration) async -> Bool {
        let connections = context.connections
        return await withTaskGroup { group in
            group.addTask { await connections.untilEmpty() }
            group.addTask {
                try? await Task.sleep(for: time)
                return connections.count == 0
            }
            defer { group.cancelAll() }
            return await group.next() ?? true
        }
    }

    private func stopAccepting() async {
        guard let (channel, file) = running.withLock({ $0.map { ($0.channel, $0.socketFile) } }) else { return }
        file?.remove()
        try? await channel.close()
    }

    private func bind(
        on group: MultiThreadedEventLoopGroup, maxConnections: Int
    ) async throws -> (any Channel, UnixSocketFile?) {
        let bootstrap = bootstrap(on: group, maxConnections: maxConnections)
        switch settings.address {
        case .tcp(let host, let port):
            do {
                return (try await bootstrap.bind(host: host, port: port).get(), nil)
            } catch let error as IOError {
                throw ListenError(settings.address, code: error.errnoCode)
            } catch is SocketAddressError.UnknownHost {
                throw ListenError(
                    settings.address, "there is no such host; transport.http.host names an address of this machine")
            } catch {
                throw ListenError(settings.address, "\(error)")
            }
        case .unix(let path):
            let (descriptor, file) = try UnixSocketFile.bind(at: path, mode: settings.socketMode)
            do {
                return (try await bootstrap.withBoundSocket(descriptor).get(), file)
            } catch {
                file.remove()
                throw ListenError(settings.address, "\(error)")
            }
        }
    }

    private func bootstrap(on group: MultiThreadedEventLoopGroup, maxConnections: Int) -> ServerBootstrap {
        context.connections.ordinary = maxConnections
        let accepted = maxConnections + ServerSettings.healthConnections
        let (context, logger) = (context, logger)
        let loops = Dictionary(
            uniqueKeysWithValues: group.makeIterator().map { (ObjectIdentifier($0), LoopContext($0, random)) })
        return ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: Int32(settings.backlog))
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            // One at a time, so that the gate closes in time.
            .serverChannelOption(.maxMessagesPerRead, value: 1)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let gate = AcceptGate(maxConnections: accepted, context.connections, logger)
                    try channel.pipeline.syncOperations.addHandler(gate)
                }
            }
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelOption(.recvAllocator, value: ReceiveBufferAllocator())
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard let loop = loops[ObjectIdentifier(channel.eventLoop)] else { return }
                    let connection = HTTPConnection(context, loop, on: channel.eventLoop)
                    try channel.pipeline.syncOperations.addHandler(connection)
                }
            }
    }
}
