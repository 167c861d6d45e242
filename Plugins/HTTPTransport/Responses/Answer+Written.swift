import MartletKernel
import MartletModel

/// What a write's outcome looks like in HTTP. Its content is left in `json`.
extension Answer {
    static func written(
        _ written: [Written], _ form: Write.Form, _ write: RecordWrite, _ preference: Preference?,
        _ json: inout JSONWriter
    ) -> Answer {
        var answer: Answer
        if case .array = form {
            answer = Answer(status: .created, content: .none)
            if preference != .minimal {
                answer.content = .record
                json.write(written.map(\.record), write.resource.schema)
            }
        } else {
            let record = WrittenRecord(written[0], write, preference)
            answer = Answer(status: record.status, content: .none, entityTag: record.entityTag)
            if record.hasBody {
                answer.content = .record
                json.write(row: 0, of: written[0].record, write.resource.schema)
            }
            if let place = record.place { answer.fields.append(ResponseField(place.field, place.path)) }
        }
        if let preference { answer.fields.append(ResponseField("Preference-Applied", preference.applied)) }
        return answer
    }

    /// `{"results":[{"status":201,"headers":{…},"body":{…}},…]}`
    static func batch(
        _ written: [Written], _ writes: [RecordWrite], _ preference: Preference?, _ json: inout JSONWriter
    ) -> Answer {
        json.write(literal: "{\"results\":[")
        for (index, (write, each)) in zip(writes, written).enumerated() {
            if index > 0 { json.write(literal: ",") }
            let record = WrittenRecord(each, write, preference)
            json.write(literal: "{\"status\":")
            json.write(.integer(record.status.code))
            json.write(literal: ",\"headers\":")
            json.write(record.headers)
            if record.hasBody {
                json.write(literal: ",\"body\":")
                json.write(row: 0, of: each.record, write.resource.schema)
            }
            json.write(literal: "}")
        }
        json.write(literal: "]}")
        var answer = Answer(status: .ok, content: .record)
        if let preference { answer.fields = [ResponseField("Preference-Applied", preference.applied)] }
        return answer
    }
}

/// How one written record is answered, alone or in a batch.
struct WrittenRecord {
    let status: ResponseStatus
    let hasBody: Bool
    let entityTag: EntityTag?
    /// Where the record is, and the field that says so.
    let place: (field: StaticString, path: String)?

    init(_ written: Written, _ write: RecordWrite, _ preference: Preference?) {
        let (resource, schema) = (write.resource, write.resource.schema)
        let isMinimal = preference == .minimal
        let path = schema.key(ofRow: 0, in: written.record).map(resource.path(of:)) ?? resource.path
        let tag = EntityTag(version: written.record[0, schema.versionIndex].integer, checksum: schema.checksum)
        switch write.change {
        case .delete:
            hasBody = preference == .representation
            (status, entityTag, place) = (hasBody ? .ok : .noContent, nil, nil)
        case .create:
            (status, hasBody, entityTag, place) = (.created, !isMinimal, tag, ("Location", path))
        case .replace:
            (status, hasBody) = (written.isNew ? .created : isMinimal ? .noContent : .ok, !isMinimal)
            // Without the representation a tag would be one of what the client has sent, which may be another
            // (RFC 9110, section 9.3.4).
            entityTag = isMinimal ? nil : tag
            place = (written.isNew ? "Location" : "Content-Location", path)
        case .patch:
            (status, hasBody, entityTag, place) = (isMinimal ? .noContent : .ok, !isMinimal, tag, nil)
        }
    }

    /// As a batch has them.
    var headers: JSONValue {
        var members: [JSONValue.Member] = []
        if let place { members.append(.init("\(place.field)", .string(place.path))) }
        if let entityTag { members.append(.init("ETag", .string(entityTag.text))) }
        return .object(members)
    }
}

extension EntityTag {
    /// As ``ResponseHead`` writes it.
    var text: String {
        "\"\(version ?? 0)-\(withUnsafeBytes(of: checksum.bigEndian) { hexadecimal($0) })\""
    }
}
