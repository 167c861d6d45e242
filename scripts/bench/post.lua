-- POST /users with an address that nobody had before. Arguments: a word that no other run has, and perhaps "keyed": then
-- each request has an Idempotency-Key of its own.

local count = 0

function init(arguments)
    run, keyed = arguments[1], arguments[2] == "keyed"
end

function request()
    count = count + 1
    local body = string.format('{"name":"Ada Lovelace","email":"ada.%s.%d@example.com"}', run, count)
    local headers = { ["Content-Type"] = "application/json" }
    if keyed then headers["Idempotency-Key"] = run .. "-" .. count end
    return wrk.format("POST", "/users", headers, body)
end
