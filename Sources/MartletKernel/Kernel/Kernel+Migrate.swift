extension Kernel {
    /// Asks the storage what a start would find there, and changes nothing. In the place of ``run()``, not beside it.
    /// - Returns: what a start would do.
    /// - Throws: ``KernelError`` with all for which a start would be refused.
    public func checkStorage() async throws(KernelError) -> Migration {
        let plan = try await migrate(.plan)
        guard let refusal = plan.refusal(in: .lossless) else { return plan }
        throw startError(PreparationError(.unusable(refusal)), of: ApplicationPlugin.id)
    }

    /// Brings the storage in line with the resources, and does nothing else: no transport starts. In the place of
    /// ``run()``, not beside it.
    /// - Throws: ``KernelError`` when the storage refuses, or what it needs can't start.
    public func migrate(_ mode: Migration.Mode) async throws(KernelError) -> Migration {
        guard let application = plugins.firstIndex(where: { $0 is ApplicationPlugin }),
            let preparation = plugins[application] as? ApplicationPlugin
        else {
            throw KernelError(.bug, nil, .preparation, "there is no storage to migrate: the application is overridden")
        }
        // Transports come behind the application.
        try await start(plugins[..<application])
        do {
            let migration = try await preparation.migrate(mode)
            await stop(plugins[..<application])
            return migration
        } catch {
            await stop(plugins[..<application])
            throw startError(error, of: ApplicationPlugin.id)
        }
    }
}
