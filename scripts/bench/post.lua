-- POST /users with an address that nobody had before. Argument: a word that no other run has.

local headers = { ["Content-Type"] = "application/json" }
local count = 0

function init(arguments)
    run = arguments[1]
end

function request()
    count = count + 1
    local body = string.format('{"name":"Ada Lovelace","email":"ada.%s.%d@example.com"}', run, count)
    return wrk.format("POST", "/users", headers, body)
end
