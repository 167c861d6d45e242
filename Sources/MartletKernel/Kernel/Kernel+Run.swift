import Logging
import ServiceLifecycle

extension Kernel {
    /// Starts the plugins and runs them until ``shutDown()``.
    /// - Throws: ``KernelError`` when a plugin fails to start or to run; by then all have stopped.
    public func run() async throws {
        guard try await start() else { return }
        try await serve {
            // Cancelled when the plugins have drained.
            for await _ in AsyncStream<Never>(Never.self, { _ in }) {}
        }
    }

    /// Starts the plugins, and runs them for as long as `body` takes: tests live in there.
    /// - Throws: what `body` throws; ``KernelError`` when a plugin fails, which cancels `body`, or `CancellationError`
    ///   when ``shutDown()`` came before all had started.
    public func run<Result: Sendable>(_ body: @escaping @Sendable () async throws -> Result) async throws -> Result {
        guard try await start() else { throw CancellationError() }
        return try await serve(body)
    }

    /// - Returns: whether all have started; false when it was to shut down before they had.
    private func start() async throws(KernelError) -> Bool {
        let begin = ContinuousClock.now
        logStart()
        guard try await start(plugins[...]) else { return false }
        // Without the time between, when another server may still have been draining.
        let startup = (making + (ContinuousClock.now - begin)) / .milliseconds(1)
        logger.info("ready", metadata: ["startup": "\(Duration.milliseconds(Int(startup)).text)"])
        return true
    }

    /// Starts these in their order, and stops them again if one can't.
    /// - Returns: false when the server was to shut down before all had started.
    @discardableResult
    func start(_ plugins: ArraySlice<any Plugin>) async throws(KernelError) -> Bool {
        for (index, plugin) in zip(plugins.indices, plugins) {
            guard !drain.isRequested else {
                await stop(plugins[..<index])
                return false
            }
            do {
                try await drain.cancelling { try await plugin.start() }
            } catch {
                await stop(plugins[..<index])
                // It didn't fail: it was told to end.
                guard !drain.isRequested else {
                    logger.info("the start was called off", metadata: ["reason": "\(error)"])
                    return false
                }
                throw startError(error, of: type(of: plugin).id)
            }
        }
        return true
    }

    func startError(_ error: any Error, of plugin: PluginID) -> KernelError {
        guard let error = error as? PreparationError else {
            return KernelError(.unavailable, plugin, .start, "\(error)")
        }
        // The application step asked for it, but it is the storage that couldn't.
        return KernelError(
            .unavailable, provider(of: Capability.storage) ?? plugin, .preparation, error.description,
            isTransient: error.isTransient)
    }

    /// What happens to a server that has started.
    private enum Event<Result: Sendable>: Sendable {
        /// All plugins have drained.
        case drained((any Error)?)
        case finished(Swift.Result<Result, any Error>)
        case shutDown
    }

    private func serve<Result: Sendable>(
        _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        let services = serviceGroup()
        var failure: (any Error)?
        var outcome: Swift.Result<Result, any Error> = .failure(CancellationError())
        await withTaskGroup(of: Event<Result>.self) { tasks in
            tasks.addTask {
                do { try await services.run() } catch { return .drained(error) }
                return .drained(nil)
            }
            tasks.addTask {
                do { return .finished(.success(try await body())) } catch { return .finished(.failure(error)) }
            }
            tasks.addTask {
                await self.drain.wait()
                return .shutDown
            }
            for await event in tasks {
                switch event {
                case .drained(let error):
                    failure = error
                    tasks.cancelAll()
                case .finished(let result):
                    outcome = result
                    await services.triggerGracefulShutdown()
                case .shutDown: await services.triggerGracefulShutdown()
                }
            }
        }
        await stop(plugins[...])
        if let failure { throw failure }
        return try outcome.get()
    }

    private func serviceGroup() -> ServiceGroup {
        let services = plugins.map {
            ServiceGroupConfiguration.ServiceConfiguration(
                service: PluginService(plugin: $0, logger: logger),
                successTerminationBehavior: .gracefullyShutdownGroup,
                failureTerminationBehavior: .gracefullyShutdownGroup, serviceName: "\(type(of: $0).id)")
        }
        var configuration = ServiceGroupConfiguration(services: services, logger: logger)
        configuration.maximumGracefulShutdownDuration = self.configuration.kernel.grace
        return ServiceGroup(configuration: configuration)
    }

    func stop(_ plugins: ArraySlice<any Plugin>) async {
        for plugin in plugins.reversed() {
            logger.debug("stopping", metadata: ["plugin": "\(type(of: plugin).id)"])
            await plugin.stop()
        }
    }

    private func logStart() {
        for warning in configuration.warnings + values(of: .warnings) { logger.warning("\(warning)") }
        logger.info(
            "starting",
            metadata: [
                "plugins": .array(configuration.plugins.map { "\($0.id)" }),
                "storage": "\(provider(of: Capability.storage)?.description ?? "overridden")",
                "configuration": "\(configuration.file ?? "built-in defaults")",
            ])
    }

    private func provider(of capability: some CapabilityDescription) -> PluginID? {
        plugins.map { PluginDeclaration(type(of: $0)) }.first { $0.provides.contains(capability.name) }?.id
    }
}
