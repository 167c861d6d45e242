import MartletKernel
import MartletModel

/// The parameters that list fields: `sort=-age,name` and `fields=id,name`.
extension ListQuery {
    mutating func takeSort(_ value: String) {
        let parts = value.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        guard parts.count <= SortTerm.mostTerms else {
            return refuse("sort", "must have at most \(SortTerm.mostTerms) fields")
        }
        let fields = resource.schema.fields
        for part in parts {
            let isDescending = part.first == UInt8(ascii: "-")
            let name = isDescending ? part.dropFirst() : part
            guard let column = resource.column(named: name), fields[column].isSortable else {
                let text = String(decoding: part, as: UTF8.self)
                let names = fields.filter(\.isSortable).map(\.name)
                let hint = FilterSpelling.order(text, among: names).map { "write sort=\($0)" }
                refuse(
                    "sort",
                    "names \(quoted(text)), by which nothing is sorted: "
                        + (hint ?? "known are \(names.joined(separator: ", "))"))
                continue
            }
            guard !request.sort.contains(where: { $0.column == column }) else {
                refuse("sort", "names \(fields[column].name) twice")
                continue
            }
            request.sort.append(SortTerm(column, isDescending: isDescending))
        }
    }

    mutating func takeFields(_ value: String) {
        let schema = resource.schema
        let shown = schema.fields.indices.filter { !schema.fields[$0].isWriteOnly }
        var columns: Set<Int> = []
        for name in value.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
            if hasEnoughErrors { return }
            let named: [Int]
            if name.elementsEqual("*".utf8) {
                named = shown
            } else if name.elementsEqual(ResourceSchema.versionName.utf8) {
                named = [schema.versionIndex]
            } else if let column = resource.column(named: name) {
                named = [column]
            } else {
                let known = (shown.map { schema.fields[$0].name } + ["*", ResourceSchema.versionName])
                refuse(
                    "fields",
                    "names \(quoted(String(decoding: name, as: UTF8.self))), which is no field: known are \(known.joined(separator: ", "))"
                )
                continue
            }
            guard columns.isDisjoint(with: named) else {
                refuse("fields", "names \(quoted(String(decoding: name, as: UTF8.self))) twice, or what * has already")
                continue
            }
            columns.formUnion(named)
        }
        request.columns = columns == Set(shown) ? nil : columns.sorted()
    }
}
