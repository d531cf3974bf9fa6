-- Posts each line of the file CODES once; what comes back is counted.  One thread of wrk.
-- Global, so that `done` may ask the thread for them.
place, accepted, other, total = 0, 0, 0, 0
local codes = {}
local body_head, body_tail = '{"code":"', os.getenv("MATTER") and '","matter":"' .. os.getenv("MATTER") .. '"}' or '"}'
local headers = {
  ["content-type"] = "application/json",
  ["authorization"] = "Bearer " .. os.getenv("TOKEN"),
}
local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init()
  local file = io.open(os.getenv("CODES"))
  for line in file:lines() do codes[#codes + 1] = line end
  file:close()
  total = #codes
end

function request()
  place = place + 1
  return wrk.format("POST", "/api/verify", headers, body_head .. (codes[place] or "") .. body_tail)
end

function response(status, _, body)
  if status == 200 and body:find('"outcome":"accepted"', 1, true) then
    accepted = accepted + 1
  else
    other = other + 1
  end
end

function done(summary, latency)
  local one = threads[1]
  local errors = summary.errors
  io.write(string.format(
    'FIGURES {"requests": %d, "seconds": %.6f, "p50": %.6f, "p99": %.6f, "most": %.6f, ' ..
    '"errors": %d, "accepted": %d, "other": %d, "sent": %d, "codes": %d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e6,
    latency:percentile(99) / 1e6, latency.max / 1e6,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout,
    one:get("accepted"), one:get("other"), one:get("place"), one:get("total")))
end
