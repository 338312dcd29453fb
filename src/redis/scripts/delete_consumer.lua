-- delete_consumer: deletes a consumer, unless it holds entries.
local function delete_consumer(c)
  local holds = redis.pcall('XPENDING', c[1], c[2], '-', '+', '1', c[3])
  if is_error(holds) then return holds end
  if #holds > 0 then return 0 end
  return redis.pcall('XGROUP', 'DELCONSUMER', c[1], c[2], c[3])
end
